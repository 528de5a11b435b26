/* Tells who watches that a request is over. */
#pragma once

#include "adapters/driving/mcp/connection.h"

/* `error`: its code, of TRAFFIC_ERROR; `sent`: bytes of the answer. */
void traffic_tell(const struct request *r, enum traffic_end end, int error, size_t sent);

/* The request is begun. */
void traffic_tell_begin(const struct request *r);

/* Of what never became a request: `sent` bytes say why. */
void traffic_tell_stray(const struct connection *c, int error, size_t sent);
