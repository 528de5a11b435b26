/* UTF-8, one character at a time. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Length in bytes (1 to 4) of the well-formed character at `s`, 0 if there is none: overlong forms,
 * surrogates, code points above U+10FFFF and cut sequences are ill-formed. */
static inline size_t utf8_sequence(const char *s, const char *end)
{
    const unsigned char *u = (const unsigned char *)s;
    size_t left = (size_t)(end - s);
    if (left == 0)
        return 0;
    if (u[0] < 0x80)
        return 1;
    if (u[0] >= 0xC2 && u[0] <= 0xDF)
        return left >= 2 && (u[1] & 0xC0) == 0x80 ? 2 : 0;
    if (u[0] >= 0xE0 && u[0] <= 0xEF) {
        unsigned char low = u[0] == 0xE0 ? 0xA0 : 0x80, high = u[0] == 0xED ? 0x9F : 0xBF;
        return left >= 3 && u[1] >= low && u[1] <= high && (u[2] & 0xC0) == 0x80 ? 3 : 0;
    }
    if (u[0] >= 0xF0 && u[0] <= 0xF4) {
        unsigned char low = u[0] == 0xF0 ? 0x90 : 0x80, high = u[0] == 0xF4 ? 0x8F : 0xBF;
        return left >= 4 && u[1] >= low && u[1] <= high && (u[2] & 0xC0) == 0x80 &&
                       (u[3] & 0xC0) == 0x80
                   ? 4
                   : 0;
    }
    return 0;
}

/* Writes `code` (a scalar value) as UTF-8 to `out`, which has room for 4 bytes; returns how many it
 * took. */
static inline size_t utf8_encode(uint32_t code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | (code >> 6));
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | (code >> 12));
        out[1] = (char)(0x80 | ((code >> 6) & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | (code >> 18));
    out[1] = (char)(0x80 | ((code >> 12) & 0x3F));
    out[2] = (char)(0x80 | ((code >> 6) & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}
