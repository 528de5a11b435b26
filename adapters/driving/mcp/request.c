#include <stdlib.h>

#include "adapters/driving/mcp/ask.h"
#include "adapters/driving/mcp/subscriptions.h"
#include "adapters/driving/mcp/tasks.h"

/* Ids are compared decoded, so they are hashed decoded. A client can make its own ids collide and
 * gains nothing: the table is its own and the number of entries bounded. */
static size_t bucket_of(struct json id)
{
    struct str text = json_text(id);
    struct buffer decoded = BUFFER_INIT;
    if (json_type(id) == JSON_STRING && !json_plain(id, &text)) {
        json_decode(id, &decoded);
        text = buffer_str(&decoded);
    }
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.ptr[i]) * 16777619u;
    buffer_clear(&decoded);
    return (hash ^ (hash >> 15)) % REQUEST_BUCKETS;
}

static bool same_id(struct json a, struct json b)
{
    if (json_type(a) != json_type(b))
        return false;
    if (json_type(a) == JSON_STRING)
        return json_same_string(a, b);
    return str_eq(json_text(a), json_text(b));
}

void *request_origin(const struct request *r)
{
    return r->message->origin;
}

struct request *request_new(struct connection *c, struct message *message, struct batch *batch,
                            struct json id, struct json params)
{
    struct request *r = malloc(sizeof(*r));
    if (!r)
        return NULL;
    size_t bucket = bucket_of(id);
    *r = (struct request){
        .connection = c,
        .message = message,
        .batch = batch,
        .next = c->requests[bucket],
        .bucket = (unsigned)bucket,
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
    c->requests[bucket] = r;
    c->in_flight++;
    return r;
}

struct request *request_find(struct connection *c, struct json id)
{
    struct request *r = c->requests[bucket_of(id)];
    while (r && !same_id(r->id, id))
        r = r->next;
    return r;
}

static void unlink_request(struct request *r)
{
    struct request **at = &r->connection->requests[r->bucket];
    while (*at != r)
        at = &(*at)->next;
    *at = r->next;
    r->connection->in_flight--;
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

void request_close(struct request *r)
{
    struct connection *c = r->connection;
    void *origin = r->batch ? NULL : request_origin(r);
    unlink_request(r);
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
    message_unuse(r->message);
    free(r);
}
