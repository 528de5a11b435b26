/*
 * side.c - the threads: groups of changes in one transaction, and reads.
 *
 * SPDX-License-Identifier: MIT
 */
#include "side.h"

#include <string.h>

#define TIDY_MS 5000

size_t prefix_end(hexmcp_str prefix, char out[PREFIX_ROOM])
{
    if (prefix.len == 0 || prefix.len > PREFIX_ROOM)
        return 0;
    memcpy(out, prefix.ptr, prefix.len);
    out[prefix.len - 1]++; /* UTF-8 has no byte 255 */
    return prefix.len;
}

static void fail(struct job *job, int32_t status, const hexmcp_error *err)
{
    job->status = status;
    job->open = 0;
    job->err = *err;
}

/* ---- changes ---- */

static int32_t change(struct side *side, struct job *job, hexmcp_error *err)
{
    switch (job->kind) {
    case JOB_APPEND:
        return events_append(side, job, err);
    case JOB_PROJECT:
        return projections_write(side, job, err);
    case JOB_KV_SET:
    case JOB_KV_REMOVE:
    case JOB_KV_APPLY:
        return values_change(side, job, err);
    case JOB_BLOB_PUT:
        return blobs_put(side, job, err);
    case JOB_BLOB_WRITE:
        return blobs_write(side, job, err);
    case JOB_BLOB_REMOVE:
        return blobs_remove(side, job, err);
    case JOB_GIVE_UP:
        return blobs_give_up(side, job, err);
    case JOB_INDEX:
        return documents_index(side, job, err);
    default:
        return documents_remove(side, job, err);
    }
}

/* The lock of the counter's row puts the transactions of all processes in one row: positions become
 * visible in their order. */
static int32_t begin(struct side *side, hexmcp_error *err)
{
    PGresult *row;
    int32_t status = pg_exec(&side->pg, "BEGIN", err);
    if (status == HEXMCP_OK)
        status = pg_one(&side->pg, "SELECT position, version FROM counter FOR UPDATE", NULL, &row, err);
    if (status != HEXMCP_OK)
        return status;
    side->position = row ? pg_get_number(row, 0) : 0;
    side->version = row ? pg_get_number(row, 1) : 0;
    PQclear(row);
    return HEXMCP_OK;
}

/* A connection, and a transaction in it. A connection that had died meanwhile is made anew once. */
static int32_t begin_surely(struct side *side, hexmcp_error *err)
{
    int32_t status = pg_connect(&side->pg, err);
    if (status == HEXMCP_OK)
        status = begin(side, err);
    if (status != HEXMCP_OK && side->pg.lost) {
        side->pg.lost = 0;
        status = pg_connect(&side->pg, err);
        if (status == HEXMCP_OK)
            status = begin(side, err);
    }
    return status;
}

/* What nobody will ask for goes, now and then. */
static int32_t tidy(struct side *side, hexmcp_error *err)
{
    int64_t now = pg_clock_ms();
    if (side->tidied_ms != 0 && now - side->tidied_ms < TIDY_MS)
        return HEXMCP_OK;
    side->tidied_ms = now;
    return pg_exec(&side->pg,
                   "DELETE FROM kv WHERE expires <= " NOW_MS ";"
                   "DELETE FROM batches WHERE at < now() - interval '1 day';"
                   "DELETE FROM uploads u WHERE began < now() - interval '1 day'"
                   "  AND NOT EXISTS (SELECT 1 FROM blobs b WHERE b.upload = u.id)",
                   err);
}

static int32_t commit(struct side *side, hexmcp_error *err)
{
    struct pg_args args = {0};
    int32_t status;
    pg_number(&args, side->position);
    pg_number(&args, side->version);
    status = pg_run(&side->pg,
                    "UPDATE counter SET position = $1, version = $2"
                    " WHERE position <> $1 OR version <> $2",
                    &args, NULL, NULL, NULL, err);
    return status == HEXMCP_OK ? pg_exec(&side->pg, "COMMIT", err) : status;
}

static void roll_back(struct side *side)
{
    hexmcp_error err = {.size = sizeof(err)};
    if (side->pg.conn && PQtransactionStatus(side->pg.conn) != PQTRANS_IDLE &&
        pg_exec(&side->pg, "ROLLBACK", &err) != HEXMCP_OK)
        pg_close(&side->pg);
    blobs_settle(side, 0);
}

/* Does the transaction stand after what a job did in it? */
static int stands(const struct side *side)
{
    return side->pg.conn && PQtransactionStatus(side->pg.conn) == PQTRANS_INTRANS;
}

/* Makes the changes of `count` jobs in one transaction. HEXMCP_OK if it was committed, with the status of
 * each; else nothing was changed, and *culprit is the job that broke it, or NULL. */
static int32_t group(struct side *side, struct job *jobs, size_t count, struct job **culprit,
                     hexmcp_error *err)
{
    struct job *job = jobs;
    int32_t status = begin_surely(side, err);
    *culprit = NULL;
    if (status == HEXMCP_OK)
        status = tidy(side, err);
    for (size_t i = 0; status == HEXMCP_OK && i < count; i++, job = job->next) {
        job->answer.len = 0;
        job->open = 0;
        job->err.size = (uint32_t)sizeof(job->err);
        job->status = change(side, job, &job->err);
        if (stands(side))
            continue;
        *culprit = job;
        status = job->status;
        *err = job->err;
    }
    if (status == HEXMCP_OK)
        status = commit(side, err);
    if (status != HEXMCP_OK)
        roll_back(side);
    else
        blobs_settle(side, 1);
    return status;
}

static void fail_group(struct side *side, struct job *jobs, size_t count, int32_t status,
                       const hexmcp_error *err)
{
    for (struct job *job = jobs; count > 0; count--, job = job->next) {
        fail(job, status, err);
        blobs_forget(side, job->call);
    }
}

/* One job that PostgreSQL refuses does not spoil the others: then each has its own transaction. */
static void run_group(struct side *side, struct job *jobs, size_t count)
{
    hexmcp_error err = {.size = sizeof(err)};
    struct job *culprit;
    int32_t status = group(side, jobs, count, &culprit, &err);
    if (status == HEXMCP_OK)
        return;
    if (count == 1 || !culprit || status == HEXMCP_E_TIMEOUT || !side->pg.conn) {
        fail_group(side, jobs, count, status, &err);
        return;
    }
    for (struct job *job = jobs; count > 0; count--, job = job->next) {
        status = group(side, job, 1, &culprit, &err);
        if (status != HEXMCP_OK)
            fail_group(side, job, 1, status, &err);
    }
}

/* ---- reads ---- */

static int32_t read_once(struct side *side, struct job *job, hexmcp_error *err)
{
    int32_t status = pg_connect(&side->pg, err);
    if (status != HEXMCP_OK)
        return status;
    switch (job->kind) {
    case JOB_READ:
        return events_read(side, job, err);
    case JOB_READ_ALL:
        return events_read_all(side, job, err);
    case JOB_ROWS:
        return projections_read(side, job, err);
    case JOB_KV_GET:
        return values_get(side, job, err);
    case JOB_KV_LIST:
        return values_list(side, job, err);
    case JOB_BLOB_GET:
        return blobs_get(side, job, err);
    case JOB_BLOB_STAT:
        return blobs_stat(side, job, err);
    case JOB_BLOB_LIST:
        return blobs_list(side, job, err);
    case JOB_QUERY:
        return documents_query(side, job, err);
    case JOB_DUMP:
        return dump_all(side, job, err);
    case JOB_RESTORE:
        return restore_begin(side, job, err);
    default:
        return restore_load(side, job, err);
    }
}

static void run_read(struct side *side, struct job *job)
{
    int again;
    if (job->kind == JOB_GIVE_UP) {
        job->status = restore_give_up(side, job, &job->err);
        return;
    }
    side->pg.lost = 0;
    job->status = read_once(side, job, &job->err);
    /* The connection had died since it was used last: nothing has been given yet. */
    again = side->pg.lost && job->answer.len == 0 && job->kind != JOB_LOAD;
    if (again) {
        side->pg.lost = 0;
        job->status = read_once(side, job, &job->err);
    }
    if (job->status != HEXMCP_OK)
        job->open = 0;
}

static int is_read(const struct job *job)
{
    return job->kind == JOB_KV_GET || job->kind == JOB_KV_LIST;
}

static void run_changes(struct side *side, struct job *jobs)
{
    while (jobs) {
        struct job *end = jobs;
        size_t count = 0;
        if (is_read(jobs)) {
            run_read(side, jobs);
            jobs = jobs->next;
            continue;
        }
        for (; end && !is_read(end); end = end->next)
            count++;
        run_group(side, jobs, count);
        jobs = end;
    }
}

void side_run(void *arg, struct job *jobs)
{
    struct side *side = arg;
    if (side->changes) {
        run_changes(side, jobs);
        return;
    }
    for (; jobs; jobs = jobs->next)
        run_read(side, jobs);
}

void side_end(void *arg)
{
    struct side *side = arg;
    while (side->uploads)
        blobs_forget(side, side->uploads->call);
    pg_close(&side->pg);
}
