/*
 * SPDX-License-Identifier: MIT
 */
#include "text.h"

#include <stdlib.h>

#define MARK_BYTES ((size_t)1024)

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
