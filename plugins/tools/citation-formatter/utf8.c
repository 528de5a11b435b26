/*
 * SPDX-License-Identifier: MIT
 */
#include "utf8.h"

#include <stdint.h>

/* Bytes of the character; 0 if it is none. */
static size_t character(const uint8_t *s, size_t left)
{
    size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;
    if (n > left)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if (n >= 3 && ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
                   (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f)))
        return 0;
    return n;
}

size_t utf8_valid(const char *text, size_t len)
{
    size_t at = 0, n = 1;
    while (at < len && (n = character((const uint8_t *)text + at, len - at)) != 0)
        at += n;
    return at;
}

void utf8_mend(char *text, size_t len)
{
    for (size_t at = utf8_valid(text, len); at < len; at += utf8_valid(text + at, len - at))
        text[at] = '?';
}
