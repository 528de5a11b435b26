/*
 * program.h - one program, run to its end and waited for on a worker.
 *
 * SPDX-License-Identifier: MIT
 *
 * By hexmcp.process/1: no shell, an empty environment, limits; it ends with the call. Progress is
 * reported meanwhile.
 */
#pragma once

#include <stdbool.h>

#include "hexmcp/simple.h"
#include "kit/bytes.h"

/* What is 0 or NULL is left to the host's defaults. */
struct program {
    const char *name;             /* as it stands in the grants */
    const char *const *arguments; /* NULL ends them */
    hexmcp_str environment;       /* JSON object, see process.h */
    hexmcp_str sandbox;           /* JSON object, see process.h; empty: none */
    hexmcp_str input;
    uint32_t timeout_ms;
    uint64_t max_output;
    bool check; /* nothing is started, see process.h */
};

/* program_free() is due after HEXMCP_OK. */
struct program_end {
    int code;        /* -1 if a signal ended it */
    char signal[16]; /* "KILL"; empty if none */
    bool timed_out;
    bool truncated;
    int64_t wall_ms;
    struct bytes out;
    struct bytes errors;
    struct bytes plan; /* of a check: what the host told, JSON */
};

/* [worker] HEXMCP_OK however the program ended. Errors have the host's sentence in r->err. */
int32_t program_run(const hexmcp_round *r, const struct program *program, struct program_end *end);
void program_free(struct program_end *end);
