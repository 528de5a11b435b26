/*
 * SPDX-License-Identifier: MIT
 */
#include "values.h"

#include <ctype.h>

#include "kit/encode.h"

#define VALUE_MOST 8192

void values_free(struct values *values)
{
    for (size_t i = 0; i < values->count; i++) {
        free(values->list[i].name);
        bytes_free(&values->list[i].json);
    }
    values->count = 0;
}

static size_t name_length(const char *name, size_t most)
{
    size_t len = 0;
    while (len < most && (isalnum((unsigned char)name[len]) || name[len] == '_'))
        len++;
    return len > 0 && isdigit((unsigned char)name[0]) ? 0 : len;
}

bool value_name_valid(const char *name)
{
    size_t len = strlen(name);
    return len > 0 && len <= 64 && name_length(name, len) == len;
}

static struct value *find(const struct values *values, const char *name, size_t len)
{
    for (size_t i = 0; i < values->count; i++)
        if (strlen(values->list[i].name) == len && strncmp(values->list[i].name, name, len) == 0)
            return (struct value *)&values->list[i];
    return NULL;
}

static int32_t no_memory(hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the values; try again");
}

static int32_t check(const char *name, hexmcp_str json, hexmcp_error *err)
{
    int type = hexmcp_json_type(json);
    char *text = NULL;
    size_t len;
    double number;
    int yes;
    if ((type == HEXMCP_JSON_NUMBER && hexmcp_json_double(json, &number) == HEXMCP_OK) ||
        (type == HEXMCP_JSON_BOOL && hexmcp_json_bool(json, &yes) == HEXMCP_OK))
        return HEXMCP_OK;
    if (type != HEXMCP_JSON_STRING || hexmcp_json_string_dup(json, &text, &len) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "extract.%.64s leads to no text, number or truth value; lead it to one", name);
    bool brace = memchr(text, '{', len) != NULL;
    free(text);
    if (len > VALUE_MOST)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "extract.%.64s leads to a text of %zu bytes, but at most %d are taken", name,
                           len, VALUE_MOST);
    if (brace)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "extract.%.64s leads to a text with \"{\", which could make up the handle of "
                           "a secret; it is not taken",
                           name);
    return HEXMCP_OK;
}

static int32_t put(struct values *values, const char *name, hexmcp_str json, bool pretended, hexmcp_error *err)
{
    struct value *value = find(values, name, strlen(name));
    if (!value && values->count == VALUES_MOST)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE, "more than %d values are extracted; take fewer",
                           VALUES_MOST);
    struct bytes copy = {0};
    char *own = value ? NULL : strdup(name);
    if (!bytes_add(&copy, json.ptr, json.len) || (!value && !own)) {
        bytes_free(&copy);
        free(own);
        return no_memory(err);
    }
    if (value)
        bytes_free(&value->json);
    else
        (value = &values->list[values->count++])->name = own;
    value->json = copy;
    value->pretended = pretended;
    return HEXMCP_OK;
}

int32_t values_set(struct values *values, const char *name, hexmcp_str json, hexmcp_error *err)
{
    int32_t status = check(name, json, err);
    return status == HEXMCP_OK ? put(values, name, json, false, err) : status;
}

int32_t values_pretend(struct values *values, const char *name, hexmcp_error *err)
{
    char text[72];
    int len = snprintf(text, sizeof(text), "\"{{%.64s}}\"", name);
    return put(values, name, (hexmcp_str){text, (size_t)len}, true, err);
}

/* ---- in the place of names ---- */

struct filling {
    const struct values *values;
    struct bytes *out;
    hexmcp_error *err;
    bool url;   /* "input" */
    bool typed; /* a string that is nothing but a name becomes the value itself */
};

/* The name of a {{name}} that begins here; its length, or 0. */
static size_t name_at(const char *at, const char *end)
{
    if (end - at < 5 || at[0] != '{' || at[1] != '{')
        return 0;
    size_t len = name_length(at + 2, (size_t)(end - at) - 4);
    return len > 0 && at[2 + len] == '}' && at[3 + len] == '}' ? len : 0;
}

/* Into a string: without its quotes, as it is in JSON, or percent-encoded. */
static bool put_inside(const struct filling *f, hexmcp_str json, bool encode)
{
    bool is_text = json.ptr[0] == '"';
    hexmcp_str inner = is_text ? (hexmcp_str){json.ptr + 1, json.len - 2} : json;
    char *text;
    size_t len;
    if (!encode || !is_text)
        return bytes_add(f->out, inner.ptr, inner.len);
    if (hexmcp_json_string_dup(json, &text, &len) != HEXMCP_OK)
        return false;
    bool good = encode_percent(f->out, (hexmcp_str){text, len});
    free(text);
    return good;
}

/* Whether the quotes around the name go, too: a value alone, and no key. */
static bool is_alone(const char *start, const char *at, const char *after, const char *end)
{
    if (at == start || at[-1] != '"' || after == end || *after != '"')
        return false;
    do
        after++;
    while (after < end && strchr(" \t\r\n", *after));
    return after == end || *after != ':';
}

/* One JSON string, or a whole value of which all strings are filled. */
static int32_t fill_text(const struct filling *f, hexmcp_str json)
{
    const char *at = json.ptr, *end = json.ptr + json.len;
    while (at < end) {
        size_t len = name_at(at, end);
        bool good;
        if (len == 0) {
            if (!bytes_add(f->out, at++, 1))
                return no_memory(f->err);
            continue;
        }
        const struct value *value = find(f->values, at + 2, len);
        if (!value)
            return hexmcp_fail(f->err, HEXMCP_E_INVALID,
                               "no step before has extracted %.*s; add it to the extract of one", (int)len,
                               at + 2);
        const char *after = at + len + 4;
        if (f->typed && is_alone(json.ptr, at, after, end)) {
            f->out->len--; /* the quote before it */
            good = bytes_add(f->out, value->json.ptr, value->json.len);
            after++;
        } else {
            good = put_inside(f, bytes_str(&value->json),
                              f->url && at != json.ptr + 1 && !value->pretended);
        }
        if (!good)
            return no_memory(f->err);
        at = after;
    }
    return HEXMCP_OK;
}

static int32_t fill_member(struct filling *f, hexmcp_str key, hexmcp_str value, bool first)
{
    f->url = hexmcp_json_equals(key, "input");
    f->typed = hexmcp_json_equals(key, "json") || hexmcp_json_equals(key, "expect");
    if (!bytes_add(f->out, ",", first ? 0 : 1) || !bytes_add(f->out, key.ptr, key.len) ||
        !bytes_add(f->out, ":", 1))
        return no_memory(f->err);
    /* Where values come from is no text to fill. */
    if (hexmcp_json_equals(key, "extract"))
        return bytes_add(f->out, value.ptr, value.len) ? HEXMCP_OK : no_memory(f->err);
    return fill_text(f, value);
}

int32_t values_fill(const struct values *values, hexmcp_str step, struct bytes *out, hexmcp_error *err)
{
    struct filling f = {.values = values, .out = out, .err = err};
    hexmcp_json_iter it = hexmcp_json_iter_begin(step);
    hexmcp_str key, value;
    bool first = true;
    int32_t status = bytes_add(out, "{", 1) ? HEXMCP_OK : no_memory(err);
    while (status == HEXMCP_OK && hexmcp_json_next(&it, &key, &value)) {
        status = fill_member(&f, key, value, first);
        first = false;
    }
    if (status == HEXMCP_OK && !bytes_add(out, "}", 1))
        status = no_memory(err);
    return status;
}
