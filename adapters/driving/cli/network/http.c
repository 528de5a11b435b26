#include "adapters/driving/cli/network/parts.h"
#include "core/base/str.h"

static int open_wire(struct network *n, struct error *err)
{
    struct http_options options = {
        .limits =
            {
                .max_connections = network_size(n, "listen.max_connections"),
                .max_header_bytes = network_size(n, "http.max_header_bytes"),
                .max_body_bytes = network_size(n, "http.max_body_bytes"),
                .max_held_bytes = network_size(n, "http.max_held_bytes"),
                .max_queued_bytes = network_size(n, "http.max_queued_bytes"),
                .max_in_flight = network_size(n, "http.max_in_flight"),
                .header_ms = network_ms(n, "http.header_ms"),
                .body_idle_ms = network_ms(n, "http.body_idle_ms"),
                .keep_alive_ms = network_ms(n, "http.keep_alive_ms"),
                .write_idle_ms = network_ms(n, "http.write_idle_ms"),
            },
        .cors_origins = n->cors_origins.items,
        .cors_origin_count = n->cors_origins.count,
    };
    struct http_parts parts = {
        .loop = n->uv,
        .origins = &n->origins,
        .routes = n->routes,
        .route_count = n->route_count,
        .authenticator = n->authenticator,
        .log = app_log(n->app),
        .metrics = n->sources,
        .metrics_count = n->source_count,
    };
    return http_open(app_modules(n->app), &options, &parts, &n->http, err);
}

static int load(struct network *n, struct error *err)
{
    int rc = n->route_count ? ST_OK : network_routes_open(n, err);
    return rc ? rc : open_wire(n, err);
}

static void take(void *ctx, const struct accepted *what)
{
    struct network *n = ctx;
    struct error err;
    if (n->http.taker.take || load(n, &err) == ST_OK) {
        n->http.taker.take(n->http.taker.ctx, what);
        return;
    }
    network_give_up(n, what, &err);
}

int network_http_open(struct network *n, struct error *err)
{
    n->http_taker = (struct connection_taker){n, take};
    return n->origins.port_count ? load(n, err) : ST_OK;
}

void network_http_drain(struct network *n, uint64_t drain_ms)
{
    if (n->http.drain)
        n->http.drain(n->http.ctx, drain_ms, network_drained, NULL);
}

void network_http_close(struct network *n)
{
    if (n->http.free)
        n->http.free(n->http.ctx);
}
