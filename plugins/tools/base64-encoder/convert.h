/*
 * convert.h - from the request's source through base64 to a sink.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "sink.h"

/* Most bytes of a file. */
#define FILE_BYTES_MAX ((size_t)50 * 1024 * 1024)

/* [worker] Converts all of the source, whose file is open as `fd` if it is one, and writes it to `sink`,
 * which is not finished then. *taken is how many bytes it had. Reports progress of the call and ends
 * early when it is cancelled. Errors: HEXMCP_E_INVALID with the place if the source is no base64,
 * HEXMCP_E_CANCELLED, HEXMCP_E_NOMEM; those of source_pieces() and sink_write(). */
int32_t convert(const hexmcp_round *r, const struct request *request, int fd, struct sink *sink,
                uint64_t *taken);
