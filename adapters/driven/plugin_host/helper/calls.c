/* Calls in, reports out. */
#include <stdlib.h>

#include "adapters/driven/plugin_host/helper/helper.h"
#include "adapters/driven/plugin_host/wire/call_codec.h"

struct helper_call {
    struct helper_call *next;
    uint64_t id;
    struct wire_call call;
    char body[]; /* what the call's texts point into */
};

static struct helper_call **place_of(struct helper *h, uint64_t id)
{
    struct helper_call **at = &h->calls[id % CALL_BUCKETS];
    while (*at && (*at)->id != id)
        at = &(*at)->next;
    return at;
}

static void drop(struct helper *h, uint64_t id)
{
    struct helper_call **at = place_of(h, id);
    struct helper_call *c = *at;
    if (!c)
        return;
    *at = c->next;
    free(c->call.entries);
    free(c);
}

static void send_error(struct helper *h, uint64_t id, const struct error *err)
{
    struct buffer *body = wire_body(h->wire);
    wire_put_i32(body, err->code);
    wire_put_text(body, str_from(err->text));
    helper_send(h, WIRE_FAILED, id);
}

static int keep(struct helper *h, const struct wire_message *m, struct helper_call **out,
                struct error *err)
{
    struct helper_call *c = malloc(sizeof(*c) + m->body.len + 1);
    if (!c)
        return error_set(err, ST_NOMEM, "out of memory");
    *c = (struct helper_call){.id = m->id};
    memcpy(c->body, m->body.ptr, m->body.len);
    int rc = wire_get_call((struct str){c->body, m->body.len}, &c->call, err);
    if (rc) {
        free(c);
        return rc;
    }
    c->call.request.call = m->id;
    if (c->call.request.paths)
        c->call.request.paths = &c->call.paths;
    c->next = h->calls[m->id % CALL_BUCKETS];
    h->calls[m->id % CALL_BUCKETS] = c;
    *out = c;
    return ST_OK;
}

int helper_call(struct helper *h, const struct wire_message *m, struct error *err)
{
    struct helper_call *c = NULL;
    int rc = keep(h, m, &c, err);
    if (rc == ST_NOMEM) {
        send_error(h, m->id, err);
        return ST_OK;
    }
    if (rc)
        return rc;
    struct error why;
    if (h->runtime->run(h->runtime->ctx, &c->call.request, &why)) {
        send_error(h, m->id, &why);
        drop(h, m->id);
    }
    return ST_OK;
}

/* ---- reports -------------------------------------------------------------------------------- */

static void on_completed(void *ctx, uint64_t call, enum run_outcome outcome, struct str json)
{
    struct helper *h = ctx;
    struct buffer *body = wire_body(h->wire);
    wire_put_u32(body, (uint32_t)outcome);
    wire_end_text(h->wire, json);
    helper_send(h, WIRE_COMPLETED, call);
    drop(h, call);
}

static void on_failed(void *ctx, uint64_t call, const struct error *err)
{
    struct helper *h = ctx;
    send_error(h, call, err);
    drop(h, call);
}

static void on_progress(void *ctx, uint64_t call, double progress, double total,
                        struct str message)
{
    struct helper *h = ctx;
    struct buffer *body = wire_body(h->wire);
    wire_put_f64(body, progress);
    wire_put_f64(body, total);
    wire_put_text(body, message);
    helper_send(h, WIRE_PROGRESS, call);
}

static void on_log(void *ctx, uint64_t call, enum log_level level, struct str plugin,
                   struct str text)
{
    struct helper *h = ctx;
    struct buffer *body = wire_body(h->wire);
    (void)plugin;
    wire_put_u32(body, (uint32_t)level);
    wire_put_text(body, text);
    helper_send(h, WIRE_CALL_LOG, call);
}

static void on_released(void *ctx, uint64_t call)
{
    struct helper *h = ctx;
    wire_body(h->wire);
    helper_send(h, WIRE_RELEASED, call);
    drop(h, call);
}

void helper_calls_init(struct helper *h)
{
    h->events = (struct run_events){.ctx = h,
                                    .completed = on_completed,
                                    .failed = on_failed,
                                    .progress = on_progress,
                                    .log = on_log,
                                    .released = on_released};
}
