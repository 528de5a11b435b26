/*
 * SPDX-License-Identifier: MIT
 */
#include "job.h"

int job_left_ms(const struct job *job)
{
    double left = job->q->timeout_ms - pace_ms(&job->pace);
    return left < 1 ? 1 : (int)left;
}

int32_t job_step(struct job *job)
{
    if (pace_ms(&job->pace) >= job->q->timeout_ms)
        return hexmcp_fail(job->r->err, HEXMCP_E_TIMEOUT,
                           "the database did not answer within %u ms and the query was stopped; make it "
                           "cheaper, or give a larger timeout_ms (at most %d)",
                           job->q->timeout_ms, TIMEOUT_MOST_MS);
    return pace_step(&job->pace, (double)job->rows.seen, 0, "rows read");
}

int32_t job_refused(const struct job *job, int32_t code, const char *what, const char *said)
{
    size_t len = strcspn(said, "\n");
    return hexmcp_fail(job->r->err, code, "%s: %.*s", what, (int)(len > 300 ? 300 : len), said);
}

int32_t job_wrong_kind(const struct job *job)
{
    return hexmcp_fail(job->r->err, HEXMCP_E_INVALID,
                       "the query is no %s; query_type must be what the statement is: SELECT (reading "
                       "only), INSERT, UPDATE or DELETE. Nothing was changed, and other statements are "
                       "not taken",
                       kind_name(job->q->kind));
}
