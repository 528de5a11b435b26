/* Services for a plugin in a helper: the ports of the program, by their numbers. */
#include <stdlib.h>

#include "adapters/driven/plugin_host/isolated/remote.h"
#include "core/json/writer.h"

struct open_service {
    struct open_service *next;
    struct remote *remote;
    const struct service_port *port;
    uint64_t id;      /* of the helper */
    uint64_t port_id;
};

static struct open_service **place_of(struct remote *r, uint64_t id)
{
    struct open_service **at = &r->services;
    while (*at && (*at)->id != id)
        at = &(*at)->next;
    return at;
}

static void drop(struct open_service *s)
{
    struct remote *r = s->remote;
    *place_of(r, s->id) = s->next;
    r->service_count--;
    free(s);
    remote_look_idle(r);
}

static void send_event(struct remote *r, uint64_t id, const struct service_event *event)
{
    struct buffer *body = wire_body(r->wire);
    wire_put_u32(body, event->kind);
    wire_put_i32(body, event->status);
    wire_put_u8(body, event->last);
    wire_put_text(body, event->text);
    wire_put_text(body, event->bytes);
    remote_send(r, WIRE_EVENT, id, event->fd);
}

static void arrived(void *ctx, const struct service_event *event)
{
    struct open_service *s = ctx;
    plugin_denied_event(s->remote->owner->plugin, s->port->id, event);
    send_event(s->remote, s->id, event);
    if (event->last)
        drop(s);
}

static void send_failure(struct remote *r, uint64_t id, const struct error *err)
{
    struct buffer text = BUFFER_INIT;
    struct service_event event = {.status = err->code,
                                  .text = json_message(&text, str_from(err->text)),
                                  .fd = -1,
                                  .last = true};
    send_event(r, id, &event);
    buffer_clear(&text);
}

static int open_at_port(struct open_service *s, struct service_request *q, struct error *err)
{
    const struct plugin *p = s->remote->owner->plugin;
    const struct service_sink sink = {s, arrived};
    const struct run *run = q->call ? live_run(s->remote, q->call) : NULL;
    const char *missing = "";
    if (q->call && !run)
        return error_set(err, ST_NOT_FOUND, "the call that the request is for has ended");
    if (!s->port->allows(s->port->ctx, p->grants, &missing))
        return error_set(err, ST_DENIED, "plugin.json does not ask for %s in \"grants\"", missing);
    q->plugin = plugin_id(p);
    q->grants = p->grants;
    if (run)
        run_facts(run, q);
    return s->port->open(s->port->ctx, q, &sink, &s->port_id, err);
}

int remote_open(struct remote *r, const struct wire_message *m, struct error *err)
{
    const struct plugin_host_config *c = &r->owner->plugin->host->config;
    struct wire_fields f = wire_fields(m->body);
    uint32_t number = wire_u32(&f);
    struct service_request q = {.op = wire_u32(&f)};
    q.call = wire_u64(&f);
    q.text = wire_text(&f);
    q.bytes = wire_text(&f);
    if (!wire_fields_end(&f) || number >= c->service_count || !m->id || *place_of(r, m->id) ||
        r->service_count >= REMOTE_REQUESTS_MAX)
        return error_set(err, ST_PROTOCOL, "a request of a service that does not fit");
    struct open_service *s = malloc(sizeof(*s));
    if (!s)
        return error_set(err, ST_PROTOCOL, "out of memory for a request");
    *s = (struct open_service){r->services, r, c->services[number], m->id, 0};
    r->services = s;
    r->service_count++;
    struct error why;
    if (open_at_port(s, &q, &why)) {
        if (why.code == ST_DENIED)
            plugin_denied(r->owner->plugin, "was refused by %s: %s", s->port->id, why.text);
        send_failure(r, m->id, &why);
        drop(s);
    }
    return ST_OK;
}

/* What is about a request that has just ended is late, not wrong. */
int remote_tell(struct remote *r, const struct wire_message *m, struct error *err)
{
    struct wire_fields f = wire_fields(m->body);
    uint32_t kind = wire_u32(&f);
    struct str text = wire_text(&f), bytes = wire_text(&f);
    if (!wire_fields_end(&f))
        return error_set(err, ST_PROTOCOL, "a word to a service that does not fit");
    const struct open_service *s = *place_of(r, m->id);
    if (s && s->port_id && s->port->tell)
        s->port->tell(s->port->ctx, s->port_id, kind, text, bytes);
    return ST_OK;
}

void remote_close(struct remote *r, uint64_t id)
{
    struct open_service *s = *place_of(r, id);
    if (!s)
        return;
    s->port->close(s->port->ctx, s->port_id);
    drop(s);
}

void remote_close_all(struct remote *r)
{
    while (r->services) {
        struct open_service *s = r->services;
        r->services = s->next;
        s->port->close(s->port->ctx, s->port_id);
        free(s);
    }
    r->service_count = 0;
}
