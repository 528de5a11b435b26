/*
 * SPDX-License-Identifier: MIT
 */
#include "ranges.h"
#include "times.h"
#include "values.h"

#define LIMIT_MAX 1000
#define STEP_BYTES ((size_t)4 << 20)

static int32_t parse_get(struct request *r, hexmcp_error *err)
{
    return request_parsed(r, 1, err) ? HEXMCP_OK : err->code;
}

static void write_ttl(struct out *o, int64_t expires, int64_t now)
{
    if (!expires)
        return;
    OUT(o, ",\"ttlMs\":");
    out_number(o, expires - now);
}

/* What finds no room is held, at most one value. */
static void send_value(struct request *r, hexmcp_str value)
{
    do {
        hexmcp_str piece = value;
        if (piece.len > CONTENT_BYTES_MAX)
            piece.len = CONTENT_BYTES_MAX;
        request_send(r, STR("{}"), piece);
        value.ptr += piece.len;
        value.len -= piece.len;
    } while (value.len > 0);
}

static int32_t get(struct db *db, struct request *r, hexmcp_error *err)
{
    sqlite3_stmt *s = db_sql(db, SQL_VALUE_GET, err);
    int64_t now = time_now_ms();
    if (!s)
        return err->code;
    db_bind_text(s, 1, r->space);
    db_bind_text(s, 2, r->key);
    int32_t status = db_step(db, s, err);
    if (status > 0 && (!db_number(s, 1) || db_number(s, 1) > now)) {
        send_value(r, db_text(s, 2));
        OUT(&r->answer, "{\"version\":");
        out_number(&r->answer, db_number(s, 0));
        write_ttl(&r->answer, db_number(s, 1), now);
        OUT(&r->answer, "}");
        status = HEXMCP_OK;
    } else if (status >= 0) {
        status = hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "there is no key %.*s; list the keys",
                             SHORT(r->key));
    }
    db_end(s);
    return status;
}

const struct operation values_get = {parse_get, get};

struct list {
    struct range range;
    hexmcp_str prefix;
    int64_t limit;
    bool values;
};

static int32_t parse_list(struct request *r, hexmcp_error *err)
{
    static const hexmcp_str names[] = {LIT("prefix"), LIT("after"), LIT("limit"), LIT("values")};
    hexmcp_str v[4], after = {0};
    struct list *q = request_parsed(r, sizeof(*q), err);
    if (!q || text_members(r->json, names, v, 4, "the query", err) != HEXMCP_OK ||
        (v[0].ptr && text_take(v[0], 0, NAME_BYTES_MAX, "\"prefix\"", &q->prefix, err) != HEXMCP_OK) ||
        (v[1].ptr && text_take(v[1], 0, NAME_BYTES_MAX, "\"after\"", &after, err) != HEXMCP_OK) ||
        text_number(v[2], 1, LIMIT_MAX, "\"limit\"", &q->limit, err) != HEXMCP_OK ||
        text_bool(v[3], "\"values\"", &q->values, err) != HEXMCP_OK)
        return err->code;
    if (!v[2].ptr)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "\"limit\" must be a whole number from 1 to %d",
                           LIMIT_MAX);
    range_set(&q->range, q->prefix, after, false);
    return HEXMCP_OK;
}

struct page {
    struct out json;
    struct out bytes;
    size_t count;
    size_t sent;
};

static void write_key(struct page *page, sqlite3_stmt *row, int64_t now)
{
    struct out *o = &page->json;
    if (page->count++ == 0)
        OUT(o, "{\"keys\":[");
    else
        OUT(o, ",");
    OUT(o, "{\"key\":");
    out_string(o, db_text(row, 0));
    OUT(o, ",\"version\":");
    out_number(o, db_number(row, 1));
    OUT(o, ",\"bytes\":");
    out_number(o, db_number(row, 2));
    write_ttl(o, db_number(row, 3), now);
}

static void send_page(struct request *r, struct page *page)
{
    if (page->count == 0)
        return;
    OUT(&page->json, "]}");
    request_send(r, out_text(&page->json), out_text(&page->bytes));
    page->sent += page->json.len + page->bytes.len;
    page->json.len = page->bytes.len = page->count = 0;
}

/* A key takes at most so many bytes of JSON. */
#define KEY_JSON_BYTES (NAME_BYTES_MAX * 6 + 200)

static void add_value(struct request *r, struct page *page, sqlite3_stmt *row, int64_t now)
{
    hexmcp_str value = db_text(row, 4);
    if (page->json.len + page->bytes.len + value.len + KEY_JSON_BYTES > CONTENT_BYTES_MAX)
        send_page(r, page);
    write_key(page, row, now);
    if (sqlite3_column_type(row, 4) == SQLITE_NULL)
        OUT(&page->json, ",\"left\":true");
    OUT(&page->json, "}");
    out_raw(&page->bytes, value);
}

/* HEXMCP_OK with *ret_more: at the end. */
static int32_t list_rows(struct db *db, struct request *r, struct page *page, sqlite3_stmt *s,
                         int64_t now, bool *ret_more, hexmcp_error *err)
{
    struct list *q = r->parsed;
    int64_t left = q->limit;
    int32_t status;
    *ret_more = false;
    while ((status = db_step(db, s, err)) > 0) {
        if (left == 0) {
            *ret_more = true;
            return HEXMCP_OK;
        }
        left--;
        if (q->values) {
            add_value(r, page, s, now);
        } else {
            write_key(page, s, now);
            OUT(&page->json, "}");
        }
        if (request_is_full(r) || (page->sent > STEP_BYTES && !r->behind)) {
            q->limit = left;
            range_set(&q->range, q->prefix, db_text(s, 0), false);
            return AGAIN;
        }
    }
    return status;
}

static void write_end(struct out *o, bool more)
{
    if (more)
        OUT(o, "\"more\":true}");
    else
        OUT(o, "\"more\":false}");
}

static void write_list(struct request *r, struct page *page, bool more)
{
    const struct list *q = r->parsed;
    if (q->values) {
        OUT(&r->answer, "{");
    } else {
        if (page->count == 0)
            OUT(&page->json, "{\"keys\":[");
        OUT(&page->json, "],");
        out_raw(&r->answer, out_text(&page->json));
    }
    write_end(&r->answer, more);
}

static int32_t list(struct db *db, struct request *r, hexmcp_error *err)
{
    const struct list *q = r->parsed;
    struct page page = {0};
    int64_t now = time_now_ms();
    bool more;
    sqlite3_stmt *s = db_sql(db, SQL_VALUES_LIST, err);
    if (!s)
        return err->code;
    db_bind_text(s, 1, r->space);
    db_bind_number(s, 2, now);
    db_bind_text(s, 3, q->range.low);
    db_bind_text(s, 4, q->range.high);
    db_bind_number(s, 5, q->values);
    int32_t status = list_rows(db, r, &page, s, now, &more, err);
    db_end(s);
    if (q->values && status >= 0)
        send_page(r, &page);
    if (status == HEXMCP_OK)
        write_list(r, &page, more);
    out_free(&page.json);
    out_free(&page.bytes);
    return status;
}

const struct operation values_list = {parse_list, list};
