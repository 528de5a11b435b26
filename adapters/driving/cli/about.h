/* What an item is, in few words. */
#pragma once

#include "core/base/buffer.h"
#include "core/json/json.h"

/* The first sentence of the `description`, else the `title`; empty if there is neither. It may
 * stand in `scratch`. */
struct str about(struct json definition, struct buffer *scratch);
