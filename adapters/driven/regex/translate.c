#include "adapters/driven/regex/translate.h"

/* White space of ECMA-262, in a class and outside. */
#define SPACES \
    "\\t\\n\\x0B\\f\\r \\u00A0\\u1680\\u2000-\\u200A\\u2028\\u2029\\u202F\\u205F\\u3000\\uFEFF"

struct name {
    struct str name;
    struct str pcre;
};

/* General categories by their long names. */
static const struct name categories[] = {
    {STR_INIT("Letter"), STR_INIT("L")},
    {STR_INIT("Cased_Letter"), STR_INIT("L&")},
    {STR_INIT("LC"), STR_INIT("L&")},
    {STR_INIT("Uppercase_Letter"), STR_INIT("Lu")},
    {STR_INIT("Lowercase_Letter"), STR_INIT("Ll")},
    {STR_INIT("Titlecase_Letter"), STR_INIT("Lt")},
    {STR_INIT("Modifier_Letter"), STR_INIT("Lm")},
    {STR_INIT("Other_Letter"), STR_INIT("Lo")},
    {STR_INIT("Mark"), STR_INIT("M")},
    {STR_INIT("Nonspacing_Mark"), STR_INIT("Mn")},
    {STR_INIT("Spacing_Mark"), STR_INIT("Mc")},
    {STR_INIT("Enclosing_Mark"), STR_INIT("Me")},
    {STR_INIT("Number"), STR_INIT("N")},
    {STR_INIT("Decimal_Number"), STR_INIT("Nd")},
    {STR_INIT("digit"), STR_INIT("Nd")},
    {STR_INIT("Letter_Number"), STR_INIT("Nl")},
    {STR_INIT("Other_Number"), STR_INIT("No")},
    {STR_INIT("Punctuation"), STR_INIT("P")},
    {STR_INIT("punct"), STR_INIT("P")},
    {STR_INIT("Connector_Punctuation"), STR_INIT("Pc")},
    {STR_INIT("Dash_Punctuation"), STR_INIT("Pd")},
    {STR_INIT("Open_Punctuation"), STR_INIT("Ps")},
    {STR_INIT("Close_Punctuation"), STR_INIT("Pe")},
    {STR_INIT("Initial_Punctuation"), STR_INIT("Pi")},
    {STR_INIT("Final_Punctuation"), STR_INIT("Pf")},
    {STR_INIT("Other_Punctuation"), STR_INIT("Po")},
    {STR_INIT("Symbol"), STR_INIT("S")},
    {STR_INIT("Math_Symbol"), STR_INIT("Sm")},
    {STR_INIT("Currency_Symbol"), STR_INIT("Sc")},
    {STR_INIT("Modifier_Symbol"), STR_INIT("Sk")},
    {STR_INIT("Other_Symbol"), STR_INIT("So")},
    {STR_INIT("Separator"), STR_INIT("Z")},
    {STR_INIT("Space_Separator"), STR_INIT("Zs")},
    {STR_INIT("Line_Separator"), STR_INIT("Zl")},
    {STR_INIT("Paragraph_Separator"), STR_INIT("Zp")},
    {STR_INIT("Other"), STR_INIT("C")},
    {STR_INIT("Control"), STR_INIT("Cc")},
    {STR_INIT("cntrl"), STR_INIT("Cc")},
    {STR_INIT("Format"), STR_INIT("Cf")},
    {STR_INIT("Surrogate"), STR_INIT("Cs")},
    {STR_INIT("Private_Use"), STR_INIT("Co")},
    {STR_INIT("Unassigned"), STR_INIT("Cn")},
};

/* What stands before the = of \p{General_Category=Letter}. */
static const struct str prefixes[] = {
    STR_INIT("General_Category="), STR_INIT("gc="), STR_INIT("Script="),
    STR_INIT("sc="),               STR_INIT("Script_Extensions="), STR_INIT("scx="),
};

static struct str short_name(struct str name)
{
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (str_starts(name, prefixes[i])) {
            name.ptr += prefixes[i].len;
            name.len -= prefixes[i].len;
            break;
        }
    for (size_t i = 0; i < sizeof(categories) / sizeof(categories[0]); i++)
        if (str_eq(categories[i].name, name))
            return categories[i].pcre;
    return name;
}

/* \p{...} at `at`; returns the position behind it, 0 if it is not of that form. */
static size_t add_property(struct str pattern, size_t at, struct buffer *out)
{
    if (at + 2 >= pattern.len || pattern.ptr[at + 2] != '{')
        return 0;
    const char *name = pattern.ptr + at + 3;
    const char *end = memchr(name, '}', pattern.len - at - 3);
    if (!end)
        return 0;
    buffer_add(out, pattern.ptr + at, 3);
    buffer_add_str(out, short_name((struct str){name, (size_t)(end - name)}));
    buffer_add_char(out, '}');
    return (size_t)(end - pattern.ptr) + 1;
}

/* The escape at `at`; returns the position behind it. */
static size_t add_escape(struct str pattern, size_t at, bool in_class, struct buffer *out)
{
    char c = at + 1 < pattern.len ? pattern.ptr[at + 1] : '\0';
    if (c == 'p' || c == 'P') {
        size_t next = add_property(pattern, at, out);
        if (next)
            return next;
    }
    if (c == 's' || (c == 'S' && !in_class)) {
        buffer_add_str(out, in_class ? STR(SPACES) : c == 's' ? STR("[" SPACES "]")
                                                              : STR("[^" SPACES "]"));
        return at + 2;
    }
    size_t len = at + 1 < pattern.len ? 2 : 1;
    buffer_add(out, pattern.ptr + at, len);
    return at + len;
}

void translate_pattern(struct str pattern, struct buffer *out)
{
    bool in_class = false;
    for (size_t at = 0; at < pattern.len;) {
        char c = pattern.ptr[at];
        if (c == '\\') {
            at = add_escape(pattern, at, in_class, out);
            continue;
        }
        struct str rest = {pattern.ptr + at, pattern.len - at};
        if (c == '[' && !in_class && str_starts(rest, STR("[^]"))) {
            buffer_add_str(out, STR("[\\s\\S]"));
            at += 3;
            continue;
        }
        if (c == '[' && in_class)
            buffer_add_char(out, '\\'); /* else PCRE2 could read a POSIX class */
        else if (c == '[')
            in_class = true;
        else if (c == ']')
            in_class = false;
        buffer_add_char(out, c);
        at++;
    }
}
