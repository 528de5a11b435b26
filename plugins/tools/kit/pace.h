/*
 * pace.h - progress, cancellation and the time of a call.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/simple.h"

struct pace {
    const hexmcp_round *r;
    uint64_t began_ns;
    uint64_t told_ns;
};

struct pace pace_begin(const hexmcp_round *r);

/* Milliseconds since pace_begin(). */
double pace_ms(const struct pace *pace);

/* To be called often, with what is done of `total` (0: unknown) and a few words (may be NULL): progress
 * is reported when 200 ms have passed, then five times a second at most. HEXMCP_E_CANCELLED with a text
 * if the call was given up: stop and return it. */
int32_t pace_step(struct pace *pace, double done, double total, const char *words);

/* [worker] Waits so long, with progress; the errors of pace_step(). */
int32_t pace_sleep(struct pace *pace, uint64_t ms, const char *words);
