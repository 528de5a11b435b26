/*
 * request.h - the arguments of a call, decoded.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/args.h"

/* Most bytes of `input`, and most bytes of a result. */
#define TEXT_BYTES_MAX ((size_t)10 * 1024 * 1024)

/* The options with their defaults filled in. Lengths and positions count characters. */
struct options {
    hexmcp_str from; /* empty if not given */
    hexmcp_str to;
    hexmcp_str delimiter;
    hexmcp_str suffix;
    size_t start;
    size_t end; /* behind every text if not given */
    size_t length;
    size_t spaces;
    size_t width;
};

/* Every text in it is valid UTF-8.
 *   input   the text; empty if the input is a list
 *   list    the raw JSON array of strings; empty if the input is a text */
struct request {
    struct args args;
    hexmcp_str input;
    hexmcp_str list;
    struct options options;
};

/* Reads all but the operation. `args_json` must outlive *request; args_end() of its `args` is due, also after
 * an error. Errors: HEXMCP_E_INVALID, HEXMCP_E_TOO_LARGE, HEXMCP_E_NOMEM. */
int32_t request_read(hexmcp_str args_json, struct request *request, hexmcp_error *err);
