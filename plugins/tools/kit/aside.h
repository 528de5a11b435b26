/*
 * aside.h - work on a thread of its own with a large stack, watched by the worker that waits for it.
 *
 * SPDX-License-Identifier: MIT
 *
 * For libraries that walk what they are given by recursion, or that do not come back for long.
 */
#pragma once

#include "hexmcp/simple.h"

struct aside {
    size_t stack_bytes; /* pages that are not used cost nothing, but count as address space */

    /* Runs on the thread, with an error of its own. */
    int32_t (*work)(void *arg, hexmcp_error *err);

    /* [worker] Every 10 ms while the work runs: HEXMCP_OK to go on, or an error, with its text in
     * r->err, for which it is to stop. May be NULL. */
    int32_t (*look)(void *arg);

    /* [worker] After such an error, once: has the work end. May be NULL. */
    void (*stop)(void *arg);

    /* [worker] If the work uses so much processor time after that: does not return. Others could not run
     * beside what nobody can stop, so the process is to end. 0: the work is waited for. */
    uint32_t grace_ms;
    void (*lost)(void *arg);

    void *arg;
};

/* [worker] Runs the work and waits for its end. The status and *r->err are those of look() if it stopped
 * the work, else those of the work. */
int32_t aside_run(const hexmcp_round *r, const struct aside *aside);
