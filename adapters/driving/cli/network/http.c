#include <stdlib.h>
#include <string.h>

#include "adapters/driven/loop/loop.h"
#include "adapters/driving/cli/network/parts.h"

static void take(void *ctx, const struct accepted *what)
{
    struct network *n = ctx;
    struct http_peer peer = {.local = what->local, .secure = what->secure, .port = what->port,
                             .ended = what->ended, .lease = what->lease};
    size_t len = what->address.len < sizeof(peer.address) ? what->address.len : 0;
    if (len)
        memcpy(peer.address, what->address.ptr, len);
    n->http.adopt(n->http.ctx, what->fd, &peer);
}

int network_http_open(struct network *n, struct error *err)
{
    const struct config *c = app_config(n->app);
    struct http_options options = {
        .limits = {
            .max_connections = (size_t)config_integer(c, "listen.max_connections"),
        },
    };
    struct http_parts parts = {
        .loop = n->uv,
        .authenticator = n->authenticator,
        .log = app_log(n->app),
    };
    int rc = http_open(app_modules(n->app), &options, &parts, &n->http, err);
    if (!rc)
        n->http_taker = (struct connection_taker){n, take};
    return rc;
}
