/*
 * edit.h - cutting, turning and replacing by characters.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/output.h"

/* The characters in reverse order; characters stay whole. */
void edit_reverse(hexmcp_str text, struct output *out);

/* Every `from`, read from the left and not overlapping, becomes `to`. `from` is not empty. */
void edit_replace(hexmcp_str text, hexmcp_str from, hexmcp_str to, struct output *out);

/* At most `length` characters: if there are more, the first ones and `suffix`, which has
 * `suffix_length` characters, no more than `length`. */
void edit_truncate(hexmcp_str text, size_t length, hexmcp_str suffix, size_t suffix_length,
                   struct output *out);

/* Walks through the parts of `text` between delimiters; single characters if `delimiter` is empty.
 * *pos begins at 0. Returns 1 with the next part, 0 behind the last. Text with n delimiters has n+1
 * parts, so an empty text has one empty part; with an empty delimiter it has none. */
int edit_next_part(hexmcp_str text, hexmcp_str delimiter, size_t *pos, hexmcp_str *part);
