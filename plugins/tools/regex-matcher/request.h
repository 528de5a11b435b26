/*
 * request.h - the arguments of a call, decoded.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/args.h"

/* Most bytes of `input`, and of all texts of a result. */
#define TEXT_BYTES_MAX ((size_t)10 * 1024 * 1024)

#define PATTERN_BYTES_MAX 10000
#define FLAGS_BYTES_MAX 32
#define MATCHES_MAX 10000

/* Every text in it is valid UTF-8.
 *   input, replacement  `ptr` is NULL if not given
 *   options             of PCRE2, by the flags
 *   limit               most matches, replacements or parts */
struct request {
    struct args args;
    hexmcp_str input;
    hexmcp_str pattern;
    hexmcp_str replacement;
    uint32_t options;
    size_t limit;
};

/* Reads all but the operation. `args_json` must outlive *request; args_end() of its `args` is due, also after
 * an error. Errors: HEXMCP_E_INVALID, HEXMCP_E_TOO_LARGE, HEXMCP_E_NOMEM. */
int32_t request_read(hexmcp_str args_json, struct request *request, hexmcp_error *err);
