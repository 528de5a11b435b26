/*
 * check.h - is a text JSON, and does it fit a schema? By the host's hexmcp.schema/1.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/answer.h"

/* Puts "valid", "errors" and "more". An empty `schema` takes every JSON value. */
int32_t check_put(struct answer *a, hexmcp_str text, hexmcp_str schema);
