/*
 * output.h - a text that grows up to a limit.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/abi.h"

/* The first failure sticks: later writes do nothing, so a caller asks `status` once, at the end.
 *   status  HEXMCP_OK, HEXMCP_E_TOO_LARGE (over `limit` bytes) or HEXMCP_E_NOMEM */
struct output {
    char *ptr;
    size_t len;
    size_t cap;
    size_t limit;
    int32_t status;
};

/* Takes back all memory; `out` may be used again. */
void output_clear(struct output *out);

/* Appends `len` bytes and returns where they begin, for the caller to fill; NULL on failure. */
char *output_extend(struct output *out, size_t len);

/* Appends bytes, a code point as UTF-8, or `count` times the byte `byte`. */
void output_put(struct output *out, hexmcp_str text);
void output_code_point(struct output *out, int32_t code_point);
void output_repeat(struct output *out, char byte, size_t count);
