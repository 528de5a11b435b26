/* Inside of network: what serves together. */
#pragma once

#include <uv.h>

#include "adapters/driving/cli/network/network.h"
#include "adapters/driving/http/http.h"
#include "adapters/driving/listener/listener.h"
#include "ports/driven/authenticator.h"

#define SIGNAL_COUNT 3

struct network {
    struct app *app;
    const struct invocation *inv;
    uv_loop_t *uv;
    const struct endpoint_factory *endpoints;
    const struct authenticator *authenticator;
    struct listener *listener;
    struct http_wire http;
    struct connection_taker http_taker;
    uv_signal_t signals[SIGNAL_COUNT];
    uv_timer_t drain_timer;
    uv_timer_t idle_timer;
    uint64_t idle_exit_ms; /* 0: never */
    uint64_t accepted;     /* connections when idle_timer was started */
    bool draining;
    bool done;
};

/* listening.c: the places of the command line. */
int listening_open(struct network *network, struct error *err);

/* Says where: on stderr, and on the descriptor of --ready-fd. */
int listening_tell(struct network *network, struct error *err);

/* http.c */
int network_http_open(struct network *network, struct error *err);
void network_http_drain(struct network *network);
void network_http_close(struct network *network);
