/* The service hexmcp.secrets/1: showing values to the few that may see them. */
#include <stdlib.h>

#include "adapters/driven/secret_store/secret_store.h"
#include "adapters/driven/service_replies/service_replies.h"
#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/base/str.h"
#include "core/json/utf8.h"

struct secret_service {
    struct service_port port;
    const struct secret_store_port *store;
    struct service_replies *replies;
};

static bool service_allows(void *ctx, const struct plugin_grants *grants, const char **missing)
{
    (void)ctx;
    *missing = "\"secrets\"";
    return grants->secret_count > 0;
}

static int check_text(struct str name, const struct buffer *value, struct error *err)
{
    const char *at = value->data, *end = value->data + value->len;
    while (at < end) {
        size_t len = utf8_sequence(at, end);
        if (!len)
            return error_set(err, ST_INVALID,
                             "the secret %.*s is not UTF-8 and cannot be shown; send it by its handle",
                             STR_ARG(name));
        at += len;
    }
    return ST_OK;
}

static int service_open(void *ctx, const struct service_request *q, const struct service_sink *sink,
                        uint64_t *id, struct error *err)
{
    struct secret_service *s = ctx;
    struct buffer none = BUFFER_INIT, value = BUFFER_INIT;
    if (q->op != SECRETS_REVEAL)
        return error_set(err, ST_UNSUPPORTED, "hexmcp.secrets/1 has no operation %u", q->op);
    int rc = s->store->reveal(s->store->ctx, q->grants, q->bytes, &value, err);
    if (!rc)
        rc = check_text(q->bytes, &value, err);
    uint64_t given = service_replies_id(s->replies);
    if (!rc)
        rc = service_replies_add(s->replies, given, sink, &none, &value, err);
    buffer_wipe(&value);
    if (!rc)
        *id = given;
    return rc;
}

static void service_tell(void *ctx, uint64_t id, uint32_t kind, struct str text, struct str bytes)
{
    (void)ctx;
    (void)id;
    (void)kind;
    (void)text;
    (void)bytes;
}

static void service_close(void *ctx, uint64_t id)
{
    struct secret_service *s = ctx;
    service_replies_close(s->replies, id);
}

int secret_service_new(const struct secret_store_port *store, const struct timer_port *timers,
                       struct secret_service **out, struct error *err)
{
    struct secret_service *s = calloc(1, sizeof(*s));
    struct service_replies *replies = service_replies_new(timers);
    if (!s || !replies) {
        service_replies_free(replies);
        free(s);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    s->port = (struct service_port){
        s, "hexmcp.secrets/1", service_allows, service_open, service_tell, service_close};
    s->store = store;
    s->replies = replies;
    *out = s;
    return ST_OK;
}

void secret_service_free(struct secret_service *s)
{
    if (!s)
        return;
    service_replies_free(s->replies);
    free(s);
}

const struct service_port *secret_service_port(struct secret_service *s)
{
    return &s->port;
}
