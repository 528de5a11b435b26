/*
 * upgrade.h - the handshake of WebSocket (RFC 6455, 4).
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "channel.h"
#include "credentials.h"

/* Most bytes of the head of its answer. */
#define UPGRADE_HEAD_MOST ((size_t)16 * 1024)

struct upgrade {
    struct pace *pace;
    struct channel *channel;
    const struct place *place;
    struct credentials *credentials;
    hexmcp_str headers; /* JSON, as headers.h writes them for the host */
    uint32_t timeout_ms;
};

struct upgraded {
    bool legacy;       /* the server chose graphql-ws, not graphql-transport-ws */
    struct bytes rest; /* what came behind the head */
};

/* [worker] HEXMCP_E_PROTOCOL: it does not speak WebSocket, or neither protocol; HEXMCP_E_DENIED: it refuses;
 * HEXMCP_E_TIMEOUT; with a sentence. out->rest is to be freed after HEXMCP_OK. */
int32_t upgrade(const struct upgrade *u, struct upgraded *out);
