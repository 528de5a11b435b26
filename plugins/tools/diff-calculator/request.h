/*
 * request.h - the arguments of a call.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/args.h"
#include "lines.h"

#define CONTEXT_LINES_MAX 1000

enum source_kind { SOURCE_TEXT, SOURCE_JSON, SOURCE_PATH };

/* Where one side comes from.
 *   argument  "old_text", "new_path" and so on
 *   value     JSON as it stands in the arguments */
struct source {
    enum source_kind kind;
    const char *argument;
    hexmcp_str value;
};

enum format {
    FORMAT_UNIFIED,
    FORMAT_CONTEXT,
    FORMAT_INLINE,
    FORMAT_SIMPLE,
    FORMAT_CHANGES, /* this and the next are for JSON */
    FORMAT_PATCH,
};

/* json is 1 to compare JSON documents, 0 to compare lines. Slices borrow from the arguments. */
struct request {
    struct args args;
    int json;
    enum format format;
    struct source old_source;
    struct source new_source;
    size_t context_lines;
    enum whitespace whitespace;
    int patience;
    int exact_numbers;
};

/* `args_json` must outlive *request; args_end() of its `args` is due, also after an error.
 * Errors: HEXMCP_E_INVALID. */
int32_t request_read(hexmcp_str args_json, struct request *request, hexmcp_error *err);

/* "unified", ... "json-patch". */
const char *format_name(enum format format);
