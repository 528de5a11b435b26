/*
 * utf8.h - walking through UTF-8 text by code points and by characters.
 *
 * SPDX-License-Identifier: MIT
 *
 * A character is what a reader takes for one: an extended grapheme cluster of UAX #29, for example
 * a letter with its combining marks, an emoji with its joiners and skin tone, a flag, or CR LF.
 * All functions take valid UTF-8.
 */
#pragma once

#include "hexmcp/abi.h"

/* The code point at *pos, which must be inside; moves *pos behind it. */
int32_t utf8_next(hexmcp_str text, size_t *pos);

/* The code point before *pos, which must be above 0; moves *pos to its start. */
int32_t utf8_previous(hexmcp_str text, size_t *pos);

/* The offset behind the character that begins at `pos`, which must be inside. */
size_t utf8_character_end(hexmcp_str text, size_t pos);

/* How many characters there are in `text`. */
size_t utf8_length(hexmcp_str text);

/* The offset of character number `index`, counted from 0; text.len if there are fewer. Writes how
 * many characters lie before that offset to *passed. */
size_t utf8_offset(hexmcp_str text, size_t index, size_t *passed);

/* Columns that the one character `character` takes on a terminal: 0, 1 or 2. */
size_t utf8_character_width(hexmcp_str character);

/* Columns of a whole text without tabs or line breaks. */
size_t utf8_width(hexmcp_str text);

/* 1 for White_Space of Unicode, else 0. */
int utf8_is_space(int32_t code_point);

/* The part of `text` from `start` up to `end`. */
static inline hexmcp_str utf8_slice(hexmcp_str text, size_t start, size_t end)
{
    return (hexmcp_str){text.ptr ? text.ptr + start : NULL, end - start};
}
