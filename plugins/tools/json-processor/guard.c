/*
 * SPDX-License-Identifier: MIT
 */
#include "guard.h"

#include <malloc.h>
#include <pthread.h>
#include <time.h>

/* Enough for values nested as deep as the memory allows. Pages that are not used cost nothing. */
#define STACK_BYTES ((size_t)1 << 30)
#define LOOK_NS 10000000

struct guard_state {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    jq_state *jq;
    bool over;
    int32_t status; /* of the work */
    hexmcp_error err;
};

bool guard_stops(const struct guard *g)
{
    return atomic_load(&g->stop);
}

void guard_jq(struct guard *g, jq_state *jq)
{
    pthread_mutex_lock(&g->state->mutex);
    g->state->jq = jq;
    if (jq && guard_stops(g))
        jq_halt(jq, jv_null(), jv_null());
    pthread_mutex_unlock(&g->state->mutex);
}

static void *run(void *arg)
{
    struct guard *g = arg;
    struct guard_state *s = g->state;
    s->status = g->work(g, g->arg, &s->err);
    pthread_mutex_lock(&s->mutex);
    s->over = true;
    pthread_cond_signal(&s->changed);
    pthread_mutex_unlock(&s->mutex);
    return NULL;
}

static int32_t look(struct guard *g)
{
    struct mallinfo2 held = mallinfo2();
    int32_t status = pace_step(g->pace, pace_ms(g->pace), 0, "filtering");
    if (status != HEXMCP_OK)
        return status;
    if (pace_ms(g->pace) > g->timeout_ms)
        return hexmcp_fail(g->r->err, HEXMCP_E_TIMEOUT,
                           "the filter ran for more than %u ms and was stopped; if it ends at all, give "
                           "a larger timeout_ms, less input or a smaller limit",
                           g->timeout_ms);
    if (held.uordblks + held.hblkhd > g->memory)
        return hexmcp_fail(g->r->err, HEXMCP_E_TOO_LARGE,
                           "the filter needed more than %zu MiB of memory and was stopped; give results "
                           "one by one (.[] in place of [.[]]), or less input",
                           g->memory >> 20);
    return HEXMCP_OK;
}

/* With the mutex locked. The prelude has taken halt away from programs: only this halts. */
static void stop(struct guard *g)
{
    atomic_store(&g->stop, true);
    if (g->state->jq)
        jq_halt(g->state->jq, jv_null(), jv_null());
}

static int32_t look_on(struct guard *g)
{
    struct guard_state *s = g->state;
    int32_t status = HEXMCP_OK;
    pthread_mutex_lock(&s->mutex);
    while (!s->over) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += LOOK_NS;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_clockwait(&s->changed, &s->mutex, CLOCK_MONOTONIC, &until);
        if (!s->over && status == HEXMCP_OK && (status = look(g)) != HEXMCP_OK)
            stop(g);
    }
    pthread_mutex_unlock(&s->mutex);
    return status;
}

static int32_t start(struct guard *g, pthread_t *thread)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    int failure = pthread_create(thread, &attributes, run, g);
    pthread_attr_destroy(&attributes);
    if (failure)
        return hexmcp_fail(g->r->err, HEXMCP_E_NOMEM,
                           "no thread can be started for the filter: %s; try again",
                           strerror(failure));
    return HEXMCP_OK;
}

int32_t guard_run(struct guard *g)
{
    struct guard_state state = {.mutex = PTHREAD_MUTEX_INITIALIZER,
                                .changed = PTHREAD_COND_INITIALIZER,
                                .err = {.size = sizeof(hexmcp_error)}};
    pthread_t thread;
    g->state = &state;
    int32_t status = start(g, &thread);
    if (status != HEXMCP_OK)
        return status;
    status = look_on(g);
    pthread_join(thread, NULL);
    pthread_cond_destroy(&state.changed);
    pthread_mutex_destroy(&state.mutex);
    g->state = NULL;
    if (status == HEXMCP_OK && state.status != HEXMCP_OK)
        return hexmcp_fail(g->r->err, state.status, "%s", state.err.text);
    return status;
}
