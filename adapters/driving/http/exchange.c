/* One request after the other: what the library calls, in the order in which it calls it. */
#include <stdlib.h>

#include "adapters/driving/http/server.h"

static const char *const METHODS[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"};

/* Who uses a route that is open to everybody. */
static const struct caller ANYBODY = {
    .id = STR_INIT("anybody"), .tenant = STR_INIT("local"), .authenticated = false};

static enum MHD_Result go_on(struct connection *c);

/* ---- the answer ---- */

static enum MHD_Result queue_answer(struct connection *c)
{
    struct http_exchange *x = &c->exchange;
    struct MHD_Response *response = x->response;
    if (!response)
        return MHD_NO;
    x->response = NULL;
    x->stage = STAGE_ANSWER;
    connection_deadline(c, DEADLINE_WRITE);
    enum MHD_Result result = MHD_queue_response(c->mhd, (unsigned)x->status, response);
    MHD_destroy_response(response);
    return result;
}

/* A refused body that is small is read, so that the connection can go on; otherwise the answer goes
 * at once, and the connection ends. */
static enum MHD_Result turn_down(struct connection *c)
{
    struct http_exchange *x = &c->exchange;
    x->stage = STAGE_BODY;
    connection_deadline(c, DEADLINE_BODY);
    bool small = x->framing == FRAMING_NONE ||
                 (x->framing == FRAMING_LENGTH && x->content_length <= SWALLOW_MAX && !x->expects);
    if (small)
        return MHD_YES;
    c->linger = true;
    x->response = answer_refusal(x);
    return queue_answer(c);
}

/* ---- the head ---- */

void exchange_line(struct connection *c, const char *uri)
{
    struct http_exchange *x = &c->exchange;
    x->began_ns = uv_hrtime();
    if (c->deadline.kind != DEADLINE_HEAD)
        connection_deadline(c, DEADLINE_HEAD);
    x->stage = STAGE_HEAD;
    x->bad_target = !target_parse(uri, x);
}

static enum MHD_Result add_header(void *cls, enum MHD_ValueKind kind, const char *name,
                                  size_t name_len, const char *value, size_t value_len)
{
    struct http_exchange *x = cls;
    (void)kind;
    while (value_len && (value[value_len - 1] == ' ' || value[value_len - 1] == '\t'))
        value_len--;
    if (x->header_count < HEADERS_MAX)
        x->headers[x->header_count] =
            (struct http_header){{name, name_len}, {value ? value : "", value_len}};
    x->header_count++;
    return MHD_YES;
}

static const char *known_method(const char *method)
{
    for (size_t i = 0; i < sizeof(METHODS) / sizeof(METHODS[0]); i++)
        if (strcmp(METHODS[i], method) == 0)
            return METHODS[i];
    return NULL;
}

/* False with a refusal. */
static bool read_headers(struct connection *c)
{
    struct http_exchange *x = &c->exchange;
    size_t max = c->server->options.limits.max_header_bytes;
    x->header_count = 0;
    MHD_get_connection_values_n(c->mhd, MHD_HEADER_KIND, add_header, x);
    size_t count = x->header_count;
    if (count > HEADERS_MAX)
        x->header_count = HEADERS_MAX;
    const union MHD_ConnectionInfo *size =
        MHD_get_connection_info(c->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    if (count > HEADERS_MAX || !size || size->header_size > max)
        return refuse(&x->refusal, 431,
                      "The head of the request is too large: at most %zu bytes "
                      "(http.max_header_bytes) and %u headers are taken.",
                      max, HEADERS_MAX);
    return true;
}

static bool is_preflight(const struct http_exchange *x)
{
    return x->cors_origin.len && x->method == METHODS[5] &&
           check_header(x, STR("Access-Control-Request-Method")).len;
}

static bool admit_caller(struct connection *c, const struct caller *caller)
{
    struct http_exchange *x = &c->exchange;
    struct clients *clients = &c->server->clients;
    if (!c->client || !client_is(c->client, caller)) {
        client_unref(clients, c->client);
        c->client = client_ref(clients, caller);
    }
    if (!c->client)
        return refuse(&x->refusal, 503, "The server is out of memory.");
    if (!x->route->open && c->client->in_flight >= c->server->options.limits.max_in_flight) {
        x->refusal.retry_s = 1;
        return refuse(&x->refusal, 429,
                      "You have %zu requests in flight; wait for answers before sending more "
                      "(http.max_in_flight).",
                      c->client->in_flight);
    }
    c->client->in_flight++;
    x->counted = true;
    return true;
}

static void on_credentials(void *arg, const struct credential_answer *answer)
{
    struct inquiry *inquiry = arg;
    struct connection *c = inquiry->connection;
    free(inquiry);
    if (!c)
        return;
    struct http_exchange *x = &c->exchange;
    c->inquiry = NULL;
    if (check_credentials(c->server->parts.authenticator, answer, &x->refusal))
        admit_caller(c, &answer->caller);
    if (x->stage == STAGE_ASKED) {
        x->stage = STAGE_KNOWN;
        connection_resume(c);
    } else {
        x->stage = STAGE_KNOWN;
    }
}

static enum MHD_Result ask(struct connection *c, struct str authorization)
{
    const struct authenticator *a = c->server->parts.authenticator;
    struct http_exchange *x = &c->exchange;
    struct inquiry *inquiry = malloc(sizeof(*inquiry));
    if (!inquiry)
        return MHD_NO;
    inquiry->connection = c;
    c->inquiry = inquiry;
    a->check(a->ctx, authorization, on_credentials, inquiry);
    if (x->stage == STAGE_KNOWN)
        return go_on(c);
    x->stage = STAGE_ASKED;
    connection_suspend(c);
    return MHD_YES;
}

static enum MHD_Result head(struct connection *c, const char *method, const char *version)
{
    struct http_exchange *x = &c->exchange;
    struct str authorization;
    x->method = known_method(method);
    bool fine = read_headers(c);
    check_framing(x, version);
    if (fine)
        fine = check_head(x, method);
    if (fine && !check_authorization(x, &authorization))
        fine = refuse(&x->refusal, 400, "The request has several Authorization headers.");
    if (!fine)
        return turn_down(c);
    if (is_preflight(x)) {
        x->stage = STAGE_BODY;
        x->preflight = true;
        return MHD_YES;
    }
    if (!x->route->open)
        return ask(c, authorization);
    admit_caller(c, &ANYBODY);
    return go_on(c);
}

static enum MHD_Result go_on(struct connection *c)
{
    struct http_exchange *x = &c->exchange;
    if (x->refusal.status)
        return turn_down(c);
    x->stage = STAGE_BODY;
    connection_deadline(c, DEADLINE_BODY);
    return MHD_YES;
}

/* ---- the body ---- */

/* The answer is given by hand, as the library takes none in the middle of a body. */
static enum MHD_Result refuse_body(struct connection *c, int status, const char *phrase)
{
    c->exchange.status = status;
    connection_say(c->fd, status, phrase, c->exchange.refusal.message);
    c->linger = true;
    return MHD_NO;
}

static size_t next_cap(const struct http_exchange *x, size_t need)
{
    size_t cap = x->body_cap ? x->body_cap * 2 : 4096;
    if (x->framing == FRAMING_LENGTH && (cap > x->content_length || x->content_length <= 65536))
        cap = (size_t)x->content_length;
    return cap < need ? need : cap;
}

static bool make_room(struct server *s, struct http_exchange *x, size_t need)
{
    if (need <= x->body_cap)
        return true;
    size_t cap = next_cap(x, need);
    if (s->held_bytes - x->body_cap + cap > s->options.limits.max_held_bytes)
        return false;
    char *body = realloc(x->body, cap + 1);
    if (!body)
        return false;
    s->held_bytes += cap - x->body_cap;
    x->body = body;
    x->body_cap = cap;
    return true;
}

static enum MHD_Result take(struct connection *c, const char *data, size_t *len)
{
    struct server *s = c->server;
    struct http_exchange *x = &c->exchange;
    size_t more = *len, max = s->options.limits.max_body_bytes;
    *len = 0;
    s->counters.body_bytes += more;
    connection_deadline(c, DEADLINE_BODY);
    if (x->refusal.status || x->preflight)
        return MHD_YES;
    if (more > max - x->body_len) {
        refuse(&x->refusal, 413, BODY_TOO_LARGE, max);
        return refuse_body(c, 413, "Content Too Large");
    }
    if (!make_room(s, x, x->body_len + more)) {
        refuse(&x->refusal, 503, RECEIVING_TOO_MUCH);
        return refuse_body(c, 503, "Service Unavailable");
    }
    memcpy(x->body + x->body_len, data, more);
    x->body_len += more;
    x->body[x->body_len] = '\0';
    return MHD_YES;
}

static void drop_body(struct connection *c)
{
    struct http_exchange *x = &c->exchange;
    free(x->body);
    x->body = NULL;
    c->server->held_bytes -= x->body_cap;
    x->body_cap = x->body_len = 0;
}

/* ---- the route ---- */

static enum MHD_Result continue_route(struct connection *c)
{
    struct http_exchange *x = &c->exchange;
    if (c->dying)
        return MHD_NO;
    if (x->response || x->answered)
        return queue_answer(c);
    connection_suspend(c);
    return MHD_YES;
}

static enum MHD_Result call_route(struct connection *c)
{
    struct http_exchange *x = &c->exchange;
    struct http_request request = {.method = str_from(x->method),
                                   .path = x->path,
                                   .query = x->query,
                                   .headers = x->headers,
                                   .header_count = x->header_count,
                                   .caller = &c->client->caller,
                                   .connection = &c->kept,
                                   .exchange = x,
                                   .answer = &http_answers,
                                   .body = x->body,
                                   .body_len = x->body_len};
    x->stage = STAGE_ROUTE;
    x->routed = true;
    c->server->exchange_count++;
    x->calling = true;
    x->route->handle(x->route->ctx, &request);
    x->calling = false;
    x->body = request.body;
    drop_body(c);
    return continue_route(c);
}

static enum MHD_Result whole(struct connection *c)
{
    struct http_exchange *x = &c->exchange;
    if (!x->refusal.status && !x->preflight)
        return call_route(c);
    x->response = x->preflight ? answer_preflight(x) : answer_refusal(x);
    return queue_answer(c);
}

enum MHD_Result exchange_step(struct connection *c, const char *method, const char *version,
                              const char *data, size_t *len)
{
    if (c->dying)
        return MHD_NO;
    switch (c->exchange.stage) {
    case STAGE_HEAD:
        return head(c, method, version);
    case STAGE_KNOWN:
        return go_on(c);
    case STAGE_BODY:
        return *len ? take(c, data, len) : whole(c);
    case STAGE_ROUTE:
        return continue_route(c);
    default:
        return MHD_NO;
    }
}

/* ---- the end ---- */

static void tell_gone(struct http_exchange *x)
{
    if (!x->routed || x->answered)
        return;
    x->answered = true;
    if (x->gone)
        x->gone(x->gone_user);
}

static void count(struct connection *c)
{
    struct http_exchange *x = &c->exchange;
    /* What the library refused, or what was never a whole head, has no status of ours. */
    if (x->stage == STAGE_HEAD)
        return;
    counters_add(&c->server->counters, x->route ? x->route->path : STR("none"),
                 x->method ? x->method : "other", x->status ? x->status : 499,
                 uv_hrtime() - x->began_ns);
}

static void reset(struct http_exchange *x)
{
    x->stage = STAGE_IDLE;
    x->route = NULL;
    x->refusal.status = 0;
    x->refusal.retry_s = 0;
    x->refusal.challenge[0] = '\0';
    x->cors_origin = (struct str){NULL, 0};
    x->counted = x->calling = x->answered = x->streaming = x->ended = false;
    x->routed = x->preflight = false;
    x->status = 0;
    x->gone = NULL;
}

void exchange_end(struct connection *c)
{
    struct server *s = c->server;
    struct http_exchange *x = &c->exchange;
    if (x->stage == STAGE_IDLE)
        return;
    tell_gone(x);
    count(c);
    drop_body(c);
    answer_clear(x);
    if (x->counted)
        c->client->in_flight--;
    s->exchange_count -= x->routed;
    s->stream_count -= x->streaming;
    reset(x);
    if (s->draining)
        connection_abort(c);
    else
        connection_deadline(c, DEADLINE_IDLE);
}

void exchange_cut(struct http_exchange *x)
{
    struct connection *c = connection_of(x);
    if (!x->routed || x->answered)
        return;
    tell_gone(x);
    x->ended = true;
    if (!x->streaming) {
        refuse(&x->refusal, 503, "The server is going away; ask again soon.");
        x->response = answer_refusal(x);
    }
    connection_resume(c);
}
