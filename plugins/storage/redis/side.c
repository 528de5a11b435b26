/*
 * side.c - the threads: groups of changes, one behind the other, and reads.
 *
 * SPDX-License-Identifier: MIT
 */
#include "side.h"

#include <stdlib.h>
#include <string.h>

hexmcp_str bound(struct arena *arena, const char *sign, hexmcp_str key)
{
    hexmcp_str text = {NULL, key.len + 1};
    char *copy = arena_get(arena, key.len + 1);
    if (!copy)
        return (hexmcp_str){"", 0};
    copy[0] = sign[0];
    if (key.len > 0)
        memcpy(copy + 1, key.ptr, key.len);
    text.ptr = copy;
    return text;
}

static int compare(hexmcp_str a, hexmcp_str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n > 0 ? memcmp(a.ptr, b.ptr, n) : 0;
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

int32_t bounds(struct arena *arena, hexmcp_str prefix, int behind, hexmcp_str after, int backward,
               hexmcp_str *min, hexmcp_str *max, hexmcp_error *err)
{
    hexmcp_str end = arena_copy(arena, prefix);
    if (!end.ptr)
        return job_no_memory(err);
    *min = prefix.len > 0 ? bound(arena, "[", prefix) : hexmcp_str_from("-");
    *max = hexmcp_str_from("+");
    if (end.len > 0) {
        ((char *)(uintptr_t)end.ptr)[end.len - 1]++; /* UTF-8 has no byte 255 */
        *max = bound(arena, "(", end);
    }
    if (behind && !backward && compare(after, prefix) >= 0)
        *min = bound(arena, "(", after);
    if (behind && backward && (end.len == 0 || compare(after, end) < 0))
        *max = bound(arena, "(", after);
    return min->len > 0 && max->len > 0 ? HEXMCP_OK : job_no_memory(err);
}

/* ---- changes ---- */

struct half {
    encode_fn *encode;
    decode_fn *decode;
};

static struct half half_of(enum job_kind kind)
{
    switch (kind) {
    case JOB_APPEND:
        return (struct half){events_append_encode, events_append_decode};
    case JOB_PROJECT:
        return (struct half){projections_write_encode, projections_write_decode};
    case JOB_KV_GET:
        return (struct half){values_get_encode, values_get_decode};
    case JOB_KV_SET:
    case JOB_KV_REMOVE:
    case JOB_KV_APPLY:
        return (struct half){values_change_encode, values_change_decode};
    case JOB_BLOB_PUT:
        return (struct half){blobs_put_encode, NULL};
    case JOB_BLOB_WRITE:
        return (struct half){blobs_write_encode, blobs_write_decode};
    case JOB_BLOB_REMOVE:
        return (struct half){blobs_remove_encode, blobs_remove_decode};
    case JOB_GIVE_UP:
        return (struct half){blobs_give_up_encode, blobs_give_up_decode};
    case JOB_INDEX:
        return (struct half){documents_index_encode, documents_index_decode};
    default:
        return (struct half){documents_remove_encode, documents_remove_decode};
    }
}

static void fail(struct side *side, struct job *job, int32_t status, const hexmcp_error *err)
{
    job->status = status;
    job->open = 0;
    job->err = *err;
    blobs_forget(side, job->call);
}

/* Sends what the jobs need; job->state says which have a reply to come. */
static void send_group(struct side *side, struct job *jobs, const struct job *end)
{
    for (struct job *job = jobs; job != end; job = job->next) {
        struct command c = {0};
        int needed = 0;
        hexmcp_error err = {.size = sizeof(err)};
        int32_t status = half_of(job->kind).encode(side, job, &c, &needed, &err);
        if (status == HEXMCP_OK && needed && side->redis.context)
            status = redis_send(&side->redis, &c, &err);
        else if (status == HEXMCP_OK && needed)
            status = hexmcp_fail(&err, HEXMCP_E_UNAVAILABLE, "the connection to Redis was lost");
        command_free(&c);
        job->state = status == HEXMCP_OK && needed ? job : NULL;
        if (status != HEXMCP_OK)
            fail(side, job, status, &err);
    }
}

/* WAIT: a change counts when so many replicas have it. */
static int32_t wait_for_replicas(struct side *side, uint64_t wanted, hexmcp_error *err)
{
    redisReply *reply;
    int32_t status = redis_plain(&side->redis, &reply, err, "WAIT %d %d",
                                 side->redis.settings->wait_replicas,
                                 side->redis.settings->timeout_ms / 2);
    uint64_t have;
    if (status != HEXMCP_OK)
        return status;
    have = reply->type == REDIS_REPLY_INTEGER ? (uint64_t)reply->integer : 0;
    freeReplyObject(reply);
    if (have >= wanted)
        return HEXMCP_OK;
    return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                       "the change is on %llu of the %llu replicas that waitReplicas asks for; it may "
                       "be lost if the server fails",
                       (unsigned long long)have, (unsigned long long)wanted);
}

static void receive_group(struct side *side, struct job *jobs, const struct job *end)
{
    hexmcp_error lost = {.size = sizeof(lost)};
    int32_t over = HEXMCP_OK;
    for (struct job *job = jobs; job != end; job = job->next) {
        redisReply *reply = NULL;
        hexmcp_error err = {.size = sizeof(err)};
        int32_t status;
        if (!job->state)
            continue;
        status = over != HEXMCP_OK ? over : redis_reply(&side->redis, &reply, &err);
        if (over != HEXMCP_OK)
            err = lost;
        else if (!side->redis.context) {
            over = status;
            lost = err;
        }
        if (status == HEXMCP_OK)
            status = half_of(job->kind).decode(side, job, reply, &err);
        job->status = status;
        if (status != HEXMCP_OK)
            fail(side, job, status, &err);
        if (reply)
            freeReplyObject(reply);
    }
}

static void run_group(struct side *side, struct job *jobs, const struct job *end)
{
    hexmcp_error err = {.size = sizeof(err)};
    int32_t status = redis_connect(&side->redis, &err);
    if (status == HEXMCP_OK) {
        send_group(side, jobs, end);
        receive_group(side, jobs, end);
    }
    if (status == HEXMCP_OK && side->redis.settings->wait_replicas > 0 && side->redis.context)
        status = wait_for_replicas(side, (uint64_t)side->redis.settings->wait_replicas, &err);
    for (struct job *job = jobs; status != HEXMCP_OK && job != end; job = job->next)
        if (job->status == HEXMCP_OK)
            fail(side, job, status, &err);
}

/* ---- reads ---- */

static int32_t read_one(struct side *side, struct job *job, hexmcp_error *err)
{
    int32_t status;
    if (job->kind == JOB_DUMP)
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED,
                           "Redis cannot show all it holds at one moment without standing still; back "
                           "it up with its own files (docs/storage.md)");
    status = redis_connect(&side->redis, err);
    if (status != HEXMCP_OK)
        return status;
    switch (job->kind) {
    case JOB_KV_LIST:
        return values_list(side, job, err);
    case JOB_READ:
        return events_read(side, job, err);
    case JOB_READ_ALL:
        return events_read_all(side, job, err);
    case JOB_ROWS:
        return projections_read(side, job, err);
    case JOB_BLOB_GET:
        return blobs_get(side, job, err);
    case JOB_BLOB_STAT:
        return blobs_stat(side, job, err);
    case JOB_BLOB_LIST:
        return blobs_list(side, job, err);
    case JOB_QUERY:
        return documents_query(side, job, err);
    case JOB_RESTORE:
        return restore_begin(side, job, err);
    default:
        return restore_load(side, job, err);
    }
}

static void run_read(struct side *side, struct job *job)
{
    job->status = job->kind == JOB_GIVE_UP ? restore_give_up(side, job, &job->err)
                                           : read_one(side, job, &job->err);
    if (job->status != HEXMCP_OK)
        job->open = 0;
}

static void run_changes(struct side *side, struct job *jobs)
{
    while (jobs) {
        struct job *end = jobs;
        if (jobs->kind == JOB_KV_LIST) {
            run_read(side, jobs);
            jobs = jobs->next;
            continue;
        }
        while (end && end->kind != JOB_KV_LIST)
            end = end->next;
        run_group(side, jobs, end);
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
    redis_close(&side->redis);
}
