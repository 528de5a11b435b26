/*
 * sink.h - where the converted data goes: to memory for the answer, or to a file.
 *
 * SPDX-License-Identifier: MIT
 *
 * A file comes into being whole or not at all: the data goes to a file of another name in the same
 * folder, which is synced and takes the name at the end. What was there before stays until then.
 */
#pragma once

#include "hexmcp/abi.h"
#include "hexmcp/host/files.h"

#define SINK_TEMPORARY_ROOM 40

/*
 *   len    bytes that were written
 *   bytes  the data, if it goes to memory
 */
struct sink {
    uint64_t len;
    uint8_t *bytes;
    size_t room;
    size_t limit;
    int fd; /* -1: memory */
    int folder;
    int overwrite;
    int dry_run; /* bytes are counted, and go nowhere */
    char name[HEXMCP_FILES_NAME_MAX + 1];
    char temporary[SINK_TEMPORARY_ROOM];
};

/* Takes at most `limit` bytes to memory. */
void sink_to_memory(struct sink *sink, size_t limit);

/* [worker] Begins the file `path`; with `dry_run` it is only looked whether it could be. Errors: those of hexmcp_files_1.parent; HEXMCP_E_INVALID if
 * there is something that is no regular file, or any file and `overwrite` is 0; HEXMCP_E_GENERIC.
 */
int32_t sink_to_file(struct sink *sink, const hexmcp_files_1 *files, hexmcp_call call,
                     hexmcp_str path, int overwrite, int dry_run, hexmcp_error *err);

/* Appends. Errors: HEXMCP_E_TOO_LARGE, HEXMCP_E_NOMEM, HEXMCP_E_GENERIC. */
int32_t sink_write(struct sink *sink, const void *data, size_t len, hexmcp_error *err);

/* Makes the file last under its name. Nothing to do for memory. Errors: HEXMCP_E_INVALID if a file
 * of that name came meanwhile; HEXMCP_E_GENERIC. */
int32_t sink_finish(struct sink *sink, hexmcp_error *err);

/* Frees all; a file that was not finished goes without a trace. */
void sink_close(struct sink *sink);
