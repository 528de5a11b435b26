#include "adapters/driving/cli/call/terminal_input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "adapters/driven/loop/loop.h"
#include "adapters/driving/cli/call/interrupt.h"

/* A terminal gives no longer line. */
#define LINE_BYTES 4096u

struct terminal_input {
    struct loop *loop;
    uv_poll_t poll;
    int fd;
    bool readable;
    bool closed;
};

bool terminal_can_ask(void)
{
    return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

static void on_readable(uv_poll_t *handle, int status, int events)
{
    struct terminal_input *input = handle->data;
    (void)status;
    (void)events;
    input->readable = true;
    uv_poll_stop(handle);
}

static int start(struct terminal_input *input, struct error *err)
{
    /* Opened anew: not to block would otherwise be a property of everybody's terminal. */
    input->fd = open("/proc/self/fd/0", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (input->fd < 0)
        return error_set(err, ST_UNAVAILABLE, "the terminal cannot be opened: %s",
                         strerror(errno));
    int rc = uv_poll_init(loop_uv(input->loop), &input->poll, input->fd);
    if (rc == 0)
        return ST_OK;
    close(input->fd);
    return error_set(err, ST_UNAVAILABLE, "the terminal cannot be watched: %s", uv_strerror(rc));
}

int terminal_input_open(struct loop *loop, struct terminal_input **out, struct error *err)
{
    struct terminal_input *input = calloc(1, sizeof(*input));
    if (!input)
        return error_set(err, ST_NOMEM, "out of memory");
    input->loop = loop;
    int rc = start(input, err);
    if (rc) {
        free(input);
        return rc;
    }
    input->poll.data = input;
    *out = input;
    return ST_OK;
}

static void on_closed(uv_handle_t *handle)
{
    struct terminal_input *input = handle->data;
    input->closed = true;
}

void terminal_input_close(struct terminal_input *input)
{
    if (!input)
        return;
    uv_close((uv_handle_t *)&input->poll, on_closed);
    while (!input->closed)
        loop_turn(input->loop);
    close(input->fd);
    free(input);
}

/* Waits until something can be read. */
static bool wait_for_input(struct terminal_input *input)
{
    input->readable = false;
    if (uv_poll_start(&input->poll, UV_READABLE, on_readable))
        return false;
    while (!input->readable && !interrupt_seen())
        loop_turn(input->loop);
    uv_poll_stop(&input->poll);
    return input->readable && !interrupt_seen();
}

enum typed terminal_input_line(struct terminal_input *input, struct buffer *line)
{
    buffer_reset(line, LINE_BYTES);
    while (wait_for_input(input)) {
        if (!buffer_reserve(line, LINE_BYTES))
            return TYPED_INTERRUPTED;
        ssize_t got = read(input->fd, line->data + line->len, LINE_BYTES);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (got < 0)
            return TYPED_INTERRUPTED;
        if (got == 0)
            return line->len ? TYPED_LINE : TYPED_END;
        line->len += (size_t)got;
        if (line->data[line->len - 1] != '\n')
            continue;
        line->len--;
        return TYPED_LINE;
    }
    return TYPED_INTERRUPTED;
}
