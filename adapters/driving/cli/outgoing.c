#include "adapters/driving/cli/outgoing.h"

#include <stdlib.h>

#include "adapters/driven/clock/clock.h"
#include "adapters/driven/http_client/http_client.h"
#include "adapters/driven/loop/loop.h"
#include "adapters/driven/net/net.h"

struct outgoing {
    struct http_client *http;
    struct net *net;
};

static int post(void *ctx, void (*fn)(void *arg), void *arg)
{
    return loop_post(ctx, fn, arg, NULL);
}

static int open_http(struct outgoing *o, const struct config *config,
                     const struct outgoing_parts *parts, struct error *err)
{
    const struct http_client_config http = {
        .modules = parts->modules,
        .version = HEXMCP_VERSION,
        .clock = system_clock_port(),
        .timer = loop_timers(parts->loop),
        .post = post,
        .post_ctx = parts->loop,
        .secrets = parts->secrets,
        .crypto = parts->crypto,
        .max_requests = (size_t)config_integer(config, "http_client.max_requests"),
        .max_per_plugin = (size_t)config_integer(config, "http_client.max_per_plugin"),
        .traces = config_bool(config, "http_client.trace_context"),
        .may_lose_tls = config_bool(config, "http_client.allow_downgrade"),
        .proxy = config_string(config, "http_client.proxy"),
        .ca_file = config_string(config, "http_client.ca_file"),
        .unverified = config_text(config, "http_client.unverified_hosts"),
    };
    return http_client_new(&http, &o->http, err);
}

static int open_net(struct outgoing *o, const struct config *config,
                    const struct outgoing_parts *parts, struct error *err)
{
    const struct net_config net = {
        .clock = system_clock_port(),
        .timer = loop_timers(parts->loop),
        .executor = loop_executor(parts->loop),
        .uv = loop_uv(parts->loop),
        .max_attempts = (size_t)config_integer(config, "net.max_attempts"),
        .max_per_plugin = (size_t)config_integer(config, "net.max_per_plugin"),
    };
    return net_new(&net, &o->net, err);
}

int outgoing_new(const struct config *config, const struct outgoing_parts *parts,
                 struct outgoing **out, struct error *err)
{
    struct outgoing *o = calloc(1, sizeof(*o));
    if (!o)
        return error_set(err, ST_NOMEM, "out of memory");
    int rc = open_http(o, config, parts, err);
    if (!rc)
        rc = open_net(o, config, parts, err);
    if (rc)
        outgoing_free(o);
    else
        *out = o;
    return rc;
}

void outgoing_free(struct outgoing *o)
{
    if (!o)
        return;
    http_client_free(o->http);
    net_free(o->net);
    free(o);
}

const struct service_port *outgoing_http(const struct outgoing *o)
{
    return http_client_port(o->http);
}

const struct service_port *outgoing_net(const struct outgoing *o)
{
    return net_port(o->net);
}
