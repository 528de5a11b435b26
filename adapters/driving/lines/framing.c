#include "adapters/driving/lines/framing.h"

#include <stdlib.h>

/* Memory that an empty buffer keeps, and the longest line that is copied. */
#define KEEP_BYTES ((size_t)256 * 1024)

void framing_init(struct framing *f, size_t limit)
{
    *f = (struct framing){.bytes = BUFFER_INIT, .limit = limit};
}

void framing_clear(struct framing *f)
{
    buffer_clear(&f->bytes);
}

/* Moves what is left to the front. Only a begun line is left, and it is moved once: after that it
 * starts at the front. */
static void close_gap(struct framing *f)
{
    buffer_drop_front(&f->bytes, f->start);
    f->scanned -= f->start;
    f->start = 0;
    if (f->bytes.len == 0)
        buffer_reset(&f->bytes, KEEP_BYTES);
}

char *framing_space(struct framing *f, size_t least, size_t *room)
{
    close_gap(f);
    if (!buffer_reserve(&f->bytes, least))
        return NULL;
    *room = f->bytes.cap - f->bytes.len;
    return f->bytes.data + f->bytes.len;
}

void framing_filled(struct framing *f, size_t len)
{
    f->bytes.len += len;
}

static bool is_blank(struct str line)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.ptr[i] != ' ' && line.ptr[i] != '\t')
            return false;
    return true;
}

/* Without a carriage return at its end, which may be half of the line end. */
static struct str without_return(struct str line)
{
    if (line.len && line.ptr[line.len - 1] == '\r')
        line.len--;
    return line;
}

/* No line end is there. What has come of a line that goes on being too long is forgotten. */
static enum framing_result begun_line(struct framing *f)
{
    if (f->start == f->bytes.len) {
        close_gap(f);
        return FRAMING_MORE;
    }
    struct str begun = {f->bytes.data + f->start, f->bytes.len - f->start};
    bool too_long = !f->skipping && without_return(begun).len > f->limit;
    f->skipping = f->skipping || too_long;
    f->scanned = f->bytes.len;
    if (f->skipping) {
        f->start = f->bytes.len;
        close_gap(f);
    }
    return too_long ? FRAMING_TOO_LONG : FRAMING_MORE;
}

enum framing_result framing_next(struct framing *f, struct str *line)
{
    while (f->scanned < f->bytes.len) {
        const char *from = f->bytes.data + f->scanned;
        const char *end = memchr(from, '\n', f->bytes.len - f->scanned);
        if (!end)
            break;
        struct str found = {f->bytes.data + f->start, (size_t)(end - f->bytes.data) - f->start};
        bool skipped = f->skipping;
        f->start += found.len + 1;
        f->scanned = f->start;
        f->skipping = false;
        if (skipped)
            continue;
        found = without_return(found);
        if (found.len > f->limit)
            return FRAMING_TOO_LONG;
        if (is_blank(found))
            continue;
        *line = found;
        return FRAMING_LINE;
    }
    return begun_line(f);
}

enum framing_result framing_rest(struct framing *f, struct str *line)
{
    if (f->start == f->bytes.len)
        return FRAMING_MORE;
    struct str rest = {f->bytes.data + f->start, f->bytes.len - f->start};
    bool skipped = f->skipping;
    f->start = f->scanned = f->bytes.len;
    f->skipping = false;
    rest = without_return(rest);
    if (skipped || is_blank(rest))
        return FRAMING_MORE;
    *line = rest;
    return FRAMING_LINE;
}

char *framing_take(struct framing *f, struct str line)
{
    if (line.len > KEEP_BYTES && line.ptr == f->bytes.data && f->start == f->bytes.len) {
        char *data = f->bytes.data;
        char *shrunk = realloc(data, line.len);
        f->bytes = (struct buffer)BUFFER_INIT;
        f->start = f->scanned = 0;
        return shrunk ? shrunk : data;
    }
    char *copy = malloc(line.len);
    if (copy)
        memcpy(copy, line.ptr, line.len);
    return copy;
}
