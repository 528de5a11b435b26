/*
 * SPDX-License-Identifier: MIT
 */
#include "limit.h"

#include <time.h>

#define MINUTE_MS 60000u

void limit_begin(struct limit *limit)
{
    *limit = (struct limit){0};
    pthread_mutex_init(&limit->mutex, NULL);
}

void limit_end(struct limit *limit)
{
    pthread_mutex_destroy(&limit->mutex);
}

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    /* Never 0, which stands for none. */
    return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u + 1;
}

uint64_t limit_take(struct limit *limit, unsigned per_minute)
{
    uint64_t now = now_ms(), wait = 0;
    pthread_mutex_lock(&limit->mutex);
    uint64_t oldest = limit->at_ms[(limit->next + LIMIT_MOST - per_minute) % LIMIT_MOST];
    if (oldest != 0 && now - oldest < MINUTE_MS)
        wait = MINUTE_MS - (now - oldest);
    if (wait == 0) {
        limit->at_ms[limit->next] = now;
        limit->next = (limit->next + 1) % LIMIT_MOST;
    }
    pthread_mutex_unlock(&limit->mutex);
    return wait;
}
