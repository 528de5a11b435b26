/*
 * request.h - the arguments of a call.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/json.h"

#define INPUT_BYTES_MAX ((size_t)10 * 1024 * 1024)
#define ERRORS_MAX 1000

/* Slices are raw JSON of the arguments; an empty one stands for what is not given. */
struct request {
    hexmcp_str input;
    hexmcp_str rules;
    hexmcp_str schema;
    hexmcp_str messages;
    int fail_fast;
    size_t max_errors;
};

/* Reads `args_json`, which is borrowed. Errors: HEXMCP_E_INVALID, HEXMCP_E_TOO_LARGE. */
int32_t request_read(hexmcp_str args_json, struct request *request, hexmcp_error *err);
