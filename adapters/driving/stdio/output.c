#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/driving/stdio/wire.h"

/* Memory that an empty queue keeps. */
#define KEEP_BYTES ((size_t)256 * 1024)

size_t output_queued(const struct wire *w)
{
    return w->out.len - w->out_start;
}

static ssize_t write_some(const struct wire_end *end, const char *from, size_t len)
{
    ssize_t wrote;
    do
        wrote = end->kind == WIRE_SOCKET ? send(end->fd, from, len, MSG_DONTWAIT | MSG_NOSIGNAL)
                                         : write(end->fd, from, len);
    while (wrote < 0 && errno == EINTR);
    return wrote;
}

/* Without queued output only the client's going away is waited for. */
static void wait_for(struct wire *w, bool writable)
{
    int hangup = w->urgent_data ? 0 : WATCH_HANGUP;
    watch_set(&w->out_watch, hangup | (writable ? UV_WRITABLE : 0));
}

static void on_out_event(uv_poll_t *handle, int status, int events)
{
    struct wire *w = handle->data;
    if (status < 0 || ((events & UV_PRIORITIZED) && watch_hung_up(&w->out_watch)))
        ending_dead(w);
    else
        w->urgent_data = (events & UV_PRIORITIZED) != 0;
    output_flush(w);
}

/* Room before the front is used again as soon as it is the larger part. */
static void wrote_bytes(struct wire *w, size_t len)
{
    w->moved += len;
    w->out_start += len;
    if (w->out_start == w->out.len) {
        buffer_reset(&w->out, KEEP_BYTES);
        w->out_start = 0;
    } else if (w->out_start > w->out.len / 2) {
        buffer_drop_front(&w->out, w->out_start);
        w->out_start = 0;
    }
}

void output_flush(struct wire *w)
{
    while (!w->dead && output_queued(w)) {
        ssize_t wrote = write_some(&w->options.ends.out, w->out.data + w->out_start,
                                   output_queued(w));
        if (wrote < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            wait_for(w, true);
            input_update(w);
            return;
        }
        if (wrote < 0) {
            ending_dead(w);
            return;
        }
        wrote_bytes(w, (size_t)wrote);
    }
    wait_for(w, false);
    if (w->held_back)
        input_update(w);
}

bool output_send(void *ctx, const struct message_about *about, struct str message)
{
    enum message_kind kind = about->kind;
    struct wire *w = ctx;
    if (w->dead)
        return false;
    /* What one turn of the loop has queued has not been offered to the client yet. */
    if (kind == MESSAGE_NOTIFICATION && output_queued(w) > QUEUE_SOFT &&
        !(w->out_watch.events & UV_WRITABLE))
        output_flush(w);
    if (w->dead || (kind == MESSAGE_NOTIFICATION && output_queued(w) > QUEUE_SOFT))
        return false;
    if (!buffer_reserve(&w->out, message.len + 1)) {
        /* A lost answer would leave the client waiting for ever: end instead. */
        ending_dead(w);
        return false;
    }
    buffer_add_str(&w->out, message);
    buffer_add_char(&w->out, '\n');
    return true;
}

static void flush_before(uv_prepare_t *handle)
{
    struct wire *w = handle->data;
    output_flush(w);
    ending_check(w);
}

static void flush_after(uv_check_t *handle)
{
    struct wire *w = handle->data;
    output_flush(w);
    ending_check(w);
}

int output_start(struct wire *w, struct error *err)
{
    uv_prepare_init(w->uv, &w->before_wait);
    uv_check_init(w->uv, &w->after_wait);
    w->before_wait.data = w->after_wait.data = w;
    uv_prepare_start(&w->before_wait, flush_before);
    uv_check_start(&w->after_wait, flush_after);
    int rc = watch_init(&w->out_watch, w, &w->options.ends.out, on_out_event, err);
    if (!rc)
        wait_for(w, false);
    return rc;
}
