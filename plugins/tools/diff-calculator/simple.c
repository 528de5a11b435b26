/*
 * SPDX-License-Identifier: MIT
 */
#include "hunks.h"

static void lines(struct output *out, char sign, const hexmcp_str *items, size_t at, size_t count)
{
    for (size_t i = at; i < at + count; i++) {
        output_putf(out, "%c%zu: ", sign, i + 1);
        hunk_line(out, "", items[i]);
    }
}

void format_simple(const struct comparison *c, struct output *out)
{
    for (size_t i = 0; i < c->blocks.count; i++) {
        const struct block *b = &c->blocks.items[i];
        lines(out, '-', c->old_lines.items, b->old_at, b->old_count);
        lines(out, '+', c->new_lines.items, b->new_at, b->new_count);
    }
}
