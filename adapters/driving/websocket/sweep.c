#include <malloc.h>

#include "adapters/driving/websocket/wire.h"

/* Time that a client has for its part of the end. */
#define LAST_WORDS_MS 2000u

/* So many connections make holes that are worth to be given back. */
#define CROWD 200u

#define TICK_MOST 1000u
#define TICK_LEAST 5u

uint64_t sweep_now(const struct wire *wire)
{
    return uv_now(wire->loop);
}

static bool is_over(uint64_t since, uint64_t limit, uint64_t now)
{
    return limit > 0 && now >= since + limit;
}

static void sweep_opening(struct connection *c, uint64_t now)
{
    if (!is_over(c->stage_ms, c->wire->options.limits.handshake_ms, now))
        return;
    if (c->stage == STAGE_CHECKING)
        opening_refuse(c, 503, "Retry-After: 1\r\n",
                       "the credentials could not be checked in time; try again later");
    else
        opening_refuse(c, 408, NULL, "the request did not come in time");
}

static void ping_or_end(struct connection *c, uint64_t now)
{
    if (c->pinged) {
        ending_dead(c);
        return;
    }
    c->pinged = true;
    c->heard_ms = now;
    output_frame(c, 0x80 | WSLAY_PING, (struct str){NULL, 0});
}

/* A client whose input we do not take cannot be heard. */
static bool can_be_heard(const struct connection *c)
{
    return !c->paused && !c->held_back && !c->is_ready;
}

/* Memory that only a busy connection needs. */
static void rest(struct connection *c, uint64_t now)
{
    if (output_queued(c) == 0 && c->out.cap && now > c->active_ms + TICK_MOST)
        buffer_clear(&c->out);
}

static void sweep_open(struct connection *c, uint64_t now)
{
    const struct websocket_limits *l = &c->wire->options.limits;
    if (output_queued(c) && is_over(c->moved_ms, l->write_ms, now))
        ending_close(c, CLOSE_POLICY, "the client does not read");
    else if (is_over(c->active_ms, l->idle_ms, now) && c->endpoint.pending(c->endpoint.ctx) == 0)
        ending_close(c, CLOSE_GOING_AWAY, "the connection was idle");
    else if (is_over(c->heard_ms, l->ping_ms, now) && can_be_heard(c))
        ping_or_end(c, now);
    else
        rest(c, now);
}

static void sweep_one(struct connection *c, uint64_t now)
{
    switch (c->stage) {
    case STAGE_HEAD:
    case STAGE_CHECKING:
        sweep_opening(c, now);
        break;
    case STAGE_OPEN:
        sweep_open(c, now);
        break;
    case STAGE_REFUSED:
    case STAGE_CLOSING:
        if (is_over(c->stage_ms, LAST_WORDS_MS, now))
            ending_dead(c);
        break;
    case STAGE_DEAD:
        break;
    }
}

/* When a crowd has gone, and nobody goes any more, its memory goes back to the system: the C library
 * keeps the holes. */
static void give_memory_back(struct wire *wire)
{
    size_t now = wire->facts.connections;
    bool calm = now == wire->last_crowd;
    wire->last_crowd = now;
    if (!calm || wire->crowd < CROWD || now > wire->crowd / 4)
        return;
    wire->crowd = now;
    malloc_trim(0);
}

void sweep(struct wire *wire)
{
    uint64_t now = sweep_now(wire);
    for (struct connection *c = wire->first; c; c = c->next)
        sweep_one(c, now);
    give_memory_back(wire);
}

static void on_tick(uv_timer_t *timer)
{
    sweep(timer->data);
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return b > 0 && b < a ? b : a;
}

/* Often enough for the shortest time, which is late by a quarter of itself at most. */
int sweep_start(struct wire *wire, struct error *err)
{
    const struct websocket_limits *l = &wire->options.limits;
    uint64_t shortest = smaller(smaller(smaller(smaller(TICK_MOST * 4, l->handshake_ms), l->write_ms),
                                        l->ping_ms),
                                l->idle_ms);
    uint64_t tick = shortest / 4 < TICK_LEAST ? TICK_LEAST : shortest / 4;
    if (uv_timer_start(&wire->sweep_timer, on_tick, tick, tick))
        return error_set(err, ST_UNAVAILABLE, "cannot start a timer");
    return ST_OK;
}
