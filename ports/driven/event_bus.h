/*
 * Events: short texts of JSON under a topic, told to whoever subscribed to it. Within this process,
 * and only while it runs: who was not subscribed does not hear of it.
 *
 * A topic is parts with dots between them, "plugin.org.example.mail.arrived": a part is letters,
 * digits, '_' and '-'. A pattern is a topic in which "*" stands for any one part and "**" for any
 * number of parts, also none.
 *
 * All [loop]. Subscribers are told later, never from inside of publish().
 */
#pragma once

#include "ports/types.h"

#define EVENT_TOPIC_MAX 255
#define EVENT_PARTS_MAX 32
#define EVENT_JSON_MAX 262144
#define EVENT_QUEUE_MAX 65536

/* What is dropped when a subscriber's queue is full. */
enum event_policy { EVENT_DROP_OLDEST, EVENT_DROP_NEW };

struct event_subscription {
    struct str pattern;
    enum event_policy policy;
    uint32_t queue; /* events that may wait, 1 to EVENT_QUEUE_MAX; also bounded by 16 MiB */
    void *ctx;
    /* `topic` and `json` are borrowed until return. It may publish, subscribe and unsubscribe. */
    void (*event)(void *ctx, struct str topic, struct str json);
    /* So many events were dropped before the next one. NULL: not told. */
    void (*lost)(void *ctx, uint64_t count);
};

struct event_bus {
    void *ctx;

    /* `json` must be JSON; it is copied. ST_INVALID: no topic. ST_TOO_LARGE. ST_NOMEM: nobody is
     * told. */
    int (*publish)(void *ctx, struct str topic, struct str json, struct error *err);

    /* `id` is never 0 and not used again. ST_INVALID: no pattern, no such queue. ST_BUSY: too many
     * subscriptions. ST_NOMEM. */
    int (*subscribe)(void *ctx, const struct event_subscription *subscription, uint64_t *id,
                     struct error *err);

    /* Nothing is told any more. Unknown ids are ignored. */
    void (*unsubscribe)(void *ctx, uint64_t id);
};
