/*
 * encoded.h - the codings of mail: RFC 2045, 2047 and 2231.
 *
 * SPDX-License-Identifier: MIT
 *
 * Texts are UTF-8 without control characters, but for line breaks in encoded_printable(). All append, and
 * return false if memory is short.
 */
#pragma once

#include <stdbool.h>

#include "kit/bytes.h"

/* The text of a header that began `column` bytes before, folded: as it is if it is ASCII, else in words of
 * base64. */
bool encoded_words(struct bytes *out, const char *text, size_t column);

/* The same for a name before an address: what is no word is quoted. */
bool encoded_phrase(struct bytes *out, const char *text, size_t column);

/* `;`-less parameter of a header in lines of its own: filename="x", or filename*0*=utf-8''x. */
bool encoded_parameter(struct bytes *out, const char *name, const char *value);

/* Quoted-printable; line breaks of any kind become CRLF. */
bool encoded_printable(struct bytes *out, const char *text);

/* Base64 in lines of 76. */
bool encoded_base64(struct bytes *out, hexmcp_str data);
