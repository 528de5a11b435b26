/*
 * store.c - see store.h.
 *
 * SPDX-License-Identifier: MIT
 */
#include "store.h"

#include "answers.h"

#include <stdlib.h>
#include <string.h>

/* A blob whose bytes are on their way, or a restore. */
struct upload {
    struct upload *next;
    hexmcp_call call;
    struct arena memory; /* of the names */
    hexmcp_str space;
    hexmcp_str key;
    struct blob *blob;   /* NULL: a restore, or between two blobs of it */
    struct world *world; /* of a restore */
    struct bytes value;  /* of a restore: the parts of a value that have come */
    uint64_t records;
};

struct store {
    const struct job_host *host;
    struct world *world;
    struct upload *uploads;
    struct answers answers;
};

struct store *store_new(const struct job_host *host, uint64_t max_bytes)
{
    struct store *store = calloc(1, sizeof(*store));
    if (!store)
        return NULL;
    store->host = host;
    store->world = world_new(max_bytes);
    if (!store->world) {
        free(store);
        return NULL;
    }
    return store;
}

static struct upload **find(struct store *store, hexmcp_call call)
{
    struct upload **at = &store->uploads;
    while (*at && (*at)->call != call)
        at = &(*at)->next;
    return at;
}

static void upload_drop(struct upload **at)
{
    struct upload *upload = *at;
    *at = upload->next;
    blob_unref(upload->blob);
    world_free(upload->world);
    bytes_free(&upload->value);
    arena_free(&upload->memory);
    free(upload);
}

static struct upload *upload_new(struct store *store, hexmcp_call call)
{
    struct upload *upload = calloc(1, sizeof(*upload));
    if (!upload)
        return NULL;
    upload->call = call;
    upload->next = store->uploads;
    store->uploads = upload;
    return upload;
}

void store_stop(struct store *store)
{
    const hexmcp_host *host = store->host->host;
    while (store->uploads) {
        host->complete(host->ctx, store->uploads->call, HEXMCP_CANCELLED, hexmcp_str_from(""));
        upload_drop(&store->uploads);
    }
    answers_stop(&store->answers);
}

void store_free(struct store *store)
{
    if (!store)
        return;
    store_stop(store);
    world_free(store->world);
    free(store);
}

void store_cancel(void *self, hexmcp_call call)
{
    struct store *store = self;
    const hexmcp_host *host = store->host->host;
    struct upload **at = find(store, call);
    if (!*at) {
        answers_cancel(&store->answers, call);
        return;
    }
    upload_drop(at);
    host->complete(host->ctx, call, HEXMCP_CANCELLED, hexmcp_str_from(""));
}

/* ---- blobs ---- */

static int32_t put(struct store *store, struct job *job, hexmcp_error *err)
{
    struct upload *upload;
    uint64_t size = UINT64_MAX;
    int32_t status = request_number(job->text, "bytes", &size, err);
    if (status != HEXMCP_OK)
        return status;
    if (size == UINT64_MAX)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "to put a blob takes the number of its `bytes`");
    if (blobs_find(store->world, job->space, job->key)) {
        bytes_add_text(&job->answer, "{\"stored\":false}");
        return HEXMCP_OK;
    }
    status = world_room(store->world, (size_t)size, err);
    if (status != HEXMCP_OK)
        return status;
    upload = upload_new(store, job->call);
    if (!upload)
        return job_no_memory(err);
    upload->space = arena_copy(&upload->memory, job->space);
    upload->key = arena_copy(&upload->memory, job->key);
    upload->blob = blob_new((size_t)size);
    if (!upload->space.ptr || !upload->key.ptr || !upload->blob) {
        upload_drop(&store->uploads);
        return job_no_memory(err);
    }
    job->open = 1;
    return HEXMCP_OK;
}

/* The blob is whole: it is kept, unless another put was quicker. */
static int32_t keep(struct store *store, struct upload *upload, struct job *job, hexmcp_error *err)
{
    struct blob *blob = upload->blob;
    int there = blobs_find(store->world, upload->space, upload->key) != NULL;
    int32_t status = world_room(store->world, blob->size, err);
    bytes_add_text(&job->answer, there ? "{\"stored\":false}" : "{\"stored\":true}");
    if (there || status != HEXMCP_OK)
        return there ? HEXMCP_OK : status;
    upload->blob = NULL;
    return blobs_keep(store->world, upload->space, upload->key, blob, err);
}

static int32_t write_piece(struct store *store, struct job *job, hexmcp_error *err)
{
    struct upload **at = find(store, job->call);
    struct upload *upload = *at;
    int last = (job->flags & HEXMCP_BLOB_LAST) != 0;
    int32_t status = HEXMCP_OK;
    if (!upload || !upload->blob || upload->world)
        return hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "no blob is put by this call");
    if (job->bytes.len > upload->blob->size - upload->blob->len ||
        (last && job->bytes.len != upload->blob->size - upload->blob->len))
        status = hexmcp_fail(err, HEXMCP_E_INVALID,
                             "a blob has not the %zu bytes that were announced",
                             upload->blob->size);
    if (status == HEXMCP_OK && job->bytes.len > 0)
        memcpy(upload->blob->bytes + upload->blob->len, job->bytes.ptr, job->bytes.len);
    upload->blob->len += job->bytes.len;
    if (status == HEXMCP_OK && last)
        status = keep(store, upload, job, err);
    if (status != HEXMCP_OK || last)
        upload_drop(at);
    job->open = !last;
    return status;
}

/* ---- restore ---- */

static int32_t restore(struct store *store, struct job *job, hexmcp_error *err)
{
    struct upload *upload = upload_new(store, job->call);
    if (!upload)
        return job_no_memory(err);
    upload->world = world_new(store->world->max);
    if (!upload->world) {
        upload_drop(&store->uploads);
        return job_no_memory(err);
    }
    job->open = 1;
    return HEXMCP_OK;
}

static int32_t damaged(hexmcp_error *err, hexmcp_str key)
{
    return hexmcp_fail(err, HEXMCP_E_INVALID,
                       "the parts of %.300s do not follow each other; the backup is damaged", key.ptr);
}

static int32_t load_value(struct upload *upload, const struct record *record, hexmcp_str bytes,
                          hexmcp_error *err)
{
    int32_t status;
    if (record->offset != upload->value.len)
        return damaged(err, record->key);
    if (record->offset == 0 && bytes.len == record->size)
        return values_restore(upload->world, record, bytes, err);
    bytes_add_str(&upload->value, bytes);
    if (upload->value.failed)
        return job_no_memory(err);
    if (upload->value.len < record->size)
        return HEXMCP_OK;
    status = values_restore(upload->world, record, bytes_str(&upload->value), err);
    bytes_free(&upload->value);
    return status;
}

static int32_t load_blob(struct upload *upload, const struct record *record, hexmcp_str bytes,
                         hexmcp_error *err)
{
    struct blob *blob;
    if (record->offset == 0 && !upload->blob)
        upload->blob = blob_new((size_t)record->size);
    blob = upload->blob;
    if (!blob)
        return job_no_memory(err);
    if (record->offset != blob->len || record->size != blob->size)
        return damaged(err, record->key);
    if (bytes.len > 0)
        memcpy(blob->bytes + blob->len, bytes.ptr, bytes.len);
    blob->len += bytes.len;
    if (blob->len < blob->size)
        return HEXMCP_OK;
    upload->blob = NULL;
    return blobs_keep(upload->world, record->space, record->key, blob, err);
}

static int32_t load_record(struct upload *upload, struct job *job, hexmcp_error *err)
{
    struct record record = {0};
    int32_t status = record_read(&job->arena, job->text, job->bytes.len, &record, err);
    if (status == HEXMCP_OK)
        status = world_room(upload->world, job->text.len + job->bytes.len + THING_BYTES, err);
    if (status != HEXMCP_OK)
        return status;
    upload->records++;
    switch (record.kind) {
    case RECORD_EVENT:
        return events_restore(upload->world, &record, err);
    case RECORD_PROJECTION:
        return projections_restore(upload->world, &record, err);
    case RECORD_VALUE:
        return load_value(upload, &record, job->bytes, err);
    case RECORD_BLOB:
        return load_blob(upload, &record, job->bytes, err);
    default:
        return documents_add(upload->world, record.space, &record.document, err);
    }
}

static int32_t finish(struct store *store, struct upload *upload, struct job *job,
                      hexmcp_error *err)
{
    struct world *old = store->world;
    if (upload->blob || upload->value.len > 0)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "the records end in the middle of a value or blob; the backup is damaged");
    store->world = upload->world;
    upload->world = old;
    bytes_add_text(&job->answer, "{\"records\":");
    bytes_add_number(&job->answer, upload->records);
    bytes_add_text(&job->answer, "}");
    return HEXMCP_OK;
}

static int32_t load(struct store *store, struct job *job, hexmcp_error *err)
{
    struct upload **at = find(store, job->call);
    int last = (job->flags & HEXMCP_DUMP_LAST) != 0;
    int32_t status = HEXMCP_OK;
    if (!*at || !(*at)->world)
        return hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "nothing is restored by this call");
    if (job->text.len > 0)
        status = load_record(*at, job, err);
    if (status == HEXMCP_OK && last)
        status = finish(store, *at, job, err);
    if (status != HEXMCP_OK || last)
        upload_drop(at);
    job->open = !last;
    return status;
}

/* ---- jobs ---- */

static int32_t run(struct store *store, struct job *job, hexmcp_error *err)
{
    static int32_t (*const plain[])(struct world *, struct job *, hexmcp_error *) = {
        [JOB_APPEND] = events_append,     [JOB_READ] = events_read,
        [JOB_READ_ALL] = events_read_all, [JOB_PROJECT] = projections_write,
        [JOB_ROWS] = projections_read,    [JOB_KV_GET] = values_get,
        [JOB_KV_SET] = values_change,     [JOB_KV_REMOVE] = values_change,
        [JOB_KV_LIST] = values_list,      [JOB_KV_APPLY] = values_change,
        [JOB_BLOB_GET] = blobs_get,       [JOB_BLOB_STAT] = blobs_stat,
        [JOB_BLOB_LIST] = blobs_list,     [JOB_BLOB_REMOVE] = blobs_remove,
        [JOB_INDEX] = documents_index,    [JOB_UNINDEX] = documents_remove,
        [JOB_QUERY] = documents_query,    [JOB_DUMP] = world_dump,
    };
    switch (job->kind) {
    case JOB_BLOB_PUT:
        return put(store, job, err);
    case JOB_BLOB_WRITE:
        return write_piece(store, job, err);
    case JOB_RESTORE:
        return restore(store, job, err);
    case JOB_LOAD:
        return load(store, job, err);
    default:
        return plain[job->kind](store->world, job, err);
    }
}

int32_t store_submit(void *self, struct job *job, hexmcp_error *err)
{
    struct store *store = self;
    int32_t status = run(store, job, err);
    if (status == HEXMCP_OK && job->answer.failed)
        status = job_no_memory(err);
    if (job->state)
        return answers_end(&store->answers, job, status, err);
    if (status != HEXMCP_OK)
        return status;
    if (job->open)
        return job->kind == JOB_BLOB_PUT || job->kind == JOB_RESTORE ? HEXMCP_PENDING : HEXMCP_OK;
    job_complete(job);
    return HEXMCP_OK;
}
