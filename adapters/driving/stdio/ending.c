#include <signal.h>

#include "adapters/driven/loop/loop.h"
#include "adapters/driving/stdio/wire.h"

static const int signal_numbers[SIGNAL_COUNT] = {SIGTERM, SIGINT, SIGHUP};

static void on_signal(uv_signal_t *handle, int number)
{
    (void)number;
    ending_now(handle->data);
}

static void on_drain_over(uv_timer_t *timer)
{
    ending_now(timer->data);
}

static void on_last_words_over(uv_timer_t *timer)
{
    ending_dead(timer->data);
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
    if (w->shut_down || uv_is_active((uv_handle_t *)&w->end_timer))
        return;
    uv_timer_start(&w->end_timer, on_drain_over, w->options.drain_ms, 0);
}

void ending_now(struct wire *w)
{
    if (w->shut_down)
        return;
    w->input_ended = true;
    w->shut_down = true;
    w->paused = false;
    input_update(w);
    w->endpoint.shutdown(w->endpoint.ctx);
    uv_timer_start(&w->end_timer, on_last_words_over, LAST_WORDS_MS, 0);
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
    if (!w->input_ended || w->paused || output_queued(w))
        return;
    if (w->shut_down || w->endpoint.pending(w->endpoint.ctx) == 0)
        loop_stop(w->loop);
}
