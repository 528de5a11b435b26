/*
 * lane.h - a thread that works on jobs in their order.
 *
 * SPDX-License-Identifier: MIT
 *
 * The loop puts copies of jobs into the lane and goes on; the thread takes all that wait at once, so that
 * a store can make one transaction of them, and completes their calls. Bytes that wait are bounded.
 */
#pragma once

#include "kit/job.h"

struct lane;

/* What the thread does. */
struct lane_work {
    void *arg;
    /* Runs the jobs, a list by `next`: sets status, err and answer of each. They are completed and
     * freed behind it. */
    void (*run)(void *arg, struct job *jobs);
    /* The thread begins and ends; may be NULL. */
    void (*end)(void *arg);
};

/* Starts with the first job. NULL if there is no memory. */
struct lane *lane_new(struct lane_work work);

/* [loop] Takes a copy of the job. HEXMCP_PENDING; HEXMCP_E_BUSY when too much waits (only for a job with
 * `bounded`); HEXMCP_E_NOMEM; HEXMCP_E_UNAVAILABLE when the lane has been stopped. */
int32_t lane_put(struct lane *lane, const struct job *job, int bounded, hexmcp_error *err);

/* [loop] A job that waits is taken out and completed as cancelled; one that runs is told. Returns 1 if
 * there was one. */
int lane_cancel(struct lane *lane, hexmcp_call call);

/* [loop] What waits is done, and the thread ends. */
void lane_stop(struct lane *lane);
/* Stops it if that has not been done. */
void lane_free(struct lane *lane);

/* Completes and frees jobs. */
void jobs_complete(struct job *jobs);
