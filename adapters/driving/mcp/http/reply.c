#include "adapters/driving/mcp/http/reply.h"

#include "adapters/driving/mcp/http/binding.h"

#define JSON_TYPE {STR_INIT("Content-Type"), STR_INIT("application/json")}

void reply_json(struct reply *reply, int status, struct str body, struct str session)
{
    const struct http_header headers[] = {JSON_TYPE, {STR_INIT("MCP-Session-Id"), session}};
    struct http_exchange *exchange = reply->exchange;
    reply->exchange = NULL;
    if (exchange)
        reply->answer->respond(exchange, status, headers, session.len ? 2 : 1, body);
}

void reply_empty(struct reply *reply, int status)
{
    struct http_exchange *exchange = reply->exchange;
    reply->exchange = NULL;
    if (exchange)
        reply->answer->respond(exchange, status, NULL, 0, STR(""));
}

void reply_scratch(struct reply *reply, int status)
{
    if (buffer_failed(&reply->http->scratch))
        reply_empty(reply, 500);
    else
        reply_json(reply, status, buffer_str(&reply->http->scratch), STR(""));
}

int reply_status(const struct message_about *about)
{
    switch (about->error) {
    case 0:
        return 200;
    case RPC_HEADER_MISMATCH:
    case RPC_MISSING_CAPABILITY:
    case RPC_INVALID_REQUEST:
        return 400;
    case RPC_METHOD_NOT_FOUND:
        return about->refused ? 404 : 200;
    case RPC_INTERNAL_ERROR:
        return about->refused ? 503 : 200;
    default:
        return about->refused ? 400 : 200;
    }
}

static void link_streaming(struct reply *reply)
{
    struct mcp_http *http = reply->http;
    reply->streaming = true;
    reply->previous = NULL;
    reply->next = http->streaming;
    if (reply->next)
        reply->next->previous = reply;
    http->streaming = reply;
    http->streaming_count++;
}

static void unlink_streaming(struct reply *reply)
{
    if (!reply->streaming)
        return;
    if (reply->previous)
        reply->previous->next = reply->next;
    else
        reply->http->streaming = reply->next;
    if (reply->next)
        reply->next->previous = reply->previous;
    reply->http->streaming_count--;
    reply->streaming = false;
}

void reply_begin_events(struct reply *reply)
{
    static const struct http_header headers[] = {
        {STR_INIT("Content-Type"), STR_INIT("text/event-stream")},
        {STR_INIT("Cache-Control"), STR_INIT("no-cache")},
        {STR_INIT("X-Accel-Buffering"), STR_INIT("no")},
    };
    reply->answer->stream(reply->exchange, 200, headers, sizeof(headers) / sizeof(headers[0]));
    link_streaming(reply);
}

bool reply_write(struct reply *reply, bool may_drop, struct str bytes)
{
    return reply->answer->write(reply->exchange, may_drop, bytes);
}

void reply_end_events(struct reply *reply)
{
    struct http_exchange *exchange = reply->exchange;
    reply_forget(reply);
    if (exchange)
        reply->answer->finish(exchange);
}

void reply_forget(struct reply *reply)
{
    unlink_streaming(reply);
    reply->exchange = NULL;
}
