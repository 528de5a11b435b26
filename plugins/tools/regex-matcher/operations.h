/*
 * operations.h - what the tool can do with a pattern.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "request.h"

#include "hexmcp/json.h"

/* Does the operation that the arguments name and writes the result object.
 * Errors: HEXMCP_E_INVALID, HEXMCP_E_TOO_LARGE, HEXMCP_E_NOMEM. */
int32_t operations_run(struct request *request, hexmcp_json_writer *writer, hexmcp_error *err);
