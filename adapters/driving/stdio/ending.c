#include <signal.h>

#include "adapters/driven/loop/loop.h"
#include "adapters/driving/stdio/wire.h"

static const int signal_numbers[SIGNAL_COUNT] = {SIGTERM, SIGINT, SIGHUP};

static void start_timer(struct wire *w, uv_timer_cb on_over, uint64_t ms)
{
    w->moved_before = w->moved;
    uv_timer_start(&w->end_timer, on_over, ms, 0);
}

static bool has_moved(const struct wire *w)
{
    return w->moved != w->moved_before;
}

static void on_last_words_over(uv_timer_t *timer)
{
    struct wire *w = timer->data;
    if (!w->hurry && has_moved(w))
        start_timer(w, on_last_words_over, LAST_WORDS_MS);
    else
        ending_dead(w);
}

/* Answers everything and goes when the client has taken the answers. */
static void finish(struct wire *w)
{
    w->input_ended = true;
    w->shut_down = true;
    input_update(w);
    w->speaking = true;
    w->endpoint.shutdown(w->endpoint.ctx);
    w->speaking = false;
    start_timer(w, on_last_words_over, LAST_WORDS_MS);
    ending_check(w);
}

static void on_drain_over(uv_timer_t *timer)
{
    struct wire *w = timer->data;
    bool unread = !w->input_ended || w->lines_left;
    if (unread && has_moved(w))
        start_timer(w, on_drain_over, w->options.drain_ms);
    else
        finish(w);
}

static void on_signal(uv_signal_t *handle, int number)
{
    (void)number;
    ending_now(handle->data);
}

int ending_start(struct wire *w, struct error *err)
{
    uv_timer_init(w->uv, &w->end_timer);
    w->end_timer.data = w;
    for (int i = 0; i < SIGNAL_COUNT; i++) {
        int rc = uv_signal_init(w->uv, &w->signals[i]);
        w->signals[i].data = w;
        if (!rc)
            rc = uv_signal_start(&w->signals[i], on_signal, signal_numbers[i]);
        if (rc)
            return error_set(err, ST_UNAVAILABLE, "cannot wait for signals: %s", uv_strerror(rc));
    }
    return ST_OK;
}

void ending_drain(struct wire *w)
{
    if (!w->shut_down)
        start_timer(w, on_drain_over, w->options.drain_ms);
}

void ending_now(struct wire *w)
{
    w->hurry = true;
    if (w->shut_down)
        start_timer(w, on_last_words_over, LAST_WORDS_MS);
    else
        finish(w);
}

void ending_dead(struct wire *w)
{
    w->dead = true;
    w->input_ended = true;
    w->shut_down = true;
    input_update(w);
    loop_stop(w->loop);
}

void ending_check(struct wire *w)
{
    if (w->dead)
        loop_stop(w->loop);
    if (!w->input_ended || line_queue_len(&w->out) || w->speaking)
        return;
    if (w->shut_down)
        loop_stop(w->loop);
    else if (!w->lines_left && w->endpoint.pending(w->endpoint.ctx) == 0)
        finish(w); /* what is open without being pending is ended too */
}
