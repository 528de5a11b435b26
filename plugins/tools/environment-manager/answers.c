/*
 * SPDX-License-Identifier: MIT
 */
#include "answers.h"

#include "names.h"

#include <fnmatch.h>
#include <stdlib.h>

/* What the helper of this tool has: the variables that were granted, and no other. */
extern char **environ;

struct variable {
    char name[NAME_MAX_BYTES + 1];
    const char *value;  /* of the process; NULL: of the table */
    hexmcp_str in_table; /* JSON */
};

static void put_value(hexmcp_json_writer *w, const char *name, const char *value)
{
    bool secret = name_is_secret(name);
    char *shown = secret ? NULL : value_masked(value);
    if (shown)
        hexmcp_json_put_text(w, "value", shown);
    hexmcp_json_put_bool(w, "masked", !shown || strcmp(shown, value) != 0);
    free(shown);
}

static void put_variable(hexmcp_json_writer *w, const struct variable *v)
{
    char *text = NULL;
    size_t len;
    if (!v->value)
        hexmcp_json_string_dup(v->in_table, &text, &len);
    put_value(w, v->name, v->value ? v->value : text ? text : "");
    hexmcp_json_put_text(w, "source", v->value ? "server" : "table");
    free(text);
}

static bool find(const struct table *table, const char *name, struct variable *out)
{
    *out = (struct variable){.value = getenv(name)};
    snprintf(out->name, sizeof(out->name), "%s", name);
    if (table && hexmcp_json_get(bytes_str(&table->json), name, &out->in_table) == HEXMCP_OK)
        out->value = NULL;
    else if (!out->value)
        return false;
    return true;
}

int32_t answer_one(const hexmcp_round *r, const struct table *table, const char *name)
{
    struct variable v;
    struct answer a;
    hexmcp_json_writer *w = answer_begin(&a, r);
    bool found = find(table, name, &v);
    hexmcp_json_put_text(w, "operation", "get");
    hexmcp_json_put_text(w, "variable_name", name);
    hexmcp_json_put_bool(w, "found", found);
    if (found)
        put_variable(w, &v);
    answer_text(&a, found ? "%s is set." : "%s is not set, or the operator has not granted it.", name);
    return answer_end(&a);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct variable *)a)->name, ((const struct variable *)b)->name);
}

static bool take(struct variable **list, size_t *count, const struct variable *v, const char *pattern)
{
    if (pattern && fnmatch(pattern, v->name, 0) != 0)
        return true;
    struct variable *more = realloc(*list, (*count + 1) * sizeof(**list));
    if (!more)
        return false;
    *list = more;
    more[(*count)++] = *v;
    return true;
}

static bool take_server(const struct table *table, const char *pattern, struct variable **list,
                        size_t *count)
{
    bool ok = true;
    for (char **at = environ; ok && at && *at; at++) {
        const char *equals = strchr(*at, '=');
        struct variable v = {.value = equals ? equals + 1 : NULL};
        size_t len = equals ? (size_t)(equals - *at) : NAME_MAX_BYTES + 1;
        if (len > NAME_MAX_BYTES)
            continue;
        memcpy(v.name, *at, len);
        hexmcp_str hidden;
        if (!table || hexmcp_json_get(bytes_str(&table->json), v.name, &hidden) != HEXMCP_OK)
            ok = take(list, count, &v, pattern);
    }
    return ok;
}

static bool take_table(const struct table *table, const char *pattern, struct variable **list,
                       size_t *count)
{
    struct variable v = {.value = NULL};
    hexmcp_str key;
    bool ok = true;
    hexmcp_json_iter it = hexmcp_json_iter_begin(table ? bytes_str(&table->json) : hexmcp_str_from("{}"));
    while (ok && hexmcp_json_next(&it, &key, &v.in_table))
        if (hexmcp_json_string(key, v.name, sizeof(v.name), NULL) == HEXMCP_OK)
            ok = take(list, count, &v, pattern);
    return ok;
}

static void put_list(hexmcp_json_writer *w, const struct variable *list, size_t count,
                     const struct page *page)
{
    size_t end = page->offset + page->limit < count ? page->offset + page->limit : count;
    hexmcp_json_key(w, "variables");
    hexmcp_json_begin_array(w);
    for (size_t i = page->offset; i < end; i++) {
        hexmcp_json_begin_object(w);
        hexmcp_json_put_text(w, "variable_name", list[i].name);
        put_variable(w, &list[i]);
        hexmcp_json_end_object(w);
    }
    hexmcp_json_end_array(w);
    hexmcp_json_put_int64(w, "count", end > page->offset ? (int64_t)(end - page->offset) : 0);
    hexmcp_json_put_int64(w, "total", (int64_t)count);
    if (end < count && end > page->offset)
        hexmcp_json_put_int64(w, "next_offset", (int64_t)end);
}

int32_t answer_many(const hexmcp_round *r, const struct table *table, const char *operation,
                    const struct page *page)
{
    struct variable *list = NULL;
    size_t count = 0;
    struct answer a;
    if (!take_server(table, page->pattern, &list, &count) ||
        !take_table(table, page->pattern, &list, &count)) {
        free(list);
        return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for the variables; try again");
    }
    if (count)
        qsort(list, count, sizeof(*list), by_name);
    hexmcp_json_writer *w = answer_begin(&a, r);
    hexmcp_json_put_text(w, "operation", operation);
    put_list(w, list, count, page);
    if (count)
        answer_text(&a, "%zu variable%s.", count, count == 1 ? "" : "s");
    else
        answer_text(&a, "No %s; the operator grants variables in \"grants.env\" of the configuration.",
                    page->pattern ? "visible variable matches" : "variable is visible");
    free(list);
    return answer_end(&a);
}
