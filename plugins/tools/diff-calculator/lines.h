/*
 * lines.h - two texts compared line by line.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "align.h"

/* What white space counts. Lines that are equal without it are unchanged. */
enum whitespace {
    WHITESPACE_EXACT,  /* all of it                                             */
    WHITESPACE_AT_END, /* not at the ends of lines, which includes carriage returns */
    WHITESPACE_AMOUNT, /* nor how much of it there is in one place              */
    WHITESPACE_NONE,   /* none                                                  */
};

/* Each with its line feed, which the last one can lack. */
struct lines {
    hexmcp_str *items;
    size_t count;
};

/* The lines borrow from the texts. */
struct comparison {
    struct lines old_lines;
    struct lines new_lines;
    struct blocks blocks;
};

void comparison_free(struct comparison *comparison);

/* 1 if the line ends with a line feed. */
int line_ends(hexmcp_str line);

/* On success comparison_free() is due. Errors as align_run(). */
int32_t lines_compare(struct align *align, const struct work *work, hexmcp_str old_text,
                      hexmcp_str new_text, enum whitespace whitespace, int patience,
                      struct comparison *ret, hexmcp_error *err);
