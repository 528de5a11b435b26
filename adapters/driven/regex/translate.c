#include "adapters/driven/regex/translate.h"

#include "core/base/error.h"

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

/* What stands before the = of \p{Script=Greek}, and PCRE2's prefix for it. */
static const struct name prefixes[] = {
    {STR_INIT("General_Category="), STR_INIT("")},
    {STR_INIT("gc="), STR_INIT("")},
    {STR_INIT("Script="), STR_INIT("sc:")},
    {STR_INIT("sc="), STR_INIT("sc:")},
    {STR_INIT("Script_Extensions="), STR_INIT("scx:")},
    {STR_INIT("scx="), STR_INIT("scx:")},
};

struct translation {
    struct str pattern;
    size_t at;
    bool in_class;
    bool after_repeat;
    struct buffer *out;
    struct error *err;
};

static int refuse(struct translation *t, const char *what)
{
    return error_set(t->err, ST_INVALID, "pattern \"%.*s\": %s at position %zu",
                     STR_ARG(t->pattern), what, t->at);
}

static struct str rest_of(const struct translation *t)
{
    return (struct str){t->pattern.ptr + t->at, t->pattern.len - t->at};
}

/* Copies `len` bytes of the pattern. */
static int keep(struct translation *t, size_t len)
{
    buffer_add(t->out, t->pattern.ptr + t->at, len);
    t->at += len;
    return ST_OK;
}

static int replace(struct translation *t, size_t len, struct str with)
{
    buffer_add_str(t->out, with);
    t->at += len;
    return ST_OK;
}

static void add_property_name(struct buffer *out, struct str name)
{
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (str_starts(name, prefixes[i].name)) {
            buffer_add_str(out, prefixes[i].pcre);
            name.ptr += prefixes[i].name.len;
            name.len -= prefixes[i].name.len;
            break;
        }
    for (size_t i = 0; i < sizeof(categories) / sizeof(categories[0]); i++)
        if (str_eq(categories[i].name, name))
            name = categories[i].pcre;
    buffer_add_str(out, name);
}

/* \p{...} */
static int translate_property(struct translation *t)
{
    struct str rest = rest_of(t);
    const char *end = rest.len > 3 ? memchr(rest.ptr, '}', rest.len) : NULL;
    if (!end || rest.ptr[2] != '{')
        return refuse(t, "\\p without {name}");
    size_t len = (size_t)(end - rest.ptr) + 1;
    buffer_add(t->out, rest.ptr, 3);
    add_property_name(t->out, (struct str){rest.ptr + 3, len - 4});
    buffer_add_char(t->out, '}');
    t->at += len;
    return ST_OK;
}

static int translate_escape(struct translation *t)
{
    struct str rest = rest_of(t);
    if (rest.len < 2)
        return refuse(t, "\\ at the end of the pattern");
    char c = rest.ptr[1];
    if (c == 'p' || c == 'P')
        return translate_property(t);
    if (c == 's')
        return replace(t, 2, t->in_class ? STR(SPACES) : STR("[" SPACES "]"));
    if (c == 'S')
        return replace(t, 2, t->in_class ? STR("\\P{Xsp}") : STR("[^" SPACES "]"));
    bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
    if (letter && !strchr("bBdDwWfnrtvcxuk", c))
        return refuse(t, "an escape that ECMA-262 does not have");
    return keep(t, 2);
}

static int translate_class_character(struct translation *t)
{
    char c = t->pattern.ptr[t->at];
    if (c == '[') {
        /* Or PCRE2 could read a POSIX class. */
        buffer_add_char(t->out, '\\');
    }
    t->in_class = c != ']';
    return keep(t, 1);
}

/* ( and what makes it special */
static int translate_group(struct translation *t)
{
    static const struct str known[] = {STR_INIT("(?:"), STR_INIT("(?="), STR_INIT("(?!"),
                                       STR_INIT("(?<")};
    struct str rest = rest_of(t);
    if (str_starts(rest, STR("(*")))
        return refuse(t, "nothing to repeat");
    if (!str_starts(rest, STR("(?")))
        return keep(t, 1);
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (str_starts(rest, known[i]))
            return keep(t, 3);
    return refuse(t, "a group that ECMA-262 does not have");
}

/* True if the character at hand ends a repeat: *, +, ? or {2,3}. */
static bool ends_repeat(const struct translation *t)
{
    const char *at = t->pattern.ptr + t->at;
    if (*at == '*' || *at == '+' || *at == '?')
        return true;
    if (*at != '}')
        return false;
    const char *digits = at;
    while (digits > t->pattern.ptr && digits[-1] && strchr("0123456789,", digits[-1]))
        digits--;
    return digits < at && digits > t->pattern.ptr && digits[-1] == '{';
}

static int translate_plain(struct translation *t)
{
    char c = t->pattern.ptr[t->at];
    if (c == '(')
        return translate_group(t);
    if (c == '.')
        return replace(t, 1, STR("[^\\n\\r\\u2028\\u2029]"));
    if (c == '[' && str_starts(rest_of(t), STR("[^]")))
        return replace(t, 3, STR("[\\s\\S]"));
    t->in_class = c == '[';
    return keep(t, str_starts(rest_of(t), STR("[^")) ? 2 : 1);
}

static int translate_one(struct translation *t)
{
    char c = t->pattern.ptr[t->at];
    bool after_repeat = t->after_repeat;
    t->after_repeat = false;
    if (c == '\\')
        return translate_escape(t);
    if (t->in_class)
        return translate_class_character(t);
    if (c == '+' && after_repeat)
        return refuse(t, "nothing to repeat");
    t->after_repeat = ends_repeat(t);
    return translate_plain(t);
}

int translate_pattern(struct str pattern, struct buffer *out, size_t target, size_t *source,
                      struct error *err)
{
    struct translation t = {.pattern = pattern, .out = out, .err = err};
    int rc = ST_OK;
    while (!rc && t.at < pattern.len) {
        if (source && out->len <= target)
            *source = t.at;
        rc = translate_one(&t);
    }
    if (!rc && source && out->len <= target)
        *source = t.at;
    return rc;
}
