/* Base64 with the alphabet for URLs and without padding (RFC 4648, section 5). */
#pragma once

#include "core/base/buffer.h"

void base64url_encode(struct str data, struct buffer *out);

/* Strict: no padding, no line breaks, unused bits zero, so that every text has one meaning. Appends
 * the bytes; false (and `out` undefined) if `text` is malformed. */
bool base64url_decode(struct str text, struct buffer *out);
