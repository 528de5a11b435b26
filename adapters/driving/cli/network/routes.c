#include "adapters/driven/clock/clock.h"
#include "adapters/driven/loop/loop.h"
#include "adapters/driving/cli/network/parts.h"

static void add(struct network *n, struct http_route route)
{
    if (n->route_count < ROUTES_MAX)
        n->routes[n->route_count++] = route;
}

static int open_mcp(struct network *n, struct error *err)
{
    const struct config *c = app_config(n->app);
    const struct mcp_http_options options = {
        .path = STR("/mcp"),
        .max_sessions = (size_t)config_integer(c, "http.max_sessions"),
        .session_idle_ms = (uint64_t)config_integer(c, "http.session_idle_ms"),
        .replay_bytes = (size_t)config_integer(c, "http.replay_bytes"),
        .poll_after_ms = (uint64_t)config_integer(c, "http.poll_after_ms"),
        .retry_ms = (uint64_t)config_integer(c, "http.retry_ms"),
    };
    return mcp_http_new(app_mcp(n->app), &options, &n->mcp_http, err);
}

static int open_console(struct network *n, struct error *err)
{
    const struct console_options options = {
        .server_name = config_string(app_config(n->app), "server.name"),
        .server_version = STR(HEXMCP_VERSION),
        .sources = &n->activity,
        .source_count = 1,
        .clock = system_clock_port(),
        .timer = loop_timers(app_loop(n->app)),
    };
    n->activity = network_activity(n);
    return console_open(app_modules(n->app), &options, &n->console, err);
}

int network_routes_open(struct network *n, struct error *err)
{
    int rc = n->mcp_http ? ST_OK : open_mcp(n, err);
    if (!rc && !n->console.free)
        rc = open_console(n, err);
    if (rc)
        return rc;
    add(n, mcp_http_route(n->mcp_http));
    n->sources[n->source_count++] = mcp_http_metrics(n->mcp_http);
    add(n, *authenticator_metadata_route(n->auth));
    for (size_t i = 0; i < n->console.route_count; i++)
        add(n, n->console.routes[i]);
    return ST_OK;
}

size_t network_routes_pending(const struct network *n)
{
    return n->mcp_http ? mcp_http_pending(n->mcp_http) : 0;
}

void network_routes_shutdown(struct network *n)
{
    if (n->mcp_http)
        mcp_http_shutdown(n->mcp_http);
    if (n->console.shutdown)
        n->console.shutdown(n->console.ctx);
}

void network_routes_close(struct network *n)
{
    mcp_http_free(n->mcp_http);
    if (n->console.free)
        n->console.free(n->console.ctx);
}
