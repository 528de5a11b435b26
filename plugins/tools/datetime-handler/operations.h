/*
 * operations.h - the operations by name.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "request.h"

#include "hexmcp/json/write.h"

/* Does `operation` (NULL: parse) and writes the members of the result to `writer`, inside of an
 * object; the writer's own failures stay in it. Errors: HEXMCP_E_INVALID, HEXMCP_E_UNAVAILABLE. */
int32_t operations_run(const char *operation, const struct request *request,
                       hexmcp_json_writer *writer, hexmcp_error *err);

/* One each; `report.h` has what they share. */
int32_t operation_add(const struct request *request, int sign, hexmcp_json_writer *writer,
                      hexmcp_error *err);
int32_t operation_difference(const struct request *request, hexmcp_json_writer *writer,
                             hexmcp_error *err);
int32_t operation_info(const struct request *request, hexmcp_json_writer *writer,
                       hexmcp_error *err);
