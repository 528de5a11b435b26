/* "hexmcp.net/1" (hexmcp/host/net.h) over the port of adapters/driven/net. */
#include "hexmcp/host/net.h"

#include <stdlib.h>

#include "adapters/driven/net/net.h"
#include "adapters/driven/plugin_host/crossing.h"
#include "adapters/driven/plugin_host/services/kinds.h"
#include "core/json/writer.h"

struct attempt {
    hexmcp_net_reply_fn reply;
    void *arg;
};

static void on_event(void *arg, const struct service_event *event)
{
    struct attempt *attempt = arg;
    if (!event->last)
        return;
    attempt->reply(attempt->arg, event->status, event->fd,
                   (hexmcp_str){event->text.ptr, event->text.len});
    free(attempt);
}

static int32_t net_connect(void *ctx, hexmcp_call call, hexmcp_str host, uint32_t port,
                           uint32_t flags, uint32_t timeout_ms, hexmcp_net_reply_fn reply, void *arg,
                           uint64_t *id)
{
    struct buffer text = BUFFER_INIT;
    struct json_writer w = json_writer(&text);
    struct attempt *attempt = reply ? malloc(sizeof(*attempt)) : NULL;
    if (!attempt)
        return reply ? HEXMCP_E_NOMEM : HEXMCP_E_INVALID;
    *attempt = (struct attempt){reply, arg};
    json_begin_object(&w);
    json_put_string(&w, STR("host"), str_from_plugin(host));
    json_put_i64(&w, STR("port"), port);
    json_put_i64(&w, STR("flags"), flags);
    json_put_i64(&w, STR("timeoutMs"), timeout_ms);
    json_end_object(&w);
    struct request q = {.op = NET_OP_CONNECT, .call = call, .event = on_event, .arg = attempt,
                        .text = {text.data, text.len}};
    int32_t rc = buffer_failed(&text) ? HEXMCP_E_NOMEM : request_open(ctx, &q, id);
    buffer_clear(&text);
    if (rc)
        free(attempt);
    return rc;
}

static void net_cancel(void *ctx, uint64_t id)
{
    request_close(ctx, id);
}

static void fill(void *table, struct service_link *link)
{
    *(hexmcp_net_1 *)table = (hexmcp_net_1){.size = sizeof(hexmcp_net_1),
                                            .ctx = link,
                                            .connect = net_connect,
                                            .cancel = net_cancel};
}

const struct service_kind net_kind = {HEXMCP_NET_1, sizeof(hexmcp_net_1), fill};
