/*
 * limit.h - so many in a minute.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <pthread.h>
#include <stdint.h>

#define LIMIT_MOST 600

struct limit {
    pthread_mutex_t mutex;
    uint64_t at_ms[LIMIT_MOST]; /* when the last ones were, in a ring */
    unsigned next;
};

void limit_begin(struct limit *limit);
void limit_end(struct limit *limit);

/* 0 if one more of `per_minute` may go now, which then counts; else the milliseconds until one may. */
uint64_t limit_take(struct limit *limit, unsigned per_minute);
