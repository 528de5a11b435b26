/* hexmcp.events/1 */
#include "hexmcp/host/events.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "adapters/driven/events/events.h"
#include "adapters/driven/plugin_host/crossing.h"
#include "adapters/driven/plugin_host/host.h"
#include "adapters/driven/plugin_host/services/kinds.h"
#include "adapters/driven/plugin_host/services/stream.h"
#include "core/events/topic.h"
#include "core/json/writer.h"

_Static_assert(HEXMCP_EVENTS_TOPIC_MAX == EVENT_TOPIC_MAX &&
                   HEXMCP_EVENTS_JSON_MAX == EVENT_JSON_MAX &&
                   HEXMCP_EVENTS_QUEUE_MAX == EVENT_QUEUE_MAX,
               "one set of limits");

struct events_table {
    hexmcp_events_1 events;
    struct service_stream publisher;
};

struct subscription {
    hexmcp_events_sink sink;
    void *arg;
    uint64_t id;
    atomic_uint refs; /* of the events, and of the function that begins */
};

static int32_t events_publish(void *ctx, hexmcp_str topic, hexmcp_str json)
{
    struct service_link *link = ctx;
    struct events_table *table = link->table;
    struct json_doc *doc;
    struct str name = str_from_plugin(topic), text = str_from_plugin(json);
    if (!topic_valid(name))
        return HEXMCP_E_INVALID;
    if (!topic_is_of(plugin_id(link->plugin), name))
        return HEXMCP_E_DENIED;
    if (text.len > EVENT_JSON_MAX)
        return HEXMCP_E_TOO_LARGE;
    int rc = json_parse(text, &doc, NULL);
    if (rc)
        return rc;
    json_free(doc);
    return stream_say(&table->publisher, link, EVENTS_PUBLISH, EVENTS_SAY, json, topic);
}

static void unref(struct subscription *s)
{
    if (atomic_fetch_sub(&s->refs, 1) == 1)
        free(s);
}

static void arrived(void *arg, const struct service_event *event)
{
    struct subscription *s = arg;
    const hexmcp_str text = {event->text.ptr, event->text.len};
    char number[24];
    if (event->last) {
        s->sink.end(s->arg, event->status, text);
        unref(s);
    } else if (event->kind == EVENTS_EVENT) {
        s->sink.event(s->arg, (hexmcp_str){event->bytes.ptr, event->bytes.len}, text);
    } else if (event->kind == EVENTS_LOST && s->sink.lost) {
        snprintf(number, sizeof(number), "%.*s", STR_ARG(event->text));
        s->sink.lost(s->arg, strtoull(number, NULL, 10));
    }
}

static int32_t subscribe(struct service_link *link, struct subscription *s, struct str pattern,
                         uint32_t queue, uint32_t flags)
{
    struct buffer text = BUFFER_INIT;
    struct json_writer w = json_writer(&text);
    json_begin_object(&w);
    json_put_string(&w, STR("pattern"), pattern);
    json_put_i64(&w, STR("queue"), queue);
    json_put_bool(&w, STR("dropNew"), flags & HEXMCP_EVENTS_DROP_NEW);
    json_end_object(&w);
    const struct request q = {
        .op = EVENTS_SUBSCRIBE, .text = {text.data, text.len}, .event = arrived, .arg = s};
    int32_t rc = buffer_failed(&text) ? HEXMCP_E_NOMEM : request_open(link, &q, &s->id);
    buffer_clear(&text);
    return rc;
}

static int32_t events_subscribe(void *ctx, hexmcp_str pattern, uint32_t queue, uint32_t flags,
                                const hexmcp_events_sink *sink, void *arg, uint64_t *id)
{
    if (!sink || !HEXMCP_HAS(sink, event) || !HEXMCP_HAS(sink, end) ||
        (flags & ~HEXMCP_EVENTS_DROP_NEW))
        return HEXMCP_E_INVALID;
    struct subscription *s = calloc(1, sizeof(*s));
    if (!s)
        return HEXMCP_E_NOMEM;
    atomic_init(&s->refs, 2);
    s->sink.event = sink->event;
    s->sink.end = sink->end;
    s->sink.lost = HEXMCP_HAS(sink, lost) ? sink->lost : NULL;
    s->arg = arg;
    int32_t rc = subscribe(ctx, s, str_from_plugin(pattern), queue, flags);
    if (!rc && id)
        *id = s->id;
    if (rc)
        unref(s);
    unref(s);
    return rc;
}

static void events_unsubscribe(void *ctx, uint64_t id)
{
    request_close(ctx, id);
}

static void fill(void *table, struct service_link *link)
{
    struct events_table *t = table;
    t->events = (hexmcp_events_1){.size = sizeof(t->events),
                                  .ctx = link,
                                  .publish = events_publish,
                                  .subscribe = events_subscribe,
                                  .unsubscribe = events_unsubscribe};
}

const struct service_kind events_kind = {HEXMCP_EVENTS_1, sizeof(struct events_table), fill};
