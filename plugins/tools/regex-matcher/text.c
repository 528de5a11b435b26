/*
 * SPDX-License-Identifier: MIT
 */
#include "text.h"

#include <stdlib.h>

#define MARK_BYTES ((size_t)1024)

/* Bytes of the well-formed sequence at `s`; 0 if there is none. */
static size_t sequence(const unsigned char *s, size_t left)
{
    unsigned char low = s[0] == 0xE0 ? 0xA0 : s[0] == 0xF0 ? 0x90 : 0x80;
    unsigned char high = s[0] == 0xED ? 0x9F : s[0] == 0xF4 ? 0x8F : 0xBF;
    size_t len = s[0] < 0x80 ? 1 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
    if (len == 1)
        return 1;
    if (s[0] < 0xC2 || s[0] > 0xF4 || left < len || s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    }
    return len;
}

int text_valid(hexmcp_str text, size_t *bad)
{
    for (size_t at = 0, len; at < text.len; at += len) {
        len = sequence((const unsigned char *)text.ptr + at, text.len - at);
        if (len == 0) {
            *bad = at;
            return 0;
        }
    }
    return 1;
}

static int is_inner(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

size_t text_characters(hexmcp_str text, size_t bytes)
{
    size_t count = 0;
    for (size_t i = 0; i < bytes && i < text.len; i++)
        count += !is_inner(text.ptr[i]);
    return count;
}

size_t text_next(hexmcp_str text, size_t at)
{
    do {
        at++;
    } while (at < text.len && is_inner(text.ptr[at]));
    return at;
}

int32_t places_init(struct places *places, hexmcp_str text)
{
    size_t count = text.len / MARK_BYTES + 1;
    size_t *marks = malloc(count * sizeof(*marks));
    if (!marks)
        return HEXMCP_E_NOMEM;
    marks[0] = 0;
    for (size_t i = 1; i < count; i++) {
        hexmcp_str part = {text.ptr + (i - 1) * MARK_BYTES, MARK_BYTES};
        marks[i] = marks[i - 1] + text_characters(part, MARK_BYTES);
    }
    *places = (struct places){text, marks};
    return HEXMCP_OK;
}

void places_clear(struct places *places)
{
    free(places->marks);
}

size_t places_character(const struct places *places, size_t offset)
{
    size_t mark = offset / MARK_BYTES;
    size_t start = mark * MARK_BYTES;
    if (start == places->text.len)
        return places->marks[mark];
    hexmcp_str rest = {places->text.ptr + start, places->text.len - start};
    return places->marks[mark] + text_characters(rest, offset - start);
}
