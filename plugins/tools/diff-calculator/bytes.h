/*
 * bytes.h - a text that grows, up to a limit.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/abi.h"

/* The first failure sticks: later calls do nothing, and `status` tells. Begin with
 * {.limit = ...}; end with bytes_free().
 *   status  HEXMCP_OK; HEXMCP_E_NOMEM; HEXMCP_E_TOO_LARGE if `limit` bytes do not hold it */
struct bytes {
    char *data;
    size_t len;
    size_t room;
    size_t limit;
    int32_t status;
};

void bytes_free(struct bytes *bytes);

void bytes_add(struct bytes *bytes, hexmcp_str part);

/* A printf text of less than 64 bytes. */
__attribute__((format(printf, 2, 3))) void bytes_addf(struct bytes *bytes, const char *format, ...);

/* What has been added, borrowed until the next change. */
hexmcp_str bytes_text(const struct bytes *bytes);
