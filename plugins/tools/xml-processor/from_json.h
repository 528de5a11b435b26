/*
 * from_json.h - JSON of the form that to_json gives, as XML text.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/json.h"
#include "kit/bytes.h"

#define FROM_JSON_DEPTH_MOST 128

/* `json` is strict JSON. The text need not be well-formed: names and characters are not checked. */
int32_t from_json(hexmcp_str json, struct bytes *out, hexmcp_error *err);
