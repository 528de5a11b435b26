/*
 * lines.h - what works line by line. Lines end with LF or CR LF, and keep what they end with.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/output.h"

/* Puts `spaces` spaces before every line that is not blank. */
void lines_indent(hexmcp_str text, size_t spaces, struct output *out);

/* Takes the longest run of spaces and tabs away that all lines begin with that are not blank.
 * A line of spaces and tabs only becomes an empty line. A tab is not taken for spaces. */
void lines_dedent(hexmcp_str text, struct output *out);

/* Breaks lines at spaces and tabs so that each takes at most `width` columns (wide characters and
 * emoji take two, a tab goes to the next multiple of eight). The white space at a break goes. A
 * word wider than a line is broken between characters. `width` is at least 1. */
void lines_wrap(hexmcp_str text, size_t width, struct output *out);

/* Replaces the line ends by `delimiter`. A line end at the very end of the text just goes. */
void lines_join(hexmcp_str text, hexmcp_str delimiter, struct output *out);
