/*
 * blobs.c - large bytes, in rows of one piece each.
 *
 * SPDX-License-Identifier: MIT
 *
 * The pieces of an upload are committed as they come, and found by nobody until the row of the blob names
 * the upload. What a put that was broken off leaves is deleted with its upload, at last after a day.
 */
#include "side.h"

#include "hexmcp/ext/draft/blob.h"

#include <stdlib.h>

static struct upload *find(struct side *side, hexmcp_call call)
{
    struct upload *upload = side->uploads;
    while (upload && upload->call != call)
        upload = upload->next;
    return upload;
}

static void drop(struct upload **at)
{
    struct upload *upload = *at;
    *at = upload->next;
    arena_free(&upload->memory);
    free(upload);
}

void blobs_settle(struct side *side, int committed)
{
    struct upload **at = &side->uploads;
    while (*at) {
        struct upload *upload = *at;
        if (committed ? upload->over : upload->fresh) {
            drop(at);
            continue;
        }
        if (committed)
            upload->committed = upload->len;
        upload->len = upload->committed;
        upload->fresh = 0;
        upload->over = 0;
        at = &upload->next;
    }
}

void blobs_forget(struct side *side, hexmcp_call call)
{
    struct upload **at = &side->uploads;
    while (*at && (*at)->call != call)
        at = &(*at)->next;
    if (*at)
        drop(at);
}

int32_t blobs_put(struct side *side, struct job *job, hexmcp_error *err)
{
    struct upload *upload;
    PGresult *row;
    uint64_t size = UINT64_MAX;
    int32_t status = request_number(job->text, "bytes", &size, err);
    if (status != HEXMCP_OK)
        return status;
    if (size == UINT64_MAX)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "to put a blob takes the number of its `bytes`");
    status = pg_one(&side->pg, "INSERT INTO uploads DEFAULT VALUES RETURNING id", NULL, &row, err);
    if (status != HEXMCP_OK)
        return status;
    upload = calloc(1, sizeof(*upload));
    if (!upload) {
        PQclear(row);
        return job_no_memory(err);
    }
    upload->next = side->uploads;
    side->uploads = upload;
    upload->call = job->call;
    upload->id = pg_get_number(row, 0);
    upload->size = size;
    upload->fresh = 1;
    upload->space = arena_copy(&upload->memory, job->space);
    upload->key = arena_copy(&upload->memory, job->key);
    PQclear(row);
    job->open = 1;
    return upload->space.ptr && upload->key.ptr ? HEXMCP_OK : job_no_memory(err);
}

/* Deletes an upload with its pieces. */
static int32_t delete_upload(struct side *side, uint64_t id, hexmcp_error *err)
{
    struct pg_args args = {0};
    pg_number(&args, id);
    return pg_run(&side->pg, "DELETE FROM uploads WHERE id = $1", &args, NULL, NULL, NULL, err);
}

static int32_t insert_piece(struct side *side, const struct upload *upload, hexmcp_str bytes,
                            hexmcp_error *err)
{
    struct pg_args args = {0};
    if (bytes.len == 0)
        return HEXMCP_OK;
    pg_number(&args, upload->id);
    pg_number(&args, upload->len);
    pg_bytes(&args, bytes);
    return pg_run(&side->pg, "INSERT INTO pieces VALUES ($1, $2, $3)", &args, NULL, NULL, NULL, err);
}

/* The blob is there, unless another put was quicker. */
static int32_t finish(struct side *side, struct upload *upload, struct job *job, hexmcp_error *err)
{
    struct pg_args args = {0};
    uint64_t made = 0;
    int32_t status;
    pg_bytes(&args, upload->space);
    pg_bytes(&args, upload->key);
    pg_number(&args, upload->size);
    pg_number(&args, upload->id);
    status = pg_run(&side->pg,
                    "INSERT INTO blobs VALUES ($1, $2, $3, $4) ON CONFLICT (space, key) DO NOTHING",
                    &args, NULL, NULL, &made, err);
    if (status == HEXMCP_OK && made == 0)
        status = delete_upload(side, upload->id, err);
    bytes_add_text(&job->answer, made ? "{\"stored\":true}" : "{\"stored\":false}");
    return status;
}

int32_t blobs_write(struct side *side, struct job *job, hexmcp_error *err)
{
    struct upload *upload = find(side, job->call);
    int last = (job->flags & HEXMCP_BLOB_LAST) != 0;
    int32_t status;
    if (!upload)
        return hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "the call has ended");
    if (job->bytes.len > upload->size - upload->len ||
        (last && job->bytes.len != upload->size - upload->len)) {
        upload->over = 1;
        status = delete_upload(side, upload->id, err);
        return status != HEXMCP_OK
                   ? status
                   : hexmcp_fail(err, HEXMCP_E_INVALID,
                                 "a blob has not the %llu bytes that were announced",
                                 (unsigned long long)upload->size);
    }
    status = insert_piece(side, upload, job->bytes, err);
    upload->len += job->bytes.len;
    if (status == HEXMCP_OK && last)
        status = finish(side, upload, job, err);
    upload->over = last;
    job->open = !last;
    return status;
}

int32_t blobs_give_up(struct side *side, struct job *job, hexmcp_error *err)
{
    struct upload *upload = find(side, job->call);
    int32_t status;
    if (!upload)
        return hexmcp_fail(err, HEXMCP_E_CANCELLED, "the call was cancelled");
    upload->over = 1;
    status = delete_upload(side, upload->id, err);
    return status == HEXMCP_OK ? hexmcp_fail(err, HEXMCP_E_CANCELLED, "the call was cancelled")
                               : status;
}

int32_t blobs_remove(struct side *side, struct job *job, hexmcp_error *err)
{
    struct pg_args args = {0};
    PGresult *row;
    int32_t status;
    pg_bytes(&args, job->space);
    pg_bytes(&args, job->key);
    status = pg_one(&side->pg, "DELETE FROM blobs WHERE space = $1 AND key = $2 RETURNING upload",
                    &args, &row, err);
    if (status == HEXMCP_OK && row)
        status = delete_upload(side, pg_get_number(row, 0), err);
    bytes_add_text(&job->answer, row ? "{\"removed\":true}" : "{\"removed\":false}");
    PQclear(row);
    return status;
}

/* ---- reads ---- */

/* The row of the blob; HEXMCP_E_NOT_FOUND without one. */
static int32_t look(struct side *side, const struct job *job, uint64_t *bytes, uint64_t *upload,
                    hexmcp_error *err)
{
    struct pg_args args = {0};
    PGresult *row;
    int32_t status;
    pg_bytes(&args, job->space);
    pg_bytes(&args, job->key);
    status = pg_one(&side->pg, "SELECT bytes, upload FROM blobs WHERE space = $1 AND key = $2", &args,
                    &row, err);
    if (status != HEXMCP_OK)
        return status;
    if (!row)
        return hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "there is no such blob");
    *bytes = pg_get_number(row, 0);
    *upload = pg_get_number(row, 1);
    PQclear(row);
    return HEXMCP_OK;
}

struct reading {
    struct job *job;
    uint64_t at;  /* the next byte that is wanted */
    uint64_t end;
};

static int32_t give(void *arg, const PGresult *row, hexmcp_error *err)
{
    struct reading *r = arg;
    uint64_t begin = pg_get_number(row, 0);
    hexmcp_str bytes = pg_get_bytes(row, 1);
    size_t skip = (size_t)(r->at - begin);
    size_t n = bytes.len - skip;
    if (n > r->end - r->at)
        n = (size_t)(r->end - r->at);
    r->at += n;
    return pieces_bytes(r->job, (hexmcp_str){bytes.ptr + skip, n}, job_emit, err);
}

int32_t blobs_get(struct side *side, struct job *job, hexmcp_error *err)
{
    struct reading r = {.job = job};
    struct pg_args args = {0};
    struct range range;
    uint64_t bytes = 0, upload = 0;
    int32_t status = request_range(job->text, &range, err);
    if (status == HEXMCP_OK)
        status = look(side, job, &bytes, &upload, err);
    if (status != HEXMCP_OK)
        return status;
    r.at = range.offset < bytes ? range.offset : bytes;
    r.end = range.length < bytes - r.at ? r.at + range.length : bytes;
    pg_number(&args, upload);
    pg_number(&args, r.at);
    pg_number(&args, r.end);
    if (r.at < r.end)
        status = pg_run(&side->pg,
                        "SELECT at, bytes FROM pieces WHERE upload = $1 AND at < $3 AND at >="
                        " (SELECT max(at) FROM pieces WHERE upload = $1 AND at <= $2) ORDER BY at",
                        &args, give, &r, NULL, err);
    if (status == HEXMCP_OK && r.at < r.end)
        return hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "the blob was removed while it was read");
    bytes_add_text(&job->answer, "{\"bytes\":");
    bytes_add_number(&job->answer, bytes);
    bytes_add_text(&job->answer, "}");
    return status;
}

static void sizes(struct bytes *out, uint64_t bytes)
{
    bytes_add_text(out, "\"bytes\":");
    bytes_add_number(out, bytes);
    bytes_add_text(out, ",\"storedBytes\":");
    bytes_add_number(out, bytes);
    bytes_add_text(out, "}");
}

int32_t blobs_stat(struct side *side, struct job *job, hexmcp_error *err)
{
    uint64_t bytes = 0, upload = 0;
    int32_t status = look(side, job, &bytes, &upload, err);
    if (status != HEXMCP_OK)
        return status;
    bytes_add_text(&job->answer, "{");
    sizes(&job->answer, bytes);
    return HEXMCP_OK;
}

struct listing {
    struct bytes *answer;
    uint64_t limit;
    uint64_t given;
    int more;
};

static int32_t list_one(void *arg, const PGresult *row, hexmcp_error *err)
{
    struct listing *l = arg;
    (void)err;
    if (l->given == l->limit) {
        l->more = 1;
        return HEXMCP_OK;
    }
    bytes_add_text(l->answer, l->given++ > 0 ? ",{\"key\":" : "{\"key\":");
    bytes_add_quoted(l->answer, pg_get_bytes(row, 0));
    bytes_add_text(l->answer, ",");
    sizes(l->answer, pg_get_number(row, 1));
    return HEXMCP_OK;
}

int32_t blobs_list(struct side *side, struct job *job, hexmcp_error *err)
{
    struct list_query query;
    struct listing l = {.answer = &job->answer};
    struct pg_args args = {0};
    int32_t status = request_list(&job->arena, job->text, &query, err);
    if (status != HEXMCP_OK)
        return status;
    l.limit = query.limit;
    pg_bytes(&args, job->space);
    pg_bytes(&args, query.after);
    pg_number(&args, query.limit + 1);
    bytes_add_text(&job->answer, "{\"blobs\":[");
    status = pg_run(&side->pg,
                    "SELECT key, bytes FROM blobs WHERE space = $1 AND key > $2 ORDER BY key LIMIT $3",
                    &args, list_one, &l, NULL, err);
    bytes_add_text(&job->answer, l.more ? "],\"more\":true}" : "],\"more\":false}");
    return status;
}
