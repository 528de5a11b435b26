/*
 * rate.h - how many requests may be made in a minute.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <pthread.h>
#include <stdint.h>

#include "hexmcp/simple.h"

#define RATE_MOST 600

struct rate {
    pthread_mutex_t mutex;
    unsigned most; /* in a minute; at most RATE_MOST */
    unsigned count, at;
    uint64_t times_ns[RATE_MOST]; /* of the last requests, a ring */
};

/* [any] Counts one, or HEXMCP_E_BUSY with when there is room again. */
int32_t rate_take(struct rate *rate, hexmcp_error *err);
