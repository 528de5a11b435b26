/* Limits in words. */
#pragma once

#include "core/base/buffer.h"
#include "core/json/json.h"

/* Appends "1 to 3", "at least 1" or "at most 3" and the unit, which is that of one thing: more of
 * them get an s. Nothing, and false, if there is neither bound. */
bool range_put(struct buffer *out, struct json low, struct json high, const char *unit);
