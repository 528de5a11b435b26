#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "adapters/driving/local/wire.h"

static void reject(struct link *k)
{
    struct error err;
    error_set(&err, ST_TOO_LARGE,
              "the message is longer than %zu bytes (setting stdio.max_message_bytes)",
              k->local->options.max_message_bytes);
    k->endpoint.reject(k->endpoint.ctx, &err);
}

static void deliver(struct link *k, struct str line)
{
    struct error err;
    char *data = framing_take(&k->framing, line);
    if (!data) {
        error_set(&err, ST_NOMEM, "out of memory for a message of %zu bytes", line.len);
        k->endpoint.reject(k->endpoint.ctx, &err);
    } else if (k->endpoint.receive(k->endpoint.ctx, data, line.len) == RECEIVE_PAUSE) {
        k->paused = true;
    }
}

static bool is_blocked(const struct link *k)
{
    return k->paused || k->held_back || k->shut_down;
}

/* Hands out one line. False if there is none. */
static bool handle_line(struct link *k)
{
    struct str line;
    enum framing_result result = framing_next(&k->framing, &line);
    if (result == FRAMING_MORE && k->input_ended)
        result = framing_rest(&k->framing, &line);
    if (result == FRAMING_MORE)
        return false;
    if (!k->greeted && result == FRAMING_TOO_LONG)
        link_refuse(k, "the first line is too long");
    else if (!k->greeted)
        link_greet(k, line);
    else if (result == FRAMING_TOO_LONG)
        reject(k);
    else
        deliver(k, line);
    if (line_queue_len(&k->out) > LINE_QUEUE_HARD)
        k->held_back = true;
    return true;
}

/* Hands out the lines that are there, as many as the endpoint, the client and the other work of the
 * loop allow. */
static void handle_lines(struct link *k)
{
    uint64_t until = uv_hrtime() + TURN_NS;
    unsigned left = TURN_MESSAGES;
    k->lines_left = true;
    while (k->lines_left && !k->closing && !is_blocked(k) && left-- && uv_hrtime() < until)
        k->lines_left = handle_line(k);
    link_update(k);
}

static void end_of_input(struct link *k)
{
    k->input_ended = true;
    handle_lines(k);
    if (k->closing)
        return;
    if (k->greeted)
        link_drain(k);
    else
        link_end(k);
}

void link_read(struct link *k)
{
    size_t room;
    if (k->lines_left)
        return; /* input_idle comes first */
    char *to = framing_space(&k->framing, READ_BYTES, &room);
    if (!to) {
        link_end(k);
        return;
    }
    ssize_t got;
    do
        got = recv(k->fd, to, READ_BYTES, MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    if (got > 0) {
        k->moved += (uint64_t)got;
        framing_filled(&k->framing, (size_t)got);
        handle_lines(k);
    } else if (got == 0) {
        end_of_input(k);
    } else if (errno != EAGAIN && errno != EWOULDBLOCK) {
        link_end(k);
    }
}

static void on_idle(uv_idle_t *handle)
{
    struct link *k = handle->data;
    handle_lines(k);
    if (!k->closing)
        link_check_end(k);
}

void link_update(struct link *k)
{
    size_t queued = line_queue_len(&k->out);
    if (k->closing)
        return;
    if (queued > LINE_QUEUE_HARD)
        k->held_back = true;
    else if (queued < LINE_QUEUE_SOFT)
        k->held_back = false;
    if (!is_blocked(k) && k->lines_left)
        uv_idle_start(&k->idle, on_idle);
    else
        uv_idle_stop(&k->idle);
    int events = k->urgent_data ? 0 : UV_PRIORITIZED;
    if (!k->input_ended && !is_blocked(k) && !k->lines_left)
        events |= UV_READABLE;
    if (queued && !k->to_flush)
        events |= UV_WRITABLE;
    link_wait(k, events);
}
