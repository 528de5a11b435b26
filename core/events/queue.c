#include <stdlib.h>

#include "core/events/inside.h"

#define QUEUE_FIRST 16u

struct event *event_new(struct str topic, struct str json)
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

void event_unref(struct event *e)
{
    if (--e->refs == 0)
        free(e);
}

static size_t size_of(const struct event *e)
{
    return sizeof(*e) + e->topic_len + e->json_len;
}

static struct str topic_of(const struct event *e)
{
    return (struct str){e->text, e->topic_len};
}

static struct str json_of(const struct event *e)
{
    return (struct str){e->text + e->topic_len, e->json_len};
}

/* ---- the ring ------------------------------------------------------------------------------- */

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

bool queue_is_full(const struct subscriber *s, size_t topic_len, size_t json_len)
{
    return s->count >= s->what.queue ||
           (s->count && s->bytes + sizeof(struct event) + topic_len + json_len > QUEUE_BYTES_MAX);
}

static bool is_full(const struct subscriber *s, const struct event *e)
{
    return queue_is_full(s, e->topic_len, e->json_len);
}

static void lose(struct subscriber *s, uint64_t count)
{
    s->lost += count;
    s->stats.lost += count;
}

/* ---- the spill ------------------------------------------------------------------------------ */

static void spill_put(struct subscriber *s, const struct event *e)
{
    if (!s->spill && s->spills)
        s->spill = s->spills->open(s->spills->ctx);
    if (!s->spill || s->spills->put(s->spill, topic_of(e), json_of(e), NULL)) {
        lose(s, 1);
        return;
    }
    s->spilled++;
    s->stats.spilled++;
}

static void close_spill(struct subscriber *s)
{
    if (s->spill)
        s->spills->close(s->spill);
    s->spill = NULL;
}

static void tell_spilled(struct subscriber *s)
{
    struct str topic, json;
    if (s->spills->take(s->spill, &topic, &json, NULL)) {
        lose(s, s->spilled); /* it cannot be read any more */
        s->spilled = 0;
        close_spill(s);
        return;
    }
    s->spilled--;
    s->stats.told++;
    s->what.event(s->what.ctx, topic, json);
    if (s->spilled == 0 && !s->gone)
        close_spill(s);
}

/* ---- in and out ----------------------------------------------------------------------------- */

void queue_put(struct subscriber *s, struct event *e)
{
    s->stats.published++;
    if (s->what.policy == EVENT_SPILL && (s->spilled || is_full(s, e))) {
        spill_put(s, e);
        return;
    }
    while (is_full(s, e) && s->what.policy == EVENT_DROP_OLDEST) {
        event_unref(take(s));
        lose(s, 1);
    }
    if (is_full(s, e) || (s->count == s->cap && !grow(s))) {
        lose(s, 1);
        return;
    }
    s->ring[(s->first + s->count) & (s->cap - 1)] = e;
    s->count++;
    s->bytes += size_of(e);
    e->refs++;
}

static void tell_lost(struct subscriber *s)
{
    uint64_t lost = s->lost;
    s->lost = 0;
    if (s->what.lost)
        s->what.lost(s->what.ctx, lost);
}

static void tell_first(struct subscriber *s)
{
    struct event *e = take(s);
    s->stats.told++;
    s->what.event(s->what.ctx, topic_of(e), json_of(e));
    event_unref(e);
}

void queue_tell(struct subscriber *s)
{
    /* With the oldest dropped the gap is before the first that waits; else behind the last. */
    if (s->lost && s->what.policy == EVENT_DROP_OLDEST)
        tell_lost(s);
    if (s->gone)
        return;
    if (s->count)
        tell_first(s);
    else
        tell_spilled(s);
    if (!s->gone && s->lost && !queue_waits(s))
        tell_lost(s);
}

void subscriber_free(struct subscriber *s)
{
    while (s->count)
        event_unref(take(s));
    close_spill(s);
    free(s->ring);
    arena_clear(&s->arena);
    free(s);
}
