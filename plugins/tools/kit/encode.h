/*
 * encode.h - base64, percent coding and UTF-8.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/bytes.h"

/* Standard base64 with padding, added to `out`. false if memory is short; then nothing is added. */
bool encode_base64(struct bytes *out, const void *data, size_t len);

/* Adds the bytes that the text stands for; line breaks and spaces are passed over. false, with some of
 * them added, if it is no base64, or memory is short. */
bool decode_base64(struct bytes *out, hexmcp_str text);

/* All but letters, digits, '-', '.', '_' and '~' as %XX. */
bool encode_percent(struct bytes *out, hexmcp_str text);

/* How many bytes from the first on are UTF-8: text.len if all are. Strict: no surrogates, nothing longer
 * than it must be. */
size_t utf8_good(hexmcp_str text);
bool is_utf8(hexmcp_str text);

/* At most so many bytes of it, and no part of a character at the end. */
size_t utf8_cut(hexmcp_str text, size_t most);
