/*
 * SPDX-License-Identifier: MIT
 */
#include "hunks.h"

/* One of the two sides of a hunk. */
struct side {
    const hexmcp_str *items;
    const char *alone; /* the mark of lines that nothing replaces */
    int is_new;
};

static size_t block_at(const struct side *side, const struct block *b)
{
    return side->is_new ? b->new_at : b->old_at;
}

static size_t block_count(const struct side *side, const struct block *b)
{
    return side->is_new ? b->new_count : b->old_count;
}

static void lines(struct output *out, const char *mark, const hexmcp_str *items, size_t from,
                  size_t to)
{
    for (; from < to; from++)
        hunk_line(out, mark, items[from]);
}

/* A side on which nothing changed is left out: the other one shows its lines. */
static int has_changes(const struct comparison *c, const struct hunk *hunk, const struct side *side)
{
    for (size_t i = hunk->first; i < hunk->end; i++) {
        if (block_count(side, &c->blocks.items[i]) > 0)
            return 1;
    }
    return 0;
}

static void body(const struct comparison *c, const struct hunk *hunk, const struct side *side,
                 struct output *out)
{
    size_t at = side->is_new ? hunk->new_from : hunk->old_from;
    if (!has_changes(c, hunk, side))
        return;
    for (size_t i = hunk->first; i < hunk->end; i++) {
        const struct block *b = &c->blocks.items[i];
        size_t from = block_at(side, b);
        lines(out, "  ", side->items, at, from);
        at = from + block_count(side, b);
        lines(out, b->old_count > 0 && b->new_count > 0 ? "! " : side->alone, side->items, from, at);
    }
    lines(out, "  ", side->items, at, side->is_new ? hunk->new_to : hunk->old_to);
}

static void range(struct output *out, size_t from, size_t to)
{
    if (to > from + 1)
        output_putf(out, "%zu,", from + 1);
    output_putf(out, "%zu", to);
}

void format_context(const struct comparison *c, const struct layout *layout, struct output *out)
{
    const struct side old_side = {c->old_lines.items, "- ", 0};
    const struct side new_side = {c->new_lines.items, "+ ", 1};
    struct hunk hunk = {0};
    if (c->blocks.count == 0)
        return;
    hunk_name(out, "*** ", layout->old_name);
    hunk_name(out, "--- ", layout->new_name);
    while (hunk_next(c, layout->context, &hunk)) {
        output_putf(out, "***************\n*** ");
        range(out, hunk.old_from, hunk.old_to);
        output_putf(out, " ****\n");
        body(c, &hunk, &old_side, out);
        output_putf(out, "--- ");
        range(out, hunk.new_from, hunk.new_to);
        output_putf(out, " ----\n");
        body(c, &hunk, &new_side, out);
    }
}
