/* The module `websocket`: wslay for frames, zlib for permessage-deflate, nettle for the handshake. */
#include <stdlib.h>

#include "adapters/driven/module/export.h"
#include "adapters/driving/websocket/wire.h"

MODULE_DEFINE_BUILD_ID();

static void settle(struct wire *w)
{
    while (w->changed) {
        struct connection *c = w->changed;
        w->changed = c->next_changed;
        c->is_changed = false;
        connection_settle(c);
    }
}

static void on_prepare(uv_prepare_t *handle)
{
    settle(handle->data);
}

static void on_check(uv_check_t *handle)
{
    settle(handle->data);
}

static void get_facts(void *ctx, struct websocket_facts *out)
{
    const struct wire *w = ctx;
    *out = w->facts;
}

static void on_closed(uv_handle_t *handle)
{
    struct wire *w = handle->data;
    if (--w->handles == 0)
        free(w);
}

static void end_connection(struct connection *c)
{
    if (c->has_endpoint)
        c->endpoint.close(c->endpoint.ctx);
    c->has_endpoint = false;
    connection_free(c);
}

static void wire_free(void *ctx)
{
    struct wire *w = ctx;
    while (w->first)
        end_connection(w->first);
    frame_readers_clear(&w->readers);
    str_index_clear(&w->callers);
    deflate_free(w->deflate);
    buffer_clear(&w->scratch);
    uv_close((uv_handle_t *)&w->before_wait, on_closed);
    uv_close((uv_handle_t *)&w->after_wait, on_closed);
    uv_close((uv_handle_t *)&w->ready_idle, on_closed);
    uv_close((uv_handle_t *)&w->sweep_timer, on_closed);
}

static void init_handles(struct wire *w)
{
    uv_prepare_init(w->loop, &w->before_wait);
    uv_check_init(w->loop, &w->after_wait);
    uv_idle_init(w->loop, &w->ready_idle);
    uv_timer_init(w->loop, &w->sweep_timer);
    w->before_wait.data = w->after_wait.data = w->ready_idle.data = w->sweep_timer.data = w;
    w->handles = 4;
    uv_prepare_start(&w->before_wait, on_prepare);
    uv_check_start(&w->after_wait, on_check);
}

static int wire_new(const struct websocket_options *options, const struct websocket_parts *parts,
                    struct websocket_wire *out, struct error *err)
{
    int rc = origin_rules_check(&options->origins, err);
    if (rc)
        return rc;
    struct wire *w = calloc(1, sizeof(*w));
    if (!w)
        return error_set(err, ST_NOMEM, "out of memory");
    w->options = *options;
    w->parts = *parts;
    w->loop = parts->loop;
    init_handles(w);
    rc = sweep_start(w, err);
    if (rc) {
        wire_free(w);
        return rc;
    }
    *out = (struct websocket_wire){.taker = {.ctx = w, .take = connection_take},
                                   .facts = get_facts,
                                   .drain = drain_begin,
                                   .free = wire_free};
    return ST_OK;
}

MODULE_EXPORT int hexmcp_module_entry(const struct websocket_options *options,
                                      const struct websocket_parts *parts,
                                      struct websocket_wire *out, struct error *err);

int hexmcp_module_entry(const struct websocket_options *options,
                        const struct websocket_parts *parts, struct websocket_wire *out,
                        struct error *err)
{
    return wire_new(options, parts, out, err);
}
