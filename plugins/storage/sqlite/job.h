/*
 * Dumps and restores: each has a thread and a connection of its own.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "store.h"

struct job {
    struct job *next; /* guarded by the store's mutex, as all below until `run` */
    struct store *store;
    hexmcp_call call;
    pthread_t thread;
    pthread_cond_t changed;
    bool restores;
    bool cancelled;
    bool finished;       /* the thread touches nothing of the store any more */
    struct queue records; /* restore: what has come and is not yet read */
    bool last;            /* restore: all have come */
    hexmcp_str query;     /* dump: the job's memory */
    void (*run)(struct job *job);
};

/* [loop] Begins a job: HEXMCP_PENDING, or an error. `query` is copied. */
int32_t job_start(struct store *store, hexmcp_call call, bool restores, hexmcp_str query,
                  void (*run)(struct job *job), hexmcp_error *err);

/* [loop] The next record of a restore; with `last` there is none. */
int32_t job_load(struct store *store, hexmcp_call call, hexmcp_str json, hexmcp_str bytes, bool last,
                 hexmcp_error *err);

/* With the store's mutex held. */
void job_cancel(struct store *store, hexmcp_call call);
void job_stop_all(struct store *store);

/* Without it: waits for all, and frees them. */
void job_join_all(struct store *store);

bool job_cancelled(struct job *job);

/* The next record; NULL when all were read, or the job was cancelled. The caller frees it. */
struct request *job_record(struct job *job);

/* Ends the call. Once, at the end of run(). What is `made` was not cancelled in time. */
void job_complete(struct job *job, bool made, int32_t status, const struct out *answer,
                  const hexmcp_error *err);

/* What runs: dump.c and restore.c. */
void dump_run(struct job *job);
void restore_run(struct job *job);
