/*
 * step.h - one request of a test, and what it says of the answer.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/pace.h"
#include "values.h"

struct tally {
    size_t passed, failed; /* assertions */
};

/* [worker] Sends the request that the object `json` describes and puts request, response, timing,
 * assertions and extracted into the object that `w` writes. An answer that does not come is an assertion
 * that failed. */
int32_t step_run(struct pace *pace, hexmcp_str json, struct values *values, hexmcp_json_writer *w,
                 struct tally *tally);

/* Only tells the request, with assertions that are none. What the step would extract is pretended. */
int32_t step_tell(const hexmcp_round *r, hexmcp_str json, struct values *values, hexmcp_json_writer *w);
