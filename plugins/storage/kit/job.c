/*
 * job.c - see job.h.
 *
 * SPDX-License-Identifier: MIT
 */
#include "kit/job.h"

#include "hexmcp/await.h"

#include <stdlib.h>
#include <string.h>

static hexmcp_str put(char **at, hexmcp_str text)
{
    hexmcp_str copy = {*at, text.len};
    if (text.len > 0)
        memcpy(*at, text.ptr, text.len);
    (*at)[text.len] = '\0';
    *at += text.len + 1;
    return copy;
}

struct job *job_dup(const struct job *job)
{
    size_t texts = job->space.len + job->key.len + job->text.len + job->bytes.len + 4;
    struct job *copy = calloc(1, sizeof(*copy) + texts);
    char *at;
    if (!copy)
        return NULL;
    at = (char *)(copy + 1);
    copy->kind = job->kind;
    copy->flags = job->flags;
    copy->call = job->call;
    copy->host = job->host;
    copy->space = put(&at, job->space);
    copy->key = put(&at, job->key);
    copy->text = put(&at, job->text);
    copy->bytes = put(&at, job->bytes);
    copy->err.size = (uint32_t)sizeof(copy->err);
    return copy;
}

void job_clear(struct job *job)
{
    arena_free(&job->arena);
    bytes_free(&job->answer);
}

void job_free(struct job *job)
{
    if (!job)
        return;
    job_clear(job);
    free(job);
}

void job_complete(struct job *job)
{
    const hexmcp_host *host = job->host->host;
    if (job->open)
        return;
    if (job->status == HEXMCP_OK && job->answer.failed)
        job->status = job_no_memory(&job->err);
    if (job->status == HEXMCP_E_CANCELLED)
        host->complete(host->ctx, job->call, HEXMCP_CANCELLED, hexmcp_str_from(""));
    else if (job->status != HEXMCP_OK)
        hexmcp_complete_fail(host, job->call, job->status, job->err.text);
    else
        host->complete(host->ctx, job->call, HEXMCP_RESULT, bytes_str(&job->answer));
}

static int32_t wait_for_room(struct job *job)
{
    const hexmcp_stream_1 *stream = job->host->stream;
    hexmcp_await *a = hexmcp_await_new(job->host->host);
    int32_t status;
    if (!a)
        return HEXMCP_E_NOMEM;
    status = stream->drained(stream->ctx, job->call, hexmcp_await_reply, a);
    return hexmcp_await_wait(a, status, 3600000, NULL, NULL);
}

int32_t job_emit(struct job *job, hexmcp_str json, hexmcp_str bytes, hexmcp_error *err)
{
    const hexmcp_stream_1 *stream = job->host->stream;
    int32_t status = HEXMCP_E_CANCELLED;
    if (!atomic_load(&job->cancelled))
        status = stream->emit(stream->ctx, job->call, json, bytes);
    while (status == HEXMCP_E_BUSY && !atomic_load(&job->cancelled)) {
        status = wait_for_room(job);
        if (status == HEXMCP_OK)
            status = stream->emit(stream->ctx, job->call, json, bytes);
    }
    if (status == HEXMCP_OK)
        return status;
    if (status == HEXMCP_E_NOT_FOUND || atomic_load(&job->cancelled))
        return hexmcp_fail(err, HEXMCP_E_CANCELLED, "the call was cancelled");
    return hexmcp_fail(err, status, "the host does not take a piece of the answer (error %d)",
                       (int)status);
}

int32_t job_no_memory(hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory in the store; try again");
}
