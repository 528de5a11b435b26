/*
 * MCP over WebSocket (RFC 6455), for connections that somebody else accepted: text messages, one
 * JSON value each, subprotocol "mcp", path /ws. The private module `websocket` holds the libraries;
 * the program loads it when it serves on the network.
 *
 * An upgrade is checked before it is answered, in this order: the request itself (400), Host and
 * Origin (403), the path (404), that it is an upgrade to version 13 (400, 426) and offers "mcp" (400),
 * credentials (401, 403, 400, 503), how many connections there are (503) and the caller has (429).
 * A refusal is JSON as over HTTP, {"jsonrpc":"2.0","error":{"code":...,"message":...}}, and ends the
 * connection.
 *
 * Afterwards a connection ends with one of these codes: 1001 the server ends, or the connection was
 * idle; 1002 a broken frame; 1003 a binary message; 1007 no UTF-8, or no deflated data; 1008 the
 * client does not read; 1009 a message over the limit; 1011 out of memory; 1013 all clients together
 * send too much. All [loop].
 */
#pragma once

#include "core/base/error.h"
#include "core/origin/origin.h"
#include "ports/driven/authenticator.h"
#include "ports/driven/log.h"
#include "ports/driving/accepted.h"
#include "ports/driving/message_endpoint.h"

struct uv_loop_s;

struct websocket_limits {
    size_t max_connections;    /* those that are being opened included                            */
    size_t max_per_caller;     /* connections of one caller that has proved who it is              */
    size_t max_message_bytes;  /* of one message, as it is sent                                   */
    size_t max_inflated_bytes; /* of a message that was sent deflated                             */
    size_t max_held_bytes;     /* of all messages that are being received                         */
    size_t max_queued_bytes;   /* that a client may leave unread; above half, notifications are
                                  dropped and its input is not read                               */
    uint64_t handshake_ms;     /* for the request, and for checking its credentials               */
    uint64_t write_ms;         /* that a client may take nothing of what is queued                */
    uint64_t ping_ms;          /* of silence until a ping, and again until the end; 0: no pings   */
    uint64_t idle_ms;          /* without messages and pending requests; 0: for ever              */
};

struct websocket_options {
    struct websocket_limits limits;
    struct origin_rules origins; /* borrowed as long as the wire                                  */
    bool compress;               /* permessage-deflate, where the client offers it                */
    bool token_subprotocol;      /* a second subprotocol "bearer.TOKEN" is as good as a header     */
};

/* What it works with, borrowed until free(). */
struct websocket_parts {
    struct uv_loop_s *loop;
    const struct endpoint_factory *endpoints;
    const struct authenticator *authenticator;
    const struct log_port *log;
};

struct websocket_facts {
    size_t connections; /* all, whatever they do                                                  */
    size_t opening;     /* of them: not upgraded yet                                              */
    size_t held_bytes;
    size_t queued_bytes;
    uint64_t accepted; /* upgrades                                                                */
    uint64_t refused;
    uint64_t received; /* messages                                                                */
    uint64_t sent;
    uint64_t dropped; /* notifications                                                            */
};

struct websocket_wire {
    struct connection_taker taker;

    void (*facts)(void *ctx, struct websocket_facts *out);

    /* Takes no new connections and reads no messages. A connection without pending requests is closed
     * with 1001 at once, the others when their requests are answered, and after drain_ms in any case:
     * what is pending is answered with an error then. Calls drained(user) once when the last one
     * has ended, never before it returns. */
    void (*drain)(void *ctx, uint64_t drain_ms, void (*drained)(void *user), void *user);

    /* Ends all connections. Its handles close with the next turn of the loop. */
    void (*free)(void *ctx);
};

/* Loads the module from the program's folder of modules and starts. `options` and `parts` are copied.
 * ST_CONFIG if the rules on origins are none. */
int websocket_open(const char *folder, const struct websocket_options *options,
                   const struct websocket_parts *parts, struct websocket_wire *out,
                   struct error *err);

/* What the module exports as its entry. */
typedef int (*websocket_module_entry)(const struct websocket_options *options,
                                      const struct websocket_parts *parts,
                                      struct websocket_wire *out, struct error *err);
