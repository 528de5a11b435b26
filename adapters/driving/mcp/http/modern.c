/* Requests of 2026-07-28: each connection of the transport has an endpoint of its own, which holds
 * nothing from one request to the next. When the client closes the stream, what runs is cancelled. */
#include <stdlib.h>

#include "adapters/driving/mcp/http/binding.h"

struct speaker {
    struct mcp_http *http;
    struct http_connection *transport;
    struct speaker *next;
    struct speaker *previous;
    struct message_endpoint end; /* ctx NULL: none is open */
    struct reply reply;          /* of the request that is worked on */
    uintptr_t number;            /* of that request: what its messages come from */
};

static struct connection *endpoint_of(const struct speaker *speaker)
{
    return speaker->end.ctx;
}

/* ---- what is sent -------------------------------------------------------------------------- */

static void begin_events(struct speaker *speaker)
{
    if (!speaker->reply.streaming)
        reply_begin_events(&speaker->reply);
}

static bool send_event(struct speaker *speaker, bool may_drop, struct str message)
{
    struct buffer *out = &speaker->http->scratch;
    buffer_reset(out, SCRATCH_BYTES);
    buffer_add_str(out, STR("event: message\ndata: "));
    buffer_add_str(out, message);
    buffer_add_str(out, STR("\n\n"));
    return !buffer_failed(out) && reply_write(&speaker->reply, may_drop, buffer_str(out));
}

/* A client that takes no events gets the answer alone. */
static bool send_notification(struct speaker *speaker, const struct message_about *about,
                              struct str message)
{
    if (!speaker->reply.takes_events)
        return true;
    begin_events(speaker);
    return send_event(speaker, about->kind == MESSAGE_NOTIFICATION, message);
}

static bool on_send(void *ctx, const struct message_about *about, struct str message)
{
    struct speaker *speaker = ctx;
    if (!speaker->reply.exchange || about->origin != (void *)speaker->number)
        return true;
    if (!about->response)
        return send_notification(speaker, about, message);
    if (!speaker->reply.streaming) {
        reply_json(&speaker->reply, reply_status(about), message, STR(""));
        return true;
    }
    send_event(speaker, false, message);
    reply_end_events(&speaker->reply);
    return true;
}

static void on_resume(void *ctx)
{
    (void)ctx; /* messages are parsed before they reach the endpoint: it never pauses */
}

/* ---- life ---------------------------------------------------------------------------------- */

static void close_endpoint(struct speaker *speaker)
{
    if (speaker->end.ctx)
        speaker->end.close(speaker->end.ctx);
    speaker->end = (struct message_endpoint){0};
}

static void speaker_free(struct speaker *speaker)
{
    if (speaker->previous)
        speaker->previous->next = speaker->next;
    else
        speaker->http->speakers = speaker->next;
    if (speaker->next)
        speaker->next->previous = speaker->previous;
    reply_forget(&speaker->reply);
    close_endpoint(speaker);
    free(speaker);
}

static void transport_closed(void *user)
{
    speaker_free(user);
}

/* The client closed the stream: that cancels its request. */
static void client_gone(void *user)
{
    struct speaker *speaker = user;
    reply_forget(&speaker->reply);
    close_endpoint(speaker);
}

static struct speaker *speaker_new(struct mcp_http *http, struct http_connection *transport)
{
    struct speaker *speaker = calloc(1, sizeof(*speaker));
    if (!speaker)
        return NULL;
    *speaker = (struct speaker){.http = http, .transport = transport, .next = http->speakers};
    if (speaker->next)
        speaker->next->previous = speaker;
    http->speakers = speaker;
    transport->user = speaker;
    transport->closed = transport_closed;
    return speaker;
}

static int open_endpoint(struct speaker *speaker, const struct caller *caller, struct error *err)
{
    const struct endpoint_factory *factory = mcp_endpoints(speaker->http->mcp);
    const struct message_sink sink = {.ctx = speaker, .send = on_send, .resume = on_resume,
                                      .wire = STR("http")};
    return factory->open(factory->ctx, caller, &sink, &speaker->end, err);
}

/* The speaker of this connection with an endpoint of this caller; NULL without memory. */
static struct speaker *speaker_for(const struct arrival *arrival)
{
    struct speaker *speaker = arrival->connection->user;
    struct error err;
    if (!speaker)
        speaker = speaker_new(arrival->http, arrival->connection);
    if (!speaker)
        return NULL;
    /* An unanswered request is left over if the client has gone without our knowing. */
    if (speaker->end.ctx && (!same_caller(&endpoint_of(speaker)->client->caller, arrival->caller) ||
                             endpoint_of(speaker)->requests.count))
        close_endpoint(speaker);
    if (!speaker->end.ctx && open_endpoint(speaker, arrival->caller, &err))
        return NULL;
    return speaker;
}

/* ---- requests ------------------------------------------------------------------------------ */

static bool can_be_answered(struct arrival *arrival, struct json request)
{
    const struct http_head *head = &arrival->head;
    struct json id = json_get(request, STR("id"));
    bool listen = json_is(json_get(request, STR("method")), STR("subscriptions/listen"));
    if (head->says_accept && !head->takes_json) {
        arrival_refuse(arrival, 406, id, RPC_INVALID_REQUEST,
                       "the Accept header must name application/json and text/event-stream");
        return false;
    }
    if (listen && !head->takes_events) {
        arrival_refuse(arrival, 406, id, RPC_INVALID_REQUEST,
                       "the answer to subscriptions/listen is a stream: the Accept header must name "
                       "text/event-stream");
        return false;
    }
    return true;
}

void modern_post(struct arrival *arrival, struct message *message)
{
    struct json request = json_root(message->doc);
    if (!can_be_answered(arrival, request))
        return;
    struct speaker *speaker = speaker_for(arrival);
    if (!speaker) {
        arrival_refuse(arrival, 503, json_get(request, STR("id")), RPC_INTERNAL_ERROR,
                       "out of memory");
        return;
    }
    arrival->http->counted.requests_modern++;
    reply_forget(&speaker->reply);
    speaker->reply = arrival->reply;
    message->origin = (void *)++speaker->number;
    message->head = &arrival->head;
    receive_document(endpoint_of(speaker), message);
    message->head = NULL;
    if (speaker->reply.exchange)
        speaker->reply.answer->watch(speaker->reply.exchange, client_gone, speaker);
}

void speakers_shutdown(struct mcp_http *http)
{
    for (struct speaker *at = http->speakers; at; at = at->next)
        if (at->end.ctx)
            at->end.shutdown(at->end.ctx);
}

void speakers_close(struct mcp_http *http)
{
    while (http->speakers) {
        http->speakers->transport->user = NULL;
        speaker_free(http->speakers);
    }
}

size_t speakers_pending(const struct mcp_http *http)
{
    size_t pending = 0;
    for (const struct speaker *at = http->speakers; at; at = at->next)
        if (at->end.ctx)
            pending += at->end.pending(at->end.ctx);
    return pending;
}

size_t speakers_count(const struct mcp_http *http)
{
    size_t count = 0;
    for (const struct speaker *at = http->speakers; at; at = at->next)
        count++;
    return count;
}
