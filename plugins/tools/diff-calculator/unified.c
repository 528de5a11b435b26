/*
 * SPDX-License-Identifier: MIT
 */
#include "hunks.h"

static void range(struct output *out, char mark, size_t from, size_t to)
{
    size_t count = to - from;
    output_putf(out, "%c%zu", mark, count == 0 ? from : from + 1);
    if (count != 1)
        output_putf(out, ",%zu", count);
}

static void lines(struct output *out, const char *mark, const hexmcp_str *items, size_t from,
                  size_t to)
{
    for (; from < to; from++)
        hunk_line(out, mark, items[from]);
}

static void body(const struct comparison *c, const struct hunk *hunk, struct output *out)
{
    size_t at = hunk->old_from;
    for (size_t i = hunk->first; i < hunk->end; i++) {
        const struct block *b = &c->blocks.items[i];
        lines(out, " ", c->old_lines.items, at, b->old_at);
        at = b->old_at + b->old_count;
        lines(out, "-", c->old_lines.items, b->old_at, at);
        lines(out, "+", c->new_lines.items, b->new_at, b->new_at + b->new_count);
    }
    lines(out, " ", c->old_lines.items, at, hunk->old_to);
}

void format_unified(const struct comparison *c, const struct layout *layout, struct output *out)
{
    struct hunk hunk = {0};
    if (c->blocks.count == 0)
        return;
    hunk_name(out, "--- ", layout->old_name);
    hunk_name(out, "+++ ", layout->new_name);
    while (hunk_next(c, layout->context, &hunk)) {
        output_putf(out, "@@ ");
        range(out, '-', hunk.old_from, hunk.old_to);
        output_putf(out, " ");
        range(out, '+', hunk.new_from, hunk.new_to);
        output_putf(out, " @@\n");
        body(c, &hunk, out);
    }
}
