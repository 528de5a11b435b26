/* For services whose functions are one question and one hexmcp_reply_fn. */
#pragma once

#include "adapters/driven/plugin_host/services/service.h"

/* [any] Opens the request and has reply(arg, ...) called with what its last event says: its text, or
 * its bytes if that is empty. Returns what request_open returns. */
int32_t answer_request(struct service_link *link, uint32_t op, hexmcp_str text, hexmcp_str bytes,
                       hexmcp_reply_fn reply, void *arg);
