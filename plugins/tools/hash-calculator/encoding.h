/*
 * encoding.h - bytes as hexadecimal or base64 text, and back.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum encoding { ENCODING_UTF8, ENCODING_HEX, ENCODING_BASE64 };

/* "utf-8", "hex" and "base64"; NULL ends them. */
extern const char *const encoding_names[];

/* Room for `len` bytes as text of any encoding, with the closing NUL. */
#define ENCODING_ROOM(len) (2 * (len) + 5)

/* Writes `len` bytes as text with a closing NUL: lower-case hex, or standard base64 with padding.
 * `encoding` is not ENCODING_UTF8. `text` has ENCODING_ROOM(len) bytes. */
void encoding_write(enum encoding encoding, const uint8_t *data, size_t len, char *text);

/* Reads text into `data`, which has room for `text_len` bytes. Hex may be of either case; base64 is
 * standard, with padding, and its unused bits are zero. Text of ENCODING_UTF8 is copied.
 * Returns 1 and *len; 0 if the text is malformed, then *bad is the first position that does not
 * fit, text_len if something is missing at the end. */
int encoding_read(enum encoding encoding, const char *text, size_t text_len, uint8_t *data,
                  size_t *len, size_t *bad);
