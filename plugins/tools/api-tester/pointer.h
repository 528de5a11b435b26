/*
 * pointer.h - JSON Pointer (RFC 6901).
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

#include "hexmcp/json.h"

/* True if the text is a pointer: "", or parts that each begin with "/". */
bool pointer_valid(const char *pointer);

/* What the pointer leads to in `json`, which must be valid; false if that is nothing. */
bool pointer_find(hexmcp_str json, const char *pointer, hexmcp_str *out);
