/*
 * request.h - the arguments of csv-analyzer.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/source.h"
#include "sink.h"

enum operation { ANALYZE, CONVERT, FILTER, TRANSFORM, VALIDATE, SAMPLE };
enum method { FIRST, RANDOM };

struct request {
    enum operation operation;
    hexmcp_str input; /* ptr NULL if there is a path */
    const char *path;
    uint64_t offset;
    uint64_t limit;
    const char *target_path;
    bool overwrite;
    bool dry_run;
    /* of options */
    char delimiter; /* 0: by itself */
    char quote;
    int has_headers; /* -1: by itself */
    const char *encoding; /* NULL: by itself */
    enum sink_format format;
    bool typed;
    bool escape_formulas;
    uint64_t rows; /* that are analysed */
    uint64_t size; /* of the sample */
    enum method method;
    uint64_t seed;
    const char *filter; /* NULL if there is none */
    const char *const *columns;
    size_t column_count;
    hexmcp_str add;    /* JSON objects, or empty */
    hexmcp_str rename;
    hexmcp_str rules;
    struct args args;
    struct args options;
};

extern const char *const operation_names[];

/* request_clear() is due in any case. */
int32_t request_read(const hexmcp_round *r, struct request *request);
void request_clear(struct request *request);
