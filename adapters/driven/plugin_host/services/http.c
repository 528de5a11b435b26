/* "hexmcp.http/1" (hexmcp/host/http.h) over the port of adapters/driven/http_client. */
#include "hexmcp/host/http.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "adapters/driven/http_client/http_client.h"
#include "adapters/driven/plugin_host/crossing.h"
#include "adapters/driven/plugin_host/host.h"
#include "adapters/driven/plugin_host/services/kinds.h"
#include "core/json/writer.h"

/* Taken bytes are told to the service in portions: a quarter of what it may be ahead. */
#define PORTION (HTTP_CLIENT_AHEAD / 4)

#define TRACE_TEXT_MAX 512

struct exchange {
    atomic_int holders; /* request(), until it has returned, and the events */
    struct service_link *link;
    uint64_t id;
    hexmcp_http_sink sink;
    void *arg;

    /* [loop] */
    bool paused, ended;
    size_t taken; /* bytes that the service has not been told of */
    struct buffer held;
    struct buffer outcome; /* of an answer that is complete and waits behind `held` */
};

static void let_go(struct exchange *x)
{
    if (atomic_fetch_sub(&x->holders, 1) > 1)
        return;
    buffer_clear(&x->held);
    buffer_clear(&x->outcome);
    free(x);
}

/* ---- events, on the loop ---- */

static void tell_taken(struct exchange *x)
{
    struct buffer text = BUFFER_INIT;
    if (x->paused || x->taken < PORTION)
        return;
    buffer_add_u64(&text, x->taken);
    if (!buffer_failed(&text))
        request_tell(x->link, x->id, HTTP_TELL_TAKEN, (hexmcp_str){text.data, text.len},
                     (hexmcp_str){"", 0});
    x->taken = 0;
    buffer_clear(&text);
}

static void give(struct exchange *x, struct str piece)
{
    int32_t rc = x->sink.body(x->arg, piece.ptr, piece.len);
    x->taken += piece.len;
    x->paused = rc == HEXMCP_PENDING;
    if (rc < 0)
        request_close(x->link, x->id);
    tell_taken(x);
}

static void take_body(struct exchange *x, struct str piece)
{
    if (!x->paused)
        give(x, piece);
    else
        buffer_add_str(&x->held, piece);
    /* What does not fit into memory cannot be left out. */
    if (buffer_failed(&x->held))
        request_close(x->link, x->id);
}

static void end(struct exchange *x, int32_t status, struct str json)
{
    if (x->ended)
        return;
    x->ended = true;
    x->sink.end(x->arg, status, (hexmcp_str){json.ptr, json.len});
}

/* The service keeps the request open until it hears that everything has arrived. */
static void complete(struct exchange *x, struct str json)
{
    end(x, HEXMCP_OK, json);
    request_close(x->link, x->id);
}

static void take_outcome(struct exchange *x, struct str json)
{
    if (x->paused)
        buffer_add_str(&x->outcome, json);
    else
        complete(x, json);
}

static void go_on(struct exchange *x)
{
    struct buffer held = x->held;
    x->held = (struct buffer)BUFFER_INIT;
    x->paused = false;
    if (held.len)
        give(x, buffer_str(&held));
    else
        tell_taken(x);
    buffer_clear(&held);
    if (!x->paused && x->outcome.len)
        complete(x, buffer_str(&x->outcome));
}

static void take_room(struct exchange *x, struct str number)
{
    size_t len = 0;
    for (size_t i = 0; i < number.len; i++)
        len = len * 10 + (size_t)(number.ptr[i] - '0');
    if (x->sink.room)
        x->sink.room(x->arg, len);
}

static void on_event(void *arg, const struct service_event *event)
{
    struct exchange *x = arg;
    if (event->last) {
        end(x, event->status, event->text);
        let_go(x);
        return;
    }
    if (x->ended)
        return;
    switch (event->kind) {
    case HTTP_EVENT_HEAD:
        if (x->sink.head)
            x->sink.head(x->arg, (hexmcp_str){event->text.ptr, event->text.len});
        break;
    case HTTP_EVENT_BODY:
        take_body(x, event->bytes);
        break;
    case HTTP_EVENT_COMPLETE:
        take_outcome(x, event->text);
        break;
    case HTTP_EVENT_SENT:
        take_room(x, event->text);
        break;
    case HTTP_EVENT_RESUMED:
        go_on(x);
        break;
    default:
        break;
    }
}

/* ---- the table ---- */

typedef int32_t trace_fn(void *ctx, hexmcp_call call, char *out, size_t size, size_t *len);

static void put_trace(struct json_writer *w, const char *key, trace_fn *get, struct plugin *p,
                      hexmcp_call call)
{
    char text[TRACE_TEXT_MAX];
    size_t len;
    if (call && get(p, call, text, sizeof(text), &len) == HEXMCP_OK)
        json_put_string(w, str_from(key), (struct str){text, len});
}

/* The request with the trace context of its call. */
static void wrap(struct plugin *p, hexmcp_call call, struct str json, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    put_trace(&w, "traceparent", p->call_info.traceparent, p, call);
    put_trace(&w, "tracestate", p->call_info.tracestate, p, call);
    json_key(&w, STR("request"));
    buffer_add_str(out, json.len ? json : STR("null"));
    json_end_object(&w);
}

static struct exchange *exchange_new(struct service_link *link, const hexmcp_http_sink *sink,
                                     void *arg)
{
    struct exchange *x = calloc(1, sizeof(*x));
    if (!x)
        return NULL;
    atomic_init(&x->holders, 2);
    x->link = link;
    x->arg = arg;
    memcpy(&x->sink, sink, sink->size < sizeof(x->sink) ? sink->size : sizeof(x->sink));
    return x;
}

static int32_t http_request(void *ctx, hexmcp_call call, hexmcp_str json, hexmcp_str body,
                            const hexmcp_http_sink *sink, void *arg, uint64_t *id)
{
    struct service_link *link = ctx;
    struct buffer text = BUFFER_INIT;
    if (!sink || !HEXMCP_HAS(sink, end) || !sink->body)
        return HEXMCP_E_INVALID;
    if (body.len > HEXMCP_HTTP_BODY_MAX)
        return HEXMCP_E_TOO_LARGE;
    struct exchange *x = exchange_new(link, sink, arg);
    wrap(link->plugin, call, str_from_plugin(json), &text);
    struct request q = {.op = HTTP_OP_REQUEST, .call = call, .event = on_event, .arg = x,
                        .text = {text.data, text.len}, .bytes = body};
    int32_t rc = !x || buffer_failed(&text) ? HEXMCP_E_NOMEM : request_open(link, &q, &x->id);
    buffer_clear(&text);
    if (rc) {
        free(x);
        return rc;
    }
    if (id)
        *id = x->id;
    let_go(x);
    return HEXMCP_OK;
}

static int32_t http_resume(void *ctx, uint64_t id)
{
    const hexmcp_str none = {"", 0};
    return request_tell(ctx, id, HTTP_TELL_RESUME, none, none);
}

static void http_cancel(void *ctx, uint64_t id)
{
    request_close(ctx, id);
}

static int32_t http_write(void *ctx, uint64_t id, hexmcp_str piece)
{
    return request_tell(ctx, id, HTTP_TELL_WRITE, (hexmcp_str){"", 0}, piece);
}

static int32_t http_finish(void *ctx, uint64_t id)
{
    const hexmcp_str none = {"", 0};
    return request_tell(ctx, id, HTTP_TELL_FINISH, none, none);
}

static void fill(void *table, struct service_link *link)
{
    *(hexmcp_http_1 *)table = (hexmcp_http_1){.size = sizeof(hexmcp_http_1),
                                              .ctx = link,
                                              .request = http_request,
                                              .resume = http_resume,
                                              .cancel = http_cancel,
                                              .write = http_write,
                                              .finish = http_finish};
}

const struct service_kind http_kind = {HEXMCP_HTTP_1, sizeof(hexmcp_http_1), fill};
