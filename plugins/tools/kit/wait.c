/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/wait.h"

#include <time.h>

void wait_begin(struct wait *w)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&w->mutex, NULL);
    pthread_cond_init(&w->changed, &attr);
    pthread_condattr_destroy(&attr);
    w->over = false;
}

void wait_over(struct wait *w)
{
    pthread_mutex_lock(&w->mutex);
    w->over = true;
    pthread_cond_signal(&w->changed);
    pthread_mutex_unlock(&w->mutex);
}

void wait_for(struct wait *w)
{
    pthread_mutex_lock(&w->mutex);
    while (!w->over)
        pthread_cond_wait(&w->changed, &w->mutex);
    pthread_mutex_unlock(&w->mutex);
}

bool wait_some(struct wait *w, unsigned ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&w->mutex);
    while (!w->over && pthread_cond_timedwait(&w->changed, &w->mutex, &until) == 0)
        ;
    bool over = w->over;
    pthread_mutex_unlock(&w->mutex);
    return over;
}

void wait_end(struct wait *w)
{
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->mutex);
}
