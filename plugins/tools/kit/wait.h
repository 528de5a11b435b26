/*
 * wait.h - waiting, on a [worker], for the end of something that answers on the loop.
 *
 * SPDX-License-Identifier: MIT
 *
 * For services that end what belongs to a call when the call ends: so there is no time limit here.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>

struct wait {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool over;
};

void wait_begin(struct wait *w);
/* [loop] It is over; nothing of it is used after this. */
void wait_over(struct wait *w);
/* Returns when it is over. */
void wait_for(struct wait *w);
/* The same, after so many milliseconds at the latest: whether it is over. */
bool wait_some(struct wait *w, unsigned ms);
void wait_end(struct wait *w);
