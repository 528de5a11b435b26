/*
 * SPDX-License-Identifier: MIT
 */
#include "events.h"
#include "times.h"

/* Pieces are sent when they have so many bytes, and a read goes on after others after so many. */
#define PIECE_BYTES ((size_t)256 << 10)
#define STEP_BYTES ((size_t)4 << 20)

/* With "types" so many events are looked at before the reader is told how far it has come. */
#define LOOKED_AT_MAX 20000

#define LIMIT_MAX 10000

struct batch {
    struct out piece;
    size_t sent; /* in this step */
};

static void begin_event(struct request *r, struct batch *b, size_t more)
{
    if (b->piece.len > 0 && b->piece.len + more > CONTENT_BYTES_MAX) {
        OUT(&b->piece, "]}");
        request_send(r, out_text(&b->piece), STR(""));
        b->sent += b->piece.len;
        b->piece.len = 0;
    }
    if (b->piece.len == 0)
        OUT(&b->piece, "{\"events\":[");
    else
        OUT(&b->piece, ",");
}

static void flush(struct request *r, struct batch *b, size_t from)
{
    if (b->piece.len <= from)
        return;
    OUT(&b->piece, "]}");
    request_send(r, out_text(&b->piece), STR(""));
    b->sent += b->piece.len;
    b->piece.len = 0;
}

/* The bytes of the event of a row, at most. */
static size_t room_for(sqlite3_stmt *row, hexmcp_str stream)
{
    size_t texts = stream.len + 2;
    for (int column = 2; column < 10; column++)
        texts += (size_t)sqlite3_column_bytes(row, column) + 2;
    return texts * 6 + (size_t)sqlite3_column_bytes(row, 10) + 200;
}

static bool step_is_over(const struct request *r, const struct batch *b)
{
    return request_is_full(r) || b->sent > STEP_BYTES;
}

struct stream_read {
    hexmcp_str stream;
    hexmcp_str until;
    int64_t from;
    int64_t to;
    int64_t limit;
    bool backward;
};

static int32_t parse_read(struct request *r, hexmcp_error *err)
{
    static const hexmcp_str names[] = {LIT("stream"), LIT("from"),     LIT("to"),
                                       LIT("until"),  LIT("backward"), LIT("limit")};
    hexmcp_str v[6];
    struct stream_read *q = request_parsed(r, sizeof(*q), err);
    if (!q || text_members(r->json, names, v, 6, "the query", err) != HEXMCP_OK)
        return err->code;
    q->from = 1;
    q->to = INT64_MAX;
    if (text_take(v[0], 1, NAME_BYTES_MAX, "\"stream\"", &q->stream, err) != HEXMCP_OK ||
        text_number(v[1], 0, INT64_MAX, "\"from\"", &q->from, err) != HEXMCP_OK ||
        text_number(v[2], 0, INT64_MAX, "\"to\"", &q->to, err) != HEXMCP_OK ||
        text_bool(v[4], "\"backward\"", &q->backward, err) != HEXMCP_OK ||
        text_number(v[5], 1, LIMIT_MAX, "\"limit\"", &q->limit, err) != HEXMCP_OK)
        return err->code;
    if (!v[5].ptr)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "\"limit\" must be a whole number from 1 to %d",
                           LIMIT_MAX);
    if (v[3].ptr && (text_take(v[3], 1, NAME_BYTES_MAX, "\"until\"", &q->until, err) != HEXMCP_OK ||
                     time_check(q->until, "\"until\"", err) != HEXMCP_OK))
        return err->code;
    return HEXMCP_OK;
}

static void pass(struct stream_read *q, int64_t version)
{
    q->limit--;
    if (q->backward)
        q->to = version - 1;
    else
        q->from = version + 1;
}

/* 1 with *ret_more: at the end; AGAIN; or an error. */
static int32_t read_rows(struct db *db, struct request *r, struct batch *b, sqlite3_stmt *s,
                         bool *ret_more, hexmcp_error *err)
{
    struct stream_read *q = r->parsed;
    int32_t status;
    while ((status = db_step(db, s, err)) > 0) {
        if (q->limit == 0) {
            *ret_more = true;
            return 1;
        }
        begin_event(r, b, room_for(s, q->stream));
        event_write(&b->piece, s, q->stream);
        pass(q, db_number(s, 0));
        flush(r, b, PIECE_BYTES);
        if (step_is_over(r, b))
            return AGAIN;
    }
    *ret_more = false;
    return status < 0 ? status : 1;
}

static int32_t read_stream(struct db *db, struct request *r, int64_t number, bool *ret_more,
                           hexmcp_error *err)
{
    struct stream_read *q = r->parsed;
    struct batch b = {0};
    sqlite3_stmt *s = db_sql(db, q->backward ? SQL_EVENTS_BACKWARD : SQL_EVENTS_FORWARD, err);
    if (!s)
        return err->code;
    db_bind_number(s, 1, number);
    db_bind_number(s, 2, q->from);
    db_bind_number(s, 3, q->to);
    db_bind_text(s, 4, q->until);
    int32_t status = read_rows(db, r, &b, s, ret_more, err);
    db_end(s);
    if (status > 0)
        flush(r, &b, 0);
    out_free(&b.piece);
    return status;
}

static int32_t read(struct db *db, struct request *r, hexmcp_error *err)
{
    const struct stream_read *q = r->parsed;
    int64_t number, version;
    bool more = false;
    int32_t status = stream_find(db, r->space, q->stream, &number, &version, err);
    if (status == HEXMCP_OK && number)
        status = read_stream(db, r, number, &more, err);
    if (status < 0 || status == AGAIN)
        return status;
    OUT(&r->answer, "{\"version\":");
    out_number(&r->answer, version);
    if (more)
        OUT(&r->answer, ",\"more\":true}");
    else
        OUT(&r->answer, ",\"more\":false}");
    return HEXMCP_OK;
}

const struct operation events_read = {parse_read, read};

struct all_read {
    int64_t after;
    int64_t limit;
    size_t type_count;
    hexmcp_str types[];
};

static int32_t parse_types(hexmcp_str json, struct all_read *q, size_t room, hexmcp_error *err)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(json);
    hexmcp_str value;
    if (!json.ptr)
        return HEXMCP_OK;
    while (q->type_count < room && hexmcp_json_next(&it, NULL, &value)) {
        if (text_take(value, 1, NAME_BYTES_MAX, "a type of \"types\"", &q->types[q->type_count],
                      err) != HEXMCP_OK)
            return err->code;
        q->type_count++;
    }
    if (it.status != HEXMCP_OK || it.is_object)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "\"types\" must be an array of names");
    return HEXMCP_OK;
}

static int32_t parse_read_all(struct request *r, hexmcp_error *err)
{
    static const hexmcp_str names[] = {LIT("after"), LIT("types"), LIT("limit")};
    hexmcp_str v[3];
    size_t room = r->json.len / 3 + 1; /* each type is at least "a", and a comma */
    struct all_read *q = request_parsed(r, sizeof(*q) + room * sizeof(hexmcp_str), err);
    if (!q || text_members(r->json, names, v, 3, "the query", err) != HEXMCP_OK ||
        text_number(v[0], 0, INT64_MAX, "\"after\"", &q->after, err) != HEXMCP_OK ||
        text_number(v[2], 1, LIMIT_MAX, "\"limit\"", &q->limit, err) != HEXMCP_OK)
        return err->code;
    if (!v[2].ptr)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "\"limit\" must be a whole number from 1 to %d",
                           LIMIT_MAX);
    return parse_types(v[1], q, room, err);
}

static bool wanted(const struct request *r, const struct all_read *q, sqlite3_stmt *row)
{
    bool found = q->type_count == 0;
    hexmcp_str type = db_text(row, 3);
    for (size_t i = 0; i < q->type_count && !found; i++)
        found = text_same(q->types[i], type);
    return found && text_same(db_text(row, 12), r->space);
}

static int32_t read_all_rows(struct db *db, struct request *r, struct batch *b, sqlite3_stmt *s,
                             bool *ret_more, hexmcp_error *err)
{
    struct all_read *q = r->parsed;
    int32_t status = 0;
    for (int looked_at = 0; (status = db_step(db, s, err)) > 0; looked_at++) {
        bool want = wanted(r, q, s);
        if ((want && q->limit == 0) || looked_at == LOOKED_AT_MAX) {
            *ret_more = true;
            return 1;
        }
        q->after = db_number(s, 1);
        if (!want)
            continue;
        q->limit--;
        begin_event(r, b, room_for(s, db_text(s, 11)));
        event_write(&b->piece, s, db_text(s, 11));
        flush(r, b, PIECE_BYTES);
        if (step_is_over(r, b))
            return AGAIN;
    }
    *ret_more = false;
    return status < 0 ? status : 1;
}

static int32_t read_all(struct db *db, struct request *r, hexmcp_error *err)
{
    struct all_read *q = r->parsed;
    struct batch b = {0};
    bool more;
    sqlite3_stmt *s = db_sql(db, SQL_EVENTS_ALL, err);
    if (!s)
        return err->code;
    db_bind_number(s, 1, q->after);
    int32_t status = read_all_rows(db, r, &b, s, &more, err);
    db_end(s);
    if (status > 0)
        flush(r, &b, 0);
    out_free(&b.piece);
    if (status < 0 || status == AGAIN)
        return status;
    OUT(&r->answer, "{\"position\":");
    out_number(&r->answer, q->after);
    if (more)
        OUT(&r->answer, ",\"more\":true}");
    else
        OUT(&r->answer, ",\"more\":false}");
    return HEXMCP_OK;
}

const struct operation events_read_all = {parse_read_all, read_all};
