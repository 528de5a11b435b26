/*
 * SPDX-License-Identifier: MIT
 */
#include "guard.h"

#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#include "kit/aside.h"

/* Enough for values nested as deep as the memory allows. */
#define STACK_BYTES ((size_t)1 << 30)

/* jq stops between two of its instructions. One that takes more processor time than this is not waited for. */
#define GRACE_MS 3000

bool guard_stops(const struct guard *g)
{
    return atomic_load(&g->stop);
}

void guard_jq(struct guard *g, jq_state *jq)
{
    pthread_mutex_lock(&g->mutex);
    g->jq = jq;
    if (jq && guard_stops(g))
        jq_halt(jq, jv_null(), jv_null());
    pthread_mutex_unlock(&g->mutex);
}

static int32_t look(void *arg)
{
    struct guard *g = arg;
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

/* The prelude has taken halt away from programs: only this halts, once. */
static void stop(void *arg)
{
    struct guard *g = arg;
    pthread_mutex_lock(&g->mutex);
    atomic_store(&g->stop, true);
    if (g->jq)
        jq_halt(g->jq, jv_null(), jv_null());
    pthread_mutex_unlock(&g->mutex);
}

/* The process is a helper's: the server goes on, and tells the caller these last words. */
static void lost(void *arg)
{
    struct guard *g = arg;
    fprintf(stderr, "%s; one step of the filter could not be stopped, so the process was\n", g->r->err->text);
    _exit(1);
}

static int32_t run(void *arg, hexmcp_error *err)
{
    struct guard *g = arg;
    return g->work(g, g->arg, err);
}

int32_t guard_run(struct guard *g)
{
    const struct aside aside = {
        .stack_bytes = STACK_BYTES,
        .work = run,
        .look = look,
        .stop = stop,
        .grace_ms = GRACE_MS,
        .lost = lost,
        .arg = g};
    pthread_mutex_init(&g->mutex, NULL);
    int32_t status = aside_run(g->r, &aside);
    pthread_mutex_destroy(&g->mutex);
    return status;
}
