/* The program's services, each as the same port. */
#include <stdlib.h>

#include "adapters/driven/plugin_host/helper/helper.h"

struct remote_request {
    struct remote_request *next;
    uint64_t id;
    struct service_sink sink;
};

static bool service_allows(void *ctx, const struct plugin_grants *grants, const char **missing)
{
    const struct remote_service *s = ctx;
    (void)grants;
    *missing = s->missing;
    return s->missing[0] == '\0';
}

static int service_open(void *ctx, const struct service_request *q, const struct service_sink *sink,
                        uint64_t *id, struct error *err)
{
    const struct remote_service *s = ctx;
    struct helper *h = s->helper;
    struct remote_request *r = malloc(sizeof(*r));
    if (!r)
        return error_set(err, ST_NOMEM, "out of memory");
    *r = (struct remote_request){h->requests, ++h->ids, *sink};
    h->requests = r;
    struct buffer *body = wire_body(h->wire);
    wire_put_u32(body, s->number);
    wire_put_u32(body, q->op);
    wire_put_u64(body, q->call);
    wire_put_text(body, q->text);
    wire_put_text(body, q->bytes);
    helper_send(h, WIRE_OPEN, r->id);
    *id = r->id;
    return ST_OK;
}

static void service_tell(void *ctx, uint64_t id, uint32_t kind, struct str text, struct str bytes)
{
    const struct remote_service *s = ctx;
    struct buffer *body = wire_body(s->helper->wire);
    wire_put_u32(body, kind);
    wire_put_text(body, text);
    wire_put_text(body, bytes);
    helper_send(s->helper, WIRE_TELL, id);
}

static struct remote_request **place_of(struct helper *h, uint64_t id)
{
    struct remote_request **at = &h->requests;
    while (*at && (*at)->id != id)
        at = &(*at)->next;
    return at;
}

static void drop(struct remote_request **at)
{
    struct remote_request *r = *at;
    *at = r->next;
    free(r);
}

static void service_close(void *ctx, uint64_t id)
{
    const struct remote_service *s = ctx;
    struct remote_request **at = place_of(s->helper, id);
    if (!*at)
        return;
    drop(at);
    wire_body(s->helper->wire);
    helper_send(s->helper, WIRE_CLOSE, id);
}

/* What is for a request that was closed meanwhile is dropped. */
int helper_service_event(struct helper *h, struct wire_message *m, struct error *err)
{
    struct wire_fields f = wire_fields(m->body);
    struct service_event event = {.kind = wire_u32(&f), .status = wire_i32(&f)};
    event.last = wire_bool(&f);
    event.text = wire_text(&f);
    event.bytes = wire_text(&f);
    event.fd = m->fd;
    if (!wire_fields_end(&f))
        return error_set(err, ST_PROTOCOL, "an event with fields that do not fit");
    struct remote_request **at = place_of(h, m->id);
    if (!*at)
        return ST_OK;
    struct service_sink sink = (*at)->sink;
    if (event.last)
        drop(at);
    m->fd = -1;
    sink.event(sink.ctx, &event);
    return ST_OK;
}

int helper_services_init(struct helper *h, const struct wire_start *start, struct error *err)
{
    for (size_t i = 0; i < start->service_count; i++) {
        struct remote_service *s = &h->services[i];
        struct str id = start->services[i].id, missing = start->services[i].missing;
        *s = (struct remote_service){.helper = h,
                                     .number = (uint32_t)i,
                                     .id = strndup(id.ptr, id.len),
                                     .missing = strndup(missing.ptr, missing.len)};
        if (!s->id || !s->missing)
            return error_set(err, ST_NOMEM, "out of memory");
        s->port = (struct service_port){s,           s->id,        service_allows,
                                        service_open, service_tell, service_close};
        h->service_ports[i] = &s->port;
    }
    h->service_count = start->service_count;
    return ST_OK;
}
