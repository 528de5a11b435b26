#include "adapters/driven/events/events.h"

#include <stdio.h>
#include <stdlib.h>

#include "adapters/driven/events/emit.h"
#include "core/base/buffer.h"
#include "core/base/str.h"
#include "core/events/bus.h"
#include "core/events/topic.h"
#include "core/json/json.h"

/* Events that are told in one turn of the loop. */
#define TURN_MAX 1024u

/* A publisher, or a subscription. */
struct request {
    struct request *next;
    struct events *events;
    uint64_t id;
    struct service_sink sink;
    char *plugin;          /* of a publisher    */
    uint64_t subscription; /* 0: a publisher    */
};

struct events {
    struct service_port port;
    const struct timer_port *timers;
    struct timer *timer;
    struct bus *bus;
    struct emitter emitter;
    struct request *requests;
    uint64_t last_id;
};

/* Everything below the first parts that are for plugins. */
static bool may_hear(struct str pattern)
{
    static const struct str open[] = {STR_INIT("plugin"), STR_INIT("tools"), STR_INIT("plugins")};
    for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++)
        if (str_starts(pattern, open[i]) &&
            (pattern.len == open[i].len || pattern.ptr[open[i].len] == '.'))
            return true;
    return false;
}

static void tell_event(void *ctx, struct str topic, struct str json)
{
    struct request *r = ctx;
    const struct service_event event = {
        .kind = EVENTS_EVENT, .text = json, .bytes = topic, .fd = -1};
    r->sink.event(r->sink.ctx, &event);
}

static void tell_lost(void *ctx, uint64_t count)
{
    struct request *r = ctx;
    char text[24];
    int len = snprintf(text, sizeof(text), "%llu", (unsigned long long)count);
    const struct service_event event = {
        .kind = EVENTS_LOST, .text = {text, (size_t)len}, .fd = -1};
    r->sink.event(r->sink.ctx, &event);
}

static void request_free(struct request *r)
{
    free(r->plugin);
    free(r);
}

static int subscribe(struct events *e, struct request *r, struct json q, struct error *err)
{
    const struct event_bus *bus = bus_port(e->bus);
    struct buffer scratch = BUFFER_INIT;
    struct event_subscription what = {.ctx = r, .event = tell_event, .lost = tell_lost};
    int64_t queue = 0;
    bool drop_new = false;
    int rc = ST_OK;
    if (!json_string(json_get(q, STR("pattern")), &scratch, &what.pattern))
        rc = error_set(err, ST_INVALID, "a subscription needs a pattern");
    else if (!may_hear(what.pattern))
        rc = error_set(err, ST_DENIED,
                       "plugins may not subscribe to \"%.*s\"; a pattern begins with \"plugin.\", "
                       "\"tools.\" or \"plugins.\"",
                       STR_ARG(what.pattern));
    json_bool(json_get(q, STR("dropNew")), &drop_new);
    what.policy = drop_new ? EVENT_DROP_NEW : EVENT_DROP_OLDEST;
    if (json_int64(json_get(q, STR("queue")), &queue) && queue >= 0 && queue <= UINT32_MAX)
        what.queue = (uint32_t)queue;
    if (!rc)
        rc = bus->subscribe(bus->ctx, &what, &r->subscription, err);
    buffer_clear(&scratch);
    return rc;
}

static int begin(struct events *e, struct request *r, const struct service_request *q,
                 struct error *err)
{
    struct json_doc *doc;
    if (q->op == EVENTS_PUBLISH) {
        r->plugin = strndup(q->plugin.ptr, q->plugin.len);
        return r->plugin ? ST_OK : error_set(err, ST_NOMEM, "out of memory");
    }
    if (q->op != EVENTS_SUBSCRIBE)
        return error_set(err, ST_UNSUPPORTED, "hexmcp.events/1 has no operation %u", q->op);
    int rc = json_parse(q->text, &doc, err);
    if (rc)
        return rc;
    rc = subscribe(e, r, json_root(doc), err);
    json_free(doc);
    return rc;
}

static bool events_allows(void *ctx, const struct plugin_grants *grants, const char **missing)
{
    (void)ctx;
    (void)grants;
    (void)missing;
    return true;
}

static int events_open(void *ctx, const struct service_request *q, const struct service_sink *sink,
                       uint64_t *id, struct error *err)
{
    struct events *e = ctx;
    struct request *r = calloc(1, sizeof(*r));
    if (!r)
        return error_set(err, ST_NOMEM, "out of memory");
    r->events = e;
    r->sink = *sink;
    int rc = begin(e, r, q, err);
    if (rc) {
        request_free(r);
        return rc;
    }
    r->id = ++e->last_id;
    r->next = e->requests;
    e->requests = r;
    *id = r->id;
    return ST_OK;
}

/* What is wrong with an event its plugin was told before; what comes from a helper is checked here,
 * too. */
static void say(const struct request *r, struct str topic, struct str json)
{
    struct json_doc *doc;
    if (!r->plugin || !topic_is_of(str_from(r->plugin), topic) ||
        json.len > EVENT_JSON_MAX || json_parse(json, &doc, NULL))
        return;
    json_free(doc);
    emit(&r->events->emitter, str_from(r->plugin), topic, json);
}

static void events_tell(void *ctx, uint64_t id, uint32_t kind, struct str text, struct str bytes)
{
    struct events *e = ctx;
    const struct request *r = e->requests;
    while (r && r->id != id)
        r = r->next;
    if (r && kind == EVENTS_SAY)
        say(r, bytes, text);
}

static void events_close(void *ctx, uint64_t id)
{
    struct events *e = ctx;
    const struct event_bus *bus = bus_port(e->bus);
    struct request **at = &e->requests;
    while (*at && (*at)->id != id)
        at = &(*at)->next;
    struct request *r = *at;
    if (!r)
        return;
    *at = r->next;
    if (r->subscription)
        bus->unsubscribe(bus->ctx, r->subscription);
    request_free(r);
}

static void wake(void *ctx)
{
    struct events *e = ctx;
    e->timers->set(e->timers->ctx, e->timer, 0);
}

static void deliver(void *arg)
{
    struct events *e = arg;
    bus_deliver(e->bus, TURN_MAX);
}

int events_new(const struct timer_port *timers, struct events **out, struct error *err)
{
    struct events *e = calloc(1, sizeof(*e));
    if (!e)
        return error_set(err, ST_NOMEM, "out of memory");
    e->port = (struct service_port){e,           "hexmcp.events/1", events_allows,
                                    events_open, events_tell,       events_close};
    e->timers = timers;
    e->timer = timers->create(timers->ctx, deliver, e);
    e->bus = bus_new(wake, e);
    if (!e->timer || !e->bus) {
        events_free(e);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    e->emitter.bus = bus_port(e->bus);
    *out = e;
    return ST_OK;
}

void events_free(struct events *e)
{
    if (!e)
        return;
    while (e->requests) {
        struct request *r = e->requests;
        e->requests = r->next;
        request_free(r);
    }
    emitter_stop(&e->emitter);
    bus_free(e->bus);
    e->timers->free(e->timers->ctx, e->timer);
    free(e);
}

void events_set_hooks(struct events *e, struct hooks *hooks)
{
    emitter_stop(&e->emitter);
    e->emitter.hooks = hooks;
}

const struct event_bus *events_bus(struct events *e)
{
    return bus_port(e->bus);
}

const struct service_port *events_port(struct events *e)
{
    return &e->port;
}
