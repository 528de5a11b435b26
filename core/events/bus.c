#include "core/events/bus.h"

#include <stdlib.h>

#include "core/events/topic.h"

#define QUEUE_BYTES_MAX ((size_t)16 << 20)
#define QUEUE_FIRST 16u

/* Events that one subscriber is told before the next one's turn. */
#define TURN 64u

struct event {
    uint32_t refs;
    uint32_t topic_len, json_len;
    char text[]; /* both */
};

struct subscriber {
    struct subscriber *next;
    uint64_t id;
    struct event_subscription what;
    char *pattern;
    struct event **ring; /* `cap` places, a power of two */
    uint32_t cap, first, count;
    size_t bytes;
    uint64_t lost; /* since the last event that was told */
    bool gone;
};

struct bus {
    struct event_bus port;
    void (*wake)(void *ctx);
    void *wake_ctx;
    struct subscriber *subscribers;
    size_t count;
    uint64_t last_id;
    bool woken;
    bool delivering;
};

static void event_unref(struct event *e)
{
    if (--e->refs == 0)
        free(e);
}

static size_t size_of(const struct event *e)
{
    return sizeof(*e) + e->topic_len + e->json_len;
}

static struct event *event_new(struct str topic, struct str json)
{
    struct event *e = malloc(sizeof(*e) + topic.len + json.len);
    if (!e)
        return NULL;
    e->refs = 1;
    e->topic_len = (uint32_t)topic.len;
    e->json_len = (uint32_t)json.len;
    memcpy(e->text, topic.ptr, topic.len);
    if (json.len)
        memcpy(e->text + topic.len, json.ptr, json.len);
    return e;
}

/* ---- one queue ------------------------------------------------------------------------------ */

static struct event *take(struct subscriber *s)
{
    struct event *e = s->ring[s->first];
    s->first = (s->first + 1) & (s->cap - 1);
    s->count--;
    s->bytes -= size_of(e);
    return e;
}

static bool grow(struct subscriber *s)
{
    uint32_t cap = s->cap ? s->cap * 2 : QUEUE_FIRST;
    struct event **ring = malloc(cap * sizeof(struct event *));
    if (!ring)
        return false;
    for (uint32_t i = 0; i < s->count; i++)
        ring[i] = s->ring[(s->first + i) & (s->cap - 1)];
    free(s->ring);
    s->ring = ring;
    s->cap = cap;
    s->first = 0;
    return true;
}

static bool is_full(const struct subscriber *s, const struct event *e)
{
    return s->count >= s->what.queue || (s->count && s->bytes + size_of(e) > QUEUE_BYTES_MAX);
}

static void put(struct subscriber *s, struct event *e)
{
    while (is_full(s, e) && s->what.policy == EVENT_DROP_OLDEST) {
        event_unref(take(s));
        s->lost++;
    }
    if (is_full(s, e) || (s->count == s->cap && !grow(s))) {
        s->lost++;
        return;
    }
    s->ring[(s->first + s->count) & (s->cap - 1)] = e;
    s->count++;
    s->bytes += size_of(e);
    e->refs++;
}

static void subscriber_free(struct subscriber *s)
{
    while (s->count)
        event_unref(take(s));
    free(s->ring);
    free(s->pattern);
    free(s);
}

/* ---- the port ------------------------------------------------------------------------------- */

static void want_delivery(struct bus *bus)
{
    if (bus->woken)
        return;
    bus->woken = true;
    bus->wake(bus->wake_ctx);
}

static int bus_publish(void *ctx, struct str topic, struct str json, struct error *err)
{
    struct bus *bus = ctx;
    struct event *e = NULL;
    if (!topic_valid(topic))
        return error_set(err, ST_INVALID,
                         "\"%.*s\" is no topic: parts of letters, digits, '_' and '-' with dots "
                         "between them, at most %d bytes",
                         STR_ARG(topic), EVENT_TOPIC_MAX);
    if (json.len > EVENT_JSON_MAX)
        return error_set(err, ST_TOO_LARGE, "an event of %zu bytes; at most %d are allowed",
                         json.len, EVENT_JSON_MAX);
    for (struct subscriber *s = bus->subscribers; s; s = s->next) {
        if (s->gone || !topic_matches(s->what.pattern, topic))
            continue;
        if (!e && !(e = event_new(topic, json)))
            return error_set(err, ST_NOMEM, "out of memory");
        put(s, e);
    }
    if (e) {
        event_unref(e);
        want_delivery(bus);
    }
    return ST_OK;
}

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
    if (bus->count >= BUS_SUBSCRIPTIONS_MAX)
        return error_set(err, ST_BUSY, "there are %u subscriptions already; no more are allowed",
                         BUS_SUBSCRIPTIONS_MAX);
    return ST_OK;
}

static int bus_subscribe(void *ctx, const struct event_subscription *what, uint64_t *id,
                         struct error *err)
{
    struct bus *bus = ctx;
    int rc = check_subscription(bus, what, err);
    if (rc)
        return rc;
    struct subscriber *s = calloc(1, sizeof(*s));
    char *pattern = s ? malloc(what->pattern.len) : NULL;
    if (!pattern) {
        free(s);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    memcpy(pattern, what->pattern.ptr, what->pattern.len);
    s->what = *what;
    s->what.pattern = (struct str){pattern, what->pattern.len};
    s->pattern = pattern;
    s->id = ++bus->last_id;
    s->next = bus->subscribers;
    bus->subscribers = s;
    bus->count++;
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
}

/* ---- telling -------------------------------------------------------------------------------- */

static void tell_lost(struct subscriber *s)
{
    uint64_t lost = s->lost;
    s->lost = 0;
    if (s->what.lost)
        s->what.lost(s->what.ctx, lost);
}

static void tell_next(struct subscriber *s)
{
    /* With the oldest dropped the gap is before the first that waits; else behind the last. */
    if (s->lost && s->what.policy == EVENT_DROP_OLDEST)
        tell_lost(s);
    if (s->gone)
        return;
    struct event *e = take(s);
    s->what.event(s->what.ctx, (struct str){e->text, e->topic_len},
                  (struct str){e->text + e->topic_len, e->json_len});
    event_unref(e);
    if (!s->gone && s->lost && !s->count)
        tell_lost(s);
}

static bool any_waits(const struct bus *bus)
{
    for (const struct subscriber *s = bus->subscribers; s; s = s->next)
        if (s->count && !s->gone)
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
            for (uint32_t i = 0; i < TURN && most && s->count && !s->gone; i++, most--) {
                tell_next(s);
                told = true;
            }
    }
    bus->delivering = false;
    sweep(bus);
    bus->woken = false;
    if (any_waits(bus))
        want_delivery(bus);
}

struct bus *bus_new(void (*wake)(void *ctx), void *ctx)
{
    struct bus *bus = calloc(1, sizeof(*bus));
    if (!bus)
        return NULL;
    bus->port = (struct event_bus){bus, bus_publish, bus_subscribe, bus_unsubscribe};
    bus->wake = wake;
    bus->wake_ctx = ctx;
    return bus;
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
    free(bus);
}

const struct event_bus *bus_port(struct bus *bus)
{
    return &bus->port;
}
