#include "adapters/driving/mcp/outgoing.h"

#include <stdio.h>
#include <stdlib.h>

struct outgoing {
    struct connection *connection;
    struct outgoing *next;
    void *origin;
    uint64_t number;
    struct timer *timer;
    struct outgoing_events events;
    void *user;
};

/* Ids are never used twice in a session, and no client's id looks like them. */
#define ID_FORMAT "hexmcp-%llu"

static void unlink_outgoing(struct outgoing *o)
{
    struct outgoing **at = &o->connection->outgoing;
    while (*at && *at != o)
        at = &(*at)->next;
    if (*at)
        *at = o->next;
}

static void outgoing_free(struct outgoing *o)
{
    const struct timer_port *timer = o->connection->mcp->options.timer;
    unlink_outgoing(o);
    if (o->timer)
        timer->free(timer->ctx, o->timer);
    free(o);
}

static void tell_cancelled(const struct outgoing *o, const char *reason)
{
    struct connection *c = o->connection;
    char id[40];
    snprintf(id, sizeof(id), ID_FORMAT, (unsigned long long)o->number);
    struct json_writer w = notification_begin(c, STR("notifications/cancelled"));
    json_begin_object(&w);
    json_put_string(&w, STR("requestId"), str_from(id));
    json_put_string(&w, STR("reason"), str_from(reason));
    json_end_object(&w);
    message_send(c, MESSAGE_ANSWER, o->origin);
}

static void on_timeout(void *arg)
{
    struct outgoing *o = arg;
    struct outgoing_events events = o->events;
    void *user = o->user;
    outgoing_drop(o, "no answer came in time");
    events.timed_out(user);
}

struct outgoing *outgoing_begin(struct connection *c, void *origin, struct str method,
                                struct json_writer *w)
{
    struct outgoing *o = malloc(sizeof(*o));
    if (!o)
        return NULL;
    *o = (struct outgoing){.connection = c, .origin = origin, .number = ++c->outgoing_number};
    char id[40];
    snprintf(id, sizeof(id), ID_FORMAT, (unsigned long long)o->number);
    *w = request_begin(c, str_from(id), method);
    return o;
}

int outgoing_send(struct outgoing *o, uint64_t timeout_ms, const struct outgoing_events *events,
                  void *user, struct error *err)
{
    struct connection *c = o->connection;
    const struct timer_port *timer = c->mcp->options.timer;
    o->events = *events;
    o->user = user;
    o->timer = timer->create(timer->ctx, on_timeout, o);
    if (!o->timer || !message_send(c, MESSAGE_ANSWER, o->origin)) {
        outgoing_free(o);
        return error_set(err, ST_NOMEM, "out of memory for a request to the client");
    }
    timer->set(timer->ctx, o->timer, timeout_ms);
    o->next = c->outgoing;
    c->outgoing = o;
    return ST_OK;
}

void outgoing_drop(struct outgoing *o, const char *reason)
{
    if (!o)
        return;
    if (o->timer && !o->connection->closed)
        tell_cancelled(o, reason);
    outgoing_free(o);
}

static struct outgoing *find(const struct connection *c, struct json id)
{
    char text[40];
    struct outgoing *o = c->outgoing;
    for (; o; o = o->next) {
        snprintf(text, sizeof(text), ID_FORMAT, (unsigned long long)o->number);
        if (json_is(id, str_from(text)))
            break;
    }
    return o;
}

void outgoing_receive(struct connection *c, struct json response)
{
    struct outgoing *o = find(c, json_get(response, STR("id")));
    if (!o)
        return;
    struct outgoing_events events = o->events;
    void *user = o->user;
    outgoing_free(o);
    events.answered(user, response);
}

void outgoing_close(struct connection *c)
{
    while (c->outgoing)
        outgoing_free(c->outgoing);
}
