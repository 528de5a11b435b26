/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/reach.h"

#include "kit/wait.h"

struct reaching {
    struct wait wait;
    int32_t status;
    struct reached *out;
};

static void on_reply(void *arg, int32_t status, int32_t fd, hexmcp_str json)
{
    struct reaching *t = arg;
    hexmcp_str value;
    t->status = status;
    t->out->fd = fd;
    if (hexmcp_json_get(json, "address", &value) == HEXMCP_OK)
        hexmcp_json_string(value, t->out->address, sizeof(t->out->address), NULL);
    if (hexmcp_json_get(json, "message", &value) == HEXMCP_OK)
        hexmcp_json_string(value, t->out->message, sizeof(t->out->message), NULL);
    wait_over(&t->wait);
}

int32_t reach(const hexmcp_net_1 *net, hexmcp_call call, const char *host, uint32_t port,
              uint32_t timeout_ms, struct reached *out)
{
    struct reaching t = {.out = out};
    *out = (struct reached){.fd = -1};
    wait_begin(&t.wait);
    int32_t status = net->connect(net->ctx, call, hexmcp_str_from(host), port, 0, timeout_ms, on_reply,
                                  &t, NULL);
    out->begun = status == HEXMCP_OK;
    if (out->begun) {
        wait_for(&t.wait);
        status = t.status;
    }
    wait_end(&t.wait);
    return status;
}
