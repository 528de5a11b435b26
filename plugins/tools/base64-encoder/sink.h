/*
 * sink.h - where the converted data goes: to memory for the answer, or to a file.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "request.h"

#include "kit/target.h"

/* Most bytes that an answer holds. */
#define ANSWER_BYTES_MAX INPUT_BYTES_MAX

/*
 *   len      bytes that were written, or would have been
 *   to_file  whether they go to `target`, and not to `bytes`
 */
struct sink {
    const hexmcp_round *r;
    uint64_t len;
    bool to_file;
    struct bytes bytes;
    struct target target;
};

/* [worker] Begins what the request asks for. sink_close() is due after HEXMCP_OK.
 * Errors: those of target_begin(). */
int32_t sink_open(struct sink *sink, const hexmcp_round *r, const struct request *request);

/* Appends. Errors: HEXMCP_E_TOO_LARGE, HEXMCP_E_NOMEM, HEXMCP_E_GENERIC. */
int32_t sink_write(struct sink *sink, const void *data, size_t len);

/* Makes the file last under its name. Nothing to do for memory. Errors: those of target_commit(). */
int32_t sink_finish(struct sink *sink);

/* Frees all; a file that was not finished goes without a trace. */
void sink_close(struct sink *sink);
