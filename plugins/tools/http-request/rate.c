/*
 * SPDX-License-Identifier: MIT
 */
#include "rate.h"

#include <time.h>

#define MINUTE_NS UINT64_C(60000000000)

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* 0, or how long until the oldest of `most` is a minute ago. */
static uint64_t take(struct rate *rate, uint64_t now)
{
    if (rate->count == rate->most) {
        uint64_t free_at = rate->times_ns[rate->at] + MINUTE_NS;
        if (now < free_at)
            return free_at - now;
        rate->count--;
    }
    rate->times_ns[rate->at] = now;
    rate->at = (rate->at + 1) % rate->most;
    rate->count++;
    return 0;
}

int32_t rate_take(struct rate *rate, hexmcp_error *err)
{
    pthread_mutex_lock(&rate->mutex);
    uint64_t wait = take(rate, now_ns());
    pthread_mutex_unlock(&rate->mutex);
    if (wait == 0)
        return HEXMCP_OK;
    return hexmcp_fail(err, HEXMCP_E_BUSY,
                       "%u requests were made within a minute, as many as the setting perMinute of "
                       "hexmcp.http-request permits; try again in %llu s",
                       rate->most, (unsigned long long)((wait + 999999999) / 1000000000));
}
