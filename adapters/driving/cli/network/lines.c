#include <stdlib.h>

#include "adapters/driven/loop/loop.h"
#include "adapters/driven/plugin_host/plugin_host.h"
#include "adapters/driving/cli/network/parts.h"

struct reload {
    struct app *app;
    void (*done)(void *arg, const struct error *err);
    void *arg;
};

static void reloaded(void *ctx, struct str id, const struct error *err)
{
    struct reload *r = ctx;
    if (!err)
        app_tell_reloaded(r->app, id);
    r->done(r->arg, err);
    free(r);
}

static void reload(void *ctx, struct str plugin, void (*done)(void *arg, const struct error *err),
                   void *arg)
{
    const struct network *n = ctx;
    struct error err;
    struct reload *r = malloc(sizeof(*r));
    if (!r) {
        error_set(&err, ST_NOMEM, "out of memory");
        done(arg, &err);
        return;
    }
    *r = (struct reload){n->app, done, arg};
    if (plugin_host_reload(app_plugins(n->app), plugin, reloaded, r, &err)) {
        free(r);
        done(arg, &err);
    }
}

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
        .reload = reload,
        .reload_ctx = n,
    };
    return local_new(app_loop(n->app), &options, &n->local, err);
}
