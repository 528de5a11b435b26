#include "adapters/driven/service_replies/service_replies.h"

#include <stdlib.h>

#include "core/base/buffer.h"
#include "core/base/error.h"

struct reply {
    struct reply *next;
    uint64_t id;
    struct service_sink sink;
    struct buffer text, bytes;
};

struct service_replies {
    const struct timer_port *timers;
    struct timer *timer;
    struct reply *first, **end;
    uint64_t last_id;
};

static void reply_free(struct reply *r)
{
    buffer_wipe(&r->text);
    buffer_wipe(&r->bytes);
    free(r);
}

static struct reply *take(struct service_replies *s)
{
    struct reply *r = s->first;
    if (r && !(s->first = r->next))
        s->end = &s->first;
    return r;
}

/* What the sinks ask for meanwhile waits for the next turn. */
static void give(void *arg)
{
    struct service_replies *s = arg;
    uint64_t newest = s->last_id;
    while (s->first && s->first->id <= newest) {
        struct reply *r = take(s);
        const struct service_event event = {.text = buffer_str(&r->text),
                                            .bytes = buffer_str(&r->bytes),
                                            .fd = -1,
                                            .last = true};
        r->sink.event(r->sink.ctx, &event);
        reply_free(r);
    }
    if (s->first)
        s->timers->set(s->timers->ctx, s->timer, 0);
}

struct service_replies *service_replies_new(const struct timer_port *timers)
{
    struct service_replies *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->timers = timers;
    s->end = &s->first;
    s->timer = timers->create(timers->ctx, give, s);
    if (!s->timer) {
        free(s);
        return NULL;
    }
    return s;
}

void service_replies_free(struct service_replies *s)
{
    if (!s)
        return;
    while (s->first)
        reply_free(take(s));
    s->timers->free(s->timers->ctx, s->timer);
    free(s);
}

uint64_t service_replies_id(struct service_replies *s)
{
    return ++s->last_id;
}

int service_replies_add(struct service_replies *s, uint64_t id, const struct service_sink *sink,
                        struct buffer *text, struct buffer *bytes, struct error *err)
{
    struct reply *r = calloc(1, sizeof(*r));
    if (!r)
        return error_set(err, ST_NOMEM, "out of memory");
    *r = (struct reply){.id = id, .sink = *sink, .text = *text, .bytes = *bytes};
    *text = *bytes = (struct buffer)BUFFER_INIT;
    if (!s->first)
        s->timers->set(s->timers->ctx, s->timer, 0);
    *s->end = r;
    s->end = &r->next;
    return ST_OK;
}

void service_replies_close(struct service_replies *s, uint64_t id)
{
    for (struct reply **at = &s->first; *at; at = &(*at)->next)
        if ((*at)->id == id) {
            struct reply *r = *at;
            *at = r->next;
            if (!*at)
                s->end = at;
            reply_free(r);
            return;
        }
}
