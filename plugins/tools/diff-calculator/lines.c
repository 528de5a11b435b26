/*
 * SPDX-License-Identifier: MIT
 */
#include "lines.h"
#include "symbols.h"

#include "hexmcp/json.h"

void comparison_free(struct comparison *comparison)
{
    free(comparison->old_lines.items);
    blocks_free(&comparison->blocks);
    *comparison = (struct comparison){0};
}

int line_ends(hexmcp_str line)
{
    return line.len > 0 && line.ptr[line.len - 1] == '\n';
}

/* Cuts a line off `rest`, which is not empty. */
static hexmcp_str next_line(hexmcp_str *rest)
{
    const char *feed = memchr(rest->ptr, '\n', rest->len);
    size_t len = feed ? (size_t)(feed - rest->ptr) + 1 : rest->len;
    hexmcp_str line = {rest->ptr, len};
    rest->ptr += len;
    rest->len -= len;
    return line;
}

static size_t count_lines(hexmcp_str text)
{
    size_t count = 0;
    for (; text.len > 0; count++)
        next_line(&text);
    return count;
}

static void split(hexmcp_str text, struct lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        lines->items[i] = next_line(&text);
}

static int is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Writes what counts of `line` to `to`, which has room for all of it. */
static hexmcp_str reduced(hexmcp_str line, enum whitespace whitespace, char *to)
{
    hexmcp_str out = {to, 0};
    while (line.len > 0 && is_space(line.ptr[line.len - 1]))
        line.len--;
    for (size_t i = 0; i < line.len; i++) {
        int space = whitespace != WHITESPACE_AT_END && is_space(line.ptr[i]);
        if (!space)
            to[out.len++] = line.ptr[i];
        else if (whitespace == WHITESPACE_AMOUNT && (i == 0 || !is_space(line.ptr[i - 1])))
            to[out.len++] = ' ';
    }
    return out;
}

/* The reduced lines, in fresh memory that ret_memory gets; NULL if out of memory. */
static hexmcp_str *reduce(const hexmcp_str *lines, size_t count, size_t size,
                          enum whitespace whitespace, char **ret_memory)
{
    char *memory = malloc(size + 1);
    hexmcp_str *texts = malloc((count + 1) * sizeof(*texts));
    char *to = memory;
    if (!memory || !texts) {
        free(memory);
        free(texts);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        texts[i] = reduced(lines[i], whitespace, to);
        to += texts[i].len;
    }
    *ret_memory = memory;
    return texts;
}

static int32_t number(const hexmcp_str *lines, size_t count, size_t size,
                      enum whitespace whitespace, uint32_t *ids, hexmcp_error *err)
{
    char *memory;
    if (whitespace == WHITESPACE_EXACT)
        return symbols_number(lines, count, ids, err);
    hexmcp_str *texts = reduce(lines, count, size, whitespace, &memory);
    if (!texts)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for %zu lines; try again", count);
    int32_t status = symbols_number(texts, count, ids, err);
    free(texts);
    free(memory);
    return status;
}

/* Both sides' lines stand in one array, so that they are numbered together. */
static int32_t take_lines(hexmcp_str old_text, hexmcp_str new_text, struct comparison *c,
                          hexmcp_error *err)
{
    c->old_lines.count = count_lines(old_text);
    c->new_lines.count = count_lines(new_text);
    size_t count = c->old_lines.count + c->new_lines.count;
    if (count > ALIGN_MAX)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "the texts have %zu lines together, but at most %zu are compared; "
                           "compare parts of them",
                           count, ALIGN_MAX);
    c->old_lines.items = malloc((count + 1) * sizeof(hexmcp_str));
    if (!c->old_lines.items)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for %zu lines; try again", count);
    c->new_lines.items = c->old_lines.items + c->old_lines.count;
    split(old_text, &c->old_lines);
    split(new_text, &c->new_lines);
    return HEXMCP_OK;
}

int32_t lines_compare(struct align *align, const struct work *work, hexmcp_str old_text,
                      hexmcp_str new_text, enum whitespace whitespace, int patience,
                      struct comparison *ret, hexmcp_error *err)
{
    struct comparison c = {0};
    uint32_t *ids = NULL;
    int32_t status = take_lines(old_text, new_text, &c, err);
    size_t count = c.old_lines.count + c.new_lines.count;
    if (status == HEXMCP_OK && !(ids = malloc((count + 1) * sizeof(*ids))))
        status = hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for %zu lines; try again", count);
    if (status == HEXMCP_OK)
        status = number(c.old_lines.items, count, old_text.len + new_text.len, whitespace, ids, err);
    if (status == HEXMCP_OK)
        status = align_run(align, work, (struct symbols){ids, c.old_lines.count},
                           (struct symbols){ids + c.old_lines.count, c.new_lines.count}, patience,
                           &c.blocks, err);
    free(ids);
    if (status == HEXMCP_OK)
        *ret = c;
    else
        comparison_free(&c);
    return status;
}
