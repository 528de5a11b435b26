/* Serving over TCP and Unix sockets: the listener and the wires behind it, put together. */
#pragma once

#include "adapters/driving/cli/app.h"

struct network;

/* True if the command line names a place to listen on. */
bool network_wanted(const struct invocation *inv);

/* Opens every place that the command line names and begins to serve; says on stderr where. `app`
 * and `inv` are borrowed. */
int network_open(struct app *app, const struct invocation *inv, struct network **out,
                 struct error *err);

/* Serves until SIGTERM, SIGINT or, if the command line asks for that, until there have been no
 * connections for a while; SIGHUP reads the certificate again. Then as network_drain, which a second
 * signal cuts short. */
int network_run(struct network *network, struct error *err);

/* Accepts nothing more and lets what is open end, for as long as listen.drain_ms. */
void network_drain(struct network *network);

/* After run or drain. NULL is allowed. */
void network_close(struct network *network);
