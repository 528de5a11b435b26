#include "adapters/driving/stdio/framing.h"

/* Memory that an empty buffer keeps. */
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
    if (f->start == 0)
        return;
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

/* Forgets what is there of a line that goes on being too long. */
static void drop_begun(struct framing *f)
{
    f->bytes.len = f->start;
    f->scanned = f->start;
}

static enum framing_result begun_line(struct framing *f)
{
    f->scanned = f->bytes.len;
    if (f->skipping) {
        drop_begun(f);
    } else if (f->bytes.len - f->start > f->limit) {
        f->skipping = true;
        drop_begun(f);
        return FRAMING_TOO_LONG;
    }
    return FRAMING_MORE;
}

enum framing_result framing_next(struct framing *f, struct str *line)
{
    while (f->scanned < f->bytes.len) {
        const char *from = f->bytes.data + f->scanned;
        const char *end = memchr(from, '\n', f->bytes.len - f->scanned);
        if (!end)
            return begun_line(f);
        struct str found = {f->bytes.data + f->start, (size_t)(end - f->bytes.data) - f->start};
        bool skipped = f->skipping;
        f->start += found.len + 1;
        f->scanned = f->start;
        f->skipping = false;
        if (skipped)
            continue;
        if (found.len && found.ptr[found.len - 1] == '\r')
            found.len--;
        if (found.len > f->limit)
            return FRAMING_TOO_LONG;
        if (is_blank(found))
            continue;
        *line = found;
        return FRAMING_LINE;
    }
    return FRAMING_MORE;
}

enum framing_result framing_rest(struct framing *f, struct str *line)
{
    struct str rest = {f->bytes.data + f->start, f->bytes.len - f->start};
    bool skipped = f->skipping;
    f->start = f->scanned = f->bytes.len;
    f->skipping = false;
    if (rest.len && rest.ptr[rest.len - 1] == '\r')
        rest.len--;
    if (skipped || is_blank(rest))
        return FRAMING_MORE;
    *line = rest;
    return FRAMING_LINE;
}
