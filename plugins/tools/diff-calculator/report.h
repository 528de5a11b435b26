/*
 * report.h - what changed between two JSON documents, as JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "changes.h"

#include "hexmcp/json.h"

/* Most bytes of a report, and of a diff. */
#define RESULT_BYTES_MAX ((size_t)8 * 1024 * 1024)

/* Writes members of the object that is open: `added`, `removed` and `modified`, or `patch` with the
 * operations of RFC 6902.
 * Errors: HEXMCP_E_TOO_LARGE above RESULT_BYTES_MAX, HEXMCP_E_NOMEM. */
int32_t report_lists(const struct changes *changes, hexmcp_json_writer *writer, hexmcp_error *err);
int32_t report_patch(const struct changes *changes, hexmcp_json_writer *writer, hexmcp_error *err);

/* HEXMCP_E_TOO_LARGE with the advice that fits every result. */
int32_t report_too_large(hexmcp_error *err);
