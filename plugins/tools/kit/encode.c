/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/encode.h"

#include <stdint.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool encode_base64(struct bytes *out, const void *data, size_t len)
{
    const unsigned char *in = data;
    size_t before = out->len;
    for (size_t i = 0; i < len; i += 3) {
        size_t have = len - i;
        uint32_t three = (uint32_t)in[i] << 16 | (have > 1 ? (uint32_t)in[i + 1] << 8 : 0) |
                         (have > 2 ? in[i + 2] : 0);
        char four[4] = {digits[three >> 18], digits[three >> 12 & 63],
                        have > 1 ? digits[three >> 6 & 63] : '=', have > 2 ? digits[three & 63] : '='};
        if (!bytes_add(out, four, 4)) {
            out->len = before;
            return false;
        }
    }
    return bytes_add(out, "", 0);
}

bool decode_base64(struct bytes *out, hexmcp_str text)
{
    uint32_t bits = 0;
    unsigned count = 0, padding = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        const char *digit = c ? memchr(digits, c, 64) : NULL;
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
            continue;
        if (c == '=' && count % 4 >= 2)
            padding++;
        else if (!digit || padding)
            return false;
        bits = bits << 6 | (digit ? (uint32_t)(digit - digits) : 0);
        if (++count % 4 != 0)
            continue;
        char three[3] = {(char)(bits >> 16 & 255), (char)(bits >> 8 & 255), (char)(bits & 255)};
        if (padding > 2 || !bytes_add(out, three, 3 - padding))
            return false;
    }
    return count % 4 == 0 && bytes_add(out, "", 0);
}

bool encode_percent(struct bytes *out, hexmcp_str text)
{
    static const char hex[] = "0123456789ABCDEF";
    bool good = bytes_add(out, "", 0);
    for (size_t i = 0; good && i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        char three[3] = {'%', hex[c >> 4], hex[c & 15]};
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '.' || c == '_' || c == '~';
        good = plain ? bytes_add(out, text.ptr + i, 1) : bytes_add(out, three, 3);
    }
    return good;
}

/* Bytes of the character that begins here; 0 if none does. */
static size_t character(const unsigned char *at, size_t len)
{
    size_t more = at[0] < 0xE0 ? 1 : at[0] < 0xF0 ? 2 : 3;
    if (at[0] < 0x80)
        return 1;
    if (at[0] < 0xC2 || at[0] > 0xF4 || more >= len)
        return 0;
    for (size_t i = 1; i <= more; i++)
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    if ((at[0] == 0xE0 && at[1] < 0xA0) || (at[0] == 0xED && at[1] > 0x9F) ||
        (at[0] == 0xF0 && at[1] < 0x90) || (at[0] == 0xF4 && at[1] > 0x8F))
        return 0;
    return more + 1;
}

size_t utf8_good(hexmcp_str text)
{
    size_t at = 0, len = 1;
    while (at < text.len && (len = character((const unsigned char *)text.ptr + at, text.len - at)) > 0)
        at += len;
    return at;
}

bool is_utf8(hexmcp_str text)
{
    return utf8_good(text) == text.len;
}

size_t utf8_cut(hexmcp_str text, size_t most)
{
    if (text.len <= most)
        return text.len;
    while (most > 0 && ((unsigned char)text.ptr[most] & 0xC0) == 0x80)
        most--;
    return most;
}
