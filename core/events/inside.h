/* Inside of core/events: the queue of a subscriber. */
#pragma once

#include "core/base/arena.h"
#include "core/events/bus.h"
#include "core/json/json.h"

#define QUEUE_BYTES_MAX ((size_t)16 << 20)

/* Is kept once, however many wait for it. */
struct event {
    uint32_t refs;
    uint32_t topic_len, json_len;
    char text[]; /* both */
};

struct subscriber {
    struct subscriber *next;
    uint64_t id;
    struct event_subscription what; /* its texts are in the arena */
    struct arena arena;
    const struct event_spill *spills; /* NULL: it has none */
    struct spill *spill;
    struct event **ring; /* `cap` places, a power of two */
    uint32_t cap, first, count;
    size_t bytes;
    uint64_t spilled; /* behind those in the ring */
    uint64_t lost;    /* since the last event that was told */
    struct event_stats stats;
    bool gone;
};

struct event *event_new(struct str topic, struct str json);
void event_unref(struct event *e);

bool queue_is_full(const struct subscriber *s, size_t topic_len, size_t json_len);
/* By the policy of the subscriber. */
void queue_put(struct subscriber *s, struct event *e);
/* Tells the first event that waits; there is one. */
void queue_tell(struct subscriber *s);

static inline bool queue_waits(const struct subscriber *s)
{
    return (s->count > 0 || s->spilled > 0) && !s->gone;
}

void subscriber_free(struct subscriber *s);

/* match.c: *doc is the document of the event, parsed when it is first looked at. */
bool match_holds(const struct event_subscription *what, struct str json, struct json_doc **doc);
bool match_valid(const struct event_match *match);
