#include "core/events/bus.h"

#include <stdlib.h>

#include "core/events/inside.h"
#include "core/events/topic.h"

/* Events that one subscriber is told before the next one's turn. */
#define TURN 64u

/* Who waits for room. */
struct waiter {
    struct waiter *next;
    void (*ready)(void *arg);
    void *arg;
};

struct bus {
    struct event_bus port;
    void (*wake)(void *ctx);
    void *wake_ctx;
    const struct event_spill *spills;
    struct subscriber *subscribers;
    size_t count;
    size_t blockers; /* subscribers that block */
    struct waiter *waiters;
    struct event_stats stats;
    uint64_t last_id;
    bool woken;
    bool delivering;
};

static void want_delivery(struct bus *bus)
{
    if (bus->woken)
        return;
    bus->woken = true;
    bus->wake(bus->wake_ctx);
}

/* ---- publishing ----------------------------------------------------------------------------- */

static int check_event(struct str topic, struct str json, struct error *err)
{
    if (!topic_valid(topic))
        return error_set(err, ST_INVALID,
                         "\"%.*s\" is no topic: parts of letters, digits, '_' and '-' with dots "
                         "between them, at most %d bytes",
                         STR_ARG(topic), EVENT_TOPIC_MAX);
    if (json.len > EVENT_JSON_MAX)
        return error_set(err, ST_TOO_LARGE, "an event of %zu bytes; at most %d are allowed",
                         json.len, EVENT_JSON_MAX);
    return ST_OK;
}

static bool is_for(const struct subscriber *s, struct str topic, struct str json,
                   struct json_doc **doc)
{
    return !s->gone && topic_matches(s->what.pattern, topic) && match_holds(&s->what, json, doc);
}

static int check_room(struct bus *bus, struct str topic, struct str json, struct json_doc **doc,
                      struct error *err)
{
    if (bus->blockers == 0)
        return ST_OK;
    for (const struct subscriber *s = bus->subscribers; s; s = s->next)
        if (s->what.policy == EVENT_BLOCK && queue_is_full(s, topic.len, json.len) &&
            is_for(s, topic, json, doc)) {
            bus->stats.refused++;
            return error_set(err, ST_BUSY,
                             "a subscriber to \"%.*s\" has no room: wait until it has drained",
                             STR_ARG(s->what.pattern));
        }
    return ST_OK;
}

static int put_all(struct bus *bus, struct str topic, struct str json, struct json_doc **doc,
                   struct error *err)
{
    struct event *e = NULL;
    for (struct subscriber *s = bus->subscribers; s; s = s->next) {
        if (!is_for(s, topic, json, doc))
            continue;
        if (!e && !(e = event_new(topic, json)))
            return error_set(err, ST_NOMEM, "out of memory");
        queue_put(s, e);
    }
    bus->stats.published++;
    if (e) {
        event_unref(e);
        want_delivery(bus);
    }
    return ST_OK;
}

static int bus_publish(void *ctx, struct str topic, struct str json, struct error *err)
{
    struct bus *bus = ctx;
    struct json_doc *doc = NULL;
    int rc = check_event(topic, json, err);
    if (!rc)
        rc = check_room(bus, topic, json, &doc, err);
    if (!rc)
        rc = put_all(bus, topic, json, &doc, err);
    json_free(doc);
    return rc;
}

static bool bus_wanted(void *ctx, struct str topic)
{
    const struct bus *bus = ctx;
    for (const struct subscriber *s = bus->subscribers; s; s = s->next)
        if (!s->gone && topic_matches(s->what.pattern, topic))
            return true;
    return false;
}

/* ---- subscriptions -------------------------------------------------------------------------- */

static int check_subscription(const struct bus *bus, const struct event_subscription *what,
                              struct error *err)
{
    if (!topic_pattern_valid(what->pattern))
        return error_set(err, ST_INVALID,
                         "\"%.*s\" is no pattern of topics: parts of letters, digits, '_' and '-', "
                         "\"*\" or \"**\", with dots between them, at most %d bytes",
                         STR_ARG(what->pattern), EVENT_TOPIC_MAX);
    if (what->queue < 1 || what->queue > EVENT_QUEUE_MAX)
        return error_set(err, ST_INVALID, "a queue of %u events; 1 to %d are allowed", what->queue,
                         EVENT_QUEUE_MAX);
    if (what->match_count > EVENT_MATCHES_MAX)
        return error_set(err, ST_INVALID, "%zu conditions; at most %d are allowed",
                         what->match_count, EVENT_MATCHES_MAX);
    for (size_t i = 0; i < what->match_count; i++)
        if (!match_valid(&what->matches[i]))
            return error_set(err, ST_INVALID,
                             "\"%.*s\" is no path to a member: names with dots between them",
                             STR_ARG(what->matches[i].path));
    if (bus->count >= BUS_SUBSCRIPTIONS_MAX)
        return error_set(err, ST_BUSY, "there are %u subscriptions already; no more are allowed",
                         BUS_SUBSCRIPTIONS_MAX);
    return ST_OK;
}

static struct subscriber *subscriber_new(const struct event_subscription *what)
{
    struct subscriber *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    struct event_match *matches =
        arena_alloc(&s->arena, what->match_count * sizeof(*matches) + 1);
    s->what = *what;
    s->what.pattern = arena_copy(&s->arena, what->pattern);
    s->what.matches = matches;
    for (size_t i = 0; matches && i < what->match_count; i++)
        matches[i] = (struct event_match){arena_copy(&s->arena, what->matches[i].path),
                                          arena_copy(&s->arena, what->matches[i].equals)};
    if (s->arena.failed) {
        subscriber_free(s);
        return NULL;
    }
    return s;
}

static int bus_subscribe(void *ctx, const struct event_subscription *what, uint64_t *id,
                         struct error *err)
{
    struct bus *bus = ctx;
    int rc = check_subscription(bus, what, err);
    if (rc)
        return rc;
    struct subscriber *s = subscriber_new(what);
    if (!s)
        return error_set(err, ST_NOMEM, "out of memory");
    s->id = ++bus->last_id;
    s->spills = bus->spills;
    s->next = bus->subscribers;
    bus->subscribers = s;
    bus->count++;
    bus->blockers += what->policy == EVENT_BLOCK;
    *id = s->id;
    return ST_OK;
}

static void sweep(struct bus *bus)
{
    struct subscriber **at = &bus->subscribers;
    while (*at) {
        struct subscriber *s = *at;
        if (!s->gone) {
            at = &s->next;
            continue;
        }
        *at = s->next;
        bus->count--;
        bus->blockers -= s->what.policy == EVENT_BLOCK;
        bus->stats.told += s->stats.told;
        bus->stats.lost += s->stats.lost;
        bus->stats.spilled += s->stats.spilled;
        subscriber_free(s);
    }
}

static void bus_unsubscribe(void *ctx, uint64_t id)
{
    struct bus *bus = ctx;
    for (struct subscriber *s = bus->subscribers; s; s = s->next)
        s->gone = s->gone || s->id == id;
    if (!bus->delivering)
        sweep(bus);
    if (bus->waiters)
        want_delivery(bus);
}

/* ---- what waits for room -------------------------------------------------------------------- */

static int bus_drained(void *ctx, void (*ready)(void *arg), void *arg, struct error *err)
{
    struct bus *bus = ctx;
    struct waiter *w = malloc(sizeof(*w));
    if (!w)
        return error_set(err, ST_NOMEM, "out of memory");
    *w = (struct waiter){bus->waiters, ready, arg};
    bus->waiters = w;
    want_delivery(bus);
    return ST_OK;
}

static void bus_forget(void *ctx, void *arg)
{
    struct bus *bus = ctx;
    for (struct waiter **at = &bus->waiters; *at;) {
        struct waiter *w = *at;
        if (w->arg != arg) {
            at = &w->next;
            continue;
        }
        *at = w->next;
        free(w);
    }
}

/* Half of the queue, so that publishers do not come for each single event. */
static bool has_room(const struct bus *bus)
{
    for (const struct subscriber *s = bus->subscribers; s; s = s->next)
        if (s->what.policy == EVENT_BLOCK && !s->gone &&
            (s->count > s->what.queue / 2 || s->bytes > QUEUE_BYTES_MAX / 2))
            return false;
    return true;
}

static void tell_waiters(struct bus *bus)
{
    while (bus->waiters && has_room(bus)) {
        struct waiter *w = bus->waiters;
        bus->waiters = w->next;
        w->ready(w->arg);
        free(w);
    }
}

/* ---- telling -------------------------------------------------------------------------------- */

static bool any_waits(const struct bus *bus)
{
    for (const struct subscriber *s = bus->subscribers; s; s = s->next)
        if (queue_waits(s))
            return true;
    return false;
}

void bus_deliver(struct bus *bus, size_t most)
{
    bool told = true;
    bus->delivering = true;
    while (told && most) {
        told = false;
        for (struct subscriber *s = bus->subscribers; s && most; s = s->next)
            for (uint32_t i = 0; i < TURN && most && queue_waits(s); i++, most--) {
                queue_tell(s);
                told = true;
            }
    }
    bus->delivering = false;
    sweep(bus);
    bus->woken = false;
    tell_waiters(bus);
    if (any_waits(bus))
        want_delivery(bus);
}

/* ---- figures -------------------------------------------------------------------------------- */

static void bus_stats(void *ctx, struct event_stats *out)
{
    const struct bus *bus = ctx;
    struct event_stats all = bus->stats;
    for (const struct subscriber *s = bus->subscribers; s; s = s->next) {
        all.told += s->stats.told;
        all.lost += s->stats.lost;
        all.spilled += s->stats.spilled;
        all.waiting += s->count + s->spilled;
        all.subscriptions += !s->gone;
    }
    *out = all;
}

static bool bus_at(void *ctx, size_t index, struct str *pattern, struct event_stats *out)
{
    const struct bus *bus = ctx;
    const struct subscriber *s = bus->subscribers;
    while (s && (s->gone || index--))
        s = s->next;
    if (!s)
        return false;
    *pattern = s->what.pattern;
    *out = s->stats;
    out->waiting = s->count + s->spilled;
    out->subscriptions = 1;
    return true;
}

struct bus *bus_new(void (*wake)(void *ctx), void *ctx)
{
    struct bus *bus = calloc(1, sizeof(*bus));
    if (!bus)
        return NULL;
    bus->port = (struct event_bus){.ctx = bus,
                                   .publish = bus_publish,
                                   .subscribe = bus_subscribe,
                                   .unsubscribe = bus_unsubscribe,
                                   .drained = bus_drained,
                                   .forget = bus_forget,
                                   .wanted = bus_wanted,
                                   .stats = bus_stats,
                                   .at = bus_at};
    bus->wake = wake;
    bus->wake_ctx = ctx;
    return bus;
}

void bus_spill_to(struct bus *bus, const struct event_spill *spills)
{
    bus->spills = spills;
}

void bus_free(struct bus *bus)
{
    if (!bus)
        return;
    while (bus->subscribers) {
        struct subscriber *s = bus->subscribers;
        bus->subscribers = s->next;
        subscriber_free(s);
    }
    while (bus->waiters) {
        struct waiter *w = bus->waiters;
        bus->waiters = w->next;
        free(w);
    }
    free(bus);
}

const struct event_bus *bus_port(struct bus *bus)
{
    return &bus->port;
}
