/*
 * work.h - the operations, on a thread with a large stack.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdatomic.h>

#include "faults.h"
#include "kit/results.h"
#include "request.h"

struct work {
    const hexmcp_round *r;
    const struct request *request;
    struct answer *answer;
    struct results results; /* of query and extract */
    struct bytes output;    /* of the others: XML or JSON */
    const char *kind;       /* of what query found, or of the schema */
    atomic_bool stop;
};

/* [the thread] Does the operation, and puts into the answer what is small. */
int32_t work_do(struct work *work, hexmcp_error *err);
