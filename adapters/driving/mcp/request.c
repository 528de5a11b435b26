#include <stdlib.h>

#include "adapters/driving/mcp/ask.h"
#include "adapters/driving/mcp/subscriptions.h"
#include "adapters/driving/mcp/tasks.h"

void *request_origin(const struct request *r)
{
    return r->message->origin;
}

struct request *request_new(struct connection *c, struct message *message, struct batch *batch,
                            struct json id, struct json params)
{
    uint32_t hash;
    struct request *r =
        request_table_reserve(&c->requests, id, &hash) ? malloc(sizeof(*r)) : NULL;
    if (!r)
        return NULL;
    *r = (struct request){
        .connection = c,
        .message = message,
        .batch = batch,
        .id_hash = hash,
        .id = id,
        .params = params,
        .meta = json_get(params, STR("_meta")),
        .revision = c->revision,
        .log_level = -1,
        .progress = progress_begin(),
    };
    message->users++;
    if (batch)
        batch->open++;
    request_table_add(&c->requests, r);
    return r;
}

struct request *request_find(struct connection *c, struct json id)
{
    return request_table_find(&c->requests, id);
}

static void over(struct connection *c, void *origin)
{
    if (c->over && origin && !c->closed)
        c->over(c->sink.ctx, origin);
}

void batch_finish(struct connection *c, struct batch *batch)
{
    if (batch->open || !batch->complete)
        return;
    void *origin = batch->origin;
    if ((batch->answers.len || buffer_failed(&batch->answers)) && !c->closed)
        send_batch(c, batch);
    buffer_clear(&batch->answers);
    free(batch);
    over(c, origin);
}

void request_done(struct request *r)
{
    struct connection *c = r->connection;
    void *origin = r->batch ? NULL : request_origin(r);
    request_table_remove(&c->requests, r);
    r->answered = true;
    if (r->batch) {
        r->batch->open--;
        batch_finish(c, r->batch);
        r->batch = NULL;
    }
    /* While the core runs the call, the request is its user: call.c frees it. */
    if (r->call == 0)
        request_free(r);
    over(c, origin);
}

void request_free(struct request *r)
{
    ask_forget(r);
    listen_forget(r);
    task_result_forget(r);
    task_ready_forget(r);
    message_unuse(r->message);
    free(r);
}
