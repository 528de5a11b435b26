/*
 * output.h - a text that grows up to a limit.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/abi.h"

/* Begins as {.limit = ...}. The first failure sticks: later writes do nothing, so a caller asks `status`
 * once, at the end.
 *   status  HEXMCP_OK, HEXMCP_E_TOO_LARGE (over `limit` bytes) or HEXMCP_E_NOMEM */
struct output {
    char *ptr;
    size_t len;
    size_t room;
    size_t limit;
    int32_t status;
};

/* Takes back all memory; `out` may be used again. */
void output_clear(struct output *out);

/* Appends `len` bytes and returns where they begin, for the caller to fill; NULL on failure. */
char *output_extend(struct output *out, size_t len);

void output_put(struct output *out, hexmcp_str text);

/* A printf text of less than 64 bytes. */
__attribute__((format(printf, 2, 3))) void output_putf(struct output *out, const char *format, ...);

/* What has been put, borrowed until the next change; `ptr` is never NULL. */
static inline hexmcp_str output_str(const struct output *out)
{
    return (hexmcp_str){out->ptr ? out->ptr : "", out->len};
}
