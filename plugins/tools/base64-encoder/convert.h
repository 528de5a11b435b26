/*
 * convert.h - from a source through base64 to a sink.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "request.h"
#include "sink.h"
#include "source.h"

#include "hexmcp/host.h"

/* [any; worker for files] Converts all of `source` as `request` says and writes it to `sink`, which
 * is not finished then. Reports progress of `call` and ends early when it is cancelled.
 * Errors: HEXMCP_E_INVALID with the place if the source is no base64, HEXMCP_E_CANCELLED,
 * HEXMCP_E_NOMEM; those of source_read() and sink_write(). */
int32_t convert(const hexmcp_host *host, hexmcp_call call, const struct request *request,
                struct source *source, struct sink *sink, hexmcp_error *err);
