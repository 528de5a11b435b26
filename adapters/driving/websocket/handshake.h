/* Inside of websocket: may this request become a WebSocket, and with what words? Pure. */
#pragma once

#include "adapters/driving/websocket/upgrade_request.h"
#include "adapters/driving/websocket/websocket.h"
#include "core/base/buffer.h"

#define WEBSOCKET_PATH "/ws"
#define SUBPROTOCOL "mcp"

/* Why not. */
struct refusal {
    int status;
    const char *headers; /* whole lines beside the usual ones; may be NULL */
    struct error why;
};

/* What is left of a request that may become one if its credentials are good. */
struct handshake {
    struct str key;
    struct buffer authorization; /* as in the header; owned */
    bool deflate;
};

/* False: *refusal says why. True: *out is to be cleared; its key borrows from the head. `local`: the
 * connection came over a Unix socket, which no web page reaches: Host may be anything. */
bool handshake_read(struct str head, const struct websocket_options *options, bool local,
                    struct handshake *out, struct refusal *refusal);

/* The whole answer, 101. */
void handshake_accept(struct str key, bool deflate, struct buffer *out);

void handshake_refuse(const struct refusal *refusal, struct str more_headers, struct buffer *out);

/* The refusal of credentials that are not OK, and its header WWW-Authenticate (appended, a whole line,
 * empty if there is none). `brought`: there were some. */
void handshake_refuse_credentials(const struct credential_answer *answer, struct str challenge,
                                  bool brought, struct refusal *refusal, struct buffer *header);
