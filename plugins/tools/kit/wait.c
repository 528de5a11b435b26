/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/wait.h"

void wait_begin(struct wait *w)
{
    pthread_mutex_init(&w->mutex, NULL);
    pthread_cond_init(&w->changed, NULL);
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

void wait_end(struct wait *w)
{
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->mutex);
}
