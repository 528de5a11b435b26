/*
 * SPDX-License-Identifier: MIT
 */
#include "utf8.h"

/* Bytes of the character that begins with `lead`, and the range of its second byte (table 3-7 of
 * the Unicode standard); 0 if none does. */
static size_t character(uint8_t lead, uint8_t *low, uint8_t *high)
{
    *low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    *high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2)
        return 0;
    if (lead < 0xE0)
        return 2;
    if (lead < 0xF0)
        return 3;
    return lead < 0xF5 ? 4 : 0;
}

static int continues(uint8_t byte)
{
    return (byte & 0xC0) == 0x80;
}

int utf8_valid(const uint8_t *bytes, size_t len)
{
    uint8_t low, high;
    for (size_t i = 0, size; i < len; i += size) {
        size = character(bytes[i], &low, &high);
        if (size == 0 || size > len - i)
            return 0;
        if (size > 1 && (bytes[i + 1] < low || bytes[i + 1] > high))
            return 0;
        for (size_t at = 2; at < size; at++)
            if (!continues(bytes[i + at]))
                return 0;
    }
    return 1;
}
