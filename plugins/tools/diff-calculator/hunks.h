/*
 * hunks.h - blocks with the unchanged lines around them, and lines as they are written there.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "formats.h"

/* The blocks from `first` to before `end`, and the lines that are shown: from `_from` to before
 * `_to`, counted from 0. */
struct hunk {
    size_t first;
    size_t end;
    size_t old_from;
    size_t old_to;
    size_t new_from;
    size_t new_to;
};

/* The hunk that begins with block `hunk->end`, which the caller sets to 0 at first. Returns 0 after
 * the last. Blocks with at most 2 * context lines between them share one. */
int hunk_next(const struct comparison *c, size_t context, struct hunk *hunk);

/* `mark`, the line, and the remark of diff's if it does not end with a line feed. */
void hunk_line(struct output *out, const char *mark, hexmcp_str line);

/* A line of the header: `mark` and the name, quoted as diff does it where that is needed. */
void hunk_name(struct output *out, const char *mark, hexmcp_str name);
