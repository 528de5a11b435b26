/*
 * results.h - where results go: one page of them into the answer, or all into a file.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/answer.h"
#include "kit/bytes.h"
#include "kit/target.h"

/* Most bytes of one page. */
#define RESULTS_PAGE_MOST ((size_t)8 * 1024 * 1024 - 1024)

struct results {
    uint64_t offset;
    uint64_t limit;
    struct target *target; /* NULL: a page */
    uint64_t seen;
    uint64_t taken;
    uint64_t bytes;    /* written to the target */
    struct bytes page; /* values with commas between */
    bool more;         /* there are results after this page */
};

/* Takes the next result; *more is false if no other one is wanted. */
int32_t results_add(struct results *results, hexmcp_str json, bool *more, hexmcp_error *err);

/* Puts what was taken: "result" (the value itself if `single` and there was only one, else an array),
 * or where it is kept; then the counts. */
int32_t results_put(struct results *results, struct answer *a, bool single);

void results_free(struct results *results);
