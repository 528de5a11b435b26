/* From a parsed message to a request or notification. */
#include <stdlib.h>

#include "adapters/driving/mcp/outgoing.h"

static bool is_id(struct json id)
{
    return json_type(id) == JSON_STRING || json_is_integer_text(id);
}

static void begin_request(struct connection *c, struct message *message, struct batch *batch,
                          struct json v, struct json id)
{
    const struct stray stray = {batch, message->origin};
    struct json params = json_get(v, STR("params"));
    if (request_find(c, id)) {
        answer_stray(c, &stray, id, RPC_INVALID_REQUEST,
                     "the id is in use by a request that has not been answered yet");
        return;
    }
    if (c->requests.count - c->listening_count >= c->mcp->options.max_in_flight) {
        answer_stray(c, &stray, id, RPC_INTERNAL_ERROR,
                     "too many requests in flight (setting mcp.max_in_flight); wait for answers");
        return;
    }
    if (!message_hold(c, message)) {
        answer_stray(c, &stray, id, RPC_INTERNAL_ERROR,
                     "the requests in flight hold too many bytes (setting mcp.max_held_bytes); wait "
                     "for answers");
        return;
    }
    struct request *r = request_new(c, message, batch, id, params);
    if (!r) {
        answer_stray(c, &stray, id, RPC_INTERNAL_ERROR, "out of memory");
        return;
    }
    const struct clock_port *clock = c->mcp->options.clock;
    r->started_ns = clock->monotonic_ns(clock->ctx);
    method_call(r, json_get(v, STR("method")));
}

/* Answers to requests of ours. An error may come without an id; to answer it would begin an exchange
 * of errors without end. */
bool receive_is_response(struct json v)
{
    bool result = json_exists(json_get(v, STR("result"))) && json_exists(json_get(v, STR("id")));
    return !json_exists(json_get(v, STR("method"))) &&
           (result || json_exists(json_get(v, STR("error"))));
}

struct json receive_readable_id(struct json v)
{
    struct json id = json_get(v, STR("id"));
    return is_id(id) ? id : json_none();
}

const char *receive_what_is_wrong(struct json v)
{
    struct json params = json_get(v, STR("params")), id = json_get(v, STR("id"));
    if (json_type(v) != JSON_OBJECT)
        return "a message must be a JSON object";
    if (!json_is(json_get(v, STR("jsonrpc")), STR("2.0")))
        return "\"jsonrpc\" must be \"2.0\"";
    if (json_exists(id) && !is_id(id))
        return "\"id\" must be a string or an integer";
    if (json_type(json_get(v, STR("method"))) != JSON_STRING)
        return "\"method\" must be a string";
    if (json_exists(params) && json_type(params) != JSON_OBJECT)
        return "\"params\" must be an object";
    return NULL;
}

static void receive_one(struct connection *c, struct message *message, struct batch *batch,
                        struct json v)
{
    struct json id = json_get(v, STR("id"));
    if (receive_is_response(v)) {
        outgoing_receive(c, v);
        return;
    }
    const struct stray stray = {batch, message->origin};
    const char *wrong = receive_what_is_wrong(v);
    if (wrong)
        answer_stray(c, &stray, receive_readable_id(v), RPC_INVALID_REQUEST, wrong);
    else if (json_exists(id))
        begin_request(c, message, batch, v, id);
    else
        notification_handle(c, json_get(v, STR("method")), json_get(v, STR("params")));
}

/* Each member may cost an answer many times its length, so "[1,1,1,...]" must end somewhere. */
#define BATCH_MAX 4096

static const char *why_no_batch(const struct connection *c, struct json array)
{
    struct json_iter it = json_iter(array);
    if (!c->initialized || !revision_has_batches(c->revision))
        return "this protocol revision has no batches: send one message at a time";
    if (it.left == 0)
        return "a batch must hold at least one message";
    if (it.left > BATCH_MAX)
        return "a batch may hold at most 4096 messages";
    while (json_next(&it))
        if (era_has_claim(c->initialized, json_get(it.value, STR("params"))))
            return "protocol 2026-07-28 has no batches: send one message at a time";
    return NULL;
}

static void receive_batch(struct connection *c, struct message *message, struct json array)
{
    const char *wrong = why_no_batch(c, array);
    struct stray stray = {NULL, message->origin};
    struct batch *batch = wrong ? NULL : calloc(1, sizeof(*batch));
    if (!batch) {
        answer_stray(c, &stray, json_none(), wrong ? RPC_INVALID_REQUEST : RPC_INTERNAL_ERROR,
                     wrong ? wrong : "out of memory");
        return;
    }
    batch->origin = message->origin;
    stray.batch = batch;
    struct json_iter it = json_iter(array);
    while (json_next(&it)) {
        if (json_is(json_get(it.value, STR("method")), STR("initialize")))
            answer_stray(c, &stray, receive_readable_id(it.value), RPC_INVALID_REQUEST,
                         "initialize must not be part of a batch");
        else
            receive_one(c, message, batch, it.value);
    }
    batch->complete = true;
    batch_finish(c, batch);
}

void receive_document(struct connection *c, struct message *message)
{
    struct json root = json_root(message->doc);
    c->received += json_text(root).len;
    if (json_type(root) == JSON_ARRAY)
        receive_batch(c, message, root);
    else
        receive_one(c, message, NULL, root);
}
