/*
 * request.h - the arguments of xml-processor.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/source.h"

enum operation { PARSE, QUERY, VALIDATE, TO_JSON, FROM_JSON, FORMAT, EXTRACT };

struct request {
    enum operation operation;
    struct source source;
    bool utf8; /* the source is an argument, so UTF-8 */
    const char *query;
    hexmcp_str namespaces; /* JSON object, or empty */
    hexmcp_str fields;     /* JSON object, or empty */
    hexmcp_str schema;     /* text of a schema, or empty */
    struct bytes schema_held;
    uint64_t offset;
    uint64_t limit;
    const char *target_path; /* NULL if there is none */
    bool overwrite;
    bool dry_run;
    /* of options */
    const char *const *arrays;
    size_t array_count;
    int indent;
    bool minify;
    bool canonical;
    bool declaration;
    struct args args;
    struct args options;
};

extern const char *const operation_names[];

/* [worker] request_clear() is due in any case. */
int32_t request_read(const hexmcp_round *r, struct request *request);
void request_clear(struct request *request);
