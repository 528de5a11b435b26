/*
 * SPDX-License-Identifier: MIT
 */
#include "events.h"

#include <string.h>

void events_free(struct events *e)
{
    bytes_free(&e->line);
    bytes_free(&e->type);
    bytes_free(&e->data);
}

static void empty(struct bytes *b)
{
    b->len = 0;
    if (b->ptr)
        b->ptr[0] = '\0';
}

static bool end_event(struct events *e)
{
    bool more = true;
    /* graphql-sse ends with an event "complete" that may come without data. */
    if (e->any_data || e->type.len > 0) {
        size_t len = e->data.len > 0 ? e->data.len - 1 : 0; /* without the last line feed */
        more = e->told(e->arg, e->type.len ? e->type.ptr : "message",
                       (hexmcp_str){e->data.ptr ? e->data.ptr : "", len});
    }
    empty(&e->type);
    empty(&e->data);
    e->any_data = false;
    return more;
}

static bool end_line(struct events *e)
{
    const char *line = e->line.ptr ? e->line.ptr : "";
    size_t len = e->line.len, name = 0;
    bool good = true;
    if (!e->begun && len >= 3 && memcmp(line, "\xEF\xBB\xBF", 3) == 0) {
        line += 3;
        len -= 3;
    }
    e->begun = true;
    if (len == 0)
        return end_event(e);
    while (name < len && line[name] != ':')
        name++;
    size_t from = name < len ? name + 1 : len;
    if (from < len && line[from] == ' ')
        from++;
    if (name == 4 && memcmp(line, "data", 4) == 0) {
        good = bytes_add(&e->data, line + from, len - from) && bytes_add(&e->data, "\n", 1);
        e->any_data = true;
    } else if (name == 5 && memcmp(line, "event", 5) == 0) {
        empty(&e->type);
        good = bytes_add(&e->type, line + from, len - from);
    }
    return good;
}

bool events_take(struct events *e, const char *piece, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char c = piece[i];
        bool rest = c == '\n' && e->after_return;
        e->after_return = c == '\r';
        if (rest)
            continue;
        if (c != '\r' && c != '\n') {
            if (e->line.len + e->data.len > EVENT_MOST || !bytes_add(&e->line, &c, 1))
                return false;
            continue;
        }
        bool more = end_line(e);
        empty(&e->line);
        if (!more)
            return false;
    }
    return true;
}
