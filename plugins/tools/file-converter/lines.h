/*
 * lines.h - how lines end and begin. For text in which line feeds, tabs and blanks are single bytes.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

#include "encodings.h"

enum line_ending { LINE_LF, LINE_CRLF, LINE_CR, LINE_COUNT };

/* "lf", "crlf", "cr" */
extern const char *const line_ending_names[LINE_COUNT + 1];

/* How it ends now: one of the names, "mixed" or "none". */
const char *lines_ending_of(hexmcp_str text);

/* Adds the text with other ends of lines. */
enum outcome lines_end(hexmcp_str text, enum line_ending ending, struct bytes *out,
                       struct meter *meter);

/* How lines begin: "tabs", "spaces", "mixed" or "none". */
const char *lines_indentation_of(hexmcp_str text);

/* Adds the text with lines that begin with blanks, or with tabs and the blanks that are left.
 * OUTCOME_TOO_LARGE if it gets longer than this. */
#define LINES_BYTES_MAX ((size_t)256 * 1024 * 1024)
enum outcome lines_indent(hexmcp_str text, bool spaces, unsigned tab_size, struct bytes *out,
                          struct meter *meter);
