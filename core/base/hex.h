/* Bytes as hexadecimal digits. Pure, [any] thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/str.h"
#include "ports/driven/random.h"

/* Two digits in small letters for each byte, without NUL. */
static inline void hex_write(const uint8_t *bytes, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
}

/* The value of a digit in small letters; -1 if it is none. */
static inline int hex_small_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The same for either case. */
static inline int hex_digit(char c)
{
    return hex_small_digit(c >= 'A' && c <= 'F' ? (char)(c | 0x20) : c);
}

/* Whether all of it is digits in small letters. */
static inline bool hex_is_small(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (hex_small_digit(text.ptr[i]) < 0)
            return false;
    return true;
}

/* `len` bytes from as many pairs of digits in small letters; false, and nothing to be used in `out`, for
 * anything else. */
static inline bool hex_read(struct str text, uint8_t *out, size_t len)
{
    if (text.len != 2 * len || !hex_is_small(text))
        return false;
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(hex_small_digit(text.ptr[2 * i]) << 4 | hex_small_digit(text.ptr[2 * i + 1]));
    return true;
}

/* Random bytes, at most 32, as two digits each: names that nobody guesses. Fails as the port does. */
static inline int hex_draw(const struct random_port *random, size_t bytes, char *out, struct error *err)
{
    uint8_t drawn[32];
    int rc = random->fill(random->ctx, drawn, bytes, err);
    if (!rc)
        hex_write(drawn, bytes, out);
    return rc;
}
