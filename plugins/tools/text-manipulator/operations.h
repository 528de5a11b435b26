/*
 * operations.h - the seventeen operations by name.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/output.h"
#include "request.h"

#include "hexmcp/json/write.h"

/* Most parts that split gives. */
#define SPLIT_PARTS_MAX 1000000

/* Does what the request says and writes the structured result to `writer`, whose own failures stay
 * in it. Errors: HEXMCP_E_INVALID, HEXMCP_E_TOO_LARGE, HEXMCP_E_NOMEM. */
int32_t operations_run(struct request *request, hexmcp_json_writer *writer, hexmcp_error *err);
