#include <unistd.h>

#include "adapters/driving/cli/network/parts.h"

static size_t bytes_of(const struct config *c, const char *key)
{
    return (size_t)config_integer(c, key);
}

static uint64_t ms_of(const struct config *c, const char *key)
{
    return (uint64_t)config_integer(c, key);
}

static int open_wire(struct network *n, struct error *err)
{
    const struct config *c = app_config(n->app);
    const struct websocket_options options = {
        .limits =
            {
                .max_connections = bytes_of(c, "listen.max_connections"),
                .max_per_caller = bytes_of(c, "websocket.max_per_caller"),
                .max_message_bytes = bytes_of(c, "websocket.max_message_bytes"),
                .max_inflated_bytes = bytes_of(c, "websocket.max_inflated_bytes"),
                .max_held_bytes = bytes_of(c, "websocket.max_held_bytes"),
                .max_queued_bytes = bytes_of(c, "websocket.max_queued_bytes"),
                .handshake_ms = ms_of(c, "websocket.handshake_ms"),
                .write_ms = ms_of(c, "websocket.write_idle_ms"),
                .ping_ms = ms_of(c, "websocket.ping_ms"),
                .idle_ms = ms_of(c, "websocket.idle_ms"),
            },
        .origins = n->origins,
        .compress = config_bool(c, "websocket.compress"),
        .token_subprotocol = config_bool(c, "websocket.token_subprotocol"),
    };
    const struct websocket_parts parts = {
        .loop = n->uv,
        .endpoints = n->endpoints,
        .authenticator = n->authenticator,
        .log = app_log(n->app),
    };
    return websocket_open(app_modules(n->app), &options, &parts, &n->websocket, err);
}

static void give_up(const struct network *n, const struct accepted *what, const struct error *err)
{
    const struct log_port *log = app_log(n->app);
    log->write(log->ctx, LOG_LEVEL_ERROR, STR("websocket"), str_from(err->text));
    close(what->fd);
    what->ended(what->lease);
}

/* The first connection loads the module. */
static void take(void *ctx, const struct accepted *what)
{
    struct network *n = ctx;
    struct error err;
    if (!n->websocket.free && open_wire(n, &err)) {
        give_up(n, what, &err);
        return;
    }
    n->websocket.taker.take(n->websocket.taker.ctx, what);
}

struct connection_taker network_websocket_taker(struct network *n)
{
    return (struct connection_taker){.ctx = n, .take = take};
}

static void on_drained(void *user)
{
    (void)user; /* the listener knows when the last connection has ended, whoever had it */
}

void network_websocket_drain(struct network *n, uint64_t drain_ms)
{
    if (n->websocket.free)
        n->websocket.drain(n->websocket.taker.ctx, drain_ms, on_drained, NULL);
}

void network_websocket_close(struct network *n)
{
    if (n->websocket.free)
        n->websocket.free(n->websocket.taker.ctx);
}
