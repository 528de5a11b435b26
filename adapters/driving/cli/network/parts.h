/* Inside of network: what serves together. */
#pragma once

#include <limits.h>
#include <uv.h>

#include "adapters/driving/cli/network/local_grants.h"
#include "adapters/driving/cli/network/network.h"
#include "adapters/driving/cli/network/strings.h"
#include "adapters/driven/authenticator/authenticator.h"
#include "adapters/driven/metrics/metrics.h"
#include "adapters/driving/console/console.h"
#include "adapters/driving/http/http.h"
#include "adapters/driving/listener/listener.h"
#include "adapters/driving/local/local.h"
#include "adapters/driving/mcp/mcp_http.h"
#include "adapters/driving/tls/tls.h"
#include "adapters/driving/websocket/websocket.h"
#include "core/origin/origin.h"

#define SIGNAL_COUNT 3
#define ROUTES_MAX 16
#define SOURCES_MAX 8

struct network {
    struct app *app;
    const struct invocation *inv;
    uv_loop_t *uv;
    const struct endpoint_factory *endpoints;
    struct auth *auth;
    const struct authenticator *authenticator;
    struct metrics *metrics;
    struct metrics_source sources[SOURCES_MAX];
    size_t source_count;
    struct listener *listener;
    struct tls_module tls; /* its functions are NULL without TLS */
    struct tls_ending tls_ending;
    char cert_path[PATH_MAX], key_path[PATH_MAX];
    struct local *local;
    struct local_grants *local_grants;
    struct connection_taker http_taker;
    struct http_wire http; /* its functions are NULL until it is needed, as those of the next two */
    struct console console;
    struct connection_taker websocket_taker;
    struct websocket_wire websocket;
    struct activity_source activity;
    struct mcp_http *mcp_http;
    struct http_route routes[ROUTES_MAX];
    size_t route_count;
    struct origin_rules origins;
    uint16_t *ports;
    struct strings allowed_hosts, allowed_origins, cors_origins;
    uv_signal_t signals[SIGNAL_COUNT];
    uv_timer_t drain_timer;
    uv_timer_t idle_timer;
    uint64_t idle_exit_ms; /* 0: never */
    uint64_t accepted;     /* connections when idle_timer was started */
    uint64_t drain_until; /* of the loop's clock: what is pending is ended */
    bool draining;
    bool shut_down; /* the routes are */
    bool done;
};

/* listening.c: the places of the command line, and whether they may be listened on. */
int listening_open(struct network *network, struct error *err);

/* Says where: on stderr, and on the descriptor of --ready-fd. */
int listening_tell(struct network *network, struct error *err);

/* origins.c: after listening_open. */
int network_origins_open(struct network *network, struct error *err);
void network_origins_close(struct network *network);

/* tls.c: if the settings name a certificate. ST_CONFIG. */
int network_tls_open(struct network *network, struct error *err);
void network_tls_close(struct network *network);

/* watch.c: who counts and shows what goes on; before app_endpoints. */
int network_watch_open(struct network *network, struct error *err);
void network_watch_close(struct network *network);

/* lines.c */
int network_local_open(struct network *network, struct error *err);

/* http.c: makes the taker; the module is loaded now if TCP is listened on, else with the first
 * request. */
int network_http_open(struct network *network, struct error *err);
void network_http_drain(struct network *network, uint64_t drain_ms);
void network_http_close(struct network *network);

/* activity.c: what the console shows of the server. */
struct activity_source network_activity(struct network *network);

/* routes.c: what HTTP answers. */
int network_routes_open(struct network *network, struct error *err);
/* Requests that were accepted and are not answered yet. */
size_t network_routes_pending(const struct network *network);
/* Answers everything and ends all streams. */
void network_routes_shutdown(struct network *network);
void network_routes_close(struct network *network);

/* websocket.c: makes the taker; the module is loaded with the first upgrade. */
void network_websocket_open(struct network *network);
void network_websocket_drain(struct network *network, uint64_t drain_ms);
void network_websocket_close(struct network *network);

/* wires.c: what the wires with a module have in common.
 * Whole numbers of the configuration. */
size_t network_size(const struct network *network, const char *key);
uint64_t network_ms(const struct network *network, const char *key);

/* For a connection whose wire cannot be loaded: logs why, and closes it. */
void network_give_up(const struct network *network, const struct accepted *what,
                     const struct error *why);
/* What a wire calls when it has drained. The listener knows when the last connection has ended,
 * whoever had it, so nothing is done. */
void network_drained(void *user);
