/*
 * SPDX-License-Identifier: MIT
 */
#include "utf8.h"

#include <utf8proc.h>

#define VARIATION_EMOJI 0xFE0F
#define REGIONAL_FIRST 0x1F1E6
#define REGIONAL_LAST 0x1F1FF

/* Length of the code point at `pos`, negative if the bytes are malformed. */
static utf8proc_ssize_t decode(hexmcp_str text, size_t pos, int32_t *code_point)
{
    return utf8proc_iterate((const utf8proc_uint8_t *)text.ptr + pos,
                            (utf8proc_ssize_t)(text.len - pos), code_point);
}

int32_t utf8_next(hexmcp_str text, size_t *pos)
{
    unsigned char first = (unsigned char)text.ptr[*pos];
    if (first < 0x80) {
        ++*pos;
        return first;
    }
    int32_t code_point;
    *pos += (size_t)decode(text, *pos, &code_point);
    return code_point;
}

int32_t utf8_previous(hexmcp_str text, size_t *pos)
{
    do {
        --*pos;
    } while (((unsigned char)text.ptr[*pos] & 0xC0) == 0x80);
    size_t again = *pos;
    return utf8_next(text, &again);
}

/* Between two ASCII bytes there is always a boundary, but for CR LF. */
static int is_plain(hexmcp_str text, size_t pos)
{
    unsigned char first = (unsigned char)text.ptr[pos];
    return first < 0x80 && first != '\r' &&
           (pos + 1 == text.len || (unsigned char)text.ptr[pos + 1] < 0x80);
}

size_t utf8_character_end(hexmcp_str text, size_t pos)
{
    if (is_plain(text, pos))
        return pos + 1;
    utf8proc_int32_t state = 0;
    int32_t left = utf8_next(text, &pos);
    while (pos < text.len) {
        size_t behind = pos;
        int32_t right = utf8_next(text, &behind);
        if (utf8proc_grapheme_break_stateful(left, right, &state))
            break;
        left = right;
        pos = behind;
    }
    return pos;
}

size_t utf8_offset(hexmcp_str text, size_t index, size_t *passed)
{
    size_t pos = 0;
    size_t count = 0;
    while (pos < text.len && count < index) {
        pos = utf8_character_end(text, pos);
        count++;
    }
    *passed = count;
    return pos;
}

size_t utf8_length(hexmcp_str text)
{
    size_t count;
    utf8_offset(text, SIZE_MAX, &count);
    return count;
}

size_t utf8_character_width(hexmcp_str character)
{
    size_t width = 0;
    size_t regional = 0;
    for (size_t pos = 0; pos < character.len;) {
        int32_t code_point = utf8_next(character, &pos);
        int own = utf8proc_charwidth(code_point);
        if (own > 0 && (size_t)own > width)
            width = (size_t)own;
        if (code_point >= REGIONAL_FIRST && code_point <= REGIONAL_LAST)
            regional++;
        if ((code_point == VARIATION_EMOJI && width > 0) || regional == 2)
            return 2;
    }
    return width;
}

size_t utf8_width(hexmcp_str text)
{
    size_t width = 0;
    for (size_t pos = 0; pos < text.len;) {
        size_t end = utf8_character_end(text, pos);
        width += utf8_character_width(utf8_slice(text, pos, end));
        pos = end;
    }
    return width;
}

int utf8_is_space(int32_t code_point)
{
    if (code_point < 0x80)
        return code_point == ' ' || (code_point >= '\t' && code_point <= '\r');
    if (code_point == 0x85)
        return 1;
    utf8proc_category_t category = utf8proc_category(code_point);
    return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
           category == UTF8PROC_CATEGORY_ZP;
}
