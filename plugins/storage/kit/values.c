/*
 * values.c - the changes of a key-value store.
 *
 * SPDX-License-Identifier: MIT
 */
#include "kit/job.h"
#include "kit/request.h"

#include "hexmcp/json.h"

#include <string.h>

#define CHANGES_MAX 1000
#define KEY_MAX 512

static int32_t too_large(hexmcp_error *err, size_t bytes)
{
    return hexmcp_fail(err, HEXMCP_E_TOO_LARGE, "values have %zu bytes, at most %zu fit", bytes,
                       VALUE_MAX);
}

static int32_t read_options(hexmcp_str json, struct change *out, hexmcp_error *err)
{
    hexmcp_str value;
    int32_t status = request_number(json, "ifVersion", &out->version, err);
    out->if_version = hexmcp_json_get(json, "ifVersion", &value) == HEXMCP_OK;
    return status == HEXMCP_OK ? request_number(json, "ttlMs", &out->ttl_ms, err) : status;
}

static int32_t read_change(struct job *job, hexmcp_str json, size_t *at, struct change *out,
                           hexmcp_error *err)
{
    uint64_t len = 0;
    int32_t status = request_text(&job->arena, json, "key", &out->key, err);
    if (status == HEXMCP_OK)
        status = request_flag(json, "remove", &out->remove, err);
    if (status == HEXMCP_OK)
        status = read_options(json, out, err);
    if (status == HEXMCP_OK)
        status = request_number(json, "bytes", &len, err);
    if (status != HEXMCP_OK)
        return status;
    if (out->key.len == 0 || out->key.len > KEY_MAX || memchr(out->key.ptr, '\0', out->key.len))
        return hexmcp_fail(err, HEXMCP_E_INVALID, "a key has 1 to %d bytes, none of them NUL",
                           KEY_MAX);
    if (len > job->bytes.len - *at)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "the changes name more bytes than came");
    out->value = (hexmcp_str){job->bytes.ptr ? job->bytes.ptr + *at : "", (size_t)len};
    *at += (size_t)len;
    return HEXMCP_OK;
}

static int32_t refuse_twice(const struct change *changes, size_t count, hexmcp_error *err)
{
    size_t i, j;
    for (i = 0; i < count; i++)
        for (j = 0; j < i; j++)
            if (changes[i].key.len == changes[j].key.len &&
                memcmp(changes[i].key.ptr, changes[j].key.ptr, changes[i].key.len) == 0)
                return hexmcp_fail(err, HEXMCP_E_INVALID, "the changes name the key %.200s twice",
                                   changes[i].key.ptr);
    return HEXMCP_OK;
}

static int32_t read_changes(struct job *job, struct change **out, size_t *count, hexmcp_error *err)
{
    hexmcp_str list = {0}, json;
    hexmcp_json_iter it;
    size_t at = 0, i, n = 0;
    int32_t status = HEXMCP_OK;
    if (hexmcp_json_get(job->text, "changes", &list) == HEXMCP_OK)
        for (it = hexmcp_json_iter_begin(list); hexmcp_json_next(&it, NULL, NULL);)
            n++;
    if (n == 0 || n > CHANGES_MAX)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "there are 1 to %d changes in one request",
                           CHANGES_MAX);
    *out = arena_get(&job->arena, n * sizeof(**out));
    if (!*out)
        return job_no_memory(err);
    it = hexmcp_json_iter_begin(list);
    for (i = 0; i < n && status == HEXMCP_OK && hexmcp_json_next(&it, NULL, &json); i++)
        status = read_change(job, json, &at, &(*out)[i], err);
    *count = n;
    if (status == HEXMCP_OK && at != job->bytes.len)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "more bytes came than the changes name");
    return status == HEXMCP_OK ? refuse_twice(*out, n, err) : status;
}

int32_t request_changes(struct job *job, struct change **out, size_t *count, hexmcp_error *err)
{
    struct change *change;
    if (job->bytes.len > VALUE_MAX)
        return too_large(err, job->bytes.len);
    if (job->kind == JOB_KV_APPLY)
        return read_changes(job, out, count, err);
    change = arena_get(&job->arena, sizeof(*change));
    if (!change)
        return job_no_memory(err);
    change->key = job->key;
    change->value = job->bytes;
    change->remove = job->kind == JOB_KV_REMOVE;
    *out = change;
    *count = 1;
    return read_options(job->text, change, err);
}

void changes_answer(struct job *job, const struct change *changes, size_t count)
{
    size_t i;
    if (job->kind == JOB_KV_REMOVE) {
        bytes_add_text(&job->answer,
                       changes->version > 0 ? "{\"removed\":true}" : "{\"removed\":false}");
        return;
    }
    bytes_add_text(&job->answer, job->kind == JOB_KV_SET ? "{\"version\":" : "{\"versions\":[");
    for (i = 0; i < count; i++) {
        if (i > 0)
            bytes_add_text(&job->answer, ",");
        bytes_add_number(&job->answer, changes[i].version);
    }
    bytes_add_text(&job->answer, job->kind == JOB_KV_SET ? "}" : "]}");
}

void changes_conflict(struct job *job, const struct change *change, uint64_t actual)
{
    bytes_add_text(&job->answer, "{\"conflict\":");
    if (job->kind == JOB_KV_APPLY) {
        bytes_add_text(&job->answer, "{\"key\":");
        bytes_add_quoted(&job->answer, change->key);
        bytes_add_text(&job->answer, ",\"version\":");
    }
    bytes_add_number(&job->answer, actual);
    bytes_add_text(&job->answer, job->kind == JOB_KV_APPLY ? "}}" : "}");
}
