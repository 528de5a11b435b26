/*
 * connection.h - one connection by hexmcp.net/1, waited for.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/simple.h"

struct connection {
    int fd; /* to be closed */
    double ms;
    char address[64];
};

/* [worker] An error has the host's sentence in r->err. */
int32_t connection_open(const hexmcp_round *r, const char *host, uint16_t port, uint32_t timeout_ms,
                        struct connection *out);
