#include <stdlib.h>

#include "core/projection/inside.h"

static void row_free(struct row *row)
{
    json_free(row->doc);
    free(row->value);
    free(row);
}

void row_set_clear(struct row_set *set)
{
    for (size_t i = 0; i < set->by_key.count; i++)
        row_free(set->by_key.entries[i].value);
    str_index_clear(&set->by_key);
    free(set->dirty);
    *set = (struct row_set){0};
}

struct row *row_set_row(struct row_set *set, struct str key)
{
    struct row *row = str_index_get(&set->by_key, key);
    if (row)
        return row;
    row = calloc(1, sizeof(*row) + key.len + 1);
    if (!row)
        return NULL;
    char *text = (char *)(row + 1);
    memcpy(text, key.ptr, key.len);
    row->key = (struct str){text, key.len};
    if (!str_index_put(&set->by_key, row->key, row)) {
        free(row);
        return NULL;
    }
    set->bytes += sizeof(*row) + key.len;
    return row;
}

/* Takes the document, which owns nothing. */
static bool set_value(struct row_set *set, struct row *row, struct str value)
{
    char *copy = NULL;
    if (value.len) {
        copy = malloc(value.len);
        if (!copy)
            return false;
        memcpy(copy, value.ptr, value.len);
    }
    json_free(row->doc);
    free(row->value);
    row->doc = NULL;
    row->value = copy;
    set->bytes = set->bytes - row->len + value.len;
    row->len = value.len;
    row->loaded = true;
    return true;
}

bool row_set_load(struct row_set *set, struct row *row, struct str value)
{
    return set_value(set, row, value);
}

static bool mark_dirty(struct row_set *set, struct row *row)
{
    if (row->dirty)
        return true;
    if (set->dirty_count == set->dirty_cap) {
        size_t cap = set->dirty_cap ? set->dirty_cap * 2 : 64;
        struct row **dirty = realloc(set->dirty, cap * sizeof(struct row *));
        if (!dirty)
            return false;
        set->dirty = dirty;
        set->dirty_cap = cap;
    }
    set->dirty[set->dirty_count++] = row;
    row->dirty = true;
    return true;
}

void row_set_written(struct row_set *set)
{
    for (size_t i = 0; i < set->dirty_count; i++)
        set->dirty[i]->dirty = false;
    set->dirty_count = 0;
    if (set->by_key.count > REMEMBERED_ROWS || set->bytes > REMEMBERED_BYTES)
        row_set_clear(set);
}

/* ---- what projections call ------------------------------------------------------------------ */

static int check_key(struct str key, struct error *err)
{
    if (key.len < 1 || key.len > 512 || key.ptr[0] == '~')
        return error_set(err, ST_INVALID,
                         "\"%.*s\" is no key of a row: 1 to 512 bytes, and no '~' at the beginning",
                         (int)(key.len > 80 ? 80 : key.len), key.len ? key.ptr : "");
    return ST_OK;
}

void projection_want(struct projection_keys *keys, struct str key)
{
    if (keys->rc || (keys->rc = check_key(key, &keys->err)))
        return;
    struct row *row = row_set_row(keys->set, key);
    if (row && row->loaded)
        return;
    for (size_t i = 0; row && i < keys->count; i++)
        if (keys->missing[i] == row)
            return;
    if (row && keys->count == keys->cap) {
        size_t cap = keys->cap ? keys->cap * 2 : 16;
        struct row **missing = realloc(keys->missing, cap * sizeof(struct row *));
        if (missing) {
            keys->missing = missing;
            keys->cap = cap;
        } else {
            row = NULL;
        }
    }
    if (row)
        keys->missing[keys->count++] = row;
    else
        keys->rc = error_set(&keys->err, ST_NOMEM, "out of memory");
}

struct json projection_get(struct projection_rows *rows, struct str key)
{
    struct row *row = str_index_get(&rows->set->by_key, key);
    if (rows->rc)
        return json_none();
    if (!row || !row->loaded) {
        rows->rc = error_set(&rows->err, ST_GENERIC, "it looks at the row \"%.*s\" without having "
                             "wanted it", STR_ARG(key));
        return json_none();
    }
    if (!row->value)
        return json_none();
    if (!row->doc) {
        rows->rc = json_parse((struct str){row->value, row->len}, &row->doc, &rows->err);
        if (rows->rc) {
            row->doc = NULL;
            error_prefix(&rows->err, "the row \"%.*s\": ", STR_ARG(key));
            return json_none();
        }
    }
    return json_root(row->doc);
}

static void change(struct projection_rows *rows, struct str key, struct str value)
{
    struct row *row = row_set_row(rows->set, key);
    if (!row || !set_value(rows->set, row, value) || !mark_dirty(rows->set, row))
        rows->rc = error_set(&rows->err, ST_NOMEM, "out of memory");
}

void projection_put(struct projection_rows *rows, struct str key, struct str value)
{
    struct json_doc *doc;
    if (rows->rc || (rows->rc = check_key(key, &rows->err)))
        return;
    rows->rc = json_parse(value, &doc, &rows->err);
    if (!rows->rc) {
        if (json_type(json_root(doc)) == JSON_NULL)
            rows->rc = error_set(&rows->err, ST_INVALID, "must not be null");
        json_free(doc);
    }
    if (rows->rc)
        error_prefix(&rows->err, "the row \"%.*s\": ", STR_ARG(key));
    else
        change(rows, key, value);
}

void projection_remove(struct projection_rows *rows, struct str key)
{
    if (rows->rc || (rows->rc = check_key(key, &rows->err)))
        return;
    change(rows, key, (struct str){NULL, 0});
}
