/* Answers: what a route says, on its way into the library. */
#include <stdlib.h>

#include "adapters/driving/http/server.h"

/* Asked of a stream's reader for HTTP/1.0, and of a large answer's. */
#define BLOCK_BYTES 65536u

#define CORS_HEADERS                                                                               \
    "Authorization, Content-Type, Accept, Last-Event-ID, MCP-Protocol-Version, MCP-Session-Id, "  \
    "Mcp-Method, Mcp-Name"

/* The library wants text that ends with a NUL. It refuses what would not be one header. */
static void add_header(struct MHD_Response *response, struct str name, struct str value)
{
    char few[512];
    char *text = few;
    if (name.len + value.len + 2 > sizeof(few) && !(text = malloc(name.len + value.len + 2)))
        return;
    memcpy(text, name.ptr, name.len);
    text[name.len] = '\0';
    if (value.len)
        memcpy(text + name.len + 1, value.ptr, value.len);
    text[name.len + 1 + value.len] = '\0';
    MHD_add_response_header(response, text, text + name.len + 1);
    if (text != few)
        free(text);
}

static void add_common(struct http_exchange *x, struct MHD_Response *response)
{
    if (x->cors_origin.len) {
        add_header(response, STR("Access-Control-Allow-Origin"), x->cors_origin);
        MHD_add_response_header(response, "Access-Control-Expose-Headers",
                                "MCP-Session-Id, WWW-Authenticate, Retry-After");
        MHD_add_response_header(response, "Vary", "Origin");
    }
    if (connection_of(x)->server->draining)
        MHD_add_response_header(response, "Connection", "close");
}

/* ---- what is sent piece by piece ---- */

static void forget_sent(struct http_exchange *x)
{
    if (x->out_at == x->out.len) {
        buffer_reset(&x->out, BLOCK_BYTES);
        x->out_at = 0;
    } else if (x->out_at > x->out.len / 2) {
        buffer_drop_front(&x->out, x->out_at);
        x->out_at = 0;
    }
}

static ssize_t read_out(void *cls, uint64_t at, char *to, size_t max)
{
    struct http_exchange *x = cls;
    struct connection *c = connection_of(x);
    size_t len = x->out.len - x->out_at;
    (void)at;
    c->server->progress++;
    /* The socket is shut down, so nothing of an end is seen. An error would leave the connection of
     * a stream with the library until something else wakes it. */
    if (c->dying)
        return x->streaming ? MHD_CONTENT_READER_END_OF_STREAM
                            : MHD_CONTENT_READER_END_WITH_ERROR;
    if (len == 0 && x->ended)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (len == 0) {
        connection_suspend(c);
        return 0;
    }
    len = len < max ? len : max;
    memcpy(to, x->out.data + x->out_at, len);
    x->out_at += len;
    c->server->queued_bytes -= len;
    c->server->counters.answer_bytes += len;
    forget_sent(x);
    connection_deadline(c, DEADLINE_WRITE);
    return (ssize_t)len;
}

static bool queue(struct http_exchange *x, struct str bytes)
{
    buffer_add_str(&x->out, bytes);
    if (buffer_failed(&x->out))
        return false;
    connection_of(x)->server->queued_bytes += bytes.len;
    return true;
}

void answer_clear(struct http_exchange *x)
{
    struct server *s = connection_of(x)->server;
    s->queued_bytes -= x->out.len - x->out_at;
    buffer_reset(&x->out, 0);
    x->out_at = 0;
    if (x->response)
        MHD_destroy_response(x->response);
    x->response = NULL;
}

/* ---- making one ---- */

static struct MHD_Response *large_answer(struct http_exchange *x, struct str body)
{
    if (!queue(x, body))
        return NULL;
    return MHD_create_response_from_callback(body.len, BLOCK_BYTES, read_out, x, NULL);
}

static struct MHD_Response *small_answer(struct http_exchange *x, struct str body)
{
    connection_of(x)->server->counters.answer_bytes += body.len;
    /* The library takes a pointer that it may change, and does not. */
    union {
        const char *from;
        void *to;
    } bytes = {.from = body.len ? body.ptr : ""};
    return MHD_create_response_from_buffer(body.len, bytes.to, MHD_RESPMEM_MUST_COPY);
}

static struct MHD_Response *answer_whole(struct http_exchange *x,
                                         const struct http_header *headers, size_t count,
                                         struct str body)
{
    struct MHD_Response *response =
        body.len <= WHOLE_ANSWER_MAX ? small_answer(x, body) : large_answer(x, body);
    if (!response)
        return NULL;
    for (size_t i = 0; i < count; i++)
        add_header(response, headers[i].name, headers[i].value);
    add_common(x, response);
    return response;
}

struct MHD_Response *answer_refusal(struct http_exchange *x)
{
    const struct http_header json = {STR("Content-Type"), STR("application/json")};
    const struct refusal *r = &x->refusal;
    struct buffer body = BUFFER_INIT;
    refusal_body(r->status, r->message, &body);
    struct MHD_Response *response = answer_whole(x, &json, 1, buffer_str(&body));
    buffer_clear(&body);
    if (response && r->challenge[0])
        MHD_add_response_header(response, "WWW-Authenticate", r->challenge);
    if (response && r->retry_s)
        MHD_add_response_header(response, "Retry-After", r->retry_s == 1 ? "1" : "5");
    x->status = r->status;
    return response;
}

struct MHD_Response *answer_preflight(struct http_exchange *x)
{
    static const struct http_header headers[] = {
        {STR_INIT("Access-Control-Allow-Methods"), STR_INIT("GET, POST, DELETE, OPTIONS")},
        {STR_INIT("Access-Control-Max-Age"), STR_INIT("600")},
    };
    struct str asked = check_header(x, STR("Access-Control-Request-Headers"));
    struct MHD_Response *response =
        answer_whole(x, headers, sizeof(headers) / sizeof(headers[0]), (struct str){NULL, 0});
    if (!response)
        return NULL;
    /* The names of Mcp-Param-* depend on the tool, so a page may send what it asks for; the origin
     * is one that the operator named. */
    add_header(response, STR("Access-Control-Allow-Headers"),
               asked.len && asked.len < 2000 ? asked : STR(CORS_HEADERS));
    x->status = 204;
    return response;
}

/* ---- what a route calls ---- */

/* The route has the answer ready: now, or the library is to ask for it. */
static void ready(struct http_exchange *x)
{
    if (!x->calling)
        connection_resume(connection_of(x));
}

static void respond(struct http_exchange *x, int status, const struct http_header *headers,
                    size_t header_count, struct str body)
{
    x->answered = true;
    x->ended = true;
    x->status = status;
    x->response = answer_whole(x, headers, header_count, body);
    ready(x);
}

static void stream(struct http_exchange *x, int status, const struct http_header *headers,
                   size_t header_count)
{
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, read_out, x, NULL);
    for (size_t i = 0; response && i < header_count; i++)
        add_header(response, headers[i].name, headers[i].value);
    if (response)
        add_common(x, response);
    x->response = response;
    x->status = status;
    x->streaming = true;
    connection_of(x)->server->stream_count++;
    ready(x);
}

/* The client may be slow, but not for ever: beyond half of what may wait droppable bytes are
 * dropped, and one that let all of it wait is given up. The largest message that waits does not
 * count: a single one is never the reason. */
static bool write_stream(struct http_exchange *x, bool may_drop, struct str bytes)
{
    struct connection *c = connection_of(x);
    size_t waiting = x->out.len - x->out_at, max = c->server->options.limits.max_queued_bytes;
    if (may_drop && (c->dying || (waiting && waiting + bytes.len > max / 2)))
        return false;
    if (c->dying)
        return true;
    if (!waiting)
        x->out_largest = 0;
    if (waiting > max + x->out_largest || !queue(x, bytes)) {
        connection_abort(c);
        return true;
    }
    if (bytes.len > x->out_largest)
        x->out_largest = bytes.len;
    if (x->stage == STAGE_ANSWER && c->suspended)
        connection_resume(c);
    return true;
}

static void finish(struct http_exchange *x)
{
    struct connection *c = connection_of(x);
    x->answered = true;
    x->ended = true;
    if (x->stage == STAGE_ANSWER && c->suspended)
        connection_resume(c);
}

static void watch(struct http_exchange *x, void (*gone)(void *user), void *user)
{
    x->gone = gone;
    x->gone_user = user;
}

const struct http_answer http_answers = {
    .respond = respond, .stream = stream, .write = write_stream, .finish = finish, .watch = watch};
