/* hexmcp.kv/1 */
#include "hexmcp/host/kv.h"

#include <stdlib.h>

#include "adapters/driven/kv/kv.h"
#include "adapters/driven/plugin_host/crossing.h"
#include "adapters/driven/plugin_host/services/kinds.h"
#include "core/json/writer.h"

_Static_assert(HEXMCP_KV_KEY_MAX == KV_KEY_MAX && HEXMCP_KV_VALUE_MAX == KV_VALUE_MAX &&
                   HEXMCP_KV_LIST_MAX == KV_LIST_MAX,
               "one set of limits");

struct ask {
    hexmcp_kv_reply_fn reply;
    void *arg;
};

static void answered(void *arg, const struct service_event *event)
{
    struct ask *a = arg;
    if (!event->last)
        return;
    a->reply(a->arg, event->status, (hexmcp_str){event->text.ptr, event->text.len},
             (hexmcp_str){event->bytes.ptr, event->bytes.len});
    free(a);
}

/* Sends what `text`, which is taken over, says. */
static int32_t ask(struct service_link *link, enum kv_op op, struct buffer *text, hexmcp_str value,
                   hexmcp_kv_reply_fn reply, void *arg)
{
    struct ask *a = reply ? malloc(sizeof(*a)) : NULL;
    int32_t rc = !reply ? HEXMCP_E_INVALID : !a || buffer_failed(text) ? HEXMCP_E_NOMEM : HEXMCP_OK;
    if (!rc) {
        *a = (struct ask){reply, arg};
        const struct request q = {
            .op = op, .text = {text->data, text->len}, .bytes = value, .event = answered, .arg = a};
        rc = request_open(link, &q, NULL);
    }
    if (rc)
        free(a);
    buffer_clear(text);
    return rc;
}

static void put_version(struct json_writer *w, uint32_t flags, uint64_t version)
{
    if (flags & HEXMCP_KV_IF_VERSION)
        json_put_i64(w, STR("ifVersion"), version <= INT64_MAX ? (int64_t)version : -1);
}

static int32_t kv_get(void *ctx, hexmcp_str key, hexmcp_kv_reply_fn reply, void *arg)
{
    struct buffer text = BUFFER_INIT;
    struct json_writer w = json_writer(&text);
    json_begin_object(&w);
    json_put_string(&w, STR("key"), str_from_plugin(key));
    json_end_object(&w);
    return ask(ctx, KV_GET, &text, (hexmcp_str){"", 0}, reply, arg);
}

static int32_t kv_set(void *ctx, hexmcp_str key, hexmcp_str value, uint64_t ttl_ms, uint32_t flags,
                      uint64_t version, hexmcp_kv_reply_fn reply, void *arg)
{
    struct buffer text = BUFFER_INIT;
    struct json_writer w = json_writer(&text);
    if (flags & ~HEXMCP_KV_IF_VERSION)
        return HEXMCP_E_INVALID;
    json_begin_object(&w);
    json_put_string(&w, STR("key"), str_from_plugin(key));
    json_put_i64(&w, STR("ttlMs"), ttl_ms <= INT64_MAX ? (int64_t)ttl_ms : -1);
    put_version(&w, flags, version);
    json_end_object(&w);
    return ask(ctx, KV_SET, &text, value, reply, arg);
}

static int32_t kv_remove(void *ctx, hexmcp_str key, uint32_t flags, uint64_t version,
                         hexmcp_kv_reply_fn reply, void *arg)
{
    struct buffer text = BUFFER_INIT;
    struct json_writer w = json_writer(&text);
    if (flags & ~HEXMCP_KV_IF_VERSION)
        return HEXMCP_E_INVALID;
    json_begin_object(&w);
    json_put_string(&w, STR("key"), str_from_plugin(key));
    put_version(&w, flags, version);
    json_end_object(&w);
    return ask(ctx, KV_REMOVE, &text, (hexmcp_str){"", 0}, reply, arg);
}

static int32_t kv_list(void *ctx, hexmcp_str prefix, hexmcp_str after, uint32_t limit,
                       hexmcp_kv_reply_fn reply, void *arg)
{
    struct buffer text = BUFFER_INIT;
    struct json_writer w = json_writer(&text);
    json_begin_object(&w);
    json_put_string(&w, STR("prefix"), str_from_plugin(prefix));
    json_put_string(&w, STR("after"), str_from_plugin(after));
    json_put_i64(&w, STR("limit"), limit);
    json_end_object(&w);
    return ask(ctx, KV_LIST, &text, (hexmcp_str){"", 0}, reply, arg);
}

static void fill(void *table, struct service_link *link)
{
    hexmcp_kv_1 *kv = table;
    *kv = (hexmcp_kv_1){.size = sizeof(*kv),
                        .ctx = link,
                        .get = kv_get,
                        .set = kv_set,
                        .remove = kv_remove,
                        .list = kv_list};
}

const struct service_kind kv_kind = {HEXMCP_KV_1, sizeof(hexmcp_kv_1), fill};
