/* Standard base64 with padding (RFC 4648, section 4). */
#pragma once

#include "core/base/buffer.h"

/* True if the text is base64 as an encoder writes it: whole groups of four, padding at the end
 * alone. */
bool base64_check(struct str text);

/* Appends the bytes that the text stands for; false, with nothing appended, if it is not base64 as
 * above or without memory. Unused bits are not looked at. */
bool base64_decode(struct str text, struct buffer *out);

/* Appends the text that stands for the bytes. Room is reserved first, so that a secret leaves no copy
 * behind in memory that was given back. */
void base64_encode(struct str bytes, struct buffer *out);
