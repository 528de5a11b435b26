#include "adapters/driving/cli/plain.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "core/json/utf8.h"

static const struct {
    uint32_t first, last;
} hidden[] = {
    {0x00, 0x08},     {0x0B, 0x1F},     {0x7F, 0x9F},     {0xAD, 0xAD},
    {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F}, {0xFEFF, 0xFEFF},
    {0xE0000, 0xE007F},
};

static bool is_hidden(uint32_t code)
{
    for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
        if (code >= hidden[i].first && code <= hidden[i].last)
            return true;
    return false;
}

/* The character of `len` bytes at `s`. */
static uint32_t code_point(const char *s, size_t len)
{
    static const unsigned char lead[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t code = (unsigned char)s[0] & lead[len];
    for (size_t i = 1; i < len; i++)
        code = code << 6 | ((unsigned char)s[i] & 0x3F);
    return code;
}

void plain_print(struct str text)
{
    const char *at = text.ptr, *end = text.ptr + text.len;
    while (at < end) {
        size_t len = utf8_sequence(at, end);
        uint32_t code = len ? code_point(at, len) : 0xFFFD;
        if (!len)
            fputs("\xEF\xBF\xBD", stdout);
        else if (is_hidden(code))
            printf(code > 0xFFFF ? "\\u{%x}" : "\\u%04x", code);
        else
            fwrite(at, 1, len, stdout);
        at += len ? len : 1;
    }
}
