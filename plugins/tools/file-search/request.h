/*
 * request.h - the arguments of a call, decoded.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/abi.h"

#define RESULTS_MAX 1000
#define OFFSET_MAX 10000000
#define CONTEXT_LINES_MAX 20
#define DEPTH_MAX 100
#define FILE_BYTES_DEFAULT ((int64_t)10 * 1024 * 1024)
#define FILE_BYTES_MAX ((int64_t)100 * 1024 * 1024)

/* Most strings in a list of the arguments. */
#define LIST_MAX 100

struct list {
    hexmcp_str *at;
    size_t count;
};

/* `memory` is what the texts point into. */
struct request {
    hexmcp_str pattern;
    hexmcp_str path;
    int recursive;
    int case_sensitive;
    int use_regex;
    int64_t context_lines;
    int64_t max_file_size;
    int64_t max_matches_per_file; /* 0: all */
    int64_t offset; /* matches that are passed over */
    int64_t limit;
    int64_t max_depth;
    struct list include;
    struct list exclude;
    struct list include_extensions;
    struct list exclude_extensions;
    struct list exclude_dirs;
    char *memory;
    size_t used;
    size_t size;
};

/* Reads `args_json`. On success request_clear() is due.
 * Errors: HEXMCP_E_INVALID, HEXMCP_E_TOO_LARGE, HEXMCP_E_NOMEM. */
int32_t request_read(hexmcp_str args_json, struct request *request, hexmcp_error *err);

void request_clear(struct request *request);
