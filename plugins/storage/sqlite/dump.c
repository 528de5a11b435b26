/*
 * All that is in the file, as it was at one moment: a read transaction on a connection of its own.
 *
 * SPDX-License-Identifier: MIT
 */
#include "blobs.h"
#include "documents.h"
#include "events.h"
#include "job.h"
#include "times.h"

#include "hexmcp/await.h"

/* Rows of a projection come in records of about so many bytes. */
#define ROWS_BYTES ((size_t)256 << 10)

enum kind { EVENTS, PROJECTIONS, VALUES, BLOBS, DOCUMENTS, KINDS };

struct dump {
    struct job *job;
    struct db db;
    struct out json;
    int64_t records;
    bool wanted[KINDS];
    hexmcp_error err;
};

static int32_t parse_kinds(struct dump *d)
{
    static const hexmcp_str names[] = {LIT("kinds")};
    static const hexmcp_str kinds[KINDS] = {[EVENTS] = LIT("event"),
                                            [PROJECTIONS] = LIT("projection"),
                                            [VALUES] = LIT("value"),
                                            [BLOBS] = LIT("blob"),
                                            [DOCUMENTS] = LIT("document")};
    hexmcp_str v[1], value, query = d->job->query.len > 0 ? d->job->query : STR("{}");
    if (text_members(query, names, v, 1, "the query", &d->err) != HEXMCP_OK)
        return d->err.code;
    for (int i = 0; i < KINDS; i++)
        d->wanted[i] = !v[0].ptr;
    if (!v[0].ptr)
        return HEXMCP_OK;
    hexmcp_json_iter it = hexmcp_json_iter_begin(v[0]);
    while (hexmcp_json_next(&it, NULL, &value)) {
        size_t kind = text_member(value, kinds, KINDS);
        if (kind == KINDS)
            return hexmcp_fail(&d->err, HEXMCP_E_INVALID,
                               "\"kinds\" may have event, projection, value, blob and document");
        d->wanted[kind] = true;
    }
    if (it.status != HEXMCP_OK || it.is_object)
        return hexmcp_fail(&d->err, HEXMCP_E_INVALID, "\"kinds\" must be an array");
    return HEXMCP_OK;
}

/* Waits for room, a little at a time so that a stop is noticed. */
static void wait_for_room(struct dump *d)
{
    const hexmcp_stream_1 *stream = d->job->store->stream;
    hexmcp_await *await = hexmcp_await_new(d->job->store->host);
    if (!await)
        return;
    int32_t asked = stream->drained(stream->ctx, d->job->call, hexmcp_await_reply, await);
    int32_t status = hexmcp_await_wait(await, asked, 200, NULL, NULL);
    /* It was asked before and has not answered: the host says so at once. */
    if (status == HEXMCP_E_BUSY)
        nanosleep(&(const struct timespec){0, 20 * 1000000}, NULL);
}

/* Sends the record in d->json. */
static int32_t send(struct dump *d, hexmcp_str bytes)
{
    const hexmcp_stream_1 *stream = d->job->store->stream;
    int32_t status = d->json.failed ? HEXMCP_E_NOMEM : HEXMCP_E_BUSY;
    while (status == HEXMCP_E_BUSY && !job_cancelled(d->job)) {
        status = stream->emit(stream->ctx, d->job->call, out_text(&d->json), bytes);
        if (status == HEXMCP_E_BUSY)
            wait_for_room(d);
    }
    d->json.len = 0;
    if (status != HEXMCP_OK)
        return hexmcp_fail(&d->err, status, "the dump cannot be sent; begin it again");
    d->records++;
    return HEXMCP_OK;
}

static void begin(struct dump *d, hexmcp_str kind, hexmcp_str space)
{
    OUT(&d->json, "{\"kind\":\"");
    out_raw(&d->json, kind);
    OUT(&d->json, "\",\"space\":");
    out_string(&d->json, space);
}

static int32_t send_event(struct dump *d, sqlite3_stmt *row)
{
    begin(d, STR("event"), db_text(row, 12));
    OUT(&d->json, ",\"event\":");
    event_write(&d->json, row, db_text(row, 11));
    OUT(&d->json, "}");
    return send(d, STR(""));
}

/* Begins a record of rows: each says whose they are. */
static void begin_rows(struct dump *d, sqlite3_stmt *projection)
{
    begin(d, STR("projection"), db_text(projection, 1));
    OUT(&d->json, ",\"projection\":");
    out_string(&d->json, db_text(projection, 2));
    OUT(&d->json, ",\"position\":");
    out_number(&d->json, db_number(projection, 3));
    OUT(&d->json, ",\"rows\":[");
}

static int32_t end_rows(struct dump *d)
{
    OUT(&d->json, "]}");
    return send(d, STR(""));
}

static int32_t send_rows(struct dump *d, sqlite3_stmt *projection, sqlite3_stmt *rows)
{
    int32_t status;
    size_t count = 0;
    begin_rows(d, projection);
    while ((status = db_step(&d->db, rows, &d->err)) > 0) {
        size_t more = (size_t)sqlite3_column_bytes(rows, 0) * 6 + (size_t)sqlite3_column_bytes(rows, 1);
        if (count > 0 && d->json.len + more > ROWS_BYTES) {
            if (end_rows(d) != HEXMCP_OK)
                return d->err.code;
            begin_rows(d, projection);
            count = 0;
        }
        if (count++ > 0)
            OUT(&d->json, ",");
        OUT(&d->json, "{\"key\":");
        out_string(&d->json, db_text(rows, 0));
        OUT(&d->json, ",\"value\":");
        out_raw(&d->json, db_text(rows, 1));
        OUT(&d->json, "}");
    }
    return status < 0 ? status : end_rows(d);
}

static int32_t send_projection(struct dump *d, sqlite3_stmt *row)
{
    sqlite3_stmt *rows = db_sql(&d->db, SQL_DUMP_ROWS, &d->err);
    if (!rows)
        return d->err.code;
    db_bind_number(rows, 1, db_number(row, 0));
    int32_t status = send_rows(d, row, rows);
    db_end(rows);
    return status;
}

static int32_t send_value_piece(struct dump *d, sqlite3_stmt *row, hexmcp_str value, size_t offset)
{
    hexmcp_str piece = {value.ptr + offset, value.len - offset};
    if (piece.len > CONTENT_BYTES_MAX)
        piece.len = CONTENT_BYTES_MAX;
    begin(d, STR("value"), db_text(row, 0));
    OUT(&d->json, ",\"key\":");
    out_string(&d->json, db_text(row, 1));
    OUT(&d->json, ",\"version\":");
    out_number(&d->json, db_number(row, 2));
    if (db_number(row, 3)) {
        OUT(&d->json, ",\"expires\":");
        time_write(&d->json, db_number(row, 3));
    }
    if (piece.len < value.len) {
        OUT(&d->json, ",\"size\":");
        out_number(&d->json, (int64_t)value.len);
        OUT(&d->json, ",\"offset\":");
        out_number(&d->json, (int64_t)offset);
    }
    OUT(&d->json, "}");
    return send(d, piece);
}

static int32_t send_value(struct dump *d, sqlite3_stmt *row)
{
    hexmcp_str value = db_text(row, 4);
    size_t offset = 0;
    int32_t status;
    do {
        status = send_value_piece(d, row, value, offset);
        offset += CONTENT_BYTES_MAX;
    } while (status == HEXMCP_OK && offset < value.len);
    return status;
}

static int32_t send_part(struct dump *d, sqlite3_stmt *row, int64_t part)
{
    int64_t total = db_number(row, 3);
    sqlite3_stmt *data = NULL;
    hexmcp_str bytes = STR("");
    if (total > 0 && blob_part(&d->db, db_number(row, 0), part, &data, &bytes, &d->err) != HEXMCP_OK)
        return d->err.code;
    begin(d, STR("blob"), db_text(row, 1));
    OUT(&d->json, ",\"key\":");
    out_string(&d->json, db_text(row, 2));
    OUT(&d->json, ",\"bytes\":");
    out_number(&d->json, total);
    OUT(&d->json, ",\"offset\":");
    out_number(&d->json, part * (int64_t)PART_BYTES);
    OUT(&d->json, "}");
    int32_t status = send(d, bytes);
    if (data)
        db_end(data);
    return status;
}

static int32_t send_blob(struct dump *d, sqlite3_stmt *row)
{
    int64_t total = db_number(row, 3), part = 0;
    int32_t status;
    do {
        status = send_part(d, row, part);
        part++;
    } while (status == HEXMCP_OK && part * (int64_t)PART_BYTES < total);
    return status;
}

static int32_t send_document(struct dump *d, sqlite3_stmt *row)
{
    begin(d, STR("document"), db_text(row, 0));
    OUT(&d->json, ",\"document\":{\"id\":");
    out_string(&d->json, db_text(row, 1));
    OUT(&d->json, ",\"text\":");
    out_string(&d->json, db_text(row, 2));
    if (sqlite3_column_type(row, 3) != SQLITE_NULL) {
        OUT(&d->json, ",\"fields\":");
        out_raw(&d->json, db_text(row, 3));
    }
    OUT(&d->json, "}}");
    return send(d, STR(""));
}

struct part {
    enum sql sql;
    int32_t (*send)(struct dump *d, sqlite3_stmt *row);
};

static const struct part parts[KINDS] = {
    [EVENTS] = {SQL_DUMP_EVENTS, send_event},
    [PROJECTIONS] = {SQL_DUMP_PROJECTIONS, send_projection},
    [VALUES] = {SQL_DUMP_VALUES, send_value},
    [BLOBS] = {SQL_DUMP_BLOBS, send_blob},
    [DOCUMENTS] = {SQL_DUMP_DOCUMENTS, send_document},
};

static int32_t send_kind(struct dump *d, enum kind kind)
{
    sqlite3_stmt *s = db_sql(&d->db, parts[kind].sql, &d->err);
    int32_t status, sent = HEXMCP_OK;
    if (!s)
        return d->err.code;
    if (kind == VALUES)
        db_bind_number(s, 2, time_now_ms());
    while (sent == HEXMCP_OK && (status = db_step(&d->db, s, &d->err)) > 0)
        sent = parts[kind].send(d, s);
    db_end(s);
    return sent == HEXMCP_OK ? status : sent;
}

static int32_t find_last(struct dump *d, int64_t *ret)
{
    sqlite3_stmt *s = db_sql(&d->db, SQL_EVENTS_LAST, &d->err);
    if (!s)
        return d->err.code;
    int32_t status = db_step(&d->db, s, &d->err);
    *ret = status > 0 ? db_number(s, 0) : 0;
    db_end(s);
    return status < 0 ? status : HEXMCP_OK;
}

static int32_t dump_all(struct dump *d, struct out *answer)
{
    int64_t position = 0;
    int32_t status = parse_kinds(d);
    if (status == HEXMCP_OK)
        status = db_open(&d->db, &d->job->store->config, DB_READER, &d->err);
    if (status == HEXMCP_OK)
        status = db_run(&d->db, SQL_BEGIN_READ, &d->err);
    if (status == HEXMCP_OK)
        status = find_last(d, &position);
    for (int i = 0; i < KINDS && status == HEXMCP_OK; i++) {
        if (d->wanted[i])
            status = send_kind(d, (enum kind)i);
    }
    OUT(answer, "{\"position\":");
    out_number(answer, position);
    OUT(answer, ",\"records\":");
    out_number(answer, d->records);
    OUT(answer, "}");
    return status;
}

void dump_run(struct job *job)
{
    struct dump d = {.job = job, .err = {.size = sizeof(d.err)}};
    struct out answer = {0};
    int32_t status = dump_all(&d, &answer);
    db_close(&d.db);
    job_complete(job, false, status, &answer, &d.err);
    out_free(&answer);
    out_free(&d.json);
}
