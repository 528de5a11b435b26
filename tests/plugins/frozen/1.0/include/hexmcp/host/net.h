/*
 * hexmcp/host/net.h - "hexmcp.net/1": connections that the host makes and the plugin uses.
 *
 * SPDX-License-Identifier: MIT
 *
 * For plugins whose manifest asks for hosts with "grants": {"hosts": ["db.example.org:5432"]}; others
 * get NULL for this id. The host resolves the name, checks the name against the rules and each address
 * that it has, connects, and hands the descriptor over. Loopback, private, link-local and other special
 * addresses are refused unless a rule names that very host or address. A plugin in a helper has no
 * other way to a network.
 *
 * For what speaks HTTP there is hexmcp/host/http.h.
 */
#ifndef HEXMCP_HOST_NET_H
#define HEXMCP_HOST_NET_H

#include "hexmcp/host.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HEXMCP_NET_1 "hexmcp.net/1"

/* Flags of connect(). Both or none: addresses of both kinds. Since: 1.0. */
#define HEXMCP_NET_IPV4 1u
#define HEXMCP_NET_IPV6 2u

/* [loop]; must not block. Since: 1.0.
 *   status  HEXMCP_OK: `fd` is a TCP connection that the plugin owns and closes: non-blocking,
 *           close-on-exec, without Nagle's delay, and json is {"address": text, "port": number} of
 *           its other end.
 *           Otherwise `fd` is -1 and json {"message": text for a person}:
 *           HEXMCP_E_INVALID      the host is no name and no address; port, flags or timeout
 *           HEXMCP_E_DENIED       no rule allows the host, or it has only special addresses
 *           HEXMCP_E_NOT_FOUND    the name has no address
 *           HEXMCP_E_TIMEOUT      `timeout_ms`, or the deadline of the call
 *           HEXMCP_E_UNAVAILABLE  nobody answers
 *           HEXMCP_E_BUSY         too many attempts are open, of this plugin or of all
 *           HEXMCP_E_CANCELLED    cancel(), the call ended, or the plugin stops
 *           HEXMCP_E_NOMEM */
typedef void (*hexmcp_net_reply_fn)(void *arg, int32_t status, int32_t fd, hexmcp_str json);

/* Since: 1.0. */
typedef struct hexmcp_net_1 {
    uint32_t size;
    uint32_t reserved; /* 0 */
    void *ctx;         /* first argument of every function below */

    /* [any] Connects to TCP port `port` (1 to 65,535) of `host`: a name of at most 253 bytes in
     * ASCII, or an address, that of IPv6 with or without brackets. `timeout_ms` (1 to 600,000; 0:
     * 10,000) is for name and connection together. Addresses are tried in the order of the system's
     * resolver, the next one 250 ms after the one before.
     *
     * `call` ties the attempt to a running call: it ends with the call. 0: to none. *id, which may be
     * NULL, is for cancel(). HEXMCP_OK: one reply follows. HEXMCP_E_BUSY above 1,024 open requests of
     * a plugin; HEXMCP_E_UNAVAILABLE from when the plugin stops; HEXMCP_E_INVALID without a reply
     * function; HEXMCP_E_NOMEM: no reply follows. */
    int32_t (*connect)(void *ctx, hexmcp_call call, hexmcp_str host, uint32_t port, uint32_t flags,
                       uint32_t timeout_ms, hexmcp_net_reply_fn reply, void *arg, uint64_t *id);

    /* [any] Gives the attempt up: the reply comes with HEXMCP_E_CANCELLED if it had not come. Unknown
     * ids are ignored. */
    void (*cancel)(void *ctx, uint64_t id);
} hexmcp_net_1;

#ifdef __cplusplus
}
#endif

#endif
