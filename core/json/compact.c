#include "core/json/compact.h"

static size_t give(struct buffer *out, struct str raw, size_t from, size_t to)
{
    if (out)
        buffer_add(out, raw.ptr + from, to - from);
    return to - from;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* The end of the string that begins at `at`. */
static size_t behind_string(struct str raw, size_t at)
{
    for (at++; at < raw.len && raw.ptr[at] != '"'; at++)
        at += raw.ptr[at] == '\\';
    return at < raw.len ? at + 1 : raw.len;
}

size_t json_compact(struct buffer *out, struct str raw)
{
    size_t len = 0, from = 0, at = 0;
    while (at < raw.len) {
        if (raw.ptr[at] == '"') {
            at = behind_string(raw, at);
        } else if (is_blank(raw.ptr[at])) {
            len += give(out, raw, from, at);
            from = ++at;
        } else {
            at++;
        }
    }
    return len + give(out, raw, from, at);
}
