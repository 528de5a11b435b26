/*
 * The bus of events: who has subscribed, and what waits for whom. An event is kept once, however many
 * wait for it. Queues are bounded, and what is dropped is counted.
 */
#pragma once

#include "core/base/error.h"
#include "ports/driven/event_bus.h"
#include "ports/driven/event_spill.h"

/* Subscriptions at once. */
#define BUS_SUBSCRIPTIONS_MAX 4096u

struct bus;

/* `wake(ctx)` asks for a call of bus_deliver soon, not from inside; it is not called again before that
 * call. NULL without memory. */
struct bus *bus_new(void (*wake)(void *ctx), void *ctx);

/* Where subscriptions that are made from now on spill to; it outlives the bus. */
void bus_spill_to(struct bus *bus, const struct event_spill *spills);

/* What waits is dropped. NULL is allowed. */
void bus_free(struct bus *bus);

/* Lives as long as the bus. */
const struct event_bus *bus_port(struct bus *bus);

/* Tells what waits, to one subscriber after the other, at most `most` events in all, and wakes if
 * more waits. Not from inside of a subscriber. */
void bus_deliver(struct bus *bus, size_t most);
