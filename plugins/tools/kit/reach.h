/*
 * reach.h - one connection over TCP, waited for on a worker.
 *
 * SPDX-License-Identifier: MIT
 *
 * By hexmcp.net/1: the host checks the name and the address that it connects to. It ends with the call.
 */
#pragma once

#include <stdbool.h>

#include "hexmcp/host/net.h"
#include "hexmcp/simple.h"

#define REACHED_ADDRESS 64

struct reached {
    int fd;                        /* the caller's to close; -1 after an error             */
    char address[REACHED_ADDRESS]; /* of the other end; "" after an error                  */
    bool begun;                    /* false: the host did not even try                     */
    char message[HEXMCP_ERROR_TEXT]; /* the host's sentence about an error; "" if it has none */
};

/* [worker] The status is that of the attempt. It writes no error text: who calls knows what was reached for. */
int32_t reach(const hexmcp_net_1 *net, hexmcp_call call, const char *host, uint32_t port,
              uint32_t timeout_ms, struct reached *out);
