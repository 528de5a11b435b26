/*
 * request.h - the arguments of a call, decoded.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/abi.h"

/* Most bytes of `input`, and of all texts of a result. */
#define TEXT_BYTES_MAX ((size_t)10 * 1024 * 1024)

#define MATCHES_MAX 10000

/* Every text in it is valid UTF-8.
 *   input, replacement  `ptr` is NULL if not given
 *   options             of PCRE2, by the flags
 *   limit               most matches, replacements or parts
 *   memory              what the texts point into */
struct request {
    char operation[16];
    hexmcp_str input;
    hexmcp_str pattern;
    hexmcp_str replacement;
    uint32_t options;
    size_t limit;
    char *memory;
    size_t used;
    size_t size;
};

/* Reads `args_json`. On success request_clear() is due.
 * Errors: HEXMCP_E_INVALID, HEXMCP_E_TOO_LARGE, HEXMCP_E_NOMEM. */
int32_t request_read(hexmcp_str args_json, struct request *request, hexmcp_error *err);

void request_clear(struct request *request);
