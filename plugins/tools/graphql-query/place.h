/*
 * place.h - where an endpoint of WebSocket is.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/simple.h"
#include "kit/bytes.h"

struct place {
    bool tls;
    char host[256]; /* in ASCII; an address of IPv6 in brackets */
    uint32_t port;
    struct bytes target; /* path and query, with handles of secrets as they stood there */
};

/* `url` begins with ws, wss, http or https. place_free() is due after HEXMCP_OK. */
int32_t place_read(const hexmcp_round *r, const char *url, struct place *out);
void place_free(struct place *place);

/* This machine, by its name or address. */
bool place_is_here(const struct place *place);
