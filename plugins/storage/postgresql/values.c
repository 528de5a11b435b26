/*
 * values.c - keys and values.
 *
 * SPDX-License-Identifier: MIT
 */
#include "side.h"

#include <string.h>

#define TTL_MAX ((uint64_t)1 << 52)

/* ---- changes ---- */

/* The versions that are there, put beside the changes. */
struct found {
    struct change *changes;
    uint64_t *actual;
    size_t count;
};

static int32_t note(void *arg, const PGresult *row, hexmcp_error *err)
{
    const struct found *found = arg;
    hexmcp_str key = pg_get_bytes(row, 0);
    (void)err;
    for (size_t i = 0; i < found->count; i++)
        if (found->changes[i].key.len == key.len &&
            memcmp(found->changes[i].key.ptr, key.ptr, key.len) == 0)
            found->actual[i] = pg_get_number(row, 1);
    return HEXMCP_OK;
}

static int32_t find(struct side *side, hexmcp_str space, const struct pg_array *keys,
                    struct found *found, hexmcp_error *err)
{
    struct pg_args args = {0};
    pg_bytes(&args, space);
    pg_array(&args, keys);
    return pg_run(&side->pg,
                  "SELECT key, version FROM kv WHERE space = $1 AND key = ANY ($2) AND " ALIVE, &args,
                  note, found, NULL, err);
}

static int32_t remove_keys(struct side *side, hexmcp_str space, const struct change *changes,
                           size_t count, hexmcp_error *err)
{
    struct pg_array keys = {0};
    struct pg_args args = {0};
    size_t n = 0;
    int32_t status = HEXMCP_OK;
    for (size_t i = 0; i < count; i++)
        n += changes[i].remove != 0;
    pg_array_begin(&keys, 0, n);
    for (size_t i = 0; i < count; i++)
        if (changes[i].remove)
            pg_array_bytes(&keys, changes[i].key);
    pg_bytes(&args, space);
    pg_array(&args, &keys);
    if (keys.bytes.failed)
        status = job_no_memory(err);
    else if (n > 0)
        status = pg_run(&side->pg, "DELETE FROM kv WHERE space = $1 AND key = ANY ($2)", &args, NULL,
                        NULL, NULL, err);
    bytes_free(&keys.bytes);
    return status;
}

struct columns {
    struct pg_array key, version, ttl, value;
};

static void fill(struct columns *c, const struct change *changes, size_t count, size_t n)
{
    pg_array_begin(&c->key, 0, n);
    pg_array_begin(&c->version, 1, n);
    pg_array_begin(&c->ttl, 1, n);
    pg_array_begin(&c->value, 0, n);
    for (size_t i = 0; i < count; i++) {
        if (changes[i].remove)
            continue;
        pg_array_bytes(&c->key, changes[i].key);
        pg_array_number(&c->version, changes[i].version);
        pg_array_number(&c->ttl, changes[i].ttl_ms < TTL_MAX ? changes[i].ttl_ms : TTL_MAX);
        pg_array_bytes(&c->value, (hexmcp_str){changes[i].value.ptr ? changes[i].value.ptr : "",
                                               changes[i].value.len});
    }
}

static int32_t set_keys(struct side *side, hexmcp_str space, const struct change *changes,
                        size_t count, hexmcp_error *err)
{
    struct columns c = {0};
    struct pg_args args = {0};
    size_t n = 0;
    int32_t status = HEXMCP_OK;
    for (size_t i = 0; i < count; i++)
        n += changes[i].remove == 0;
    fill(&c, changes, count, n);
    pg_bytes(&args, space);
    pg_array(&args, &c.key);
    pg_array(&args, &c.version);
    pg_array(&args, &c.ttl);
    pg_array(&args, &c.value);
    if (c.key.bytes.failed || c.version.bytes.failed || c.ttl.bytes.failed || c.value.bytes.failed)
        status = job_no_memory(err);
    else if (n > 0)
        status = pg_run(&side->pg,
                        "INSERT INTO kv SELECT $1, k, v, CASE WHEN t > 0 THEN " NOW_MS " + t END, b"
                        " FROM unnest($2, $3, $4, $5) AS x(k, v, t, b) ON CONFLICT (space, key)"
                        " DO UPDATE SET version = excluded.version, expires = excluded.expires,"
                        " value = excluded.value",
                        &args, NULL, NULL, NULL, err);
    bytes_free(&c.key.bytes);
    bytes_free(&c.version.bytes);
    bytes_free(&c.ttl.bytes);
    bytes_free(&c.value.bytes);
    return status;
}

static const struct change *conflict(const struct found *found, uint64_t *actual)
{
    for (size_t i = 0; i < found->count; i++)
        if (found->changes[i].if_version && found->changes[i].version != found->actual[i]) {
            *actual = found->actual[i];
            return &found->changes[i];
        }
    return NULL;
}

static int32_t carry_out(struct side *side, struct job *job, const struct found *found,
                         hexmcp_error *err)
{
    int32_t status;
    for (size_t i = 0; i < found->count; i++)
        found->changes[i].version =
            found->changes[i].remove && found->actual[i] == 0 ? 0 : ++side->version;
    status = remove_keys(side, job->space, found->changes, found->count, err);
    if (status == HEXMCP_OK)
        status = set_keys(side, job->space, found->changes, found->count, err);
    changes_answer(job, found->changes, found->count);
    return status;
}

int32_t values_change(struct side *side, struct job *job, hexmcp_error *err)
{
    struct found found = {0};
    struct pg_array keys = {0};
    const struct change *other;
    uint64_t actual = 0;
    int32_t status = request_changes(job, &found.changes, &found.count, err);
    if (status != HEXMCP_OK)
        return status;
    found.actual = arena_get(&job->arena, found.count * sizeof(*found.actual));
    pg_array_begin(&keys, 0, found.count);
    for (size_t i = 0; i < found.count; i++)
        pg_array_bytes(&keys, found.changes[i].key);
    status = !found.actual || keys.bytes.failed ? job_no_memory(err)
                                                : find(side, job->space, &keys, &found, err);
    bytes_free(&keys.bytes);
    if (status != HEXMCP_OK)
        return status;
    other = conflict(&found, &actual);
    if (!other)
        return carry_out(side, job, &found, err);
    changes_conflict(job, other, actual);
    return HEXMCP_OK;
}

/* ---- reads ---- */

int32_t values_get(struct side *side, struct job *job, hexmcp_error *err)
{
    struct pg_args args = {0};
    PGresult *row;
    int32_t status;
    pg_bytes(&args, job->space);
    pg_bytes(&args, job->key);
    status = pg_one(&side->pg,
                    "SELECT version, CASE WHEN expires > 0 THEN greatest(expires - " NOW_MS
                    ", 1) END, value FROM kv"
                    " WHERE space = $1 AND key = $2 AND " ALIVE,
                    &args, &row, err);
    if (status != HEXMCP_OK)
        return status;
    if (!row)
        return hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "there is no such key");
    status = pieces_bytes(job, pg_get_bytes(row, 2), job_emit, err);
    bytes_add_text(&job->answer, "{\"version\":");
    bytes_add_number(&job->answer, pg_get_number(row, 0));
    if (!PQgetisnull(row, 0, 1)) {
        bytes_add_text(&job->answer, ",\"ttlMs\":");
        bytes_add_number(&job->answer, pg_get_number(row, 1));
    }
    bytes_add_text(&job->answer, "}");
    PQclear(row);
    return status;
}

struct listing {
    struct job *job;
    struct pieces pieces;
    struct list_query query;
    uint64_t given;
    int more;
};

static int32_t give(void *arg, const PGresult *row, hexmcp_error *err)
{
    struct listing *l = arg;
    struct bytes *answer = &l->job->answer;
    if (l->given == l->query.limit) {
        l->more = 1;
        return HEXMCP_OK;
    }
    l->given++;
    if (l->query.values)
        return pieces_key(&l->pieces, pg_get_bytes(row, 0), pg_get_number(row, 1),
                          pg_get_number(row, 2), pg_get_number(row, 3), 1, pg_get_bytes(row, 4), err);
    if (l->given > 1)
        bytes_add_text(answer, ",");
    key_write(answer, pg_get_bytes(row, 0), pg_get_number(row, 1), pg_get_number(row, 2),
              pg_get_number(row, 3), 0);
    return HEXMCP_OK;
}

int32_t values_list(struct side *side, struct job *job, hexmcp_error *err)
{
    struct listing l = {.job = job, .pieces = {.job = job, .emit = job_emit, .list = "keys"}};
    struct pg_args args = {0};
    char end[PREFIX_ROOM];
    size_t end_len;
    int32_t status = request_list(&job->arena, job->text, &l.query, err);
    if (status != HEXMCP_OK)
        return status;
    end_len = prefix_end(l.query.prefix, end);
    pg_bytes(&args, job->space);
    pg_bytes(&args, l.query.prefix);
    if (end_len > 0)
        pg_bytes(&args, (hexmcp_str){end, end_len});
    else
        pg_null(&args);
    pg_bytes(&args, l.query.after);
    pg_number(&args, l.query.limit + 1);
    pg_number(&args, l.query.values ? VALUE_LISTED_MAX + 1 : 0);
    if (!l.query.values)
        bytes_add_text(&job->answer, "{\"keys\":[");
    status = pg_run(&side->pg,
                    "SELECT key, version, octet_length(value)::bigint,"
                    " CASE WHEN expires > 0 THEN greatest(expires - " NOW_MS ", 1) END,"
                    " CASE WHEN octet_length(value) < $6 THEN value END FROM kv WHERE space = $1"
                    " AND key >= $2 AND ($3::bytea IS NULL OR key < $3) AND key > $4 AND " ALIVE
                    " ORDER BY key LIMIT $5",
                    &args, give, &l, NULL, err);
    status = pieces_end(&l.pieces, status, err);
    bytes_add_text(&job->answer, l.query.values ? "{\"more\":" : "],\"more\":");
    bytes_add_text(&job->answer, l.more ? "true}" : "false}");
    return status;
}
