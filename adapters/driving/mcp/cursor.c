#include "adapters/driving/mcp/cursor.h"

#include "adapters/driving/mcp/connection.h"
#include "core/base/base64url.h"

int cursor_write(struct mcp *mcp, struct str list, uint64_t last, struct buffer *out,
                 struct error *err)
{
    struct buffer plain = BUFFER_INIT;
    (void)mcp;
    buffer_add_str(&plain, list);
    buffer_add_char(&plain, ':');
    buffer_add_u64(&plain, last);
    if (!buffer_failed(&plain))
        base64url_encode(buffer_str(&plain), out);
    bool failed = buffer_failed(&plain) || buffer_failed(out);
    buffer_clear(&plain);
    return failed ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
}

int cursor_read(struct mcp *mcp, struct str list, struct str text, uint64_t *last,
                struct error *err)
{
    struct buffer plain = BUFFER_INIT;
    (void)mcp;
    bool good = base64url_decode(text, &plain) && plain.len > list.len + 1 &&
                str_starts(buffer_str(&plain), list) && plain.data[list.len] == ':';
    *last = 0;
    for (size_t i = list.len + 1; good && i < plain.len; i++) {
        good = plain.data[i] >= '0' && plain.data[i] <= '9' && *last < UINT64_MAX / 16;
        *last = *last * 10 + (uint64_t)(plain.data[i] - '0');
    }
    buffer_clear(&plain);
    return good ? ST_OK : error_set(err, ST_INVALID, "it is not one of this list");
}
