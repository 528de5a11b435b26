/*
 * SPDX-License-Identifier: MIT
 */
#include "connection.h"

#include "hexmcp/host/net.h"
#include "kit/bytes.h"
#include "kit/pace.h"
#include "kit/wait.h"

struct asking {
    struct wait wait;
    int32_t status, fd;
    struct bytes json;
};

static void on_reply(void *arg, int32_t status, int32_t fd, hexmcp_str json)
{
    struct asking *a = arg;
    a->status = status;
    a->fd = fd;
    bytes_add(&a->json, json.ptr, json.len); /* without it the texts below are the usual ones */
    wait_over(&a->wait);
}

static int32_t take(const hexmcp_round *r, const char *host, const struct asking *a,
                    struct connection *out)
{
    char text[HEXMCP_ERROR_TEXT];
    hexmcp_str value;
    const char *key = a->status == HEXMCP_OK ? "address" : "message";
    if (!a->json.ptr || hexmcp_json_get(bytes_str(&a->json), key, &value) != HEXMCP_OK ||
        hexmcp_json_string(value, text, sizeof(text), NULL) != HEXMCP_OK)
        text[0] = '\0';
    if (a->status != HEXMCP_OK)
        return hexmcp_fail(r->err, a->status, "%s", text[0] ? text : "the connection failed; try again");
    out->fd = a->fd;
    snprintf(out->address, sizeof(out->address), "%.63s", text[0] ? text : host);
    return HEXMCP_OK;
}

int32_t connection_open(const hexmcp_round *r, const char *host, uint16_t port, uint32_t timeout_ms,
                        struct connection *out)
{
    const hexmcp_net_1 *net = hexmcp_round_service(r, HEXMCP_NET_1);
    struct asking a = {.fd = -1};
    struct pace pace = pace_begin(r);
    if (!net)
        return hexmcp_fail(r->err, HEXMCP_E_DENIED,
                           "no host was granted to this tool; the operator allows one with "
                           "--allow-host NAME or \"grants.hosts\" of the configuration");
    wait_begin(&a.wait);
    int32_t status = net->connect(net->ctx, r->call, hexmcp_str_from(host), port, 0, timeout_ms,
                                  on_reply, &a, NULL);
    if (status == HEXMCP_OK) {
        wait_for(&a.wait);
        status = take(r, host, &a, out);
    } else {
        hexmcp_fail(r->err, status, "%s:%u: the connection was not begun; try again", host, port);
    }
    out->ms = pace_ms(&pace);
    wait_end(&a.wait);
    bytes_free(&a.json);
    return status;
}
