/*
 * projections.c - rows that are made of events, and how far they are.
 *
 * SPDX-License-Identifier: MIT
 */
#include "side.h"

static int32_t find(struct side *side, hexmcp_str space, hexmcp_str name, uint64_t *id,
                    uint64_t *position, hexmcp_error *err)
{
    struct pg_args args = {0};
    PGresult *row;
    int32_t status;
    pg_bytes(&args, space);
    pg_bytes(&args, name);
    status = pg_one(&side->pg, "SELECT id, position FROM projections WHERE space = $1 AND name = $2",
                    &args, &row, err);
    if (status != HEXMCP_OK)
        return status;
    *id = row ? pg_get_number(row, 0) : 0;
    *position = row ? pg_get_number(row, 1) : 0;
    PQclear(row);
    return HEXMCP_OK;
}

/* Writes the checkpoint, and makes the projection if there is none. */
static int32_t checkpoint(struct side *side, hexmcp_str space, hexmcp_str name, uint64_t position,
                          uint64_t *id, hexmcp_error *err)
{
    struct pg_args args = {0};
    PGresult *row;
    int32_t status;
    pg_bytes(&args, space);
    pg_bytes(&args, name);
    pg_number(&args, position);
    status = pg_one(&side->pg,
                    "INSERT INTO projections (space, name, position) VALUES ($1, $2, $3)"
                    " ON CONFLICT (space, name) DO UPDATE SET position = excluded.position"
                    " RETURNING id",
                    &args, &row, err);
    if (status == HEXMCP_OK)
        *id = row ? pg_get_number(row, 0) : 0;
    PQclear(row);
    return status;
}

/* The last row of a key counts. */
int32_t rows_insert(struct side *side, uint64_t projection, const struct row *rows, size_t count,
                    hexmcp_error *err)
{
    struct pg_array keys = {0}, values = {0};
    struct pg_args args = {0};
    int32_t status;
    if (count == 0)
        return HEXMCP_OK;
    pg_array_begin(&keys, 0, count);
    pg_array_begin(&values, 0, count);
    for (size_t i = 0; i < count; i++) {
        pg_array_bytes(&keys, rows[i].key);
        pg_array_bytes(&values, rows[i].value);
    }
    pg_number(&args, projection);
    pg_array(&args, &keys);
    pg_array(&args, &values);
    status = keys.bytes.failed || values.bytes.failed
                 ? job_no_memory(err)
                 : pg_run(&side->pg,
                          "WITH x AS (SELECT DISTINCT ON (k) k, v FROM unnest($2, $3)"
                          " WITH ORDINALITY AS u(k, v, o) ORDER BY k, o DESC),"
                          " d AS (DELETE FROM rows WHERE projection = $1"
                          "  AND key IN (SELECT k FROM x WHERE v IS NULL))"
                          " INSERT INTO rows SELECT $1, k, v FROM x WHERE v IS NOT NULL"
                          " ON CONFLICT (projection, key) DO UPDATE SET value = excluded.value",
                          &args, NULL, NULL, NULL, err);
    bytes_free(&keys.bytes);
    bytes_free(&values.bytes);
    return status;
}

static int32_t replace(struct side *side, hexmcp_str space, const struct project *project,
                       uint64_t id, hexmcp_error *err)
{
    struct pg_args args = {0};
    int32_t status;
    pg_bytes(&args, space);
    pg_bytes(&args, project->replaces);
    pg_number(&args, id);
    status = pg_run(&side->pg,
                    "DELETE FROM projections WHERE space = $1 AND name = $2 AND id <> $3", &args, NULL,
                    NULL, NULL, err);
    return status == HEXMCP_OK
               ? pg_run(&side->pg, "UPDATE projections SET name = $2 WHERE space = $1 AND id = $3",
                        &args, NULL, NULL, NULL, err)
               : status;
}

static int32_t write_rows(struct side *side, struct job *job, const struct project *project,
                          hexmcp_error *err)
{
    struct pg_args args = {0};
    uint64_t id = 0;
    int32_t status =
        checkpoint(side, job->space, project->projection, project->position, &id, err);
    pg_number(&args, id);
    if (status == HEXMCP_OK && project->reset)
        status = pg_run(&side->pg, "DELETE FROM rows WHERE projection = $1", &args, NULL, NULL, NULL,
                        err);
    if (status == HEXMCP_OK)
        status = rows_insert(side, id, project->rows, project->count, err);
    if (status == HEXMCP_OK && project->replaces.len > 0)
        status = replace(side, job->space, project, id, err);
    return status;
}

static void say(struct job *job, const char *before, uint64_t position, const char *behind)
{
    bytes_add_text(&job->answer, before);
    bytes_add_number(&job->answer, position);
    bytes_add_text(&job->answer, behind);
}

int32_t projections_write(struct side *side, struct job *job, hexmcp_error *err)
{
    struct project project;
    uint64_t id = 0, actual = 0;
    int32_t status = request_project(&job->arena, job->text, &project, err);
    if (status == HEXMCP_OK)
        status = find(side, job->space, project.projection, &id, &actual, err);
    if (status != HEXMCP_OK)
        return status;
    if (actual != project.expected) {
        say(job, "{\"conflict\":{\"actual\":", actual, "}}");
        return HEXMCP_OK;
    }
    status = write_rows(side, job, &project, err);
    say(job, "{\"position\":", project.position, "}");
    return status;
}

/* ---- read ---- */

struct reading {
    struct job *job;
    uint64_t limit;
    uint64_t given;
    int more;
};

static int32_t give(void *arg, const PGresult *row, hexmcp_error *err)
{
    struct reading *r = arg;
    (void)err;
    if (PQgetisnull(row, 0, 1)) {
        say(r->job, "{\"position\":", pg_get_number(row, 0), ",\"rows\":[");
        return HEXMCP_OK;
    }
    if (r->given == r->limit) {
        r->more = 1;
        return HEXMCP_OK;
    }
    bytes_add_text(&r->job->answer, r->given++ > 0 ? ",{\"key\":" : "{\"key\":");
    bytes_add_quoted(&r->job->answer, pg_get_bytes(row, 1));
    bytes_add_text(&r->job->answer, ",\"value\":");
    bytes_add_str(&r->job->answer, pg_get_bytes(row, 2));
    bytes_add_text(&r->job->answer, "}");
    return HEXMCP_OK;
}

/* One statement, so that rows and checkpoint are of one moment: the checkpoint comes first, as a row
 * without a key. */
#define ROWS_SQL(order)                                                                          \
    "WITH p AS (SELECT id, position FROM projections WHERE space = $1 AND name = $2)"            \
    " (SELECT coalesce((SELECT position FROM p), 0), NULL::bytea, NULL::bytea) UNION ALL"        \
    " (SELECT 0, key, value FROM rows WHERE projection = (SELECT id FROM p)"                     \
    "  AND ($3::bytea IS NULL OR key = $3) AND ($4::bytea IS NULL OR key >= $4)"                 \
    "  AND ($5::bytea IS NULL OR key < $5) AND ($6::bytea IS NULL OR key "                       \
    order " LIMIT $7)"

static void optional(struct pg_args *args, int given, hexmcp_str value)
{
    if (given)
        pg_bytes(args, value);
    else
        pg_null(args);
}

int32_t projections_read(struct side *side, struct job *job, hexmcp_error *err)
{
    struct rows_query query;
    struct reading r = {.job = job};
    struct pg_args args = {0};
    char end[PREFIX_ROOM];
    size_t end_len;
    int32_t status = request_rows(&job->arena, job->text, &query, err);
    if (status != HEXMCP_OK)
        return status;
    r.limit = query.limit;
    end_len = prefix_end(query.prefix, end);
    pg_bytes(&args, job->space);
    pg_bytes(&args, query.projection);
    optional(&args, query.one, query.key);
    optional(&args, query.prefix.len > 0, query.prefix);
    optional(&args, end_len > 0, (hexmcp_str){end, end_len});
    optional(&args, query.behind, query.after);
    pg_number(&args, query.limit < 1000000 ? query.limit + 1 : 1000000);
    status = pg_run(&side->pg,
                    query.backward ? ROWS_SQL("< $6) ORDER BY key DESC")
                                   : ROWS_SQL("> $6) ORDER BY key"),
                    &args, give, &r, NULL, err);
    bytes_add_text(&job->answer, r.more ? "],\"more\":true}" : "],\"more\":false}");
    return status;
}
