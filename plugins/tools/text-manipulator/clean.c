/*
 * SPDX-License-Identifier: MIT
 */
#include "clean.h"
#include "utf8.h"

#include <utf8proc.h>

#define NON_JOINER 0x200C
#define JOINER 0x200D
#define BLACK_FLAG 0x1F3F4
#define CANCEL_TAG 0xE007F

/* UTF-8 of a tag character is F3 A0 80 A1 ... F3 A0 81 BF. */
#define TAG_BYTES 4

hexmcp_str clean_trim(hexmcp_str text)
{
    size_t start = 0;
    size_t end = text.len;
    for (size_t pos = 0; pos < text.len && utf8_is_space(utf8_next(text, &pos));)
        start = pos;
    for (size_t pos = end; pos > start && utf8_is_space(utf8_previous(text, &pos));)
        end = pos;
    return utf8_slice(text, start, end);
}

void clean_spaces(hexmcp_str text, struct output *out)
{
    size_t first = out->len;
    int pending = 0;
    for (size_t pos = 0; pos < text.len;) {
        size_t start = pos;
        if (utf8_is_space(utf8_next(text, &pos))) {
            pending = 1;
            continue;
        }
        if (pending && out->len > first)
            output_put(out, (hexmcp_str){" ", 1});
        pending = 0;
        output_put(out, utf8_slice(text, start, pos));
    }
}

static int32_t peek(hexmcp_str text, size_t pos)
{
    return pos < text.len ? utf8_next(text, &pos) : -1;
}

static int is_pictographic(int32_t code_point)
{
    if (code_point < 0)
        return 0;
    const utf8proc_property_t *property = utf8proc_get_property(code_point);
    return property->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

/* Behind its base, an emoji may carry U+FE0F or a skin tone, which are Extend. */
static int emoji_ends_at(hexmcp_str text, size_t pos)
{
    while (pos > 0) {
        int32_t code_point = utf8_previous(text, &pos);
        if (utf8proc_get_property(code_point)->boundclass != UTF8PROC_BOUNDCLASS_EXTEND)
            return is_pictographic(code_point);
    }
    return 0;
}

static int is_shaped_letter(int32_t code_point)
{
    if (code_point < 0x600 || code_point > 0x1AFF)
        return 0;
    utf8proc_category_t category = utf8proc_category(code_point);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_ME;
}

static int keeps_joiner(hexmcp_str text, size_t start, size_t end, int32_t joiner)
{
    if (start == 0 || end == text.len)
        return 0;
    size_t before = start;
    int32_t right = peek(text, end);
    if (is_shaped_letter(utf8_previous(text, &before)) && is_shaped_letter(right))
        return 1;
    return joiner == JOINER && is_pictographic(right) && emoji_ends_at(text, start);
}

static int is_variation_selector(int32_t code_point)
{
    return (code_point >= 0xFE00 && code_point <= 0xFE0F) ||
           (code_point >= 0xE0100 && code_point <= 0xE01EF) ||
           (code_point >= 0x180B && code_point <= 0x180D) || code_point == 0x180F;
}

static int is_noncharacter(int32_t code_point)
{
    return (code_point & 0xFFFE) == 0xFFFE || (code_point >= 0xFDD0 && code_point <= 0xFDEF);
}

/* Visible here means: neither white space nor hidden by itself. */
static int is_hidden(int32_t code_point)
{
    const utf8proc_property_t *property = utf8proc_get_property(code_point);
    if (property->category == UTF8PROC_CATEGORY_CC || is_noncharacter(code_point))
        return 1;
    if (property->category == UTF8PROC_CATEGORY_CF)
        return property->boundclass != UTF8PROC_BOUNDCLASS_PREPEND;
    return property->ignorable != 0;
}

static int keeps_selector(hexmcp_str text, size_t start)
{
    if (start == 0)
        return 0;
    int32_t before = utf8_previous(text, &start);
    return !is_hidden(before) && !utf8_is_space(before);
}

static int is_flag_tag(int32_t code_point)
{
    return (code_point >= 0xE0030 && code_point <= 0xE0039) ||
           (code_point >= 0xE0061 && code_point <= 0xE007A);
}

/* Bytes of the tags behind a black flag: two to six and the cancel tag; 0 if it is otherwise. */
static size_t flag_tags(hexmcp_str text, size_t pos)
{
    size_t count = 0;
    while (is_flag_tag(peek(text, pos + count * TAG_BYTES)))
        count++;
    if (count < 2 || count > 6 || peek(text, pos + count * TAG_BYTES) != CANCEL_TAG)
        return 0;
    return (count + 1) * TAG_BYTES;
}

static int is_kept(hexmcp_str text, size_t start, size_t end, int32_t code_point)
{
    if (code_point == '\t' || code_point == '\n')
        return 1;
    if (code_point == '\r')
        return peek(text, end) == '\n';
    if (code_point == JOINER || code_point == NON_JOINER)
        return keeps_joiner(text, start, end, code_point);
    if (is_variation_selector(code_point))
        return keeps_selector(text, start);
    return !is_hidden(code_point);
}

void clean_sanitize(hexmcp_str text, struct output *out)
{
    for (size_t pos = 0; pos < text.len;) {
        size_t start = pos;
        int32_t code_point = utf8_next(text, &pos);
        if (!is_kept(text, start, pos, code_point))
            continue;
        if (code_point == BLACK_FLAG)
            pos += flag_tags(text, pos);
        output_put(out, utf8_slice(text, start, pos));
    }
}
