#include "adapters/driving/websocket/wire.h"

#define TICK_MS 10u

static void end_open(struct connection *c, bool now)
{
    if (c->endpoint.pending(c->endpoint.ctx) && now)
        c->endpoint.shutdown(c->endpoint.ctx);
    if (now || c->endpoint.pending(c->endpoint.ctx) == 0)
        ending_close(c, CLOSE_GOING_AWAY, "the server ends");
}

static void end_one(struct connection *c, bool now)
{
    if (c->stage == STAGE_OPEN)
        end_open(c, now);
    else if (c->stage == STAGE_HEAD || (c->stage == STAGE_CHECKING && now))
        opening_refuse(c, 503, NULL, "the server ends; try again later");
    connection_changed(c);
}

static void end_all(struct wire *wire)
{
    bool now = sweep_now(wire) >= wire->drain_until_ms;
    for (struct connection *c = wire->first; c; c = c->next)
        end_one(c, now);
    if (wire->facts.connections || !wire->drained)
        return;
    void (*drained)(void *user) = wire->drained;
    wire->drained = NULL;
    drained(wire->drained_user);
}

static void on_tick(uv_timer_t *timer)
{
    struct wire *w = timer->data;
    sweep(w);
    end_all(w);
}

void drain_begin(void *ctx, uint64_t drain_ms, void (*drained)(void *user), void *user)
{
    struct wire *w = ctx;
    w->draining = true;
    w->drain_until_ms = sweep_now(w) + drain_ms;
    w->drained = drained;
    w->drained_user = user;
    uv_timer_start(&w->sweep_timer, on_tick, 0, TICK_MS);
}
