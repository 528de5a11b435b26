/*
 * source.h - the data to convert, from memory or from a file, in pieces.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/abi.h"
#include "hexmcp/host/files.h"

/* Most bytes of a file. */
#define FILE_BYTES_MAX ((uint64_t)50 * 1024 * 1024)

/*
 *   size   bytes that there are, as far as is known at the start
 *   taken  bytes that were read
 */
struct source {
    hexmcp_str memory;
    int fd; /* -1: memory */
    uint64_t size;
    uint64_t taken;
};

/* Reads from `data`, which must live as long. */
void source_of_memory(struct source *source, hexmcp_str data);

/* [worker] Opens the file `path`. Errors: those of hexmcp_files_1.open; HEXMCP_E_TOO_LARGE. */
int32_t source_of_file(struct source *source, const hexmcp_files_1 *files, hexmcp_call call,
                       hexmcp_str path, hexmcp_error *err);

/* Reads `room` bytes, or as many as are left, to `piece` and writes their number to *len; 0 is the
 * end. Errors: HEXMCP_E_TOO_LARGE if the file has grown over the limit, HEXMCP_E_GENERIC. */
int32_t source_read(struct source *source, void *piece, size_t room, size_t *len,
                    hexmcp_error *err);

void source_close(struct source *source);
