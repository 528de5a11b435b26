/*
 * HTTP/1.1 for connections that somebody else accepted. The private module `http` holds
 * libmicrohttpd; the program loads it when it serves on the network.
 *
 * Each request is checked before a route sees it, the same way for every route: Host, Origin, the
 * route, the method, the framing of the body, its size, credentials, how many requests the caller
 * has in flight. A refusal is JSON: {"jsonrpc":"2.0","error":{"code":...,"message":...}}; only what
 * is no HTTP at all is answered by the library itself, in HTML.
 *
 * Three routes are built in: /healthz and /readyz, both open, and /metrics. All [loop].
 */
#pragma once

#include "core/base/error.h"
#include "core/origin/origin.h"
#include "ports/driven/authenticator.h"
#include "ports/driven/log.h"
#include "ports/driven/metrics_source.h"
#include "ports/driving/accepted.h"
#include "ports/driving/http_service.h"

struct uv_loop_s;

/* All of them positive. */
struct http_limits {
    size_t max_connections;  /* more are answered with 503 and closed                            */
    size_t max_header_bytes; /* request line and headers: 431                                    */
    size_t max_body_bytes;   /* of one request: 413                                              */
    size_t max_held_bytes;   /* of all bodies that are being received: 503                       */
    size_t max_queued_bytes; /* that a connection may leave unread: closed                       */
    size_t max_in_flight;    /* requests of one caller: 429                                      */
    uint64_t header_ms;      /* for the whole head of a request: 408                             */
    uint64_t body_idle_ms;   /* between two pieces of a body: 408                                */
    uint64_t keep_alive_ms;  /* between two requests: closed                                     */
    uint64_t write_idle_ms;  /* that nothing of an answer could be written: closed               */
};

struct http_options {
    struct http_limits limits;
    /* Origins that are let in beside those of the rules, and whose pages may read answers (CORS);
     * borrowed. */
    const struct str *cors_origins;
    size_t cors_origin_count;
};

/* What it works with; everything is borrowed until free(). */
struct http_parts {
    struct uv_loop_s *loop;
    const struct origin_rules *origins; /* of TCP connections; asked with each request           */
    const struct http_route *routes; /* the first one that fits answers                          */
    size_t route_count;
    const struct authenticator *authenticator;
    const struct log_port *log;
    const struct metrics_source *metrics; /* lines of others for /metrics                        */
    size_t metrics_count;
};

struct http_facts {
    size_t connections;
    size_t exchanges; /* requests that a route has and that are not answered whole               */
    size_t streams;   /* of these: begun answers of unknown length                               */
    size_t held_bytes;
    size_t queued_bytes;
    uint64_t requests; /* answered since the start                                               */
    bool draining;
};

struct http_wire {
    void *ctx;

    /* Has the same ctx. A local connection needs no Host header. */
    struct connection_taker taker;

    void (*facts)(void *ctx, struct http_facts *out);

    /* Takes no new requests: idle connections are closed, new ones are answered with 503, /readyz
     * says so. Calls drained(user) once, when the last connection has ended; after drain_ms what
     * still runs is ended: pending requests with 503, streams with their end. Never calls back
     * before it returns. */
    void (*drain)(void *ctx, uint64_t drain_ms, void (*drained)(void *user), void *user);

    /* Ends all connections; `gone` and `closed` are called. Its handles close with the next turn of
     * the loop. */
    void (*free)(void *ctx);
};

/* Loads the module from the program's folder of modules and starts. */
int http_open(const char *folder, const struct http_options *options,
              const struct http_parts *parts, struct http_wire *out, struct error *err);

/* What the module exports as its entry. */
typedef int (*http_module_entry)(const struct http_options *options,
                                 const struct http_parts *parts, struct http_wire *out,
                                 struct error *err);
