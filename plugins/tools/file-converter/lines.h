/*
 * lines.h - how lines end and begin. For text in which line feeds, tabs and blanks are single bytes.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

#include "hexmcp/abi.h"
#include "kit/bytes.h"

enum line_ending { LINE_LF, LINE_CRLF, LINE_CR, LINE_COUNT };

/* "lf", "crlf", "cr" */
extern const char *const line_ending_names[LINE_COUNT + 1];

/* How it ends now: one of the names, "mixed" or "none". */
const char *lines_ending_of(hexmcp_str text);

/* Adds the text with other ends of lines; false if memory is short. */
bool lines_end(hexmcp_str text, enum line_ending ending, struct bytes *out);

/* How lines begin: "tabs", "spaces", "mixed" or "none". */
const char *lines_indentation_of(hexmcp_str text);

/* Adds the text with lines that begin with blanks, or with tabs and the blanks that are left. False if
 * that gets longer than this, too. */
#define LINES_BYTES_MAX ((size_t)256 * 1024 * 1024)
bool lines_indent(hexmcp_str text, bool spaces, unsigned tab_size, struct bytes *out);
