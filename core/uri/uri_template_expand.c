#include <string.h>

#include "core/json/utf8.h"
#include "core/uri/characters.h"
#include "core/uri/uri_template_parts.h"

struct expander {
    const struct template_operator *op;
    const struct template_variable *variable;
    bool any; /* the expression has given something */
    struct buffer *out;
    struct buffer scratch; /* a decoded string */
    struct error *err;
};

/* ---- characters ---------------------------------------------------------------------------- */

static void add_escaped(struct buffer *out, char c)
{
    static const char digits[] = "0123456789ABCDEF";
    unsigned char u = (unsigned char)c;
    buffer_add_char(out, '%');
    buffer_add_char(out, digits[u >> 4]);
    buffer_add_char(out, digits[u & 15]);
}

/* One character or, where they are kept, one escape; its length. */
static size_t add_character(struct buffer *out, struct str text, size_t at, bool reserved)
{
    char c = text.ptr[at];
    if (reserved && uri_escape_at(text, at) >= 0) {
        buffer_add(out, text.ptr + at, 3);
        return 3;
    }
    if (uri_is_unreserved(c) || (reserved && uri_is_reserved(c)))
        buffer_add_char(out, c);
    else
        add_escaped(out, c);
    return 1;
}

/* False for the later bytes of a character, plain or in escapes that are kept. */
static bool starts_character(struct str text, size_t at, bool reserved)
{
    int byte = reserved ? uri_escape_at(text, at) : -1;
    if (byte < 0)
        byte = (unsigned char)text.ptr[at];
    return (byte & 0xC0) != 0x80;
}

/* At most `limit` characters if it is not 0. A URI that is too long already does not grow on. */
static void add_text(struct buffer *out, struct str text, bool reserved, size_t limit)
{
    size_t characters = 0;
    for (size_t at = 0; at < text.len && out->len <= URI_MAX_BYTES;) {
        characters += starts_character(text, at, reserved);
        if (limit && characters > limit)
            return;
        at += add_character(out, text, at, reserved);
    }
}

/* ---- values -------------------------------------------------------------------------------- */

static int fail(struct expander *e, const char *what)
{
    return error_set(e->err, ST_INVALID, "the variable \"%.*s\" of the URI template %s",
                     STR_ARG(e->variable->name), what);
}

static int decode(struct expander *e, struct json value, struct str *text)
{
    if (json_type(value) != JSON_STRING)
        return fail(e, "must be a string, a list of strings or an object of strings");
    buffer_reset(&e->scratch, SIZE_MAX);
    if (!json_string(value, &e->scratch, text))
        return error_set(e->err, ST_NOMEM, "no memory for a URI");
    if (text->len && memchr(text->ptr, '\0', text->len))
        return fail(e, "holds U+0000, which may not stand in a URI");
    return ST_OK;
}

static void separate(struct expander *e)
{
    char c = e->any ? e->op->separator : e->op->first;
    if (c)
        buffer_add_char(e->out, c);
    e->any = true;
}

static void add_name(struct expander *e, struct str name, bool empty)
{
    buffer_add_str(e->out, name);
    if (!empty || e->op->equals_if_empty)
        buffer_add_char(e->out, '=');
}

static int add_string(struct expander *e, struct json value)
{
    struct str text;
    int status = decode(e, value, &text);
    if (status != ST_OK)
        return status;
    separate(e);
    if (e->op->named)
        add_name(e, e->variable->name, text.len == 0);
    add_text(e->out, text, e->op->reserved, e->variable->limit);
    return ST_OK;
}

/* A member of a list or object that is joined with ','. */
static int add_joined(struct expander *e, struct json member, bool first)
{
    struct str text;
    int status = decode(e, member, &text);
    if (status == ST_OK && !first)
        buffer_add_char(e->out, ',');
    if (status == ST_OK)
        add_text(e->out, text, e->op->reserved, 0);
    return status;
}

static int add_all_joined(struct expander *e, struct json value)
{
    struct json_iter it = json_iter(value);
    bool first = true;
    separate(e);
    if (e->op->named)
        add_name(e, e->variable->name, false);
    for (int status; json_next(&it); first = false) {
        if (json_exists(it.key)) {
            status = add_joined(e, it.key, first);
            first = false;
            if (status != ST_OK)
                return status;
        }
        status = add_joined(e, it.value, first);
        if (status != ST_OK)
            return status;
    }
    return ST_OK;
}

/* name=value, where the name is the key of a member. */
static int add_member(struct expander *e, struct json key, struct json value)
{
    struct str text;
    int status = decode(e, key, &text);
    if (status != ST_OK)
        return status;
    separate(e);
    add_text(e->out, text, e->op->reserved, 0);
    status = decode(e, value, &text);
    if (status != ST_OK)
        return status;
    if (!e->op->named || text.len || e->op->equals_if_empty)
        buffer_add_char(e->out, '=');
    add_text(e->out, text, e->op->reserved, 0);
    return ST_OK;
}

static int add_exploded(struct expander *e, struct json value)
{
    struct json_iter it = json_iter(value);
    int status = ST_OK;
    while (status == ST_OK && json_next(&it))
        status = json_exists(it.key) ? add_member(e, it.key, it.value) : add_string(e, it.value);
    return status;
}

static int add_variable(struct expander *e, struct json value)
{
    enum json_type type = json_type(value);
    bool composite = type == JSON_ARRAY || type == JSON_OBJECT;
    if (type == JSON_NONE || type == JSON_NULL || (composite && json_count(value) == 0))
        return ST_OK;
    if (!composite)
        return add_string(e, value);
    if (e->variable->limit)
        return fail(e, "has a prefix length and must be a string");
    return e->variable->explode ? add_exploded(e, value) : add_all_joined(e, value);
}

/* ---- the template -------------------------------------------------------------------------- */

static int expand_part(struct expander *e, const struct template_parts *t,
                       const struct template_part *part, struct json variables)
{
    e->op = part->op;
    e->any = false;
    int status = ST_OK;
    if (!part->op)
        add_text(e->out, part->literal, true, 0); /* escapes stay, other alphabets are escaped */
    for (size_t i = 0; i < part->count && status == ST_OK; i++) {
        e->variable = &t->variables[part->first + i];
        status = add_variable(e, json_get(variables, e->variable->name));
    }
    return status;
}

static int expand(struct expander *e, const struct template_parts *t, struct json variables)
{
    int status = ST_OK;
    for (size_t i = 0; i < t->count && status == ST_OK; i++) {
        status = expand_part(e, t, &t->parts[i], variables);
        if (status == ST_OK && e->out->len > URI_MAX_BYTES)
            status = error_set(e->err, ST_TOO_LARGE,
                               "the URI template expands to more than %d bytes", URI_MAX_BYTES);
    }
    return status;
}

int uri_template_expand(struct str text, struct json variables, struct buffer *out,
                        struct error *err)
{
    struct template_parts parts;
    int status = template_parse(text, &parts, err);
    if (status != ST_OK)
        return status;
    if (json_type(variables) != JSON_OBJECT)
        return error_set(err, ST_INVALID, "the variables of a URI template must be an object");
    struct buffer uri = BUFFER_INIT;
    struct expander e = {NULL, NULL, false, &uri, BUFFER_INIT, err};
    status = expand(&e, &parts, variables);
    if (status == ST_OK && !buffer_failed(&uri))
        buffer_add_str(out, buffer_str(&uri));
    if (status == ST_OK && (buffer_failed(&uri) || buffer_failed(out)))
        status = error_set(err, ST_NOMEM, "no memory for a URI");
    buffer_clear(&uri);
    buffer_clear(&e.scratch);
    return status;
}
