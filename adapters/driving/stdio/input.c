#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapters/driving/stdio/wire.h"

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
    char *data = framing_take(&w->framing, line);
    if (!data) {
        out_of_memory(w, line.len);
        return;
    }
    if (w->endpoint.receive(w->endpoint.ctx, data, line.len) == RECEIVE_PAUSE)
        w->paused = true;
}

static bool is_blocked(const struct wire *w)
{
    return w->paused || w->held_back || w->shut_down;
}

/* Hands out one line. False if there is none. */
static bool handle_line(struct wire *w)
{
    struct str line;
    enum framing_result result = framing_next(&w->framing, &line);
    if (result == FRAMING_MORE && w->input_ended)
        result = framing_rest(&w->framing, &line);
    if (result == FRAMING_MORE)
        return false;
    if (result == FRAMING_TOO_LONG)
        reject(w);
    else
        deliver(w, line);
    if (line_queue_len(&w->out) > LINE_QUEUE_HARD)
        w->held_back = true;
    return true;
}

/* Hands out the lines that are there, as many as the endpoint, the client and the other work of the
 * loop allow. */
static void handle_lines(struct wire *w)
{
    uint64_t until = uv_hrtime() + TURN_NS;
    unsigned left = TURN_MESSAGES;
    w->lines_left = true;
    while (w->lines_left && !is_blocked(w) && left-- && uv_hrtime() < until)
        w->lines_left = handle_line(w);
    input_update(w);
}

static void end_of_input(struct wire *w)
{
    w->input_ended = true;
    handle_lines(w);
    ending_drain(w);
}

static void read_input(struct wire *w)
{
    size_t room;
    char *to = framing_space(&w->framing, READ_BYTES, &room);
    if (!to) {
        ending_now(w);
        return;
    }
    ssize_t got = wire_end_read(&w->options.ends.in, to, READ_BYTES);
    if (got > 0) {
        w->moved += (uint64_t)got;
        framing_filled(&w->framing, (size_t)got);
        handle_lines(w);
    } else if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) {
        end_of_input(w);
    }
}

/* While input is not wanted, its end is still waited for. */
static void on_hangup(struct wire *w)
{
    w->hung_up = true;
    if (watch_hung_up(&w->in_watch))
        ending_drain(w);
    input_update(w);
}

static void on_in_event(uv_poll_t *handle, int status, int events)
{
    struct wire *w = handle->data;
    bool hangup = w->in_watch.events == WATCH_HANGUP;
    (void)events;
    if (status < 0)
        w->in_watch.events = 0; /* libuv has stopped it; the error shows when reading */
    if (hangup)
        on_hangup(w);
    else if (!w->lines_left) /* else on_idle comes first */
        read_input(w);
}

/* Lines that waited, or a file, which is always readable. */
static void on_idle(uv_idle_t *handle)
{
    struct wire *w = handle->data;
    if (w->lines_left)
        handle_lines(w);
    else
        read_input(w);
}

void input_update(struct wire *w)
{
    size_t queued = line_queue_len(&w->out);
    if (queued > LINE_QUEUE_HARD)
        w->held_back = true;
    else if (queued < LINE_QUEUE_SOFT)
        w->held_back = false;
    bool file = w->options.ends.in.kind == WIRE_FILE;
    if (!is_blocked(w) && (w->lines_left || (file && !w->input_ended)))
        uv_idle_start(&w->in_idle, on_idle);
    else
        uv_idle_stop(&w->in_idle);
    int events = UV_READABLE;
    if (w->input_ended || (is_blocked(w) && w->hung_up))
        events = 0;
    else if (is_blocked(w))
        events = WATCH_HANGUP;
    watch_set(&w->in_watch, events);
}

void input_resume(struct wire *w)
{
    w->paused = false;
    input_update(w);
}

int input_start(struct wire *w, struct error *err)
{
    framing_init(&w->framing, w->options.max_message_bytes);
    uv_idle_init(w->uv, &w->in_idle);
    w->in_idle.data = w;
    int rc = watch_init(&w->in_watch, w, &w->options.ends.in, on_in_event, err);
    if (!rc)
        input_update(w);
    return rc;
}
