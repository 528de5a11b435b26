/*
 * SPDX-License-Identifier: MIT
 */
#include "lines.h"
#include "utf8.h"

#include <string.h>

#define TAB_COLUMNS 8

struct line {
    hexmcp_str body;
    hexmcp_str ending; /* "", "\n" or "\r\n" */
};

static int next_line(hexmcp_str text, size_t *pos, struct line *line)
{
    if (*pos >= text.len)
        return 0;
    const char *feed = memchr(text.ptr + *pos, '\n', text.len - *pos);
    size_t end = feed ? (size_t)(feed - text.ptr) : text.len;
    size_t behind = feed ? end + 1 : end;
    if (feed && end > *pos && text.ptr[end - 1] == '\r')
        end--;
    line->body = utf8_slice(text, *pos, end);
    line->ending = utf8_slice(text, end, behind);
    *pos = behind;
    return 1;
}

static int is_blank_byte(char byte)
{
    return byte == ' ' || byte == '\t';
}

/* Length of the spaces and tabs at the start. */
static size_t margin_of(hexmcp_str body)
{
    size_t len = 0;
    while (len < body.len && is_blank_byte(body.ptr[len]))
        len++;
    return len;
}

void lines_indent(hexmcp_str text, size_t spaces, struct output *out)
{
    struct line line;
    for (size_t pos = 0; next_line(text, &pos, &line);) {
        char *margin = margin_of(line.body) < line.body.len ? output_extend(out, spaces) : NULL;
        if (margin)
            memset(margin, ' ', spaces);
        output_put(out, line.body);
        output_put(out, line.ending);
    }
}

static hexmcp_str common_prefix(hexmcp_str a, hexmcp_str b)
{
    size_t len = 0;
    while (len < a.len && len < b.len && a.ptr[len] == b.ptr[len])
        len++;
    return utf8_slice(a, 0, len);
}

static size_t common_margin(hexmcp_str text)
{
    hexmcp_str margin = {NULL, 0};
    struct line line;
    int seen = 0;
    for (size_t pos = 0; next_line(text, &pos, &line);) {
        size_t own = margin_of(line.body);
        if (own == line.body.len)
            continue;
        hexmcp_str mine = utf8_slice(line.body, 0, own);
        margin = seen ? common_prefix(margin, mine) : mine;
        seen = 1;
    }
    return margin.len;
}

void lines_dedent(hexmcp_str text, struct output *out)
{
    size_t margin = common_margin(text);
    struct line line;
    for (size_t pos = 0; next_line(text, &pos, &line);) {
        if (margin_of(line.body) < line.body.len)
            output_put(out, utf8_slice(line.body, margin, line.body.len));
        output_put(out, line.ending);
    }
}

/* One input line on its way out. `column` is where the current output line stands. */
struct wrapping {
    struct output *out;
    hexmcp_str ending;
    size_t width;
    size_t column;
};

static size_t column_behind(hexmcp_str blank, size_t column)
{
    for (size_t i = 0; i < blank.len; i++)
        column += blank.ptr[i] == '\t' ? TAB_COLUMNS - column % TAB_COLUMNS : 1;
    return column;
}

static void break_line(struct wrapping *to)
{
    output_put(to->out, to->ending);
    to->column = 0;
}

static void put_characters(struct wrapping *to, hexmcp_str word)
{
    for (size_t pos = 0; pos < word.len;) {
        size_t end = utf8_character_end(word, pos);
        hexmcp_str character = utf8_slice(word, pos, end);
        size_t columns = utf8_character_width(character);
        if (to->column > 0 && to->column + columns > to->width)
            break_line(to);
        output_put(to->out, character);
        to->column += columns;
        pos = end;
    }
}

/* A word that fits into a line of its own is not broken, even if that costs the indentation. */
static void put_word(struct wrapping *to, hexmcp_str blank, hexmcp_str word)
{
    size_t start = column_behind(blank, to->column);
    size_t columns = utf8_width(word);
    if (start + columns > to->width && (columns <= to->width || start >= to->width)) {
        if (to->column > 0)
            break_line(to);
    } else {
        output_put(to->out, blank);
        to->column = start;
    }
    put_characters(to, word);
}

static size_t run_end(hexmcp_str body, size_t pos, int blank)
{
    while (pos < body.len && is_blank_byte(body.ptr[pos]) == blank)
        pos++;
    return pos;
}

static void wrap_line(struct wrapping *to, hexmcp_str body)
{
    to->column = 0;
    for (size_t pos = 0; pos < body.len;) {
        size_t word = run_end(body, pos, 1);
        size_t end = run_end(body, word, 0);
        if (end > word)
            put_word(to, utf8_slice(body, pos, word), utf8_slice(body, word, end));
        pos = end;
    }
}

/* A text of one line has no line end to copy, and LF is what nearly every reader takes. */
static hexmcp_str ending_for(hexmcp_str text)
{
    struct line first;
    size_t pos = 0;
    if (next_line(text, &pos, &first) && first.ending.len > 0)
        return first.ending;
    return (hexmcp_str){"\n", 1};
}

void lines_wrap(hexmcp_str text, size_t width, struct output *out)
{
    struct wrapping to = {.out = out, .ending = ending_for(text), .width = width};
    struct line line;
    for (size_t pos = 0; next_line(text, &pos, &line);) {
        wrap_line(&to, line.body);
        output_put(out, line.ending);
    }
}

void lines_join(hexmcp_str text, hexmcp_str delimiter, struct output *out)
{
    struct line line;
    for (size_t pos = 0; next_line(text, &pos, &line);) {
        output_put(out, line.body);
        if (pos < text.len)
            output_put(out, delimiter);
    }
}
