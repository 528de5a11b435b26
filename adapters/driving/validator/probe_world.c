/*
 * Services that lead into the world: hexmcp.http/1, net/1, process/1, kv/1, secrets/1. A validator
 * has no world to offer, so they are there for a plugin that asks for them, and unavailable.
 */
#include "adapters/driving/validator/probe.h"
#include "hexmcp/ids.h"

static int32_t unavailable(struct probe *p)
{
    int32_t status = atomic_load(&p->refuse);
    atomic_fetch_add(&p->refusals, 1);
    return status ? status : HEXMCP_E_UNAVAILABLE;
}

static int32_t http_request(void *ctx, hexmcp_call call, hexmcp_str json, hexmcp_str body,
                            const hexmcp_http_sink *sink, void *arg, uint64_t *id)
{
    (void)call;
    (void)sink;
    (void)arg;
    (void)id;
    probe_look(ctx, HEXMCP_HTTP_1, "a request", json);
    (void)body;
    return unavailable(ctx);
}

static int32_t net_connect(void *ctx, hexmcp_call call, hexmcp_str host, uint32_t port,
                           uint32_t flags, uint32_t timeout_ms, hexmcp_net_reply_fn reply, void *arg,
                           uint64_t *id)
{
    (void)call;
    (void)port;
    (void)flags;
    (void)timeout_ms;
    (void)reply;
    (void)arg;
    (void)id;
    probe_look(ctx, HEXMCP_NET_1, "the name of a host", host);
    return unavailable(ctx);
}

static int32_t process_run(void *ctx, hexmcp_call call, hexmcp_str json, hexmcp_str input,
                           const hexmcp_process_sink *sink, void *arg, uint64_t *id)
{
    (void)call;
    (void)input;
    (void)sink;
    (void)arg;
    (void)id;
    probe_look(ctx, HEXMCP_PROCESS_1, "what is to be run", json);
    return unavailable(ctx);
}

/* Nothing was ever begun, so there is nothing to go on with. */
static int32_t no_id(void *ctx, uint64_t id)
{
    (void)ctx;
    (void)id;
    return HEXMCP_E_NOT_FOUND;
}

static int32_t no_piece(void *ctx, uint64_t id, hexmcp_str piece)
{
    (void)ctx;
    (void)id;
    (void)piece;
    return HEXMCP_E_NOT_FOUND;
}

static int32_t no_signal(void *ctx, uint64_t id, uint32_t number)
{
    (void)ctx;
    (void)id;
    (void)number;
    return HEXMCP_E_NOT_FOUND;
}

static void no_cancel(void *ctx, uint64_t id)
{
    (void)ctx;
    (void)id;
}

static int32_t kv_get(void *ctx, hexmcp_str key, hexmcp_kv_reply_fn reply, void *arg)
{
    (void)reply;
    (void)arg;
    probe_look(ctx, HEXMCP_KV_1, "a key", key);
    return unavailable(ctx);
}

static int32_t kv_set(void *ctx, hexmcp_str key, hexmcp_str value, uint64_t ttl_ms, uint32_t flags,
                      uint64_t version, hexmcp_kv_reply_fn reply, void *arg)
{
    (void)value;
    (void)ttl_ms;
    (void)flags;
    (void)version;
    return kv_get(ctx, key, reply, arg);
}

static int32_t kv_remove(void *ctx, hexmcp_str key, uint32_t flags, uint64_t version,
                         hexmcp_kv_reply_fn reply, void *arg)
{
    (void)flags;
    (void)version;
    return kv_get(ctx, key, reply, arg);
}

static int32_t kv_list(void *ctx, hexmcp_str prefix, hexmcp_str after, uint32_t limit,
                       hexmcp_kv_reply_fn reply, void *arg)
{
    (void)after;
    (void)limit;
    return kv_get(ctx, prefix, reply, arg);
}

static int32_t secrets_handle(void *ctx, hexmcp_str name, char out[HEXMCP_SECRET_HANDLE_SIZE])
{
    (void)name;
    (void)out;
    return unavailable(ctx);
}

static int32_t secrets_reveal(void *ctx, hexmcp_str name, hexmcp_reply_fn reply, void *arg)
{
    (void)name;
    (void)reply;
    (void)arg;
    return unavailable(ctx);
}

void probe_make_world(struct probe *p)
{
    p->http = (hexmcp_http_1){.size = sizeof(p->http), .ctx = p, .request = http_request,
                              .resume = no_id, .cancel = no_cancel, .write = no_piece,
                              .finish = no_id};
    p->net = (hexmcp_net_1){
        .size = sizeof(p->net), .ctx = p, .connect = net_connect, .cancel = no_cancel};
    p->process = (hexmcp_process_1){.size = sizeof(p->process), .ctx = p, .run = process_run,
                                    .resume = no_id, .write = no_piece, .finish = no_id,
                                    .signal = no_signal, .cancel = no_cancel};
    p->kv = (hexmcp_kv_1){.size = sizeof(p->kv), .ctx = p, .get = kv_get, .set = kv_set,
                          .remove = kv_remove, .list = kv_list};
    p->secrets = (hexmcp_secrets_1){.size = sizeof(p->secrets), .ctx = p,
                                    .handle = secrets_handle, .reveal = secrets_reveal};
}

const void *probe_world_service(struct probe *p, const char *id)
{
    const struct subject *s = p->t->subject;
    bool hosts = json_count(subject_grant(s, "hosts")) > 0;
    const struct {
        const char *id;
        const void *table;
        bool granted;
    } services[] = {
        {HEXMCP_HTTP_1, &p->http, hosts},
        {HEXMCP_NET_1, &p->net, hosts},
        {HEXMCP_PROCESS_1, &p->process, json_count(subject_grant(s, "programs")) > 0},
        {HEXMCP_KV_1, &p->kv, true},
        {HEXMCP_SECRETS_1, &p->secrets, json_count(subject_grant(s, "secrets")) > 0},
    };
    for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
        if (strcmp(id, services[i].id) == 0)
            return services[i].granted ? services[i].table : NULL;
    return NULL;
}
