/* Inside of network: what serves together. */
#pragma once

#include <uv.h>

#include "adapters/driving/cli/network/network.h"
#include "adapters/driving/cli/network/strings.h"
#include "adapters/driving/http/http.h"
#include "adapters/driving/listener/listener.h"
#include "adapters/driving/websocket/websocket.h"
#include "core/origin/origin.h"
#include "ports/driven/authenticator.h"

#define SIGNAL_COUNT 3
#define ROUTES_MAX 16

struct network {
    struct app *app;
    const struct invocation *inv;
    uv_loop_t *uv;
    const struct endpoint_factory *endpoints;
    const struct authenticator *authenticator;
    struct listener *listener;
    struct http_wire http;
    struct websocket_wire websocket; /* not open before somebody asks for it */
    struct connection_taker websocket_taker;
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
    bool draining;
    bool done;
};

/* listening.c: the places of the command line, and whether they may be listened on. */
int listening_open(struct network *network, struct error *err);

/* Says where: on stderr, and on the descriptor of --ready-fd. */
int listening_tell(struct network *network, struct error *err);

/* origins.c: after listening_open. */
int network_origins_open(struct network *network, struct error *err);
void network_origins_close(struct network *network);

/* http.c */
int network_http_open(struct network *network, struct error *err);
void network_http_drain(struct network *network, uint64_t drain_ms);
void network_http_close(struct network *network);

/* websocket.c: the module is loaded with the first connection. */
struct connection_taker network_websocket_taker(struct network *network);
void network_websocket_drain(struct network *network, uint64_t drain_ms);
void network_websocket_close(struct network *network);
