/*
 * SPDX-License-Identifier: MIT
 */
#include "ranges.h"

static int compare(hexmcp_str a, hexmcp_str b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len > 0 ? memcmp(a.ptr, b.ptr, len) : 0;
    return order != 0 ? order : a.len < b.len ? -1 : a.len > b.len;
}

static hexmcp_str copy(char *to, hexmcp_str from)
{
    if (from.len > 0)
        memcpy(to, from.ptr, from.len);
    return (hexmcp_str){to, from.len};
}

/* Behind all keys: no UTF-8 has this byte. Behind those with a prefix: its last byte, which can be
 * counted up because it is less than that. */
static void set_high(struct range *range, hexmcp_str prefix)
{
    range->high = copy(range->high_text, prefix);
    if (prefix.len == 0)
        range->high = copy(range->high_text, STR("\xFF"));
    else
        range->high_text[prefix.len - 1]++;
}

void range_set(struct range *range, hexmcp_str prefix, hexmcp_str after, bool backward)
{
    range->low = copy(range->low_text, prefix);
    set_high(range, prefix);
    if (after.len == 0)
        return;
    if (backward && compare(after, range->high) < 0)
        range->high = copy(range->high_text, after);
    if (!backward && compare(after, range->low) >= 0) {
        range->low = copy(range->low_text, after);
        range->low_text[range->low.len++] = '\0'; /* the next after it */
    }
}
