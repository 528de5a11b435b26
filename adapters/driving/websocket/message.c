#include <stdlib.h>

#include "adapters/driving/websocket/wire.h"
#include "core/json/utf8.h"

/* Eight bytes without a high bit are eight characters. */
static bool is_utf8(struct str text)
{
    const char *at = text.ptr, *end = text.ptr + text.len;
    while (at < end) {
        uint64_t word;
        if (end - at >= 8) {
            memcpy(&word, at, 8);
            if (!(word & 0x8080808080808080u)) {
                at += 8;
                continue;
            }
        }
        size_t len = utf8_sequence(at, end);
        if (len == 0)
            return false;
        at += len;
    }
    return true;
}

static bool deflate_ready(struct wire *w)
{
    if (!w->deflate)
        w->deflate = deflate_new();
    return w->deflate;
}

static bool unpack(struct connection *c)
{
    struct wire *w = c->wire;
    struct buffer message = BUFFER_INIT;
    int rc = ST_NOMEM;
    if (deflate_ready(w))
        rc = deflate_unpack(w->deflate, buffer_str(&c->message),
                            w->options.limits.max_inflated_bytes, &message);
    buffer_clear(&c->message);
    if (rc == ST_OK) {
        c->message = message;
        return true;
    }
    buffer_clear(&message);
    if (rc == ST_TOO_LARGE)
        ending_close(c, CLOSE_TOO_BIG, "the message is too long when it is inflated");
    else if (rc == ST_INVALID)
        ending_close(c, CLOSE_INVALID, "the message is not deflated");
    else
        ending_close(c, CLOSE_FAILED, "out of memory");
    return false;
}

static void hand_out(struct connection *c)
{
    size_t len;
    char *data = buffer_take(&c->message, &len);
    if (!data) {
        ending_close(c, CLOSE_FAILED, "out of memory");
        return;
    }
    c->wire->facts.received++;
    c->active_ms = sweep_now(c->wire);
    if (c->endpoint.receive(c->endpoint.ctx, data, len) == RECEIVE_PAUSE)
        c->paused = true;
}

void message_end(struct connection *c)
{
    if (c->stage != STAGE_OPEN)
        return;
    c->wire->facts.held_bytes -= c->message.len;
    if (c->packed && !unpack(c))
        return;
    if (is_utf8(buffer_str(&c->message))) {
        hand_out(c);
        return;
    }
    buffer_clear(&c->message);
    ending_close(c, CLOSE_INVALID, "the message is not UTF-8");
}
