/* Telling clients of changes: resources/subscribe, subscriptions/listen, and what they lead to. */
#pragma once

#include "adapters/driving/mcp/connection.h"

/* The connection hears of changes from here on; ST_NOMEM. */
int subscriptions_open(struct connection *c, struct error *err);
void subscriptions_close(struct connection *c);

/* A session of the handshake era has begun: it is told when lists change. */
void subscriptions_begin_session(struct connection *c);

/* The server goes away: ends a listen request with a word to the client. */
void listen_end(struct request *r);

/* Frees what a listen request holds; nothing for others. */
void listen_forget(struct request *r);
