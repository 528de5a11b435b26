/*
 * work.h - the operations query and stream, on the thread of a guard.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "guard.h"
#include "kit/results.h"
#include "request.h"

struct work {
    const struct request *request;
    struct results *results;
    uint64_t failed; /* lines of stream that failed */
};

/* The work of a guard; `arg` is a struct work. */
int32_t work_query(struct guard *guard, void *arg, hexmcp_error *err);
int32_t work_stream(struct guard *guard, void *arg, hexmcp_error *err);
