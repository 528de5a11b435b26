/*
 * json_text.h - JSON written piece by piece, as deep as it may be.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/json.h"
#include "kit/bytes.h"

/* Each returns false if memory is short. The text is UTF-8. */
bool json_text_string(struct bytes *out, const char *text, size_t len);
bool json_text_raw(struct bytes *out, const char *raw);
