#include <stdio.h>

#include "adapters/driving/websocket/wire.h"
#include "core/json/utf8.h"

#define CLOSE_FRAME 0x88u

static void log_close(const struct connection *c, unsigned code, const char *why)
{
    const struct log_port *log = c->wire->parts.log;
    char text[160];
    int len = snprintf(text, sizeof(text), "a connection is closed with %u: %s", code, why);
    if (len > 0)
        log->write(log->ctx, LOG_LEVEL_DEBUG, STR("websocket"),
                   (struct str){text, (size_t)len < sizeof(text) ? (size_t)len : sizeof(text) - 1});
}

static void send_close(struct connection *c, unsigned code, struct str why)
{
    char payload[CONTROL_MAX];
    size_t len = code ? 2 + why.len : 0;
    payload[0] = (char)(code >> 8);
    payload[1] = (char)code;
    if (code && why.len)
        memcpy(payload + 2, why.ptr, why.len);
    c->paused = c->held_back = false;
    output_frame(c, CLOSE_FRAME, (struct str){payload, len});
    if (c->stage == STAGE_DEAD)
        return;
    connection_set_stage(c, STAGE_CLOSING);
    if (input_has_rest(c))
        connection_ready(c);
}

/* After an error nothing that comes can be understood. Else the client's close frame is waited for,
 * and what it sent before is thrown away. */
void ending_close(struct connection *c, unsigned code, const char *why)
{
    if (c->stage != STAGE_OPEN) {
        c->deaf = true;
        return;
    }
    c->deaf = code != CLOSE_GOING_AWAY && code != CLOSE_POLICY;
    log_close(c, code, why);
    send_close(c, code, str_from(why));
}

static bool is_valid_code(unsigned code)
{
    if (code >= 3000)
        return code <= 4999;
    return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

static bool is_utf8(struct str text)
{
    const char *end = text.ptr + text.len;
    for (const char *at = text.ptr; at < end;) {
        size_t len = utf8_sequence(at, end);
        if (len == 0)
            return false;
        at += len;
    }
    return true;
}

void ending_closed_by_peer(struct connection *c, struct str payload)
{
    const unsigned char *p = (const unsigned char *)payload.ptr;
    unsigned code = payload.len >= 2 ? (unsigned)(p[0] << 8 | p[1]) : 0;
    c->peer_closed = true;
    if (c->stage == STAGE_OPEN) {
        if (payload.len == 1 || (payload.len >= 2 && !is_valid_code(code)))
            ending_close(c, CLOSE_PROTOCOL, "no such code of a close");
        else if (payload.len > 2 && !is_utf8((struct str){payload.ptr + 2, payload.len - 2}))
            ending_close(c, CLOSE_INVALID, "the reason of the close is not UTF-8");
        else
            send_close(c, code, (struct str){NULL, 0});
    }
    c->deaf = true;
    connection_changed(c);
}

void ending_dead(struct connection *c)
{
    c->deaf = true;
    if (c->stage != STAGE_DEAD)
        connection_set_stage(c, STAGE_DEAD);
}
