/* Going away: what runs may end, nothing new begins. */
#include "adapters/driving/http/server.h"

/* After the rest was cut, its last bytes have this long. */
#define LAST_MS 500u

static void on_drain_timer(uv_timer_t *timer);

static void end_all(struct server *s)
{
    /* Nothing is closed before the library runs again, so the list stays as it is. */
    for (struct connection *c = s->connections; c; c = c->next) {
        if (s->drain_cut || !c->exchange.routed)
            connection_abort(c);
        else
            exchange_cut(&c->exchange);
    }
    s->drain_cut = true;
}

static void on_drain_timer(uv_timer_t *timer)
{
    struct server *s = timer->data;
    if (s->connection_count == 0 && s->drained) {
        void (*drained)(void *user) = s->drained;
        s->drained = NULL;
        drained(s->drained_user);
    } else if (s->connection_count) {
        end_all(s);
        uv_timer_start(&s->drain_timer, on_drain_timer, LAST_MS, 0);
    }
}

void drain_look(struct server *s)
{
    if (s->drained && s->connection_count == 0 && !s->closing)
        uv_timer_start(&s->drain_timer, on_drain_timer, 0, 0);
}

void drain_begin(struct server *s, uint64_t drain_ms, void (*drained)(void *user), void *user)
{
    s->draining = true;
    s->drained = drained;
    s->drained_user = user;
    for (struct connection *c = s->connections; c; c = c->next)
        if (c->exchange.stage == STAGE_IDLE)
            connection_abort(c);
    uv_timer_start(&s->drain_timer, on_drain_timer, s->connection_count ? drain_ms : 0, 0);
}
