/*
 * SPDX-License-Identifier: MIT
 */
#include "edit.h"
#include "utf8.h"

#include <string.h>

void edit_reverse(hexmcp_str text, struct output *out)
{
    char *start = output_extend(out, text.len);
    if (!start)
        return;
    char *to = start + text.len;
    for (size_t pos = 0; pos < text.len;) {
        size_t end = utf8_character_end(text, pos);
        to -= end - pos;
        memcpy(to, text.ptr + pos, end - pos);
        pos = end;
    }
}

/* Where `needle` begins in `text` from `pos` on; text.len if nowhere. UTF-8 is self-synchronising,
 * so a match of bytes is a match of code points. */
static size_t find(hexmcp_str text, size_t pos, hexmcp_str needle)
{
    const char *found = memmem(text.ptr + pos, text.len - pos, needle.ptr, needle.len);
    return found ? (size_t)(found - text.ptr) : text.len;
}

void edit_replace(hexmcp_str text, hexmcp_str from, hexmcp_str to, struct output *out)
{
    size_t pos = 0;
    while (pos < text.len && out->status == HEXMCP_OK) {
        size_t found = find(text, pos, from);
        output_put(out, utf8_slice(text, pos, found));
        if (found == text.len)
            break;
        output_put(out, to);
        pos = found + from.len;
    }
}

void edit_truncate(hexmcp_str text, size_t length, hexmcp_str suffix, size_t suffix_length,
                   struct output *out)
{
    size_t passed;
    if (utf8_offset(text, length, &passed) == text.len) {
        output_put(out, text);
        return;
    }
    output_put(out, utf8_slice(text, 0, utf8_offset(text, length - suffix_length, &passed)));
    output_put(out, suffix);
}

int edit_next_part(hexmcp_str text, hexmcp_str delimiter, size_t *pos, hexmcp_str *part)
{
    size_t start = *pos;
    if (delimiter.len == 0) {
        if (start >= text.len)
            return 0;
        *pos = utf8_character_end(text, start);
        *part = utf8_slice(text, start, *pos);
        return 1;
    }
    if (start > text.len)
        return 0;
    size_t found = start < text.len ? find(text, start, delimiter) : text.len;
    *part = utf8_slice(text, start, found);
    *pos = found < text.len ? found + delimiter.len : text.len + 1;
    return 1;
}
