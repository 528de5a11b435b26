/*
 * request.h - the arguments of json-processor.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/source.h"

enum operation { QUERY, VALIDATE, STREAM };

struct request {
    enum operation operation;
    struct source source;
    const char *query;
    hexmcp_str schema;    /* empty if there is none */
    hexmcp_str variables; /* a JSON object, or empty */
    uint64_t offset;
    uint64_t limit;
    const char *target_path; /* NULL if there is none */
    bool overwrite;
    bool dry_run;
    uint32_t timeout_ms;
    struct args args;
};

extern const char *const operation_names[];

/* [worker] request_clear() is due in any case. */
int32_t request_read(const hexmcp_round *r, struct request *request);
void request_clear(struct request *request);
