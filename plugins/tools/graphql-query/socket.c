/*
 * SPDX-License-Identifier: MIT
 */
#include "socket.h"

#include "kit/encode.h"

#include <stdio.h>
#include <sys/random.h>

#define WAIT_MS 50
#define CLOSE_STEPS 4
#define STEP_BYTES ((size_t)256 * 1024) /* then others have their turn: time, cancellation, what is sent */
#define QUEUE_BYTES ((size_t)256 * 1024)
#define QUEUE_MESSAGES 4096

static ssize_t no_more(struct socket *s, wslay_event_context_ptr frames, ssize_t got)
{
    s->lost = s->lost || got < 0;
    wslay_event_set_error(frames, got < 0 ? WSLAY_ERR_CALLBACK_FAILURE : WSLAY_ERR_WOULDBLOCK);
    return -1;
}

static ssize_t on_read(wslay_event_context_ptr frames, uint8_t *to, size_t room, int flags, void *arg)
{
    struct socket *s = arg;
    size_t left = s->rest->len - s->rest_at;
    (void)flags;
    if ((s->ended && !s->closing) || s->taken >= STEP_BYTES)
        return no_more(s, frames, 0);
    if (left > 0) {
        size_t len = left < room ? left : room;
        memcpy(to, s->rest->ptr + s->rest_at, len);
        s->rest_at += len;
        return (ssize_t)len;
    }
    ssize_t got = channel_read(s->channel, to, room);
    if (got <= 0)
        return no_more(s, frames, got);
    s->taken += (size_t)got;
    return got;
}

static ssize_t on_write(wslay_event_context_ptr frames, const uint8_t *from, size_t len, int flags, void *arg)
{
    struct socket *s = arg;
    (void)flags;
    ssize_t sent = channel_write(s->channel, from, len);
    return sent > 0 ? sent : no_more(s, frames, sent);
}

static int on_mask(wslay_event_context_ptr frames, uint8_t *out, size_t len, void *arg)
{
    (void)arg;
    if (getrandom(out, len, 0) == (ssize_t)len)
        return 0;
    wslay_event_set_error(frames, WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

static void take_close(struct socket *s, hexmcp_str payload, unsigned code)
{
    hexmcp_str reason = payload.len > 2 ? (hexmcp_str){payload.ptr + 2, payload.len - 2} : hexmcp_str_from("");
    s->close_code = code ? code : WSLAY_CODE_NO_STATUS_RCVD;
    if (is_utf8(reason) && !(reason.len && memchr(reason.ptr, 0, reason.len)))
        snprintf(s->close_reason, sizeof(s->close_reason), "%.*s", (int)reason.len, reason.ptr);
}

static void on_message(wslay_event_context_ptr frames, const struct wslay_event_on_msg_recv_arg *message,
                       void *arg)
{
    struct socket *s = arg;
    hexmcp_str text = {(const char *)message->msg, message->msg_length};
    (void)frames;
    if (s->ended)
        return;
    if (message->opcode == WSLAY_CONNECTION_CLOSE)
        take_close(s, text, message->status_code);
    else if (message->opcode == WSLAY_TEXT_FRAME)
        s->take(s->arg, text);
    else if (message->opcode == WSLAY_BINARY_FRAME)
        s->binary = s->ended = true;
}

bool socket_begin(struct socket *s)
{
    const struct wslay_event_callbacks callbacks = {.recv_callback = on_read,
                                                    .send_callback = on_write,
                                                    .genmask_callback = on_mask,
                                                    .on_msg_recv_callback = on_message};
    if (wslay_event_context_client_init(&s->frames, &callbacks, s) != 0)
        return false;
    wslay_event_config_set_max_recv_msg_length(s->frames, EVENT_MOST);
    return true;
}

void socket_end(struct socket *s)
{
    wslay_event_context_free(s->frames);
}

bool socket_send(struct socket *s, hexmcp_str text)
{
    const struct wslay_event_msg message = {WSLAY_TEXT_FRAME, (const uint8_t *)text.ptr, text.len};
    return wslay_event_get_queued_msg_length(s->frames) <= QUEUE_BYTES &&
           wslay_event_get_queued_msg_count(s->frames) <= QUEUE_MESSAGES &&
           wslay_event_queue_msg(s->frames, &message) == 0;
}

bool socket_step(struct socket *s)
{
    bool more = s->taken >= STEP_BYTES; /* waits to be read, perhaps within libcurl */
    s->taken = 0;
    if (!more && s->rest_at == s->rest->len)
        channel_wait(s->channel, wslay_event_want_write(s->frames), WAIT_MS);
    int rc = wslay_event_recv(s->frames);
    s->broken = rc != 0 && !s->lost;
    if (rc != 0 || (wslay_event_want_write(s->frames) && wslay_event_send(s->frames) != 0))
        s->lost = true;
    /* wslay answers each ping; a server that pings and does not read would fill the memory. */
    if (wslay_event_get_queued_msg_count(s->frames) > QUEUE_MESSAGES)
        s->lost = true;
    return !s->lost && !s->ended && wslay_event_get_read_enabled(s->frames);
}

void socket_close(struct socket *s)
{
    s->ended = s->closing = true;
    wslay_event_queue_close(s->frames, WSLAY_CODE_NORMAL_CLOSURE, NULL, 0);
    for (int i = 0; i < CLOSE_STEPS && !s->lost; i++) {
        s->taken = 0;
        if (wslay_event_send(s->frames) != 0 || wslay_event_recv(s->frames) != 0 ||
            !wslay_event_get_read_enabled(s->frames))
            return;
        channel_wait(s->channel, wslay_event_want_write(s->frames), WAIT_MS);
    }
}

unsigned socket_fault(const struct socket *s)
{
    unsigned code = wslay_event_get_close_sent(s->frames) ? wslay_event_get_status_code_sent(s->frames) : 0;
    if (s->broken)
        return WSLAY_CODE_PROTOCOL_ERROR;
    bool fault = code == WSLAY_CODE_PROTOCOL_ERROR || code == WSLAY_CODE_INVALID_FRAME_PAYLOAD_DATA ||
                 code == WSLAY_CODE_MESSAGE_TOO_BIG;
    return fault && s->close_code == 0 ? code : 0;
}
