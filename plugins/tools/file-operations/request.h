/*
 * request.h - the arguments of a call, decoded.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/abi.h"

enum operation {
    OP_READ,
    OP_WRITE,
    OP_APPEND,
    OP_DELETE,
    OP_CREATE_DIR,
    OP_LIST_DIR,
    OP_COPY,
    OP_MOVE,
    OP_METADATA,
    OP_EXISTS,
    OP_COUNT
};

/* Most bytes of a read, how many if nobody says, and the fewest: every character fits. */
#define READ_BYTES_MAX ((int64_t)4 * 1024 * 1024)
#define READ_BYTES_DEFAULT ((int64_t)256 * 1024)
#define READ_BYTES_MIN 4

/* Most entries of a list, and how many if nobody says. */
#define LIST_ENTRIES_MAX 10000
#define LIST_ENTRIES_DEFAULT 1000

/*
 *   path      what the operation is about: for copy and move what is copied or moved
 *   target    where to; only for copy and move
 *   input     the bytes to write, decoded; only for write and append
 *   modified  expected_modified; empty if not given
 *   memory    what the texts point into
 */
struct request {
    enum operation operation;
    hexmcp_str path;
    hexmcp_str target;
    hexmcp_str input;
    hexmcp_str modified;
    int base64;
    int recursive;
    int overwrite;
    int dry_run;
    int64_t offset;
    int64_t length;
    int64_t limit;
    char *memory;
    size_t used;
    size_t size;
};

/* The name of an operation as clients write it. */
const char *operation_name(enum operation operation);

/* Reads `args_json`. On success request_clear() is due.
 * Errors: HEXMCP_E_INVALID, HEXMCP_E_TOO_LARGE, HEXMCP_E_NOMEM. */
int32_t request_read(hexmcp_str args_json, struct request *request, hexmcp_error *err);

void request_clear(struct request *request);
