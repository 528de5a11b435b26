#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/driving/stdio/wire.h"

static ssize_t read_some(const struct wire_end *end, char *to, size_t room)
{
    ssize_t got;
    do
        got = end->kind == WIRE_SOCKET ? recv(end->fd, to, room, MSG_DONTWAIT)
                                       : read(end->fd, to, room);
    while (got < 0 && errno == EINTR);
    return got;
}

static void reject(struct wire *w)
{
    struct error err;
    error_set(&err, ST_TOO_LARGE,
              "the message is longer than %zu bytes (setting stdio.max_message_bytes)",
              w->options.max_message_bytes);
    w->endpoint.reject(w->endpoint.ctx, &err);
}

static void out_of_memory(struct wire *w, size_t len)
{
    struct error err;
    error_set(&err, ST_NOMEM, "out of memory for a message of %zu bytes", len);
    w->endpoint.reject(w->endpoint.ctx, &err);
}

static void deliver(struct wire *w, struct str line)
{
    char *copy = malloc(line.len);
    if (!copy) {
        out_of_memory(w, line.len);
        return;
    }
    memcpy(copy, line.ptr, line.len);
    if (w->endpoint.receive(w->endpoint.ctx, copy, line.len) == RECEIVE_PAUSE)
        w->paused = true;
}

/* Hands out the lines that are there, until the endpoint wants no more. */
static void handle_lines(struct wire *w)
{
    struct str line;
    while (!w->paused && !w->shut_down) {
        enum framing_result result = framing_next(&w->framing, &line);
        if (result == FRAMING_MORE && w->input_ended)
            result = framing_rest(&w->framing, &line);
        if (result == FRAMING_MORE)
            break;
        if (result == FRAMING_TOO_LONG)
            reject(w);
        else
            deliver(w, line);
    }
    if (w->input_ended && !w->paused)
        ending_drain(w);
    input_update(w);
}

static void end_of_input(struct wire *w)
{
    w->input_ended = true;
    handle_lines(w);
}

static void read_input(struct wire *w)
{
    size_t room;
    char *to = framing_space(&w->framing, READ_BYTES, &room);
    if (!to) {
        ending_now(w);
        return;
    }
    ssize_t got = read_some(&w->options.ends.in, to, room);
    if (got > 0) {
        framing_filled(&w->framing, (size_t)got);
        handle_lines(w);
    } else if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) {
        end_of_input(w);
    }
}

static void on_readable(uv_poll_t *handle, int status, int events)
{
    (void)status; /* an error shows when reading */
    (void)events;
    read_input(handle->data);
}

/* Lines that waited for the endpoint, or a file, which is always readable. */
static void on_idle(uv_idle_t *handle)
{
    struct wire *w = handle->data;
    bool file = w->options.ends.in.kind == WIRE_FILE;
    if (file && !w->input_ended && w->framing.scanned == w->framing.bytes.len)
        read_input(w);
    else
        handle_lines(w);
    if (!file || w->input_ended || w->paused || w->held_back)
        uv_idle_stop(&w->in_idle);
}

void input_update(struct wire *w)
{
    size_t queued = output_queued(w);
    if (queued > QUEUE_HARD)
        w->held_back = true;
    else if (queued < QUEUE_SOFT)
        w->held_back = false;
    bool want = !w->paused && !w->held_back && !w->input_ended && !w->shut_down;
    if (w->options.ends.in.kind == WIRE_FILE) {
        if (want)
            uv_idle_start(&w->in_idle, on_idle);
        return;
    }
    if (want == w->in_polling)
        return;
    w->in_polling = want;
    if (want)
        uv_poll_start(&w->in_poll, UV_READABLE, on_readable);
    else
        uv_poll_stop(&w->in_poll);
}

void input_resume(struct wire *w)
{
    w->paused = false;
    uv_idle_start(&w->in_idle, on_idle);
}

int input_start(struct wire *w, struct error *err)
{
    framing_init(&w->framing, w->options.max_message_bytes);
    uv_idle_init(w->uv, &w->in_idle);
    w->in_idle.data = w;
    if (w->options.ends.in.kind != WIRE_FILE) {
        int rc = uv_poll_init(w->uv, &w->in_poll, w->options.ends.in.fd);
        if (rc)
            return error_set(err, ST_UNAVAILABLE, "cannot wait for standard input: %s",
                             uv_strerror(rc));
        w->in_poll.data = w;
    }
    input_update(w);
    return ST_OK;
}
