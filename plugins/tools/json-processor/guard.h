/*
 * guard.h - work of libjq that can be stopped.
 *
 * SPDX-License-Identifier: MIT
 *
 * It runs on a thread of its own with a large stack, because libjq walks nested values by recursion.
 * The caller's thread looks on: it reports progress, and halts jq when the call was given up, the time
 * is over or the process holds too much memory. A filter stops at its next step; a single function of
 * libjq that runs long cannot be stopped here ("cpuSeconds" of the manifest ends it).
 */
#pragma once

#include <jq.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "kit/pace.h"

struct guard {
    const hexmcp_round *r;
    struct pace *pace;
    uint32_t timeout_ms;
    size_t memory; /* most bytes that the process may hold */
    int32_t (*work)(struct guard *g, void *arg, hexmcp_error *err); /* runs on the thread */
    void *arg;
    /* The rest is the guard's. */
    pthread_mutex_t mutex;
    jq_state *jq; /* that runs now */
    atomic_bool stop;
};

/* [worker] Runs the work and waits for it. The status and *r->err are those of the work, or say why it
 * was stopped. */
int32_t guard_run(struct guard *g);

/* By the work: true if it shall end. */
bool guard_stops(const struct guard *g);

/* By the work: what is to be halted; NULL before it is freed. */
void guard_jq(struct guard *g, jq_state *jq);
