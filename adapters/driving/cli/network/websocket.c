#include "adapters/driving/cli/network/parts.h"

static int load(struct network *n, struct error *err)
{
    const struct websocket_options options = {
        .limits =
            {
                .max_connections = network_size(n, "listen.max_connections"),
                .max_per_caller = network_size(n, "websocket.max_per_caller"),
                .max_message_bytes = network_size(n, "websocket.max_message_bytes"),
                .max_inflated_bytes = network_size(n, "websocket.max_inflated_bytes"),
                .max_held_bytes = network_size(n, "websocket.max_held_bytes"),
                .max_queued_bytes = network_size(n, "websocket.max_queued_bytes"),
                .handshake_ms = network_ms(n, "websocket.handshake_ms"),
                .write_ms = network_ms(n, "websocket.write_idle_ms"),
                .ping_ms = network_ms(n, "websocket.ping_ms"),
                .idle_ms = network_ms(n, "websocket.idle_ms"),
            },
        .origins = n->origins,
        .compress = config_bool(app_config(n->app), "websocket.compress"),
        .token_subprotocol = config_bool(app_config(n->app), "websocket.token_subprotocol"),
    };
    const struct websocket_parts parts = {
        .loop = n->uv,
        .endpoints = n->endpoints,
        .authenticator = n->authenticator,
        .log = app_log(n->app),
    };
    return websocket_open(app_modules(n->app), &options, &parts, &n->websocket, err);
}

static void take(void *ctx, const struct accepted *what)
{
    struct network *n = ctx;
    struct error err;
    if (n->websocket.taker.take || load(n, &err) == ST_OK) {
        n->websocket.taker.take(n->websocket.taker.ctx, what);
        return;
    }
    network_give_up(n, what, &err);
}

void network_websocket_open(struct network *n)
{
    n->websocket_taker = (struct connection_taker){n, take};
}

void network_websocket_drain(struct network *n, uint64_t drain_ms)
{
    if (n->websocket.drain)
        n->websocket.drain(n->websocket.taker.ctx, drain_ms, network_drained, NULL);
}

void network_websocket_close(struct network *n)
{
    if (n->websocket.free)
        n->websocket.free(n->websocket.taker.ctx);
}
