#include "adapters/driving/cli/client/diff.h"

/* More of an unchanged begin or end of a line than this is cut down to KEPT bytes. */
#define LONG_LINE 72
#define KEPT 24

/* The lines from `begin` to `end` of a text, of which `head` and `tail` bytes are as in the other
 * text. */
struct stretch {
    struct str text;
    size_t begin, end;
    size_t head, tail;
};

static size_t common_begin(struct str a, struct str b)
{
    size_t n = 0, most = a.len < b.len ? a.len : b.len;
    while (n < most && a.ptr[n] == b.ptr[n])
        n++;
    return n;
}

static size_t common_end(struct str a, struct str b, size_t begin)
{
    size_t n = 0, most = (a.len < b.len ? a.len : b.len) - begin;
    while (n < most && a.ptr[a.len - 1 - n] == b.ptr[b.len - 1 - n])
        n++;
    return n;
}

static size_t line_begin(struct str text, size_t at)
{
    while (at > 0 && text.ptr[at - 1] != '\n')
        at--;
    return at;
}

static size_t line_end(struct str text, size_t at)
{
    while (at < text.len && text.ptr[at] != '\n')
        at++;
    return at < text.len ? at + 1 : at;
}

static size_t count_lines(struct str text, size_t begin, size_t end)
{
    size_t lines = 0;
    for (size_t at = begin; at < end; at = line_end(text, at))
        lines++;
    return lines;
}

static size_t to_character(struct str text, size_t at)
{
    while (at > 0 && at < text.len && ((unsigned char)text.ptr[at] & 0xC0) == 0x80)
        at--;
    return at;
}

/* One line, from which begin and end may be cut. */
static void write_line(struct buffer *out, char mark, struct str text, size_t begin, size_t end,
                       size_t head, size_t tail)
{
    bool feed = end > begin && text.ptr[end - 1] == '\n';
    size_t stop = feed ? end - 1 : end;
    if (stop > begin && text.ptr[stop - 1] == '\r')
        stop--;
    bool cut_head = head > begin + LONG_LINE, cut_tail = stop > tail + LONG_LINE;
    buffer_add_char(out, mark);
    if (cut_head) {
        begin = to_character(text, head - KEPT);
        buffer_add_str(out, STR("\xE2\x80\xA6"));
    }
    if (cut_tail)
        stop = to_character(text, tail + KEPT);
    buffer_add(out, text.ptr + begin, stop - begin);
    if (cut_tail)
        buffer_add_str(out, STR("\xE2\x80\xA6"));
    buffer_add_char(out, '\n');
    if (!feed)
        buffer_add_str(out, STR("\\ no line break at the end of the file\n"));
}

static void write_stretch(struct buffer *out, char mark, const struct stretch *s)
{
    for (size_t at = s->begin; at < s->end;) {
        size_t end = line_end(s->text, at);
        write_line(out, mark, s->text, at, end, s->head, s->tail < at ? end : s->tail);
        at = end;
    }
}

/* A line that is the same in both; of a long one the begin. */
static void write_same(struct buffer *out, struct str text, size_t begin)
{
    write_line(out, ' ', text, begin, line_end(text, begin), 0, begin);
}

static bool is_line_begin(struct str text, size_t at)
{
    return at == 0 || text.ptr[at - 1] == '\n';
}

/* Whole lines around what differs. Lines that are the same may begin like what was put in front of
 * them, so their end is looked for from the begin of the first line on. */
static void find_stretches(struct stretch *a, struct stretch *b)
{
    size_t head = common_begin(a->text, b->text);
    a->begin = b->begin = line_begin(a->text, head);
    a->head = b->head = head;
    size_t same = common_end(a->text, b->text, a->begin);
    a->end = a->tail = a->text.len - same;
    b->end = b->tail = b->text.len - same;
    if (is_line_begin(a->text, a->end) && is_line_begin(b->text, b->end))
        return;
    same = common_end(a->text, b->text, head);
    a->tail = a->text.len - same;
    b->tail = b->text.len - same;
    a->end = line_end(a->text, a->tail);
    b->end = line_end(b->text, b->tail);
}

static void write_range(struct buffer *out, char mark, const struct stretch *s, size_t before,
                        size_t behind)
{
    size_t lines = count_lines(s->text, s->begin, s->end) + before + behind;
    buffer_add_char(out, mark);
    buffer_add_u64(out, count_lines(s->text, 0, s->begin) - before + (lines > 0));
    buffer_add_char(out, ',');
    buffer_add_u64(out, lines);
}

void diff_write(struct buffer *out, struct str before, struct str after)
{
    struct stretch a = {.text = before}, b = {.text = after};
    if (str_eq(before, after))
        return;
    find_stretches(&a, &b);
    size_t front = a.begin > 0, behind = a.end < a.text.len;
    buffer_add_str(out, STR("@@ "));
    write_range(out, '-', &a, front, behind);
    buffer_add_char(out, ' ');
    write_range(out, '+', &b, front, behind);
    buffer_add_str(out, STR(" @@\n"));
    if (front)
        write_same(out, before, line_begin(before, a.begin - 1));
    write_stretch(out, '-', &a);
    write_stretch(out, '+', &b);
    if (behind)
        write_same(out, before, a.end);
}
