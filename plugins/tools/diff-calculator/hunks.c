/*
 * SPDX-License-Identifier: MIT
 */
#include "hunks.h"

#include "hexmcp/json.h"

static size_t less(size_t a, size_t b)
{
    return a < b ? a : b;
}

int hunk_next(const struct comparison *c, size_t context, struct hunk *hunk)
{
    const struct block *blocks = c->blocks.items;
    size_t i = hunk->end;
    if (i == c->blocks.count)
        return 0;
    hunk->first = i;
    size_t before = less(context, blocks[i].old_at);
    hunk->old_from = blocks[i].old_at - before;
    hunk->new_from = blocks[i].new_at - before;
    size_t old_end = blocks[i].old_at + blocks[i].old_count;
    while (i + 1 < c->blocks.count && blocks[i + 1].old_at - old_end <= 2 * context) {
        i++;
        old_end = blocks[i].old_at + blocks[i].old_count;
    }
    size_t after = less(context, c->old_lines.count - old_end);
    hunk->old_to = old_end + after;
    hunk->new_to = blocks[i].new_at + blocks[i].new_count + after;
    hunk->end = i + 1;
    return 1;
}

void hunk_line(struct output *out, const char *mark, hexmcp_str line)
{
    output_put(out, hexmcp_str_from(mark));
    output_put(out, line);
    if (!line_ends(line))
        output_put(out, hexmcp_str_from("\n\\ No newline at end of file\n"));
}

static int needs_quotes(hexmcp_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        if (c < ' ' || c == 127 || c == '"' || c == '\\')
            return 1;
    }
    return 0;
}

static void quoted(struct output *out, hexmcp_str name)
{
    output_put(out, hexmcp_str_from("\""));
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        if (c < ' ' || c == 127)
            output_putf(out, "\\%03o", c);
        else
            output_putf(out, c == '"' || c == '\\' ? "\\%c" : "%c", c);
    }
    output_put(out, hexmcp_str_from("\""));
}

void hunk_name(struct output *out, const char *mark, hexmcp_str name)
{
    output_put(out, hexmcp_str_from(mark));
    if (needs_quotes(name)) {
        quoted(out, name);
    } else {
        output_put(out, name);
        /* patch(1) takes a name to end at white space, unless a tab says where. */
        if (memchr(name.ptr, ' ', name.len))
            output_put(out, hexmcp_str_from("\t"));
    }
    output_put(out, hexmcp_str_from("\n"));
}
