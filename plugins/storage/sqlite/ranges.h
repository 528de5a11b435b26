/*
 * Keys from `low` to before `high`, by their bytes.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "store.h"

struct range {
    hexmcp_str low;
    hexmcp_str high;
    char low_text[NAME_BYTES_MAX + 1];
    char high_text[NAME_BYTES_MAX + 1];
};

/* The keys that begin with `prefix` and stand behind `after` in the direction; each may be empty. */
void range_set(struct range *range, hexmcp_str prefix, hexmcp_str after, bool backward);
