/*
 * clean.h - white space and invisible code points.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/output.h"

/* `text` without White_Space at both ends; a part of `text`. */
hexmcp_str clean_trim(hexmcp_str text);

/* Every run of White_Space, line breaks too, becomes one space; none is left at the ends. */
void clean_spaces(hexmcp_str text, struct output *out);

/*
 * Drops what a reader cannot see and a machine would obey:
 *
 *   control characters (C0, DEL, C1) but for tab, line feed, and the carriage return of CR LF;
 *   format characters (category Cf) that show nothing: bidirectional marks, embeddings, overrides
 *   and isolates, zero-width space, word joiner, byte order mark, soft hyphen, tag characters;
 *   every other code point that is Default_Ignorable, such as the Hangul fillers; noncharacters.
 *
 * What is kept because it carries meaning: joiners inside emoji sequences; joiner and non-joiner
 * between letters of U+0600 to U+1AFF (Arabic to Tai Tham, where they shape the letters); one
 * variation selector behind a visible code point; the tags of a flag (black flag, two to six
 * letters or digits, cancel tag); signs of category Cf that enclose a number, such as U+0600.
 */
void clean_sanitize(hexmcp_str text, struct output *out);
