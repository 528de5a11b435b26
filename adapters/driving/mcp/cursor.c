#include "adapters/driving/mcp/cursor.h"

#include "core/base/base64url.h"

void cursor_write(struct buffer *out, struct str list, uint64_t generation, struct str last)
{
    struct buffer plain = BUFFER_INIT;
    buffer_add_str(&plain, list);
    buffer_add_char(&plain, ':');
    buffer_add_u64(&plain, generation);
    buffer_add_char(&plain, ':');
    buffer_add_str(&plain, last);
    /* Half a cursor, or an empty one, would lead the client astray. */
    if (buffer_failed(&plain))
        out->failed = true;
    else
        base64url_encode(buffer_str(&plain), out);
    buffer_clear(&plain);
}

bool cursor_read(struct str text, struct str list, struct buffer *scratch, struct str *last)
{
    if (!base64url_decode(text, scratch))
        return false;
    struct str plain = buffer_str(scratch);
    if (plain.len <= list.len || !str_starts(plain, list) || plain.ptr[list.len] != ':')
        return false;
    const char *generation = plain.ptr + list.len + 1;
    const char *end = plain.ptr + plain.len;
    const char *colon = memchr(generation, ':', (size_t)(end - generation));
    if (!colon)
        return false;
    *last = (struct str){colon + 1, (size_t)(end - colon - 1)};
    return true;
}
