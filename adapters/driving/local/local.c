#include "adapters/driving/local/local.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "adapters/driven/loop/loop.h"
#include "adapters/driving/local/wire.h"

bool link_hung_up(const struct link *k)
{
    struct pollfd p = {.fd = k->fd};
    return poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR | POLLNVAL));
}

/* What is watched when nothing else is: epoll tells a hangup with whatever is asked for, and nobody
 * sends urgent data. */
static void on_hangup(struct link *k)
{
    if (link_hung_up(k)) {
        link_end(k);
        return;
    }
    k->urgent_data = true;
    link_update(k);
}

static void on_event(uv_poll_t *handle, int status, int events)
{
    struct link *k = handle->data;
    if (status < 0) {
        link_end(k);
        return;
    }
    if (events & UV_WRITABLE)
        link_flush(k);
    if (!k->closing && (events & UV_PRIORITIZED))
        on_hangup(k);
    if (!k->closing && (events & UV_READABLE))
        link_read(k);
}

void link_wait(struct link *k, int events)
{
    if (k->closing || events == k->events)
        return;
    k->events = events;
    if (events)
        uv_poll_start(&k->poll, events, on_event);
    else
        uv_poll_stop(&k->poll);
}

static void sink_resume(void *ctx)
{
    struct link *k = ctx;
    k->paused = false;
    link_update(k);
}

static void on_greeting_late(uv_timer_t *timer)
{
    link_refuse(timer->data, "the first line did not come in time");
}

static void link_init(struct link *k, struct local *l, const struct accepted *what)
{
    k->local = l;
    k->fd = what->fd;
    k->uid = what->uid;
    k->ended = what->ended;
    k->lease = what->lease;
    k->sink = (struct message_sink){.ctx = k, .send = link_send, .resume = sink_resume,
                                     .wire = STR("local")};
    framing_init(&k->framing, GREETING_BYTES);
    uv_idle_init(l->uv, &k->idle);
    uv_timer_init(l->uv, &k->timer);
    k->handles = 3;
    k->poll.data = k->idle.data = k->timer.data = k;
    k->next = l->links;
    if (k->next)
        k->next->before = k;
    l->links = k;
    l->facts.connections++;
    uv_timer_start(&k->timer, on_greeting_late, l->options.greeting_ms, 0);
}

static void take(void *ctx, const struct accepted *what)
{
    struct local *l = ctx;
    struct link *k = calloc(1, sizeof(*k));
    if (!k || uv_poll_init(l->uv, &k->poll, what->fd)) {
        free(k);
        close(what->fd);
        what->ended(what->lease);
        return;
    }
    link_init(k, l, what);
    if (l->draining)
        link_refuse(k, "the server is ending");
    else
        link_update(k);
}

static void flush_before(uv_prepare_t *handle)
{
    link_flush_all(handle->data);
}

static void flush_after(uv_check_t *handle)
{
    link_flush_all(handle->data);
}

int local_new(struct loop *loop, const struct local_options *options, struct local **out,
              struct error *err)
{
    struct local *l = calloc(1, sizeof(*l));
    if (!l)
        return error_set(err, ST_NOMEM, "out of memory");
    l->loop = loop;
    l->uv = loop_uv(loop);
    l->options = *options;
    l->taker = (struct connection_taker){l, take};
    uv_prepare_init(l->uv, &l->before_wait);
    uv_check_init(l->uv, &l->after_wait);
    l->handles = 2;
    l->before_wait.data = l->after_wait.data = l;
    uv_prepare_start(&l->before_wait, flush_before);
    uv_check_start(&l->after_wait, flush_after);
    *out = l;
    return ST_OK;
}

const struct connection_taker *local_taker(struct local *l)
{
    return &l->taker;
}

void local_facts(const struct local *l, struct local_facts *out)
{
    *out = l->facts;
    for (const struct link *k = l->links; k; k = k->next)
        out->queued_bytes += line_queue_len(&k->out);
}

void local_drain(struct local *l)
{
    struct link *k = l->links;
    l->draining = true;
    while (k) {
        struct link *next = k->next;
        k->lines_left = false; /* what was not begun is not begun any more */
        if (k->greeted)
            link_drain(k);
        else
            link_refuse(k, "the server is ending");
        k = next;
    }
}

static void free_when_closed(uv_handle_t *handle)
{
    struct local *l = handle->data;
    if (--l->handles == 0)
        free(l);
}

void local_free(struct local *l)
{
    if (!l)
        return;
    while (l->links)
        link_end(l->links);
    uv_close((uv_handle_t *)&l->before_wait, free_when_closed);
    uv_close((uv_handle_t *)&l->after_wait, free_when_closed);
}
