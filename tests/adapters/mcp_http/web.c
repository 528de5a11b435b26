#include "tests/adapters/mcp_http/web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_HEADERS 32
#define BODY_ROOM ((size_t)4096) /* what is longer is allocated while it is written */

static const struct caller nobody = {STR_INIT("nobody"), STR_INIT("local"), false, NULL};

static char *quoted(const char *text)
{
    char *copy = strdup(text);
    assert_non_null(copy);
    for (char *at = copy; *at; at++)
        if (*at == '\'')
            *at = '"';
    return copy;
}

/* ---- the adapter that speaks HTTP ----------------------------------------------------------- */

static void keep_headers(struct http_exchange *exchange, const struct http_header *headers,
                         size_t count)
{
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(exchange->headers + used, sizeof(exchange->headers) - used,
                                 "%.*s: %.*s\n", STR_ARG(headers[i].name),
                                 STR_ARG(headers[i].value));
    assert_true(used < sizeof(exchange->headers));
}

static void add(struct http_exchange *exchange, struct str bytes)
{
    if (exchange->len + bytes.len + 1 > exchange->room) {
        exchange->room = 2 * (exchange->len + bytes.len + 1);
        exchange->body = realloc(exchange->body, exchange->room);
        assert_non_null(exchange->body);
    }
    if (bytes.len)
        memcpy(exchange->body + exchange->len, bytes.ptr, bytes.len);
    exchange->len += bytes.len;
    exchange->body[exchange->len] = '\0';
}

static void begin_answer(struct http_exchange *exchange, int status)
{
    assert_int_equal(exchange->status, 0);
    assert_false(exchange->finished);
    exchange->status = status;
}

static void fake_respond(struct http_exchange *exchange, int status,
                         const struct http_header *headers, size_t count, struct str body)
{
    begin_answer(exchange, status);
    keep_headers(exchange, headers, count);
    add(exchange, body);
    exchange->finished = true;
    exchange->gone = NULL;
}

static void fake_stream(struct http_exchange *exchange, int status,
                        const struct http_header *headers, size_t count)
{
    begin_answer(exchange, status);
    keep_headers(exchange, headers, count);
    add(exchange, STR(""));
    exchange->streaming = true;
}

static bool fake_write(struct http_exchange *exchange, bool may_drop, struct str bytes)
{
    assert_true(exchange->streaming);
    assert_false(exchange->finished);
    if (may_drop && exchange->slow)
        return false;
    add(exchange, bytes);
    return true;
}

static void fake_finish(struct http_exchange *exchange)
{
    assert_true(exchange->streaming);
    assert_false(exchange->finished);
    exchange->finished = true;
    exchange->gone = NULL;
}

static void fake_watch(struct http_exchange *exchange, void (*gone)(void *user), void *user)
{
    assert_false(exchange->finished);
    exchange->gone = gone;
    exchange->user = user;
}

static const struct http_answer answer = {fake_respond, fake_stream, fake_write, fake_finish,
                                          fake_watch};

static size_t read_headers(char *text, struct http_header *headers)
{
    size_t count = 0;
    char *save = NULL;
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        char *colon = strstr(line, ": ");
        assert_non_null(colon);
        assert_true(count < MAX_HEADERS);
        headers[count++] = (struct http_header){{line, (size_t)(colon - line)},
                                                str_from(colon + 2)};
    }
    return count;
}

struct http_exchange *send_on(struct web *web, size_t connection, const char *method,
                              const char *headers, const char *body)
{
    return send_over(web, &web->connections[connection], method, headers, body);
}

struct http_exchange *send_over(struct web *web, struct http_connection *connection,
                                const char *method, const char *headers, const char *body)
{
    struct http_route route = mcp_http_route(web->http);
    struct http_exchange *exchange = calloc(1, sizeof(*exchange));
    struct http_header table[MAX_HEADERS];
    char *copy = strdup(headers);
    assert_non_null(exchange);
    exchange->room = BODY_ROOM;
    exchange->body = calloc(1, exchange->room);
    assert_non_null(exchange->body);
    exchange->next = web->exchanges;
    web->exchanges = exchange;
    struct http_request request = {
        .method = str_from(method),
        .path = route.path,
        .headers = table,
        .header_count = read_headers(copy, table),
        .caller = web->caller,
        .connection = connection,
        .exchange = exchange,
        .answer = &answer,
        .body = body ? quoted(body) : NULL,
        .body_len = body ? strlen(body) : 0,
    };
    if (web->enter)
        web->enter();
    route.handle(route.ctx, &request);
    if (web->leave)
        web->leave();
    free(request.body);
    free(copy);
    return exchange;
}

struct http_exchange *send(struct web *web, const char *method, const char *headers,
                           const char *body)
{
    return send_on(web, 0, method, headers, body);
}

struct http_exchange *post(struct web *web, const char *headers, const char *body)
{
    return send_on(web, 0, "POST", headers, body);
}

struct http_exchange *send_in_session(struct web *web, const char *method, const char *headers,
                                      const char *body)
{
    char all[900];
    int len = snprintf(all, sizeof(all), "%sMCP-Session-Id: %s\n", headers, web->session);
    assert_in_range(len, 1, sizeof(all) - 1);
    return send_on(web, 0, method, all, body);
}

struct http_exchange *post_in_session(struct web *web, const char *body)
{
    return send_in_session(web, "POST", JSON_BOTH, body);
}

void leave(struct http_exchange *exchange)
{
    assert_non_null(exchange->gone);
    exchange->finished = true;
    exchange->gone(exchange->user);
    exchange->gone = NULL;
}

void disconnect(struct web *web, size_t connection)
{
    struct http_connection *c = &web->connections[connection];
    if (c->user)
        c->closed(c->user);
    *c = (struct http_connection){0};
}

/* ---- what came ------------------------------------------------------------------------------ */

void expect_header(struct http_exchange *exchange, const char *line)
{
    char wanted[300];
    snprintf(wanted, sizeof(wanted), "%s\n", line);
    if (!strstr(exchange->headers, wanted))
        fail_msg("no \"%s\" in\n%s", line, exchange->headers);
}

void expect_no_header(struct http_exchange *exchange, const char *name)
{
    if (strstr(exchange->headers, name))
        fail_msg("\"%s\" in\n%s", name, exchange->headers);
}

static void expect_body(struct http_exchange *exchange, const char *body)
{
    char *text = quoted(body);
    assert_string_equal(exchange->body, text);
    free(text);
}

void expect_json(struct http_exchange *exchange, int status, const char *body)
{
    if (!exchange->status)
        fail_msg("not answered yet, expected %d %s", status, body);
    expect_body(exchange, body);
    assert_int_equal(exchange->status, status);
    expect_header(exchange, "Content-Type: application/json");
    assert_false(exchange->streaming);
    assert_true(exchange->finished);
}

void expect_empty(struct http_exchange *exchange, int status)
{
    expect_body(exchange, "");
    assert_int_equal(exchange->status, status);
    assert_true(exchange->finished);
    assert_false(exchange->streaming);
    expect_no_header(exchange, "Content-Type");
}

void expect_events(struct http_exchange *exchange, const char *text)
{
    if (!exchange->streaming)
        fail_msg("no stream but %d %s, expected %s", exchange->status,
                 exchange->body, text);
    assert_int_equal(exchange->status, 200);
    expect_header(exchange, "Content-Type: text/event-stream");
    expect_header(exchange, "Cache-Control: no-cache");
    expect_header(exchange, "X-Accel-Buffering: no");
    expect_body(exchange, text);
    exchange->len = 0;
    exchange->body[0] = '\0';
}

void expect_open(struct http_exchange *exchange)
{
    assert_true(exchange->streaming);
    assert_false(exchange->finished);
}

void expect_finished(struct http_exchange *exchange)
{
    assert_true(exchange->streaming);
    assert_true(exchange->finished);
}

void expect_waiting(struct http_exchange *exchange)
{
    assert_int_equal(exchange->status, 0);
    assert_non_null(exchange->gone);
}

/* ---- sessions ------------------------------------------------------------------------------- */

void begin_with(struct web *web, const char *version, const char *capabilities)
{
    static const char name[] = "MCP-Session-Id: ";
    char body[600];
    snprintf(body, sizeof(body),
             REQUEST("'init'", "initialize",
                     "'protocolVersion':'%s','capabilities':{%s},"
                     "'clientInfo':{'name':'test','version':'1'}"),
             version, capabilities);
    struct http_exchange *exchange = post(web, JSON_BOTH, body);
    assert_int_equal(exchange->status, 200);
    const char *id = strstr(exchange->headers, name);
    assert_non_null(id);
    assert_int_equal(sscanf(id + sizeof(name) - 1, "%63[^\n]", web->session), 1);
    expect_empty(post_in_session(web, "{'jsonrpc':'2.0','method':'notifications/initialized'}"),
                 202);
}

void begin(struct web *web, const char *version)
{
    begin_with(web, version, "");
}

/* ---- life ----------------------------------------------------------------------------------- */

static void open_http(struct web *web)
{
    struct error err;
    if (mcp_http_new(web->w->mcp, &web->options, &web->http, &err))
        fail_msg("%s", err.text);
}

static void close_http(struct web *web)
{
    for (size_t i = 0; i < sizeof(web->connections) / sizeof(web->connections[0]); i++)
        disconnect(web, i);
    mcp_http_free(web->http);
}

void web_reopen(struct web *web)
{
    close_http(web);
    reopen(web->w);
    open_http(web);
}

int web_setup(void **state)
{
    struct web *web = calloc(1, sizeof(*web));
    void *world;
    assert_non_null(web);
    world_setup(&world);
    web->w = world;
    web->w->caller = web->caller = &nobody;
    web->options = (struct mcp_http_options){.path = STR("/mcp"),
                                             .max_sessions = 8,
                                             .session_idle_ms = 60000,
                                             .replay_bytes = 4096,
                                             .retry_ms = 1000};
    open_http(web);
    *state = web;
    return 0;
}

int web_teardown(void **state)
{
    struct web *web = *state;
    void *world = web->w;
    close_http(web);
    while (web->exchanges) {
        struct http_exchange *next = web->exchanges->next;
        free(web->exchanges->body);
        free(web->exchanges);
        web->exchanges = next;
    }
    free(web);
    return world_teardown(&world);
}
