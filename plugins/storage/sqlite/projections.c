/*
 * SPDX-License-Identifier: MIT
 */
#include "projections.h"
#include "ranges.h"

#define LIMIT_MAX 1000

/* An answer with rows ends early at so many bytes, and says that there are more. */
#define ANSWER_BYTES_MAX ((size_t)16 << 20)

struct change {
    hexmcp_str name;
    hexmcp_str replaces;
    int64_t expected;
    int64_t position;
    bool reset;
    size_t count;
    struct row {
        hexmcp_str key;
        hexmcp_str value; /* {NULL, 0}: remove it */
    } row[];
};

static int32_t parse_row(hexmcp_str json, struct row *row, hexmcp_error *err)
{
    static const hexmcp_str names[] = {LIT("key"), LIT("value")};
    hexmcp_str v[2];
    if (text_members(json, names, v, 2, "a row", err) != HEXMCP_OK ||
        text_take(v[0], 1, NAME_BYTES_MAX, "\"key\" of a row", &row->key, err) != HEXMCP_OK)
        return err->code;
    row->value = v[1];
    if (v[1].len > CONTENT_BYTES_MAX)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "the row %.*s of %zu bytes is too large; at most %zu are allowed",
                           SHORT(row->key), v[1].len, CONTENT_BYTES_MAX);
    return HEXMCP_OK;
}

static int32_t parse_rows(hexmcp_str json, struct change *c, size_t room, hexmcp_error *err)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(json);
    hexmcp_str value;
    if (!json.ptr)
        return HEXMCP_OK;
    while (c->count < room && hexmcp_json_next(&it, NULL, &value)) {
        if (parse_row(value, &c->row[c->count], err) != HEXMCP_OK)
            return err->code;
        c->count++;
    }
    if (it.status != HEXMCP_OK || it.is_object)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "\"rows\" must be an array");
    return HEXMCP_OK;
}

static int32_t parse_change(struct request *r, hexmcp_error *err)
{
    static const hexmcp_str names[] = {LIT("projection"), LIT("expected"), LIT("position"),
                                       LIT("rows"),       LIT("reset"),    LIT("replaces")};
    hexmcp_str v[6];
    size_t room = r->json.len / 8 + 1; /* each row is at least {"key":"a"} */
    struct change *c = request_parsed(r, sizeof(*c) + room * sizeof(struct row), err);
    if (!c || text_members(r->json, names, v, 6, "the batch", err) != HEXMCP_OK ||
        text_take(v[0], 1, NAME_BYTES_MAX, "\"projection\"", &c->name, err) != HEXMCP_OK ||
        text_number(v[1], 0, INT64_MAX, "\"expected\"", &c->expected, err) != HEXMCP_OK ||
        text_number(v[2], 0, INT64_MAX, "\"position\"", &c->position, err) != HEXMCP_OK ||
        text_bool(v[4], "\"reset\"", &c->reset, err) != HEXMCP_OK ||
        (v[5].ptr &&
         text_take(v[5], 1, NAME_BYTES_MAX, "\"replaces\"", &c->replaces, err) != HEXMCP_OK))
        return err->code;
    if (!v[1].ptr || !v[2].ptr)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "\"expected\" and \"position\" must be given");
    if (c->replaces.ptr && text_same(c->replaces, c->name))
        return hexmcp_fail(err, HEXMCP_E_INVALID, "a projection cannot replace itself");
    return parse_rows(v[3], c, room, err);
}

int32_t projection_find(struct db *db, hexmcp_str space, hexmcp_str name, int64_t *ret_number,
                        int64_t *ret_position, hexmcp_error *err)
{
    sqlite3_stmt *s = db_sql(db, SQL_PROJECTION_FIND, err);
    *ret_number = *ret_position = 0;
    if (!s)
        return err->code;
    db_bind_text(s, 1, space);
    db_bind_text(s, 2, name);
    int32_t status = db_step(db, s, err);
    if (status > 0) {
        *ret_number = db_number(s, 0);
        *ret_position = db_number(s, 1);
        status = HEXMCP_OK;
    }
    db_end(s);
    return status;
}

int32_t projection_add(struct db *db, hexmcp_str space, hexmcp_str name, int64_t position,
                       int64_t *ret_number, hexmcp_error *err)
{
    sqlite3_stmt *s = db_sql(db, SQL_PROJECTION_ADD, err);
    if (!s)
        return err->code;
    db_bind_text(s, 1, space);
    db_bind_text(s, 2, name);
    db_bind_number(s, 3, position);
    int32_t status = db_do(db, s, err);
    if (status == HEXMCP_OK)
        *ret_number = sqlite3_last_insert_rowid(db->handle);
    return status;
}

/* Without a name it is dropped, and its rows are removed later. */
static int32_t rename_to(struct db *db, int64_t number, hexmcp_str name, hexmcp_error *err)
{
    sqlite3_stmt *s = db_sql(db, SQL_PROJECTION_NAME, err);
    if (!s)
        return err->code;
    db_bind_number(s, 1, number);
    if (name.ptr)
        db_bind_text(s, 2, name);
    else
        sqlite3_bind_null(s, 2);
    return db_do(db, s, err);
}

static int32_t move(struct db *db, int64_t number, int64_t position, hexmcp_error *err)
{
    sqlite3_stmt *s = db_sql(db, SQL_PROJECTION_MOVE, err);
    if (!s)
        return err->code;
    db_bind_number(s, 1, number);
    db_bind_number(s, 2, position);
    return db_do(db, s, err);
}

int32_t projection_set(struct db *db, int64_t projection, hexmcp_str key, hexmcp_str value,
                       hexmcp_error *err)
{
    sqlite3_stmt *s = db_sql(db, value.ptr ? SQL_ROW_SET : SQL_ROW_REMOVE, err);
    if (!s)
        return err->code;
    db_bind_number(s, 1, projection);
    db_bind_text(s, 2, key);
    if (value.ptr)
        db_bind_text(s, 3, value);
    return db_do(db, s, err);
}

static int32_t replace(struct db *db, const struct request *r, int64_t number, hexmcp_error *err)
{
    const struct change *c = r->parsed;
    int64_t old, position;
    if (!c->replaces.ptr)
        return HEXMCP_OK;
    int32_t status = projection_find(db, r->space, c->replaces, &old, &position, err);
    if (status == HEXMCP_OK && old)
        status = rename_to(db, old, (hexmcp_str){NULL, 0}, err);
    return status == HEXMCP_OK ? rename_to(db, number, c->replaces, err) : status;
}

static int32_t write_rows(struct db *db, const struct request *r, int64_t number, hexmcp_error *err)
{
    const struct change *c = r->parsed;
    int32_t status = HEXMCP_OK;
    if (c->reset && number) {
        status = rename_to(db, number, (hexmcp_str){NULL, 0}, err);
        number = 0;
    }
    if (status == HEXMCP_OK)
        status = number ? move(db, number, c->position, err)
                        : projection_add(db, r->space, c->name, c->position, &number, err);
    for (size_t i = 0; i < c->count && status == HEXMCP_OK; i++)
        status = projection_set(db, number, c->row[i].key, c->row[i].value, err);
    return status == HEXMCP_OK ? replace(db, r, number, err) : status;
}

static int32_t change(struct db *db, struct request *r, hexmcp_error *err)
{
    const struct change *c = r->parsed;
    int64_t number, position;
    int32_t status = projection_find(db, r->space, c->name, &number, &position, err);
    if (status != HEXMCP_OK)
        return status;
    if (position != c->expected) {
        OUT(&r->answer, "{\"conflict\":{\"actual\":");
        out_number(&r->answer, position);
        OUT(&r->answer, "}}");
        return HEXMCP_OK;
    }
    OUT(&r->answer, "{\"position\":");
    out_number(&r->answer, c->position);
    OUT(&r->answer, "}");
    return write_rows(db, r, number, err);
}

const struct operation projections_change = {parse_change, change};

struct rows_query {
    hexmcp_str name;
    hexmcp_str key;
    int64_t limit;
    bool backward;
    struct range range;
};

static int32_t parse_rows_query(struct request *r, hexmcp_error *err)
{
    static const hexmcp_str names[] = {LIT("projection"), LIT("key"),      LIT("prefix"),
                                       LIT("after"),      LIT("backward"), LIT("limit")};
    hexmcp_str v[6], prefix = {0}, after = {0};
    struct rows_query *q = request_parsed(r, sizeof(*q), err);
    if (!q || text_members(r->json, names, v, 6, "the query", err) != HEXMCP_OK ||
        text_take(v[0], 1, NAME_BYTES_MAX, "\"projection\"", &q->name, err) != HEXMCP_OK ||
        (v[1].ptr && text_take(v[1], 1, NAME_BYTES_MAX, "\"key\"", &q->key, err) != HEXMCP_OK) ||
        (v[2].ptr && text_take(v[2], 0, NAME_BYTES_MAX, "\"prefix\"", &prefix, err) != HEXMCP_OK) ||
        (v[3].ptr && text_take(v[3], 0, NAME_BYTES_MAX, "\"after\"", &after, err) != HEXMCP_OK) ||
        text_bool(v[4], "\"backward\"", &q->backward, err) != HEXMCP_OK ||
        text_number(v[5], 1, LIMIT_MAX, "\"limit\"", &q->limit, err) != HEXMCP_OK)
        return err->code;
    if (!v[5].ptr)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "\"limit\" must be a whole number from 1 to %d",
                           LIMIT_MAX);
    range_set(&q->range, prefix, after, q->backward);
    if (!q->key.ptr)
        return HEXMCP_OK;
    range_set(&q->range, q->key, (hexmcp_str){0}, false);
    memcpy(q->range.high_text, q->key.ptr, q->key.len); /* the key alone */
    q->range.high_text[q->key.len] = '\0';
    q->range.high = (hexmcp_str){q->range.high_text, q->key.len + 1};
    return HEXMCP_OK;
}

static int32_t write_found(struct db *db, struct request *r, sqlite3_stmt *s, bool *ret_more,
                           hexmcp_error *err)
{
    const struct rows_query *q = r->parsed;
    int64_t count = 0;
    int32_t status;
    *ret_more = false;
    while ((status = db_step(db, s, err)) > 0) {
        if (count == q->limit || r->answer.len > ANSWER_BYTES_MAX) {
            *ret_more = true;
            return HEXMCP_OK;
        }
        if (count++ > 0)
            OUT(&r->answer, ",");
        OUT(&r->answer, "{\"key\":");
        out_string(&r->answer, db_text(s, 0));
        OUT(&r->answer, ",\"value\":");
        out_raw(&r->answer, db_text(s, 1));
        OUT(&r->answer, "}");
    }
    return status;
}

static int32_t rows(struct db *db, struct request *r, hexmcp_error *err)
{
    const struct rows_query *q = r->parsed;
    int64_t number, position;
    bool more;
    int32_t status = projection_find(db, r->space, q->name, &number, &position, err);
    sqlite3_stmt *s = db_sql(db, q->backward ? SQL_ROWS_BACKWARD : SQL_ROWS_FORWARD, err);
    if (status != HEXMCP_OK || !s)
        return err->code;
    OUT(&r->answer, "{\"position\":");
    out_number(&r->answer, position);
    OUT(&r->answer, ",\"rows\":[");
    db_bind_number(s, 1, number);
    db_bind_text(s, 2, q->range.low);
    db_bind_text(s, 3, q->range.high);
    status = write_found(db, r, s, &more, err);
    db_end(s);
    if (more)
        OUT(&r->answer, "],\"more\":true}");
    else
        OUT(&r->answer, "],\"more\":false}");
    return status;
}

const struct operation projections_rows = {parse_rows_query, rows};
