/*
 * results.h - where many results go: a page of them into the answer or, if that is too large, into an
 * artifact; or all of them into a file.
 *
 * SPDX-License-Identifier: MIT
 *
 * The manifest asks for "grants": {"operations": ["artifact.put"]}.
 */
#pragma once

#include "kit/answer.h"
#include "kit/args.h"
#include "kit/bytes.h"
#include "kit/target.h"

#define RESULTS_LIMIT 100

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

/* The error of arguments that do not go together: offset or limit with a target, dry_run without one.
 * `what` is what there are many of: "rows". The default of limit is RESULTS_LIMIT. */
void results_check(struct args *args, const char *target_path, bool dry_run, const char *what);

/* Takes the next result; *more is set to false if no other one is wanted. The target gets a line of each. */
int32_t results_add(struct results *results, hexmcp_str json, bool *more, hexmcp_error *err);

/* [worker] Puts what was taken as `name`: an array, or the value itself if `single` and there was only
 * one. Above 64 KiB there is "uri", "bytes", "truncated" and "preview" in its place, and for a target
 * "target_path", "dry_run" and "bytes". Then "count" and "next_offset" or, if all was seen, "total". */
int32_t results_put(struct results *results, struct answer *a, const char *name, bool single);

void results_free(struct results *results);
