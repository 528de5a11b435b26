#include "adapters/driving/mcp/http/binding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "adapters/driving/mcp/http/session.h"

#define TEXT_MAX 1024

static const struct http_header allow[] = {
    {STR_INIT("Allow"), STR_INIT("GET, POST, DELETE, OPTIONS")},
};

/* Ends at a character, also if a text of a client had to be cut. */
static struct str whole_characters(const char *text, int len)
{
    size_t end = len < TEXT_MAX ? (size_t)len : TEXT_MAX - 1;
    while (len >= TEXT_MAX && end && ((unsigned char)text[end] & 0xC0) == 0x80)
        end--;
    return (struct str){text, end};
}

void arrival_refuse(struct arrival *arrival, int status, struct json id, int code,
                    const char *format, ...)
{
    char text[TEXT_MAX];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    struct buffer *out = &arrival->http->scratch;
    buffer_reset(out, SCRATCH_BYTES);
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_put_string(&w, STR("jsonrpc"), STR("2.0"));
    if (json_exists(id))
        json_put_raw(&w, STR("id"), json_text(id));
    json_key(&w, STR("error"));
    json_begin_object(&w);
    json_put_i64(&w, STR("code"), code);
    json_put_string(&w, STR("message"), whole_characters(text, len));
    json_end_object(&w);
    json_end_object(&w);
    arrival->http->counted.refused++;
    reply_scratch(&arrival->reply, status);
}

void arrival_accept(struct arrival *arrival)
{
    reply_empty(&arrival->reply, 202);
}

bool same_caller(const struct caller *a, const struct caller *b)
{
    return str_eq(a->id, b->id) && str_eq(a->tenant, b->tenant) &&
           a->authenticated == b->authenticated && a->paths == b->paths;
}

static void answer_other_method(struct arrival *arrival, struct str method)
{
    int status = str_eq(method, STR("OPTIONS")) ? 204 : 405;
    struct http_exchange *exchange = arrival->reply.exchange;
    arrival->http->counted.refused += status == 405;
    arrival->reply.answer->respond(exchange, status, allow, 1, STR(""));
}

static void handle(void *ctx, struct http_request *request)
{
    struct mcp_http *http = ctx;
    struct arrival arrival = {
        .http = http,
        .reply = {.http = http, .exchange = request->exchange, .answer = request->answer},
        .head = head_read(request),
        .caller = request->caller,
        .connection = request->connection,
    };
    arrival.reply.takes_events = arrival.head.takes_events;
    if (http->shutting_down)
        arrival_refuse(&arrival, 503, json_none(), RPC_INTERNAL_ERROR,
                       "the server is shutting down");
    else if (str_eq(request->method, STR("POST")))
        post_handle(&arrival, request);
    else if (str_eq(request->method, STR("GET")))
        legacy_get(&arrival);
    else if (str_eq(request->method, STR("DELETE")))
        legacy_delete(&arrival);
    else
        answer_other_method(&arrival, request->method);
}

/* ---- time --------------------------------------------------------------------------------- */

static uint64_t tick_ms(const struct mcp_http *http)
{
    return http->options.session_idle_ms < TICK_MS ? http->options.session_idle_ms : TICK_MS;
}

static void on_tick(void *arg)
{
    struct mcp_http *http = arg;
    const struct timer_port *timer = http->mcp->options.timer;
    for (struct reply *at = http->streaming; at; at = at->next)
        reply_write(at, true, STR(":\n\n"));
    sessions_expire(http);
    timer->set(timer->ctx, http->tick, tick_ms(http));
}

/* ---- life --------------------------------------------------------------------------------- */

int mcp_http_new(struct mcp *mcp, const struct mcp_http_options *options, struct mcp_http **out,
                 struct error *err)
{
    const struct timer_port *timer = mcp->options.timer;
    struct mcp_http *http = calloc(1, sizeof(*http));
    if (!http)
        return error_set(err, ST_NOMEM, "out of memory");
    http->mcp = mcp;
    http->options = *options;
    http->tick = timer->create(timer->ctx, on_tick, http);
    http->poll_timer = timer->create(timer->ctx, streams_poll, http);
    if (!http->tick || !http->poll_timer) {
        mcp_http_free(http);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    timer->set(timer->ctx, http->tick, tick_ms(http));
    *out = http;
    return ST_OK;
}

struct http_route mcp_http_route(struct mcp_http *http)
{
    return (struct http_route){.path = http->options.path, .ctx = http, .handle = handle};
}

size_t mcp_http_pending(const struct mcp_http *http)
{
    return bodies_pending(http) + speakers_pending(http) + sessions_pending(http);
}

void mcp_http_shutdown(struct mcp_http *http)
{
    http->shutting_down = true;
    bodies_shutdown(http);
    speakers_shutdown(http);
    sessions_shutdown(http);
}

void mcp_http_free(struct mcp_http *http)
{
    if (!http)
        return;
    const struct timer_port *timer = http->mcp->options.timer;
    bodies_close(http);
    sessions_close(http);
    speakers_close(http);
    timer->free(timer->ctx, http->tick);
    timer->free(timer->ctx, http->poll_timer);
    buffer_clear(&http->scratch);
    free(http);
}
