/*
 * SPDX-License-Identifier: MIT
 */
#include "gathered.h"

#include "kit/encode.h"
#include "kit/response.h"

bool gathered_add(struct gathered *g, hexmcp_str event)
{
    if (g->list.len + event.len > GATHERED_MOST || memchr(event.ptr, 0, event.len) ||
        !bytes_add(&g->list, event.ptr, event.len) || !bytes_add(&g->list, "", 1)) {
        g->full = true;
        return false;
    }
    return ++g->count < g->most;
}

size_t gathered_put(const struct gathered *g, struct answer *a, const char *ended)
{
    hexmcp_json_writer *w = &a->json;
    size_t errors = 0;
    char first[10];
    hexmcp_json_put_int64(w, "event_count", (int64_t)g->count);
    hexmcp_json_put_text(w, "ended", ended);
    hexmcp_json_key(w, "events");
    hexmcp_json_begin_array(w);
    for (size_t at = 0; at < g->list.len;) {
        hexmcp_str one = hexmcp_str_from(g->list.ptr + at);
        bool good = is_utf8(one) && response_is_json(a->r, one);
        if (good)
            hexmcp_json_write_raw(w, one);
        errors += !good || ask_errors(one, first, sizeof(first)) > 0;
        at += one.len + 1;
    }
    hexmcp_json_end_array(w);
    answer_text(a, "%zu %s came; it ended by %s.", g->count, g->count == 1 ? "event" : "events", ended);
    return errors;
}

void gathered_free(struct gathered *g)
{
    bytes_free(&g->list);
}
