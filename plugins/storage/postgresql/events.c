/*
 * events.c - streams of events.
 *
 * SPDX-License-Identifier: MIT
 */
#include "side.h"

/* ---- append ---- */

static int32_t version_of(struct side *side, hexmcp_str space, hexmcp_str stream, uint64_t *out,
                          hexmcp_error *err)
{
    struct pg_args args = {0};
    PGresult *row;
    int32_t status;
    pg_bytes(&args, space);
    pg_bytes(&args, stream);
    status = pg_one(&side->pg,
                    "SELECT version FROM events WHERE space = $1 AND stream = $2"
                    " ORDER BY version DESC LIMIT 1",
                    &args, &row, err);
    if (status != HEXMCP_OK)
        return status;
    *out = row ? pg_get_number(row, 0) : 0;
    PQclear(row);
    return HEXMCP_OK;
}

/* The answer to a batch with this key; NULL if there was none within a day. */
static int32_t find_batch(struct side *side, hexmcp_str space, hexmcp_str key, PGresult **out,
                          hexmcp_error *err)
{
    struct pg_args args = {0};
    pg_bytes(&args, space);
    pg_bytes(&args, key);
    return pg_one(&side->pg,
                  "SELECT answer FROM batches WHERE space = $1 AND key = $2"
                  " AND at > now() - interval '1 day'",
                  &args, out, err);
}

static int32_t keep_batch(struct side *side, hexmcp_str space, hexmcp_str key, hexmcp_str answer,
                          hexmcp_error *err)
{
    struct pg_args args = {0};
    pg_bytes(&args, space);
    pg_bytes(&args, key);
    pg_bytes(&args, answer);
    return pg_run(&side->pg,
                  "INSERT INTO batches VALUES ($1, $2, now(), $3)"
                  " ON CONFLICT (space, key) DO UPDATE SET at = now(), answer = excluded.answer",
                  &args, NULL, NULL, NULL, err);
}

struct columns {
    struct pg_array stream, version, type, at, body;
};

static void columns_free(struct columns *c)
{
    bytes_free(&c->stream.bytes);
    bytes_free(&c->version.bytes);
    bytes_free(&c->type.bytes);
    bytes_free(&c->at.bytes);
    bytes_free(&c->body.bytes);
}

static void fill(struct columns *c, const struct append_stream *streams, size_t count)
{
    size_t events = 0, i, j;
    for (i = 0; i < count; i++)
        events += streams[i].count;
    pg_array_begin(&c->stream, 0, events);
    pg_array_begin(&c->version, 1, events);
    pg_array_begin(&c->type, 0, events);
    pg_array_begin(&c->at, 0, events);
    pg_array_begin(&c->body, 0, events);
    for (i = 0; i < count; i++)
        for (j = 0; j < streams[i].count; j++) {
            const struct append_event *event = &streams[i].events[j];
            pg_array_bytes(&c->stream, streams[i].name);
            pg_array_number(&c->version, streams[i].version - streams[i].count + 1 + j);
            pg_array_bytes(&c->type, event->type);
            pg_array_bytes(&c->at, event->at);
            pg_array_bytes(&c->body, event->body);
        }
}

int32_t events_insert(struct side *side, hexmcp_str space, uint64_t position,
                      const struct append_stream *streams, size_t count, hexmcp_error *err)
{
    struct columns c = {0};
    struct pg_args args = {0};
    int32_t status;
    fill(&c, streams, count);
    pg_bytes(&args, space);
    pg_number(&args, position);
    pg_array(&args, &c.stream);
    pg_array(&args, &c.version);
    pg_array(&args, &c.type);
    pg_array(&args, &c.at);
    pg_array(&args, &c.body);
    if (c.stream.bytes.failed || c.version.bytes.failed || c.type.bytes.failed ||
        c.at.bytes.failed || c.body.bytes.failed)
        status = job_no_memory(err);
    else
        status = pg_run(&side->pg,
                        "INSERT INTO events SELECT $1, $2 + o, s, v, t, a, b FROM"
                        " unnest($3, $4, $5, $6, $7) WITH ORDINALITY AS x(s, v, t, a, b, o)",
                        &args, NULL, NULL, NULL, err);
    columns_free(&c);
    return status;
}

int32_t events_append(struct side *side, struct job *job, hexmcp_error *err)
{
    struct append append;
    PGresult *before = NULL;
    int32_t status = request_append(&job->arena, job->text, &append, err);
    if (status == HEXMCP_OK && append.key.len > 0)
        status = find_batch(side, job->space, append.key, &before, err);
    if (status == HEXMCP_OK && before) {
        bytes_add_str(&job->answer, pg_get_bytes(before, 0));
        append_answer_end(&job->answer, 1);
        PQclear(before);
        return HEXMCP_OK;
    }
    for (size_t i = 0; status == HEXMCP_OK && i < append.count; i++) {
        uint64_t actual = 0;
        status = version_of(side, job->space, append.streams[i].name, &actual, err);
        if (status == HEXMCP_OK && !append_fits(&append.streams[i], actual)) {
            append_conflict(&job->answer, &append.streams[i], actual);
            return HEXMCP_OK;
        }
        append.streams[i].version = actual + append.streams[i].count;
    }
    if (status == HEXMCP_OK)
        status = events_insert(side, job->space, side->position, append.streams, append.count, err);
    if (status != HEXMCP_OK)
        return status;
    side->position += append.events;
    append_answer(&job->answer, &append, side->position);
    if (append.key.len > 0)
        status = keep_batch(side, job->space, append.key, bytes_str(&job->answer), err);
    append_answer_end(&job->answer, 0);
    return status;
}

/* ---- read ---- */

struct reading {
    struct job *job;
    struct pieces pieces;
    uint64_t limit;
    uint64_t given;
    uint64_t position; /* of the last that was given */
    int more;
    struct bytes quoted;
};

static int32_t give(void *arg, const PGresult *row, hexmcp_error *err)
{
    struct reading *r = arg;
    if (r->given == r->limit) {
        r->more = 1;
        return HEXMCP_OK;
    }
    r->given++;
    r->position = pg_get_number(row, 1);
    r->quoted.len = 0;
    bytes_add_quoted(&r->quoted, pg_get_bytes(row, 3));
    return pieces_event(&r->pieces, bytes_str(&r->quoted), pg_get_number(row, 0), r->position,
                        pg_get_bytes(row, 2), err);
}

static void reading_begin(struct reading *r, struct job *job, uint64_t limit)
{
    *r = (struct reading){.job = job,
                          .limit = limit,
                          .pieces = {.job = job, .emit = job_emit, .list = "events"}};
}

static int32_t reading_end(struct reading *r, int32_t status, hexmcp_error *err)
{
    bytes_free(&r->quoted);
    return pieces_end(&r->pieces, status, err);
}

int32_t events_read(struct side *side, struct job *job, hexmcp_error *err)
{
    struct read_query query;
    struct reading r;
    struct pg_args args = {0};
    uint64_t last = 0;
    int32_t status = request_read(&job->arena, job->text, &query, err);
    if (status == HEXMCP_OK)
        status = version_of(side, job->space, query.stream, &last, err);
    if (status != HEXMCP_OK)
        return status;
    reading_begin(&r, job, query.limit);
    pg_bytes(&args, job->space);
    pg_bytes(&args, query.stream);
    pg_number(&args, query.from < INT64_MAX ? query.from : INT64_MAX);
    pg_number(&args, query.to < last ? query.to : last);
    if (query.until.len > 0)
        pg_bytes(&args, query.until);
    else
        pg_null(&args);
    pg_number(&args, query.limit < 1000000 ? query.limit + 1 : 1000000);
    status = pg_run(&side->pg,
                    query.backward
                        ? "SELECT version, position, body, stream FROM events WHERE space = $1"
                          " AND stream = $2 AND version BETWEEN $3 AND $4"
                          " AND ($5::bytea IS NULL OR at <= $5) ORDER BY version DESC LIMIT $6"
                        : "SELECT version, position, body, stream FROM events WHERE space = $1"
                          " AND stream = $2 AND version BETWEEN $3 AND $4"
                          " AND ($5::bytea IS NULL OR at <= $5) ORDER BY version LIMIT $6",
                    &args, give, &r, NULL, err);
    status = reading_end(&r, status, err);
    if (status != HEXMCP_OK)
        return status;
    bytes_add_text(&job->answer, "{\"version\":");
    bytes_add_number(&job->answer, last);
    bytes_add_text(&job->answer, r.more ? ",\"more\":true}" : ",\"more\":false}");
    return HEXMCP_OK;
}

/* The last position of the space; a reader that was told it has seen all before. */
static int32_t last_position(struct side *side, hexmcp_str space, uint64_t *out, hexmcp_error *err)
{
    struct pg_args args = {0};
    PGresult *row;
    int32_t status;
    pg_bytes(&args, space);
    status = pg_one(&side->pg,
                    "SELECT position FROM events WHERE space = $1 ORDER BY position DESC LIMIT 1",
                    &args, &row, err);
    if (status != HEXMCP_OK)
        return status;
    *out = row ? pg_get_number(row, 0) : 0;
    PQclear(row);
    return HEXMCP_OK;
}

static int32_t read_behind(struct side *side, struct job *job, const struct read_all_query *query,
                           uint64_t last, struct reading *r, hexmcp_error *err)
{
    struct pg_array types = {0};
    struct pg_args args = {0};
    int32_t status;
    pg_array_begin(&types, 0, query->type_count);
    for (size_t i = 0; i < query->type_count; i++)
        pg_array_bytes(&types, query->types[i]);
    pg_bytes(&args, job->space);
    pg_number(&args, query->after < INT64_MAX ? query->after : INT64_MAX);
    pg_number(&args, last);
    pg_number(&args, query->limit < 1000000 ? query->limit : 1000000);
    if (query->type_count > 0)
        pg_array(&args, &types);
    status = types.bytes.failed
                 ? job_no_memory(err)
                 : pg_run(&side->pg,
                          query->type_count > 0
                              ? "SELECT version, position, body, stream FROM events WHERE space = $1"
                                " AND position > $2 AND position <= $3 AND type = ANY ($5)"
                                " ORDER BY position LIMIT $4"
                              : "SELECT version, position, body, stream FROM events WHERE space = $1"
                                " AND position > $2 AND position <= $3 ORDER BY position LIMIT $4",
                          &args, give, r, NULL, err);
    bytes_free(&types.bytes);
    return status;
}

int32_t events_read_all(struct side *side, struct job *job, hexmcp_error *err)
{
    struct read_all_query query;
    struct reading r;
    uint64_t last = 0, position;
    int32_t status = request_read_all(&job->arena, job->text, &query, err);
    if (status == HEXMCP_OK)
        status = last_position(side, job->space, &last, err);
    if (status != HEXMCP_OK)
        return status;
    reading_begin(&r, job, query.limit);
    status = read_behind(side, job, &query, last, &r, err);
    status = reading_end(&r, status, err);
    if (status != HEXMCP_OK)
        return status;
    position = r.given == query.limit ? r.position : last > query.after ? last : query.after;
    bytes_add_text(&job->answer, "{\"position\":");
    bytes_add_number(&job->answer, position);
    bytes_add_text(&job->answer, position < last ? ",\"more\":true}" : ",\"more\":false}");
    return HEXMCP_OK;
}
