/*
 * SPDX-License-Identifier: MIT
 */
#include "text.h"

#include <stdint.h>

/* Bytes of the valid character at `s`; 0 if there is none. */
static size_t character(const uint8_t *s, size_t len)
{
    size_t n = s[0] < 0x80 ? 1 : s[0] >= 0xc2 && s[0] < 0xe0 ? 2 : (s[0] & 0xf0) == 0xe0 ? 3
               : s[0] >= 0xf0 && s[0] < 0xf5 ? 4 : 0;
    if (n == 0 || n > len)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return n;
}

bool text_of(hexmcp_str bytes, size_t most, struct bytes *out, size_t *replaced)
{
    const uint8_t *s = (const uint8_t *)bytes.ptr;
    size_t from = 0, at = 0;
    bool ok = bytes_add(out, "", 0);
    *replaced = 0;
    while (ok && at < bytes.len && out->len + (at - from) < most) {
        size_t n = character(s + at, bytes.len - at);
        if (n) {
            at += n;
            continue;
        }
        ok = bytes_add(out, s + from, at - from) && bytes_add(out, "\xef\xbf\xbd", 3);
        from = ++at;
        ++*replaced;
    }
    return ok && bytes_add(out, s + from, at - from);
}
