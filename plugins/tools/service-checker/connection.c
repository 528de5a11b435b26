/*
 * SPDX-License-Identifier: MIT
 */
#include "connection.h"

#include "kit/pace.h"
#include "kit/reach.h"

int32_t connection_open(const hexmcp_round *r, const char *host, uint16_t port, uint32_t timeout_ms,
                        struct connection *out)
{
    const hexmcp_net_1 *net = hexmcp_round_service(r, HEXMCP_NET_1);
    struct reached to;
    struct pace pace = pace_begin(r);
    if (!net)
        return hexmcp_fail(r->err, HEXMCP_E_DENIED,
                           "no host was granted to this tool; the operator allows one with "
                           "--allow-host NAME or \"grants.hosts\" of the configuration");
    int32_t status = reach(net, r->call, host, port, timeout_ms, &to);
    out->ms = pace_ms(&pace);
    if (!to.begun)
        return hexmcp_fail(r->err, status, "%s:%u: the connection was not begun; try again", host, port);
    if (status != HEXMCP_OK)
        return hexmcp_fail(r->err, status, "%s",
                           to.message[0] ? to.message : "the connection failed; try again");
    out->fd = to.fd;
    snprintf(out->address, sizeof(out->address), "%.63s", to.address[0] ? to.address : host);
    return HEXMCP_OK;
}
