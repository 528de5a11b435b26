/*
 * answers.h - answers for which the host has no room at once.
 *
 * SPDX-License-Identifier: MIT
 *
 * A job of the memory store runs to its end on the loop. Pieces that the host refuses for now wait here,
 * and go when it has room (hexmcp_stream_1.drained).
 */
#pragma once

#include "kit/job.h"

struct answer;

/* All that wait. */
struct answers {
    struct answer *first;
};

/* The job has run, and pieces of it wait (job->state): the rest of the answer goes with them. Returns
 * HEXMCP_PENDING, or the error of the job. */
int32_t answers_end(struct answers *answers, struct job *job, int32_t status, hexmcp_error *err);

/* The call ends as cancelled, if it waits here. */
void answers_cancel(struct answers *answers, hexmcp_call call);

/* All that wait end as cancelled. */
void answers_stop(struct answers *answers);
