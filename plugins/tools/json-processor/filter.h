/*
 * filter.h - a jq program, compiled once and run on values.
 *
 * SPDX-License-Identifier: MIT
 *
 * All functions run on the thread of a guard.
 */
#pragma once

#include "guard.h"
#include "kit/bytes.h"

#define FILTER_PROGRAM_MOST 65536

/* As deep as results may be nested: the host takes 128 levels for the whole message. */
#define FILTER_DEPTH_MOST 100

struct filter {
    struct guard *guard;
    jq_state *jq;
    jq_util_input_state *input; /* of nothing, but jq asks it */
};

/* Compiles; `variables` is an object whose members are $name in the program, consumed. filter_free() is
 * due after HEXMCP_OK. */
int32_t filter_new(struct guard *guard, const char *program, jv variables, struct filter *filter,
                   hexmcp_error *err);
void filter_free(struct filter *filter);

/* Takes one result as JSON text; more = false to get no more of them. */
typedef int32_t (*filter_result_fn)(void *arg, hexmcp_str json, bool *more, hexmcp_error *err);

/* Runs the program on `value`, consumed. *ended is false if the taker wanted no more. */
int32_t filter_run(struct filter *filter, jv value, filter_result_fn take, void *arg, bool *ended,
                   hexmcp_error *err);
