/*
 * markup.h - titles and snippets without the HTML that some back ends put into them.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>

/* In place: no tags, common entities as characters, white space in one piece. */
void markup_remove(char *text);

/* In place: at most `most` bytes, never half a character; "..." stands where it was cut. `most` is at least
 * 3. */
void markup_cut(char *text, size_t most);
