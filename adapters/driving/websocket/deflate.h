/*
 * Inside of websocket: permessage-deflate (RFC 7692) without context takeover, so that a connection
 * keeps no state between messages and one pair of streams serves all of them.
 */
#pragma once

#include "adapters/driving/websocket/upgrade_request.h"
#include "core/base/buffer.h"

/* What the server agrees to, for Sec-WebSocket-Extensions. */
#define DEFLATE_AGREED \
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

/* True if one of the offers can be agreed to in these words. Pure. */
bool deflate_offered(const struct upgrade_list *extensions);

struct deflate;

/* Allocates nothing big before it is used. */
struct deflate *deflate_new(void);
void deflate_free(struct deflate *deflate);

/* Appends the message that `packed` stands for. ST_INVALID: it is not deflated data; ST_TOO_LARGE: it
 * would be more than `limit` bytes; ST_NOMEM. */
int deflate_unpack(struct deflate *deflate, struct str packed, size_t limit, struct buffer *out);

/* Appends the packed message. False without memory, with `out` as it was. */
bool deflate_pack(struct deflate *deflate, struct str message, struct buffer *out);
