/* JSON without blanks between its values. */
#pragma once

#include "core/base/buffer.h"

/* Appends the raw text of one JSON value without blanks to `out`, which may be NULL. Returns the length
 * of what it appends. */
size_t json_compact(struct buffer *out, struct str raw);
