#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/driving/stdio/wire.h"

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

void output_flush(struct wire *w)
{
    while (!w->dead && line_queue_len(&w->out)) {
        struct str next = line_queue_front(&w->out);
        ssize_t wrote = wire_end_write(&w->options.ends.out, next.ptr, next.len);
        if (wrote < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            wait_for(w, true);
            input_update(w);
            return;
        }
        if (wrote < 0) {
            ending_dead(w);
            return;
        }
        w->moved += (uint64_t)wrote;
        line_queue_wrote(&w->out, (size_t)wrote);
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
    if (kind == MESSAGE_NOTIFICATION && line_queue_len(&w->out) > LINE_QUEUE_SOFT &&
        !(w->out_watch.events & UV_WRITABLE))
        output_flush(w);
    if (w->dead || (kind == MESSAGE_NOTIFICATION && line_queue_len(&w->out) > LINE_QUEUE_SOFT))
        return false;
    if (!line_queue_add(&w->out, message)) {
        /* A lost answer would leave the client waiting for ever: end instead. */
        ending_dead(w);
        return false;
    }
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
