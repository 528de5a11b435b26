#include "core/base/base64.h"

static bool is_digit(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}

bool base64_check(struct str text)
{
    size_t len = text.len;
    if (len % 4)
        return false;
    for (int pad = 0; pad < 2 && len && text.ptr[len - 1] == '='; pad++)
        len--;
    for (size_t i = 0; i < len; i++)
        if (!is_digit((unsigned char)text.ptr[i]))
            return false;
    return true;
}

static unsigned digit_value(unsigned char c)
{
    return c >= 'a'   ? c - 'a' + 26u
           : c >= 'A' ? c - 'A' + 0u
           : c >= '0' ? c - '0' + 52u
           : c == '+' ? 62
                      : 63;
}

bool base64_decode(struct str text, struct buffer *out)
{
    if (!base64_check(text) || !buffer_reserve(out, text.len / 4 * 3))
        return false;
    uint32_t bits = 0;
    for (size_t i = 0; i < text.len && text.ptr[i] != '='; i++) {
        bits = bits << 6 | digit_value((unsigned char)text.ptr[i]);
        if (i % 4 != 0)
            buffer_add_char(out, (char)(bits >> (6 - 2 * (i % 4)) & 0xFF));
    }
    return !buffer_failed(out);
}

void base64_encode(struct str bytes, struct buffer *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *in = (const unsigned char *)bytes.ptr;
    buffer_reserve(out, bytes.len / 3 * 4 + 4);
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        uint32_t bits = (uint32_t)in[i] << 16 | (left > 1 ? (uint32_t)in[i + 1] << 8 : 0) |
                        (left > 2 ? in[i + 2] : 0u);
        for (size_t d = 0; d < 4; d++)
            buffer_add_char(out, d <= left ? digits[bits >> (18 - 6 * d) & 63] : '=');
    }
}
