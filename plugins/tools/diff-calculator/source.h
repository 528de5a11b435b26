/*
 * source.h - the texts of both sides.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "request.h"

#include "hexmcp/host/files.h"

/* Most bytes of both sides together. */
#define SOURCES_BYTES_MAX ((size_t)100 * 1024 * 1024)

/* One side.
 *   name    what a header calls it: its path, or "old" or "new"
 *   text    UTF-8 without NUL
 *   memory  of a file; what was given as an argument lives as long as the arguments */
struct side {
    hexmcp_str name;
    hexmcp_str text;
    char *memory;
};

/* Reads both sides of `request`. side_free() is due for both, also after an error.
 * Errors: HEXMCP_E_INVALID for what is not text, HEXMCP_E_TOO_LARGE, and as file_read(). */
int32_t sides_read(const hexmcp_files_1 *files, const struct work *work, struct request *request,
                   struct side *old_side, struct side *new_side, hexmcp_error *err);

void side_free(struct side *side);
