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
#define EVENT_MATCHES_MAX 8

/* What happens when a subscriber's queue is full. */
enum event_policy {
    EVENT_DROP_OLDEST,
    EVENT_DROP_NEW,
    EVENT_BLOCK, /* nobody gets it: publish() answers ST_BUSY, and drained() tells when to go on      */
    EVENT_SPILL, /* it goes to the spill of the bus (event_spill.h), and comes back in its order; without
                    one, or if that is full, it is dropped                                            */
};

/* Holds for events whose member `path`, names with dots between them ("data.status"), is the string
 * `equals`, or a number, true or false that is written like it. */
struct event_match {
    struct str path;
    struct str equals;
};

struct event_subscription {
    struct str pattern;
    enum event_policy policy;
    uint32_t queue; /* events that may wait, 1 to EVENT_QUEUE_MAX; also bounded by 16 MiB */
    void *ctx;
    /* `topic` and `json` are borrowed until return. It may publish, subscribe and unsubscribe. */
    void (*event)(void *ctx, struct str topic, struct str json);
    /* So many events were dropped before the next one. NULL: not told. */
    void (*lost)(void *ctx, uint64_t count);
    /* All of them must hold; copied. Events are looked into only for those who ask for it. */
    const struct event_match *matches;
    size_t match_count; /* at most EVENT_MATCHES_MAX */
};

/* Since the bus was made; of a subscription, since it was. */
struct event_stats {
    uint64_t published; /* of a subscription: those that were for it */
    uint64_t told;
    uint64_t lost;
    uint64_t refused;   /* ST_BUSY; only of the bus                  */
    uint64_t spilled;
    uint64_t waiting;   /* now, also in the spill                    */
    uint64_t subscriptions;
};

struct event_bus {
    void *ctx;

    /* `json` must be JSON; it is copied. ST_INVALID: no topic. ST_TOO_LARGE. ST_NOMEM: nobody is
     * told. ST_BUSY: nobody is told, for one that blocks has no room. */
    int (*publish)(void *ctx, struct str topic, struct str json, struct error *err);

    /* `id` is never 0 and not used again. ST_INVALID: no pattern, no such queue. ST_BUSY: too many
     * subscriptions. ST_NOMEM. */
    int (*subscribe)(void *ctx, const struct event_subscription *subscription, uint64_t *id,
                     struct error *err);

    /* Nothing is told any more. Unknown ids are ignored. */
    void (*unsubscribe)(void *ctx, uint64_t id);

    /* After ST_BUSY: calls ready(arg) once, later, when those that block have room again. ST_NOMEM. */
    int (*drained)(void *ctx, void (*ready)(void *arg), void *arg, struct error *err);

    /* Takes back what drained() was asked for with this `arg`. */
    void (*forget)(void *ctx, void *arg);

    /* True if somebody has subscribed to such a topic: else an event need not be made at all. */
    bool (*wanted)(void *ctx, struct str topic);

    void (*stats)(void *ctx, struct event_stats *out);

    /* The subscription number `index`; its pattern is valid until something subscribes or leaves. */
    bool (*at)(void *ctx, size_t index, struct str *pattern, struct event_stats *out);
};
