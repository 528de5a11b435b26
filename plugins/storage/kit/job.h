/*
 * job.h - one request to a store, from the host's call to its answer.
 *
 * SPDX-License-Identifier: MIT
 *
 * front.h makes jobs of the calls of all storage interfaces. A store runs them: at once, with borrowed
 * texts, or on a thread (lane.h), with copies. What runs a job writes `answer`, or returns an error.
 */
#pragma once

#include "kit/arena.h"

#include "hexmcp/ext/draft/stream.h"
#include "hexmcp/json.h"

#include <stdatomic.h>

enum job_kind {
    JOB_APPEND,
    JOB_READ,
    JOB_READ_ALL,
    JOB_PROJECT,
    JOB_ROWS,
    JOB_KV_GET,
    JOB_KV_SET,
    JOB_KV_REMOVE,
    JOB_KV_LIST,
    JOB_KV_APPLY,
    JOB_BLOB_PUT,
    JOB_BLOB_WRITE,
    JOB_BLOB_GET,
    JOB_BLOB_STAT,
    JOB_BLOB_LIST,
    JOB_BLOB_REMOVE,
    JOB_INDEX,
    JOB_UNINDEX,
    JOB_QUERY,
    JOB_DUMP,
    JOB_RESTORE,
    JOB_LOAD,
    JOB_GIVE_UP, /* a put or a restore was cancelled */
};

/* What a job needs of the host. */
struct job_host {
    const hexmcp_host *host;
    const hexmcp_stream_1 *stream;
};

struct job {
    enum job_kind kind;
    uint32_t flags;     /* of JOB_BLOB_WRITE and JOB_LOAD                                        */
    hexmcp_call call;
    hexmcp_str space;
    hexmcp_str key;     /* of the kv and blob functions                                          */
    hexmcp_str text;    /* the JSON                                                              */
    hexmcp_str bytes;   /* a value, values, a piece                                              */
    const struct job_host *host;
    struct arena arena; /* freed with the job                                                    */
    struct bytes answer;
    int open;           /* the call goes on: complete() comes with a later job                   */
    void *state;        /* of the store that runs it */
    atomic_int cancelled;
    struct job *next;   /* in a queue */
    int32_t status;     /* how it went, until it may be said                                     */
    hexmcp_error err;
};

/* A copy with texts of its own; NULL if there is no memory. */
struct job *job_dup(const struct job *job);
void job_free(struct job *job);
/* Frees what a job on the stack has got: arena and answer. */
void job_clear(struct job *job);

/* Completes the call: with `answer` if job->status is HEXMCP_OK, else with the error. Not if `open`. */
void job_complete(struct job *job);

/* [a thread of the store] Emits a piece; waits while the host has no room. HEXMCP_E_CANCELLED when
 * nobody wants it any more. */
int32_t job_emit(struct job *job, hexmcp_str json, hexmcp_str bytes, hexmcp_error *err);

/* HEXMCP_E_NOMEM with its text. */
int32_t job_no_memory(hexmcp_error *err);
