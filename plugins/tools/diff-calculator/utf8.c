/*
 * SPDX-License-Identifier: MIT
 */
#include "utf8.h"

/* The bytes of the character that `lead` begins, and the range of the second of them; 0 if it begins
 * none. Longer forms than needed, surrogates and what lies beyond U+10FFFF show in the second. */
static size_t character(unsigned char lead, unsigned char *low, unsigned char *high)
{
    *low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    *high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return 2;
    if (lead >= 0xE0 && lead <= 0xEF)
        return 3;
    return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

size_t utf8_valid(hexmcp_str text)
{
    const unsigned char *bytes = (const unsigned char *)text.ptr;
    size_t at = 0;
    while (at < text.len) {
        unsigned char low;
        unsigned char high;
        size_t len = character(bytes[at], &low, &high);
        if (len == 0 || len > text.len - at ||
            (len > 1 && (bytes[at + 1] < low || bytes[at + 1] > high)))
            return at;
        for (size_t i = 2; i < len; i++) {
            if ((bytes[at + i] & 0xC0) != 0x80)
                return at;
        }
        at += len;
    }
    return at;
}
