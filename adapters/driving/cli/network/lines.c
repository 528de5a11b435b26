#include "adapters/driven/loop/loop.h"
#include "adapters/driving/cli/network/parts.h"

int network_local_open(struct network *n, struct error *err)
{
    const struct config *c = app_config(n->app);
    int rc = local_grants_new(c, app_log(n->app), &n->local_grants, err);
    if (rc)
        return rc;
    struct local_options options = {
        .endpoints = n->endpoints,
        .server_name = config_string(c, "server.name"),
        .server_version = STR(HEXMCP_VERSION),
        .max_message_bytes = (size_t)config_integer(c, "stdio.max_message_bytes"),
        .greeting_ms = (uint64_t)config_integer(c, "listen.first_bytes_ms"),
        .drain_ms = (uint64_t)config_integer(c, "stdio.drain_ms"),
        .grant = local_grants_find,
        .grant_ctx = n->local_grants,
    };
    return local_new(app_loop(n->app), &options, &n->local, err);
}
