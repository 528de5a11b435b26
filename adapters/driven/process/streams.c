/* The three pipes of a program. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "adapters/driven/process/inside.h"

#define PIECE ((size_t)32 << 10)

/* Hands on what may still come of a piece, and drops the rest. */
static void give(struct run *r, int stream, const char *data, size_t len)
{
    size_t allowed = len < r->room ? len : (size_t)r->room;
    r->truncated = r->truncated || allowed < len;
    r->room -= allowed;
    if (!allowed || !r->sink.event)
        return;
    r->unread += allowed;
    process_run_say(r, stream ? PROCESS_STDERR : PROCESS_STDOUT, STR(""), (struct str){data, allowed});
}

static void end_stream(struct run *r, int stream)
{
    process_watch_close(r->streams[stream]);
    r->streams[stream] = NULL;
}

/* What a program has written is in the pipe when it has ended, so that the first EAGAIN after that is
 * the end: a process that has left the session may hold the pipe open for ever. */
void process_run_read(struct run *r, int stream)
{
    char piece[PIECE];
    while (r->streams[stream] && r->unread < PROCESS_AHEAD) {
        size_t most = PROCESS_AHEAD - (size_t)r->unread;
        ssize_t got = read(r->streams[stream]->fd, piece, most < PIECE ? most : PIECE);
        if (got > 0) {
            give(r, stream, piece, (size_t)got);
            if ((size_t)got < PIECE && !r->exited)
                break;
        } else if (got < 0 && errno == EAGAIN && !r->exited) {
            break;
        } else if (got == 0 || errno != EINTR) {
            end_stream(r, stream);
        }
    }
    if (r->streams[stream])
        process_watch_set(r->streams[stream], r->unread < PROCESS_AHEAD ? UV_READABLE : 0);
}

static void end_input(struct run *r)
{
    process_watch_close(r->in);
    r->in = NULL;
    buffer_clear(&r->input);
    r->input_at = 0;
}

static void tell_room(struct run *r, size_t len)
{
    char text[24];
    int written = snprintf(text, sizeof(text), "%zu", len);
    if (len && r->writable_stream)
        process_run_say(r, PROCESS_ROOM, (struct str){text, (size_t)written}, STR(""));
}

/* A program that does not read its input is no fault: the rest is dropped. */
void process_run_write(struct run *r)
{
    size_t taken = 0;
    while (r->in && r->input_at < r->input.len) {
        ssize_t n = write(r->in->fd, r->input.data + r->input_at, r->input.len - r->input_at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            break;
        size_t step = n > 0 ? (size_t)n : r->input.len - r->input_at;
        taken += step;
        r->input_at += step;
        if (n <= 0)
            end_input(r);
    }
    if (r->input_at == r->input.len) {
        buffer_reset(&r->input, PROCESS_WRITE_AHEAD);
        r->input_at = 0;
        if (r->in && r->input_ends)
            end_input(r);
    }
    if (r->in)
        process_watch_set(r->in, r->input.len ? UV_WRITABLE : 0);
    tell_room(r, taken);
}

void process_run_add_input(struct run *r, struct str bytes)
{
    if (!r->writable_stream || r->input_ends)
        return;
    if (!r->in) {
        tell_room(r, bytes.len);
        return;
    }
    if (r->input.len - r->input_at + bytes.len > PROCESS_WRITE_AHEAD) {
        process_run_fail(r, ST_TOO_LARGE,
                 "more than 1 MiB of input was written ahead of what the program takes; wait for "
                 "room()");
        return;
    }
    buffer_drop_front(&r->input, r->input_at);
    r->input_at = 0;
    buffer_add_str(&r->input, bytes);
    if (buffer_failed(&r->input))
        process_run_fail(r, ST_NOMEM, "out of memory");
    else
        process_run_write(r);
}
