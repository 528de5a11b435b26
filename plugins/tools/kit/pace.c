/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/pace.h"

#include <time.h>

#define REPORT_NS 200000000u

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

struct pace pace_begin(const hexmcp_round *r)
{
    uint64_t now = now_ns();
    return (struct pace){r, now, now};
}

double pace_ms(const struct pace *pace)
{
    return (double)(now_ns() - pace->began_ns) / 1e6;
}

int32_t pace_step(struct pace *pace, double done, double total, const char *words)
{
    const hexmcp_round *r = pace->r;
    uint64_t now = now_ns();
    if (r->calls && r->calls->cancelled(r->calls->ctx, r->call))
        return hexmcp_fail(r->err, HEXMCP_E_CANCELLED,
                           "stopped: the call was cancelled or its time was over");
    if (now - pace->told_ns >= REPORT_NS) {
        pace->told_ns = now;
        r->host->progress(r->host->ctx, r->call, done, total, hexmcp_str_from(words ? words : ""));
    }
    return HEXMCP_OK;
}

int32_t pace_sleep(struct pace *pace, uint64_t ms, const char *words)
{
    const struct timespec slice = {0, 20000000};
    uint64_t until = now_ns() + ms * 1000000;
    int32_t status = pace_step(pace, pace_ms(pace), 0, words);
    while (status == HEXMCP_OK && now_ns() < until) {
        nanosleep(&slice, NULL);
        status = pace_step(pace, pace_ms(pace), 0, words);
    }
    return status;
}
