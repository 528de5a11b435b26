/* The folders that the client works in, as the core is told of them. */
#pragma once

#include "adapters/driving/mcp/connection.h"

/* For a call of the request. Borrows from the connection. */
struct client_roots roots_of(const struct request *r);

/* The client of a session has answered roots/list with this array. It is kept if the client says when
 * it changes. */
void roots_keep(struct connection *c, struct json roots);

/* notifications/roots/list_changed */
void roots_forget(struct connection *c);
