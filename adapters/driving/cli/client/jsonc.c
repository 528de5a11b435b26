#include "adapters/driving/cli/client/jsonc.h"

#include <stdlib.h>

#define BOM "\xEF\xBB\xBF"

static bool is_break(char c)
{
    return c == '\n' || c == '\r';
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || is_break(c);
}

static size_t string_end(struct str text, size_t at)
{
    for (at++; at < text.len && text.ptr[at] != '"'; at++)
        if (text.ptr[at] == '\\')
            at++;
    return at < text.len ? at + 1 : text.len;
}

/* Behind the comment at `at`; `at` if there is none. SIZE_MAX if it has no end. */
static size_t comment_end(struct str text, size_t at)
{
    if (text.len - at < 2 || text.ptr[at] != '/')
        return at;
    if (text.ptr[at + 1] == '/') {
        while (at < text.len && !is_break(text.ptr[at]))
            at++;
        return at;
    }
    if (text.ptr[at + 1] != '*')
        return at;
    for (size_t i = at + 2; i + 1 < text.len; i++)
        if (text.ptr[i] == '*' && text.ptr[i + 1] == '/')
            return i + 2;
    return SIZE_MAX;
}

static void blank(char *copy, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (!is_break(copy[i]))
            copy[i] = ' ';
}

/* What the scan saw last, space and comments aside. */
struct seen {
    bool any;
    char last;    /* the last character */
    char before;  /* the one in front of it, if `last` is a comma */
    size_t comma; /* where the last comma is */
};

/* A comma between a value and a closing bracket goes; every other is for the parser to judge. */
static void see(struct seen *seen, char *copy, size_t at)
{
    char c = copy[at];
    if ((c == '}' || c == ']') && seen->last == ',' && seen->before &&
        !strchr("{[,:", seen->before))
        copy[seen->comma] = ' ';
    if (c == ',') {
        seen->before = seen->last;
        seen->comma = at;
    }
    seen->last = c;
    seen->any = true;
}

/* *empty: there is nothing but space and comments. */
static int blank_all(struct str text, char *copy, bool *empty, struct error *err)
{
    struct seen seen = {false, '\0', '\0', 0};
    size_t at = 0;
    if (str_starts(text, STR(BOM))) {
        blank(copy, 0, 3);
        at = 3;
    }
    while (at < text.len) {
        size_t end = comment_end(text, at);
        if (end == SIZE_MAX)
            return error_set(err, ST_CONFIG, "is not JSON: the comment at byte %zu has no end", at);
        blank(copy, at, end);
        if (end == at && is_space(text.ptr[at])) {
            end = at + 1;
        } else if (end == at) {
            see(&seen, copy, at);
            end = text.ptr[at] == '"' ? string_end(text, at) : at + 1;
        }
        at = end;
    }
    *empty = !seen.any;
    return ST_OK;
}

int jsonc_parse(struct str text, struct jsonc *out, struct error *err)
{
    bool empty = true;
    char *copy = malloc(text.len + 1);
    if (!copy)
        return error_set(err, ST_NOMEM, "out of memory");
    if (text.len)
        memcpy(copy, text.ptr, text.len);
    int rc = blank_all(text, copy, &empty, err);
    if (rc || empty) {
        free(copy);
        if (!rc)
            *out = (struct jsonc){text, NULL, NULL};
        return rc;
    }
    struct json_doc *doc;
    if (json_parse_take(copy, text.len, &doc, err)) {
        error_prefix(err, "is not JSON: ");
        if (err)
            err->code = ST_CONFIG;
        return ST_CONFIG;
    }
    *out = (struct jsonc){text, doc, copy};
    return ST_OK;
}

void jsonc_clear(struct jsonc *j)
{
    json_free(j->doc);
    j->doc = NULL;
}

size_t jsonc_begin(const struct jsonc *j, struct json v)
{
    return (size_t)(json_text(v).ptr - j->copy);
}

size_t jsonc_end(const struct jsonc *j, struct json v)
{
    return jsonc_begin(j, v) + json_text(v).len;
}

size_t jsonc_skip(struct str text, size_t at)
{
    while (at < text.len) {
        size_t end = comment_end(text, at);
        if (end == at && !is_space(text.ptr[at]))
            break;
        at = end > at ? end : at + 1;
    }
    return at;
}

size_t jsonc_skip_remarks(struct str text, size_t at)
{
    size_t behind = at;
    while (at < text.len && (text.ptr[at] == ' ' || text.ptr[at] == '\t' || text.ptr[at] == '/')) {
        size_t end = comment_end(text, at);
        for (size_t i = at; i < end; i++)
            if (is_break(text.ptr[i]))
                return behind;
        if (end > at)
            behind = end;
        else if (text.ptr[at] == '/')
            break;
        at = end > at ? end : at + 1;
    }
    return behind;
}

struct jsonc_member jsonc_find(struct json object, struct str name)
{
    struct jsonc_member found = {json_none(), json_none(), json_none()};
    struct json_iter it = json_iter(object);
    while (json_next(&it)) {
        if (json_is(it.key, name)) {
            found.key = it.key;
            found.value = it.value;
            break;
        }
        found.before = it.value;
    }
    return found;
}
