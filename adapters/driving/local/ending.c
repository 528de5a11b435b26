#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/driving/local/wire.h"

static void start_timer(struct link *k, uv_timer_cb on_over, uint64_t ms)
{
    k->moved_before = k->moved;
    uv_timer_start(&k->timer, on_over, ms, 0);
}

static void on_last_words_over(uv_timer_t *timer)
{
    struct link *k = timer->data;
    if (k->moved != k->moved_before)
        start_timer(k, on_last_words_over, LAST_WORDS_MS);
    else
        link_end(k);
}

/* Answers everything and goes when the client has taken the answers. */
static void finish(struct link *k)
{
    k->input_ended = k->shut_down = true;
    k->endpoint.shutdown(k->endpoint.ctx);
    link_update(k);
    start_timer(k, on_last_words_over, LAST_WORDS_MS);
    if (!line_queue_len(&k->out))
        link_end(k);
}

static void on_drain_over(uv_timer_t *timer)
{
    finish(timer->data);
}

void link_drain(struct link *k)
{
    if (k->shut_down)
        return;
    k->input_ended = true;
    start_timer(k, on_drain_over, k->local->options.drain_ms);
    link_update(k);
    link_check_end(k);
}

void link_check_end(struct link *k)
{
    if (k->closing || !k->input_ended)
        return;
    if (k->shut_down && !line_queue_len(&k->out))
        link_end(k);
    else if (!k->shut_down && k->greeted && !k->lines_left &&
             k->endpoint.pending(k->endpoint.ctx) == 0)
        finish(k); /* what is open without being pending is ended too */
}

static void free_when_closed(uv_handle_t *handle)
{
    struct link *k = handle->data;
    if (--k->handles == 0)
        free(k);
}

static void unlink_all(struct link *k)
{
    struct local *l = k->local;
    if (k->before)
        k->before->next = k->next;
    else
        l->links = k->next;
    if (k->next)
        k->next->before = k->before;
    for (struct link **at = &l->to_flush; *at; at = &(*at)->next_flush)
        if (*at == k) {
            *at = k->next_flush;
            break;
        }
    l->facts.connections--;
}

void link_end(struct link *k)
{
    if (k->closing)
        return;
    k->closing = true;
    link_forget_reload(k);
    unlink_all(k);
    uv_close((uv_handle_t *)&k->poll, free_when_closed);
    uv_close((uv_handle_t *)&k->idle, free_when_closed);
    uv_close((uv_handle_t *)&k->timer, free_when_closed);
    close(k->fd);
    framing_clear(&k->framing);
    line_queue_clear(&k->out);
    if (k->greeted)
        k->endpoint.close(k->endpoint.ctx);
    k->ended(k->lease);
}
