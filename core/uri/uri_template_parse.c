#include "core/json/utf8.h"
#include "core/uri/characters.h"
#include "core/uri/uri_template_parts.h"

struct reader {
    struct str text;
    size_t at;
    struct template_parts *parts;
    struct error *err;
};

static const struct template_operator operators[] = {
    {'\0', '\0', ',', false, false, false}, {'+', '\0', ',', false, true, false},
    {'#', '#', ',', false, true, false},    {'.', '.', '.', false, false, false},
    {'/', '/', '/', false, false, false},   {';', ';', ';', true, false, false},
    {'?', '?', '&', true, false, true},     {'&', '&', '&', true, false, true},
};

static const struct template_operator *find_operator(char name)
{
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
        if (operators[i].name == name)
            return &operators[i];
    return NULL;
}

static int fail(const struct reader *r, const char *what)
{
    return error_set(r->err, ST_INVALID, "the URI template is malformed at byte %zu: %s", r->at,
                     what);
}

static bool at_end(const struct reader *r)
{
    return r->at == r->text.len;
}

static bool take(struct reader *r, char c)
{
    if (at_end(r) || r->text.ptr[r->at] != c)
        return false;
    r->at++;
    return true;
}

/* Bytes of the escapes here that make one character of UTF-8; 0 if they make none. Half a character
 * would let values end in the middle of one. */
static size_t escapes_length(const struct reader *r)
{
    char bytes[4];
    size_t count = 0;
    for (int byte; count < sizeof(bytes); count++) {
        size_t at = r->at + 3 * count;
        byte = at < r->text.len ? uri_escape_at(r->text, at) : -1;
        if (byte < 0)
            break;
        bytes[count] = (char)byte;
    }
    return 3 * utf8_sequence(bytes, bytes + count);
}

/* Bytes of the literal character here; 0 if it may not stand in a template (section 2.1). The
 * apostrophe is a literal by erratum 6937. */
static size_t literal_length(const struct reader *r)
{
    char c = r->text.ptr[r->at];
    if (uri_is_unreserved(c) || uri_is_reserved(c))
        return 1;
    if (c == '%')
        return escapes_length(r);
    if ((unsigned char)c < 0x80)
        return 0;
    return utf8_sequence(r->text.ptr + r->at, r->text.ptr + r->text.len);
}

static int fail_at_literal(const struct reader *r)
{
    if (r->text.ptr[r->at] == '}')
        return fail(r, "'}' without '{'");
    if (uri_escape_at(r->text, r->at) >= 0)
        return fail(r, "escapes that are no UTF-8");
    if (r->text.ptr[r->at] == '%')
        return fail(r, "'%' without two hexadecimal digits; write a plain '%' as %25");
    return fail(r, "a character that may not stand in a URI; escape it as %XX");
}

static int read_literal(struct reader *r, struct template_part *part)
{
    size_t start = r->at;
    part->plain = true;
    while (!at_end(r) && r->text.ptr[r->at] != '{') {
        size_t len = literal_length(r);
        if (len == 0)
            return fail_at_literal(r);
        part->plain &= len == 1;
        r->at += len;
    }
    part->literal = (struct str){r->text.ptr + start, r->at - start};
    return ST_OK;
}

/* varname of section 2.3: dots stand between characters. */
static int read_name(struct reader *r, struct str *name)
{
    size_t start = r->at;
    bool dot = true;
    for (; !at_end(r); r->at++) {
        char c = r->text.ptr[r->at];
        if (uri_escape_at(r->text, r->at) >= 0)
            r->at += 2;
        else if (!uri_is_letter(c) && !uri_is_digit(c) && c != '_' && (c != '.' || dot))
            break;
        dot = c == '.';
    }
    if (dot)
        return fail(r, "a name of a variable (letters, digits, '_', and '.' between them) must "
                       "stand here");
    *name = (struct str){r->text.ptr + start, r->at - start};
    return ST_OK;
}

static int read_limit(struct reader *r, uint16_t *limit)
{
    unsigned value = 0;
    for (int digits = 0; !at_end(r) && uri_is_digit(r->text.ptr[r->at]) && digits < 4; digits++) {
        value = value * 10 + (unsigned)(r->text.ptr[r->at] - '0');
        if (value == 0)
            break;
        r->at++;
    }
    if (value == 0)
        return fail(r, "behind ':' a length from 1 to 9999 must stand");
    *limit = (uint16_t)value;
    return ST_OK;
}

static int add_variable(struct reader *r, struct template_variable *v)
{
    struct template_parts *t = r->parts;
    for (size_t i = 0; i < t->variable_count; i++)
        if (str_eq(t->variables[i].name, v->name))
            return error_set(r->err, ST_INVALID,
                             "the URI template names the variable \"%.*s\" twice; give each its "
                             "own name",
                             STR_ARG(v->name));
    if (t->variable_count == URI_TEMPLATE_MAX_VARIABLES)
        return error_set(r->err, ST_TOO_LARGE, "the URI template has more than %d variables",
                         URI_TEMPLATE_MAX_VARIABLES);
    t->variables[t->variable_count++] = *v;
    return ST_OK;
}

static int read_variable(struct reader *r)
{
    struct template_variable v = {{NULL, 0}, false, 0};
    int status = read_name(r, &v.name);
    if (status == ST_OK && take(r, ':'))
        status = read_limit(r, &v.limit);
    else if (status == ST_OK)
        v.explode = take(r, '*');
    return status == ST_OK ? add_variable(r, &v) : status;
}

static int read_expression(struct reader *r, struct template_part *part)
{
    part->first = r->parts->variable_count;
    r->at++;
    if (at_end(r))
        return fail(r, "'{' is not closed");
    char c = r->text.ptr[r->at];
    if (uri_is_one_of(c, "=,!@|"))
        return fail(r, "this operator is reserved; the operators are + # . / ; ? &");
    part->op = c ? find_operator(c) : NULL;
    if (part->op)
        r->at++;
    else
        part->op = find_operator('\0');
    do {
        int status = read_variable(r);
        if (status != ST_OK)
            return status;
    } while (take(r, ','));
    part->count = r->parts->variable_count - part->first;
    if (at_end(r))
        return fail(r, "'{' is not closed");
    return take(r, '}') ? ST_OK : fail(r, "this may not stand in an expression");
}

int template_parse(struct str text, struct template_parts *out, struct error *err)
{
    struct reader r = {text, 0, out, err};
    out->count = out->variable_count = 0;
    if (text.len > URI_TEMPLATE_MAX_BYTES)
        return error_set(err, ST_TOO_LARGE, "the URI template has %zu bytes; at most %d are allowed",
                         text.len, URI_TEMPLATE_MAX_BYTES);
    while (!at_end(&r)) {
        struct template_part *part = &out->parts[out->count++];
        *part = (struct template_part){.at = r.at};
        int status = text.ptr[r.at] == '{' ? read_expression(&r, part) : read_literal(&r, part);
        if (status != ST_OK)
            return status;
    }
    return template_prepare_match(out, err);
}
