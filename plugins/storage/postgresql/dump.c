/*
 * dump.c - everything, out and in.
 *
 * SPDX-License-Identifier: MIT
 *
 * A dump is one transaction that sees one moment; others go on. A restore is one transaction too: it has
 * the counter from its begin, so changes of others wait for its end (or run into their limit of time).
 */
#include "side.h"

#include "hexmcp/ext/draft/dump.h"

#include <stdlib.h>
#include <string.h>

/* ---- dump ---- */

struct dumping {
    struct side *side;
    struct record_sink sink;
    struct bytes scratch;
    struct record_rows rows;
    struct arena names;     /* of `rows` */
    uint64_t projection;    /* whose rows are gathered */
    int64_t now_ms;
};

static int32_t take(void *arg, hexmcp_str json, hexmcp_str bytes, hexmcp_error *err)
{
    return job_emit(arg, json, bytes, err);
}

static int32_t dump_event(void *arg, const PGresult *row, hexmcp_error *err)
{
    struct dumping *d = arg;
    struct bytes quoted = {0};
    int32_t status;
    bytes_add_quoted(&quoted, pg_get_bytes(row, 1));
    d->scratch.len = 0;
    event_write(&d->scratch, bytes_str(&quoted), pg_get_number(row, 2), pg_get_number(row, 3),
                pg_get_bytes(row, 4));
    status = quoted.failed || d->scratch.failed
                 ? job_no_memory(err)
                 : record_event(&d->sink, pg_get_bytes(row, 0), bytes_str(&d->scratch), err);
    bytes_free(&quoted);
    return status;
}

static int32_t end_rows(struct dumping *d, hexmcp_error *err)
{
    int32_t status = d->projection ? record_rows_end(&d->rows, err) : HEXMCP_OK;
    arena_free(&d->names);
    d->projection = 0;
    return status;
}

/* Rows come with their projection; one without rows comes once, with a key that is NULL. */
static int32_t dump_row(void *arg, const PGresult *row, hexmcp_error *err)
{
    struct dumping *d = arg;
    int32_t status = HEXMCP_OK;
    if (pg_get_number(row, 0) != d->projection) {
        status = end_rows(d, err);
        d->projection = pg_get_number(row, 0);
        memset(&d->rows, 0, sizeof(d->rows));
        d->rows.sink = &d->sink;
        d->rows.space = arena_copy(&d->names, pg_get_bytes(row, 1));
        d->rows.projection = arena_copy(&d->names, pg_get_bytes(row, 2));
        d->rows.position = pg_get_number(row, 3);
    }
    if (status == HEXMCP_OK && !PQgetisnull(row, 0, 4))
        status = record_rows_add(&d->rows, pg_get_bytes(row, 4), pg_get_bytes(row, 5), err);
    return status;
}

static int32_t dump_value(void *arg, const PGresult *row, hexmcp_error *err)
{
    struct dumping *d = arg;
    return record_value(&d->sink, pg_get_bytes(row, 0), pg_get_bytes(row, 1), pg_get_number(row, 2),
                        (int64_t)pg_get_number(row, 3), pg_get_bytes(row, 4), err);
}

/* A piece of a blob, or a blob of nothing; at most half of what a piece of the answer holds. */
static int32_t dump_piece(void *arg, const PGresult *row, hexmcp_error *err)
{
    struct dumping *d = arg;
    hexmcp_str bytes = pg_get_bytes(row, 4);
    uint64_t at = pg_get_number(row, 3);
    int32_t status = HEXMCP_OK;
    size_t done = 0;
    do {
        size_t n = bytes.len - done < PIECE_BYTES / 2 ? bytes.len - done : PIECE_BYTES / 2;
        status = record_blob(&d->sink, pg_get_bytes(row, 0), pg_get_bytes(row, 1),
                             pg_get_number(row, 2), at + done,
                             (hexmcp_str){bytes.ptr ? bytes.ptr + done : "", n}, err);
        done += n;
    } while (status == HEXMCP_OK && done < bytes.len);
    return status;
}

static int32_t dump_document(void *arg, const PGresult *row, hexmcp_error *err)
{
    struct dumping *d = arg;
    return record_document(&d->sink, pg_get_bytes(row, 0), pg_get_bytes(row, 1), err);
}

static int32_t dump_kinds(struct dumping *d, uint32_t kinds, hexmcp_error *err)
{
    static const struct {
        enum record_kind kind;
        const char *sql;
        int32_t (*row)(void *arg, const PGresult *row, hexmcp_error *err);
    } parts[] = {
        {RECORD_EVENT, "SELECT space, stream, version, position, body FROM events"
                       " ORDER BY space, position", dump_event},
        {RECORD_PROJECTION, "SELECT id, space, name, position, key, value FROM projections"
                            " LEFT JOIN rows ON projection = id ORDER BY space, name, key", dump_row},
        {RECORD_VALUE, "SELECT space, key, version, expires, value FROM kv WHERE " ALIVE
                       " ORDER BY space, key", dump_value},
        {RECORD_BLOB, "SELECT space, key, blobs.bytes, at, pieces.bytes FROM blobs LEFT JOIN pieces"
                      " USING (upload) ORDER BY space, key, at", dump_piece},
        {RECORD_DOCUMENT, "SELECT space, json FROM documents ORDER BY space, id", dump_document},
    };
    int32_t status = HEXMCP_OK;
    for (size_t i = 0; status == HEXMCP_OK && i < sizeof(parts) / sizeof(parts[0]); i++)
        if (kinds & 1u << parts[i].kind)
            status = pg_run(&d->side->pg, parts[i].sql, NULL, parts[i].row, d, NULL, err);
    return status;
}

static int32_t newest(struct side *side, uint64_t *out, hexmcp_error *err)
{
    PGresult *row;
    int32_t status =
        pg_one(&side->pg, "SELECT coalesce(max(position), 0) FROM events", NULL, &row, err);
    if (status == HEXMCP_OK)
        *out = row ? pg_get_number(row, 0) : 0;
    PQclear(row);
    return status;
}

int32_t dump_all(struct side *side, struct job *job, hexmcp_error *err)
{
    struct dumping d = {.side = side, .sink = {job, take, 0}};
    hexmcp_error ignored = {.size = sizeof(ignored)};
    uint32_t kinds;
    uint64_t position = 0;
    int32_t status = request_kinds(job->text, &kinds, err);
    if (status == HEXMCP_OK && side->restoring)
        return hexmcp_fail(err, HEXMCP_E_BUSY, "the store is being restored; try again after it");
    if (status == HEXMCP_OK)
        status = pg_exec(&side->pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", err);
    if (status == HEXMCP_OK)
        status = newest(side, &position, err);
    if (status == HEXMCP_OK)
        status = dump_kinds(&d, kinds, err);
    if (status == HEXMCP_OK)
        status = end_rows(&d, err);
    bytes_free(&d.rows.text);
    arena_free(&d.names);
    bytes_free(&d.scratch);
    if (side->pg.conn && pg_exec(&side->pg, "ROLLBACK", &ignored) != HEXMCP_OK)
        pg_close(&side->pg);
    bytes_add_text(&job->answer, "{\"position\":");
    bytes_add_number(&job->answer, position);
    bytes_add_text(&job->answer, ",\"records\":");
    bytes_add_number(&job->answer, d.sink.count);
    bytes_add_text(&job->answer, "}");
    return status;
}

/* ---- restore ---- */

static void forget(struct side *side)
{
    hexmcp_error ignored = {.size = sizeof(ignored)};
    if (side->pg.conn && PQtransactionStatus(side->pg.conn) != PQTRANS_IDLE &&
        pg_exec(&side->pg, "ROLLBACK", &ignored) != HEXMCP_OK)
        pg_close(&side->pg);
    if (side->restoring)
        bytes_free(&side->restoring->value);
    free(side->restoring);
    side->restoring = NULL;
}

int32_t restore_begin(struct side *side, struct job *job, hexmcp_error *err)
{
    int32_t status;
    if (side->restoring)
        return hexmcp_fail(err, HEXMCP_E_BUSY, "the store is being restored already");
    status = pg_exec(&side->pg,
                     "BEGIN; SELECT * FROM counter FOR UPDATE; DELETE FROM events; DELETE FROM batches;"
                     "DELETE FROM projections; DELETE FROM kv; DELETE FROM blobs; DELETE FROM uploads"
                     " WHERE NOT EXISTS (SELECT 1 FROM blobs WHERE upload = uploads.id);"
                     "DELETE FROM documents",
                     err);
    if (status == HEXMCP_OK) {
        side->restoring = calloc(1, sizeof(*side->restoring));
        if (!side->restoring)
            status = job_no_memory(err);
    }
    if (status != HEXMCP_OK) {
        forget(side);
        return status;
    }
    side->restoring->call = job->call;
    job->open = 1;
    return HEXMCP_OK;
}

static int32_t load_event(struct side *side, const struct record *record, hexmcp_error *err)
{
    struct append_event event = record->event;
    struct append_stream stream = {
        .name = record->stream, .version = record->version, .events = &event, .count = 1};
    if (side->restoring->position < record->position)
        side->restoring->position = record->position;
    return events_insert(side, record->space, record->position - 1, &stream, 1, err);
}

static int32_t load_rows(struct side *side, const struct record *record, hexmcp_error *err)
{
    struct pg_args args = {0};
    PGresult *row;
    uint64_t id;
    int32_t status;
    pg_bytes(&args, record->space);
    pg_bytes(&args, record->project.projection);
    pg_number(&args, record->position);
    status = pg_one(&side->pg,
                    "INSERT INTO projections (space, name, position) VALUES ($1, $2, $3)"
                    " ON CONFLICT (space, name) DO UPDATE SET position = $3 RETURNING id",
                    &args, &row, err);
    if (status != HEXMCP_OK)
        return status;
    id = row ? pg_get_number(row, 0) : 0;
    PQclear(row);
    return rows_insert(side, id, record->project.rows, record->project.count, err);
}

static int32_t damaged(hexmcp_error *err, hexmcp_str key)
{
    return hexmcp_fail(err, HEXMCP_E_INVALID,
                       "the parts of %.300s do not follow each other; the backup is damaged", key.ptr);
}

static int32_t load_value(struct side *side, const struct record *record, hexmcp_str bytes,
                          hexmcp_error *err)
{
    struct restoring *r = side->restoring;
    struct pg_args args = {0};
    int32_t status;
    if (record->offset != r->value.len)
        return damaged(err, record->key);
    bytes_add_str(&r->value, bytes);
    if (r->value.failed)
        return job_no_memory(err);
    if (r->value.len < record->size)
        return HEXMCP_OK;
    if (r->version < record->version)
        r->version = record->version;
    pg_bytes(&args, record->space);
    pg_bytes(&args, record->key);
    pg_number(&args, record->version);
    pg_number(&args, (uint64_t)record->expires_ms);
    pg_bytes(&args, bytes_str(&r->value));
    status = pg_run(&side->pg, "INSERT INTO kv VALUES ($1, $2, $3, nullif($4, 0), $5)", &args, NULL,
                    NULL, NULL, err);
    r->value.len = 0;
    return status;
}

/* The first part of a blob makes its rows. */
static int32_t begin_blob(struct side *side, const struct record *record, hexmcp_error *err)
{
    struct pg_args args = {0};
    PGresult *row;
    int32_t status;
    pg_bytes(&args, record->space);
    pg_bytes(&args, record->key);
    pg_number(&args, record->size);
    status = pg_one(&side->pg,
                    "WITH u AS (INSERT INTO uploads DEFAULT VALUES RETURNING id)"
                    " INSERT INTO blobs SELECT $1, $2, $3, id FROM u RETURNING upload",
                    &args, &row, err);
    if (status != HEXMCP_OK)
        return status;
    side->restoring->upload = row ? pg_get_number(row, 0) : 0;
    side->restoring->len = 0;
    PQclear(row);
    return HEXMCP_OK;
}

static int32_t load_blob(struct side *side, const struct record *record, hexmcp_str bytes,
                         hexmcp_error *err)
{
    struct restoring *r = side->restoring;
    struct pg_args args = {0};
    int32_t status = HEXMCP_OK;
    if (!r->upload && record->offset == 0)
        status = begin_blob(side, record, err);
    if (status != HEXMCP_OK)
        return status;
    if (!r->upload || record->offset != r->len)
        return damaged(err, record->key);
    pg_number(&args, r->upload);
    pg_number(&args, r->len);
    pg_bytes(&args, bytes);
    if (bytes.len > 0)
        status = pg_run(&side->pg, "INSERT INTO pieces VALUES ($1, $2, $3)", &args, NULL, NULL, NULL,
                        err);
    r->len += bytes.len;
    if (r->len == record->size)
        r->upload = 0;
    return status;
}

static int32_t load_record(struct side *side, struct job *job, hexmcp_error *err)
{
    struct record record = {0};
    int32_t status = record_read(&job->arena, job->text, job->bytes.len, &record, err);
    if (status != HEXMCP_OK)
        return status;
    side->restoring->records++;
    switch (record.kind) {
    case RECORD_EVENT:
        return load_event(side, &record, err);
    case RECORD_PROJECTION:
        return load_rows(side, &record, err);
    case RECORD_VALUE:
        return load_value(side, &record, job->bytes, err);
    case RECORD_BLOB:
        return load_blob(side, &record, job->bytes, err);
    default:
        return document_insert(side, record.space, &record.document, err);
    }
}

static int32_t finish(struct side *side, struct job *job, hexmcp_error *err)
{
    const struct restoring *r = side->restoring;
    struct pg_args args = {0};
    int32_t status;
    if (r->upload || r->value.len > 0)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "the records end in the middle of a value or blob; the backup is damaged");
    pg_number(&args, r->position);
    pg_number(&args, r->version);
    status = pg_run(&side->pg, "UPDATE counter SET position = greatest(position, $1),"
                               " version = greatest(version, $2)",
                    &args, NULL, NULL, NULL, err);
    if (status == HEXMCP_OK)
        status = pg_exec(&side->pg, "COMMIT", err);
    bytes_add_text(&job->answer, "{\"records\":");
    bytes_add_number(&job->answer, r->records);
    bytes_add_text(&job->answer, "}");
    return status;
}

int32_t restore_load(struct side *side, struct job *job, hexmcp_error *err)
{
    int last = (job->flags & HEXMCP_DUMP_LAST) != 0;
    int32_t status = HEXMCP_OK;
    if (!side->restoring || side->restoring->call != job->call)
        return hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "nothing is restored by this call");
    if (job->text.len > 0)
        status = load_record(side, job, err);
    if (status == HEXMCP_OK && last)
        status = finish(side, job, err);
    if (status != HEXMCP_OK || last)
        forget(side);
    job->open = !last;
    return status;
}

int32_t restore_give_up(struct side *side, struct job *job, hexmcp_error *err)
{
    if (side->restoring && side->restoring->call == job->call)
        forget(side);
    return hexmcp_fail(err, HEXMCP_E_CANCELLED, "the call was cancelled");
}
