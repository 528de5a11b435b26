/*
 * SPDX-License-Identifier: MIT
 */
#include "from_json.h"


struct making {
    struct bytes *out;
    hexmcp_error *err;
};

static int32_t element(struct making *m, const char *name, hexmcp_str value, int depth);

static int32_t add(struct making *m, const char *text, size_t len)
{
    if (bytes_add(m->out, text, len))
        return HEXMCP_OK;
    return hexmcp_fail(m->err, HEXMCP_E_NOMEM, "out of memory for the XML; try again");
}

static int32_t add_text(struct making *m, const char *text)
{
    return add(m, text, strlen(text));
}

static const char *escape_of(char c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\t': return "&#9;";
    case '\n': return "&#10;";
    case '\r': return "&#13;";
    default: return NULL;
    }
}

/* In attributes white space is escaped, too, or it would come back as spaces. */
static int32_t add_escaped(struct making *m, const char *text, size_t len, bool attribute)
{
    int32_t status = HEXMCP_OK;
    size_t from = 0;
    for (size_t i = 0; i <= len && status == HEXMCP_OK; i++) {
        bool space = i < len && (text[i] == '\t' || text[i] == '\n');
        const char *escape = i < len && (attribute || !space) ? escape_of(text[i]) : NULL;
        if (i < len && !escape)
            continue;
        status = add(m, text + from, i - from);
        if (status == HEXMCP_OK && escape)
            status = add_text(m, escape);
        from = i + 1;
    }
    return status;
}

static int32_t fail_value(struct making *m, const char *name, const char *what)
{
    return hexmcp_fail(m->err, HEXMCP_E_INVALID,
                       "the member %.100s is %s, which cannot stand there; give a text, a number, true, "
                       "false or null",
                       name, what);
}

/* A text, number, true or false as it reads; null as nothing. */
static int32_t add_scalar(struct making *m, const char *name, hexmcp_str value, bool attribute)
{
    int type = hexmcp_json_type(value);
    char *text = NULL;
    size_t len;
    if (type == HEXMCP_JSON_OBJECT || type == HEXMCP_JSON_ARRAY)
        return fail_value(m, name, type == HEXMCP_JSON_ARRAY ? "an array" : "an object");
    if (type == HEXMCP_JSON_NULL)
        return HEXMCP_OK;
    if (type != HEXMCP_JSON_STRING)
        return add(m, value.ptr, value.len);
    int32_t status = hexmcp_json_string_dup(value, &text, &len);
    if (status != HEXMCP_OK)
        return hexmcp_fail(m->err, status, "the member %.100s is no text that can be read; correct it",
                           name);
    status = add_escaped(m, text, len, attribute);
    free(text);
    return status;
}

/* ---- objects -------------------------------------------------------------------------------- */

typedef int32_t (*member_fn)(struct making *m, const char *name, hexmcp_str value, int depth);

static int32_t each_member(struct making *m, hexmcp_str object, int depth, member_fn visit)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(object);
    hexmcp_str key, value;
    int32_t status = HEXMCP_OK;
    while (status == HEXMCP_OK && hexmcp_json_next(&it, &key, &value)) {
        char *name = NULL;
        size_t len;
        status = hexmcp_json_string_dup(key, &name, &len);
        if (status != HEXMCP_OK)
            return hexmcp_fail(m->err, status, "a name cannot be read; correct it");
        status = strlen(name) != len || len == 0
                     ? hexmcp_fail(m->err, HEXMCP_E_INVALID,
                                   "a name is empty or holds NUL; XML has no such names, rename it")
                     : visit(m, name, value, depth);
        free(name);
    }
    return status;
}

static int32_t put_attribute(struct making *m, const char *name, hexmcp_str value, int depth)
{
    (void)depth;
    if (name[0] != '@')
        return HEXMCP_OK;
    int32_t status = add_text(m, " ");
    if (status == HEXMCP_OK)
        status = add_text(m, name + 1);
    if (status == HEXMCP_OK)
        status = add_text(m, "=\"");
    if (status == HEXMCP_OK)
        status = add_scalar(m, name, value, true);
    return status == HEXMCP_OK ? add_text(m, "\"") : status;
}

static int32_t put_child(struct making *m, const char *name, hexmcp_str value, int depth)
{
    if (name[0] == '@')
        return HEXMCP_OK;
    if (strcmp(name, "#text") == 0)
        return add_scalar(m, name, value, false);
    if (hexmcp_json_type(value) != HEXMCP_JSON_ARRAY)
        return element(m, name, value, depth);
    hexmcp_json_iter it = hexmcp_json_iter_begin(value);
    hexmcp_str each;
    int32_t status = HEXMCP_OK;
    while (status == HEXMCP_OK && hexmcp_json_next(&it, NULL, &each))
        status = hexmcp_json_type(each) == HEXMCP_JSON_ARRAY ? fail_value(m, name, "an array in an array")
                                                             : element(m, name, each, depth);
    return status;
}

static int32_t put_content(struct making *m, const char *name, hexmcp_str value, int depth)
{
    if (hexmcp_json_type(value) == HEXMCP_JSON_OBJECT)
        return each_member(m, value, depth - 1, put_child);
    return add_scalar(m, name, value, false);
}

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (unsigned char)c >= 0x80 || strchr("_:-.", c);
}

/* What could end the name and begin something else; the rest is for the parser to judge. */
static int32_t check_name(struct making *m, const char *name)
{
    for (const char *c = name; *c; c++)
        if (!is_name_byte(*c) && !(c == name && *c == '@'))
            return hexmcp_fail(m->err, HEXMCP_E_INVALID,
                               "\"%.100s\" is no name of XML; rename it (letters, digits, - . _ and : "
                               "are fine, and it begins with a letter)",
                               name);
    return HEXMCP_OK;
}

static int32_t check_member(struct making *m, const char *name, hexmcp_str value, int depth)
{
    (void)value;
    (void)depth;
    return strcmp(name, "#text") == 0 ? HEXMCP_OK : check_name(m, name);
}

static int32_t element(struct making *m, const char *name, hexmcp_str value, int depth)
{
    bool is_object = hexmcp_json_type(value) == HEXMCP_JSON_OBJECT;
    int32_t status = HEXMCP_OK;
    if (depth <= 0)
        return hexmcp_fail(m->err, HEXMCP_E_TOO_LARGE, "the JSON is nested deeper than %d levels",
                           FROM_JSON_DEPTH_MOST);
    if (is_object)
        status = each_member(m, value, depth, check_member);
    if (status == HEXMCP_OK)
        status = add_text(m, "<");
    if (status == HEXMCP_OK)
        status = add_text(m, name);
    if (status == HEXMCP_OK && is_object)
        status = each_member(m, value, depth, put_attribute);
    if (status == HEXMCP_OK)
        status = add_text(m, ">");
    if (status == HEXMCP_OK)
        status = put_content(m, name, value, depth);
    if (status == HEXMCP_OK)
        status = add_text(m, "</");
    if (status == HEXMCP_OK)
        status = add_text(m, name);
    return status == HEXMCP_OK ? add_text(m, ">") : status;
}


static int32_t put_root(struct making *m, const char *name, hexmcp_str value, int depth)
{
    int32_t status = name[0] == '@' ? hexmcp_fail(m->err, HEXMCP_E_INVALID,
                                                  "the outermost member is an attribute; XML begins with "
                                                  "one element: {\"name\": ...}")
                                    : check_name(m, name);
    return status == HEXMCP_OK ? element(m, name, value, depth) : status;
}

int32_t from_json(hexmcp_str json, struct bytes *out, hexmcp_error *err)
{
    struct making m = {out, err};
    hexmcp_json_iter it = hexmcp_json_iter_begin(json);
    hexmcp_str value;
    size_t members = 0;
    while (hexmcp_json_next(&it, NULL, &value))
        members++;
    if (!it.is_object || members != 1)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "XML has one outermost element, so give an object with one member: {\"name\": "
                           "...}");
    return each_member(&m, json, FROM_JSON_DEPTH_MOST, put_root);
}
