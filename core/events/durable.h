/*
 * Durable subscriptions to the events of the store: named, with a position that is kept in the store, so
 * that they go on after a restart. Each event comes at least once, in order; who must not do a thing
 * twice looks at the event's id.
 *
 * Of several processes that open the same name one is told events, as long as it renews its lease; when
 * it ends without a word, another goes on after DURABLE_LEASE_MS.
 *
 * All [loop]. Callbacks never come from inside of a function here.
 */
#pragma once

#include "core/journal/follow.h"
#include "ports/driven/key_value_store.h"
#include "ports/driven/random.h"
#include "ports/driven/timer.h"

#define DURABLE_SPACE "meta"
#define DURABLE_NAME_MAX 100u
#define DURABLE_LEASE_MS 15000u
#define DURABLE_RENEW_MS 5000u

struct durable;

/* They outlive it. */
struct durable_parts {
    const struct key_value_store *values;
    const struct timer_port *timers;
    const struct random_port *random;
    struct followers *followers;
};

struct durable_what {
    struct str name;         /* small letters, digits, '-', '.'                                  */
    bool from_start;         /* a name that is new begins with the first event, else with the next one */
    const struct str *types; /* none: all; copied                                                */
    size_t type_count;
};

struct durable_sink {
    void *arg;
    /* True: it is done with, and its position may be kept. False: not yet; the same event comes again
     * after durable_resume(). Borrowed until return. */
    bool (*event)(void *arg, const struct stored_event *event);
    /* The store has failed; it is tried again. May be NULL. */
    void (*failed)(void *arg, const struct error *err);
};

int durable_open(const struct durable_parts *parts, const struct durable_what *what,
                 const struct durable_sink *sink, struct durable **out, struct error *err);

void durable_resume(struct durable *durable);

/* True while this process is the one that is told. */
bool durable_active(const struct durable *durable);

/* Gives the lease back. Nothing is told any more. NULL is allowed. */
void durable_close(struct durable *durable);
