/*
 * The console: a page at /console that is an MCP client of the server, and what the server tells it
 * beside the protocol. Page and code are a private module, loaded by whoever serves HTTP.
 *
 *   /console...              the page; without credentials: it holds nothing
 *   /console/api/state       JSON: plugins, connections, sessions, figures
 *   /console/api/traffic     server-sent events: the last requests that were answered, then each
 *
 * A caller is shown what belongs to its own tenant, and the plugins and figures. All [loop].
 */
#pragma once

#include "ports/driven/activity.h"
#include "ports/driven/clock.h"
#include "ports/driven/timer.h"
#include "ports/driven/traffic_tap.h"
#include "ports/driving/http_service.h"

/* All of it is borrowed and must outlive the console. */
struct console_options {
    struct str server_name, server_version;
    const struct activity_source *sources;
    size_t source_count;
    const struct clock_port *clock;
    const struct timer_port *timer;
};

struct console {
    void *ctx;
    const struct http_route *routes; /* as long as the console */
    size_t route_count;
    struct traffic_tap tap; /* for the protocol */

    /* After the last exchange has ended. Streams are ended by console.shutdown. */
    void (*free)(void *ctx);

    /* Ends the open streams: the server goes away. */
    void (*shutdown)(void *ctx);
};

/* What the module exports as hexmcp_module_entry. */
typedef int (*console_entry)(const struct console_options *options, struct console *out,
                             struct error *err);

/* Loads the module from the folder. ST_UNAVAILABLE, ST_NOMEM. */
int console_open(const char *modules, const struct console_options *options, struct console *out,
                 struct error *err);
