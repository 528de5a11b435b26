/* The module `console`: what the program gets of it. */
#include <stdlib.h>

#include "adapters/driven/module/export.h"
#include "adapters/driving/console/parts.h"
#include "core/base/error.h"

MODULE_DEFINE_BUILD_ID();

static void console_free(void *ctx)
{
    struct console_module *console = ctx;
    if (!console)
        return;
    traffic_free(console->traffic);
    free(console);
}

static void console_shutdown(void *ctx)
{
    struct console_module *console = ctx;
    traffic_shutdown(console->traffic);
}

/* The exact paths stand first: what is beneath /console is for everybody. */
static void fill_routes(struct console_module *console)
{
    const struct http_route routes[] = {
        {STR("/console/api/state"), false, false, console, state_handle},
        {STR("/console/api/traffic"), false, false, console->traffic, traffic_handle},
        {STR("/console"), true, true, console, page_handle},
    };
    _Static_assert(sizeof(routes) == sizeof(console->routes), "each route has its place");
    memcpy(console->routes, routes, sizeof(routes));
}

MODULE_EXPORT int hexmcp_module_entry(const struct console_options *options, struct console *out,
                                      struct error *err);
int hexmcp_module_entry(const struct console_options *options, struct console *out,
                        struct error *err)
{
    struct console_module *console = calloc(1, sizeof(*console));
    if (console)
        console->traffic = traffic_new(options->clock, options->timer);
    if (!console || !console->traffic) {
        console_free(console);
        return error_set(err, ST_NOMEM, "out of memory for the console");
    }
    console->options = *options;
    console->started_ms = options->clock->wall_ms(options->clock->ctx);
    fill_routes(console);
    *out = (struct console){
        .ctx = console,
        .routes = console->routes,
        .route_count = sizeof(console->routes) / sizeof(console->routes[0]),
        .tap = {.ctx = console->traffic, .seen = traffic_seen},
        .free = console_free,
        .shutdown = console_shutdown,
    };
    return ST_OK;
}
