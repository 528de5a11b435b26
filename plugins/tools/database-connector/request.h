/*
 * request.h - the arguments of a call.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/simple.h"
#include "kit/args.h"

#define ROWS_MOST 1000
#define PARAMS_MOST 1000
#define QUERY_MOST 100000
#define TIMEOUT_MOST_MS 60000

enum operation { OPERATION_QUERY, OPERATION_EXPLAIN, OPERATION_SCHEMA };
enum kind { KIND_SELECT, KIND_INSERT, KIND_UPDATE, KIND_DELETE, KIND_NONE };
enum param_type { PARAM_NULL, PARAM_BOOL, PARAM_NUMBER, PARAM_TEXT, PARAM_BYTES };

/* A number is the text that it was written as; true and false are "1" and "0". */
struct param {
    enum param_type type;
    const char *text;
    size_t len;
};

struct request {
    enum operation operation;
    const char *database; /* NULL: a file */
    const char *path;     /* of SQLite; NULL: a database of the settings */
    const char *query;
    const char *table; /* for schema; NULL: all */
    enum kind kind;
    struct param *params;
    size_t param_count;
    int64_t limit;
    int64_t offset;
    bool dry_run;
    uint32_t timeout_ms;
};

/* All belongs to `args`. */
int32_t request_read(struct args *args, struct request *request);

const char *operation_name(enum operation operation);

/* "SELECT" ... */
const char *kind_name(enum kind kind);
