/* Requests of the server to the client of a session of the handshake era. */
#pragma once

#include "adapters/driving/mcp/connection.h"

/* One that has been sent and not been answered. */
struct outgoing;

/* What comes of it; exactly one of both, once, unless it is dropped before. */
struct outgoing_events {
    /* `response` has "result" or "error"; borrowed until return. */
    void (*answered)(void *user, struct json response);
    /* The time is over; the client has been told that nothing more is expected. */
    void (*timed_out)(void *user);
};

/* Begins a request in the connection's buffer, as part of what came with `origin`: the caller writes
 * the params object next, then calls outgoing_send. NULL without memory. */
struct outgoing *outgoing_begin(struct connection *c, void *origin, struct str method,
                                struct json_writer *w);
int outgoing_send(struct outgoing *o, uint64_t timeout_ms, const struct outgoing_events *events,
                  void *user, struct error *err);

/* Forgets it; if it has been sent the client is told that its answer is not needed any more, with
 * `reason`. NULL is allowed. */
void outgoing_drop(struct outgoing *o, const char *reason);

/* A response that came. One to nothing that is open is ignored. */
void outgoing_receive(struct connection *c, struct json response);

/* Without a word to the client: the connection ends. */
void outgoing_close(struct connection *c);
