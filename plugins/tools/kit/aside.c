/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/aside.h"

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

#define LOOK_NS 10000000

struct running {
    const struct aside *aside;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool over;
    int32_t status; /* of the work */
    hexmcp_error err;
};

static void *run(void *arg)
{
    struct running *w = arg;
    w->status = w->aside->work(w->aside->arg, &w->err);
    pthread_mutex_lock(&w->mutex);
    w->over = true;
    pthread_cond_signal(&w->changed);
    pthread_mutex_unlock(&w->mutex);
    return NULL;
}

static void wait_a_little(struct running *w)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += LOOK_NS;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_clockwait(&w->changed, &w->mutex, CLOCK_MONOTONIC, &until);
}

/* Processor time of the work: on a busy machine it gets less of it, and is to have as much. */
static uint64_t used_ns(const struct running *w)
{
    clockid_t clock;
    struct timespec used;
    if (pthread_getcpuclockid(w->thread, &clock) != 0 || clock_gettime(clock, &used) != 0)
        clock_gettime(CLOCK_MONOTONIC, &used);
    return (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec;
}

static int32_t look_on(struct running *w)
{
    const struct aside *a = w->aside;
    int32_t status = HEXMCP_OK;
    uint64_t stopped_ns = 0;
    pthread_mutex_lock(&w->mutex);
    while (!w->over) {
        wait_a_little(w);
        if (w->over || !a->look)
            continue;
        if (status != HEXMCP_OK) {
            if (a->grace_ms && used_ns(w) - stopped_ns > (uint64_t)a->grace_ms * 1000000u)
                a->lost(a->arg);
            continue;
        }
        status = a->look(a->arg);
        if (status == HEXMCP_OK)
            continue;
        stopped_ns = used_ns(w);
        if (a->stop)
            a->stop(a->arg);
    }
    pthread_mutex_unlock(&w->mutex);
    return status;
}

static int32_t start(const hexmcp_round *r, struct running *w)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, w->aside->stack_bytes);
    int failure = pthread_create(&w->thread, &attributes, run, w);
    pthread_attr_destroy(&attributes);
    if (failure)
        return hexmcp_fail(r->err, HEXMCP_E_UNAVAILABLE,
                           "no thread can be started for the work: %s; try again",
                           strerror(failure));
    return HEXMCP_OK;
}

int32_t aside_run(const hexmcp_round *r, const struct aside *aside)
{
    struct running w = {.aside = aside,
                        .mutex = PTHREAD_MUTEX_INITIALIZER,
                        .changed = PTHREAD_COND_INITIALIZER,
                        .err = {.size = sizeof(w.err)}};
    int32_t status = start(r, &w);
    if (status != HEXMCP_OK)
        return status;
    status = look_on(&w);
    pthread_join(w.thread, NULL);
    pthread_cond_destroy(&w.changed);
    pthread_mutex_destroy(&w.mutex);
    if (status == HEXMCP_OK && w.status != HEXMCP_OK)
        return hexmcp_fail(r->err, w.status, "%s", w.err.text);
    return status;
}
