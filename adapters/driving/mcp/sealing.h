/* Sealing for clients: what goes wrong on the server's side is for its log, not for them. */
#pragma once

#include "adapters/driving/mcp/connection.h"

/* As sealer_close, with an error that may be shown to the client. */
int sealing_close(struct mcp *mcp, const struct seal_binding *binding, uint64_t ttl_ms,
                  struct str payload, struct buffer *out, struct error *err);
