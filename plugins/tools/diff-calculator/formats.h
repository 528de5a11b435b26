/*
 * formats.h - how a comparison of lines is written.
 *
 * SPDX-License-Identifier: MIT
 *
 * Nothing is written if nothing changed. Failures are told by the status of `out`, unless a function
 * says otherwise.
 */
#pragma once

#include "kit/output.h"
#include "lines.h"

/* How many unchanged lines surround a change, and what the header calls the texts. */
struct layout {
    size_t context;
    hexmcp_str old_name;
    hexmcp_str new_name;
};

/* As `diff -u` and `diff -c` write it, without times. */
void format_unified(const struct comparison *c, const struct layout *layout, struct output *out);
void format_context(const struct comparison *c, const struct layout *layout, struct output *out);

/* The changed lines alone, each with - or +, its number, ": " and its text. */
void format_simple(const struct comparison *c, struct output *out);

/* The whole text: what is gone between [- and -], what is new between {+ and +}, by words where
 * lines replace lines. Errors as align_run(). */
int32_t format_inline(struct align *align, const struct work *work, const struct comparison *c,
                      struct output *out, hexmcp_error *err);
