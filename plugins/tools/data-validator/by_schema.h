/*
 * by_schema.h - checks a value by a JSON Schema, which the host does.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "report.h"

/* Puts what does not fit into `report`. `format` is checked. Errors: those of hexmcp.schema/1. */
int32_t by_schema_check(const hexmcp_host *host, hexmcp_str schema, hexmcp_str value, int fail_fast,
                        struct report *report, hexmcp_error *err);
