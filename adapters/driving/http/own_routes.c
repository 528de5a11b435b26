/* What the wire itself answers: is it alive, does it take work, what has it done. */
#include "adapters/driving/http/server.h"

#define PLAIN STR_INIT("text/plain; charset=utf-8")
#define METRICS_TYPE STR_INIT("text/plain; version=0.0.4; charset=utf-8")

/* Only GET and HEAD; answers the others. */
static bool is_read(struct http_request *request)
{
    static const struct http_header headers[] = {
        {STR_INIT("Allow"), STR_INIT("GET, HEAD")},
        {STR_INIT("Content-Type"), STR_INIT("application/json")},
    };
    struct buffer body = BUFFER_INIT;
    if (str_eq(request->method, STR("GET")) || str_eq(request->method, STR("HEAD")))
        return true;
    refusal_body(405, "This path can only be read.", &body);
    request->answer->respond(request->exchange, 405, headers, 2, buffer_str(&body));
    buffer_clear(&body);
    return false;
}

static void answer_text(struct http_request *request, int status, struct str text)
{
    static const struct http_header headers[] = {
        {STR_INIT("Content-Type"), PLAIN},
        {STR_INIT("Cache-Control"), STR_INIT("no-store")},
    };
    request->answer->respond(request->exchange, status, headers, 2, text);
}

static void healthz(void *ctx, struct http_request *request)
{
    (void)ctx;
    if (is_read(request))
        answer_text(request, 200, STR("ok\n"));
}

static void readyz(void *ctx, struct http_request *request)
{
    const struct server *s = ctx;
    if (!is_read(request))
        return;
    if (s->draining)
        answer_text(request, 503, STR("draining\n"));
    else
        answer_text(request, 200, STR("ready\n"));
}

static void write_gauges(const struct server *s, struct buffer *out)
{
    counters_write_one(out, "hexmcp_http_connections", "gauge", "Open connections.",
                       s->connection_count);
    counters_write_one(out, "hexmcp_http_requests_in_flight", "gauge",
                       "Requests that are being answered.", s->exchange_count);
    counters_write_one(out, "hexmcp_http_streams", "gauge", "Open streams of events.",
                       s->stream_count);
    counters_write_one(out, "hexmcp_http_held_bytes", "gauge",
                       "Bytes of bodies that are being received.", s->held_bytes);
    counters_write_one(out, "hexmcp_http_queued_bytes", "gauge",
                       "Bytes of answers that clients have not taken yet.", s->queued_bytes);
}

static void metrics(void *ctx, struct http_request *request)
{
    static const struct http_header headers[] = {
        {STR_INIT("Content-Type"), METRICS_TYPE},
        {STR_INIT("Cache-Control"), STR_INIT("no-store")},
    };
    const struct server *s = ctx;
    struct buffer body = BUFFER_INIT;
    if (!is_read(request))
        return;
    counters_write(&s->counters, &body);
    write_gauges(s, &body);
    for (size_t i = 0; i < s->parts.metrics_count; i++)
        s->parts.metrics[i].write(s->parts.metrics[i].ctx, &body);
    request->answer->respond(request->exchange, 200, headers, 2, buffer_str(&body));
    buffer_clear(&body);
}

void own_routes_fill(struct server *s)
{
    s->own_routes[0] =
        (struct http_route){.path = STR("/healthz"), .open = true, .ctx = s, .handle = healthz};
    s->own_routes[1] =
        (struct http_route){.path = STR("/readyz"), .open = true, .ctx = s, .handle = readyz};
    s->own_routes[2] = (struct http_route){.path = STR("/metrics"), .ctx = s, .handle = metrics};
}
