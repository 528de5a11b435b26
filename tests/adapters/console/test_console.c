/* The console's module at its routes: exact answers to exchanges that the test keeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/driving/console/console.h"
#include "core/base/buffer.h"

struct http_exchange {
    int status;
    char headers[2000]; /* "Name: value\n" */
    struct buffer body;
    bool streaming, finished, slow;
    void (*gone)(void *user);
    void *user;
};

struct timer {
    void (*fire)(void *arg);
    void *arg;
    uint64_t delay_ms; /* 0: not running */
};

struct world {
    struct console console;
    struct timer timer;
    int64_t wall_ms;
    struct activity_source source;
    size_t connections;
};

static const struct caller alice = {.id = STR_INIT("key:alice"), .tenant = STR_INIT("red")};
static const struct caller bob = {.id = STR_INIT("key:bob"), .tenant = STR_INIT("blue")};

/* ---- the adapter that speaks HTTP ---------------------------------------------------------- */

static void keep_headers(struct http_exchange *e, int status, const struct http_header *headers,
                         size_t count)
{
    size_t at = 0;
    e->status = status;
    for (size_t i = 0; i < count; i++)
        at += (size_t)snprintf(e->headers + at, sizeof(e->headers) - at, "%.*s: %.*s\n",
                               STR_ARG(headers[i].name), STR_ARG(headers[i].value));
}

static void on_respond(struct http_exchange *e, int status, const struct http_header *headers,
                       size_t count, struct str body)
{
    assert_int_equal(e->status, 0);
    keep_headers(e, status, headers, count);
    buffer_add_str(&e->body, body);
    e->finished = true;
}

static void on_stream(struct http_exchange *e, int status, const struct http_header *headers,
                      size_t count)
{
    assert_int_equal(e->status, 0);
    keep_headers(e, status, headers, count);
    e->streaming = true;
}

static bool on_write(struct http_exchange *e, bool may_drop, struct str bytes)
{
    assert_true(e->streaming && !e->finished && may_drop);
    if (e->slow)
        return false;
    buffer_add_str(&e->body, bytes);
    return true;
}

static void on_finish(struct http_exchange *e)
{
    assert_true(e->streaming && !e->finished);
    e->finished = true;
}

static void on_watch(struct http_exchange *e, void (*gone)(void *user), void *user)
{
    e->gone = gone;
    e->user = user;
}

static const struct http_answer answers = {on_respond, on_stream, on_write, on_finish, on_watch};

static const struct http_route *route_of(const struct world *w, struct str path)
{
    for (size_t i = 0; i < w->console.route_count; i++) {
        const struct http_route *route = &w->console.routes[i];
        if (str_eq(path, route->path) ||
            (route->beneath && str_starts(path, route->path) && path.ptr[route->path.len] == '/'))
            return route;
    }
    fail_msg("no route for %s", path.ptr);
    return NULL;
}

static struct http_exchange *ask_with(const struct world *w, const struct caller *caller,
                                      const char *method, const char *path, const char *tag)
{
    struct http_exchange *e = calloc(1, sizeof(*e));
    struct http_header header = {STR("if-none-match"), str_from(tag)};
    struct http_connection connection = {0};
    struct http_request request = {
        .method = str_from(method), .path = str_from(path), .headers = &header,
        .header_count = tag ? 1 : 0, .caller = caller, .connection = &connection,
        .exchange = e, .answer = &answers};
    const struct http_route *route = route_of(w, request.path);
    assert_non_null(e);
    route->handle(route->ctx, &request);
    return e;
}

static struct http_exchange *ask(const struct world *w, const struct caller *caller,
                                 const char *path)
{
    return ask_with(w, caller, "GET", path, NULL);
}

static void expect_body(struct http_exchange *e, const char *text)
{
    buffer_add_char(&e->body, '\0');
    assert_string_equal(e->body.data, text);
    buffer_clear(&e->body);
}

static void forget(struct http_exchange *e)
{
    buffer_clear(&e->body);
    free(e);
}

/* ---- the world ----------------------------------------------------------------------------- */

static int64_t wall(void *ctx)
{
    return ((struct world *)ctx)->wall_ms;
}

static struct timer *timer_create(void *ctx, void (*fire)(void *arg), void *arg)
{
    struct world *w = ctx;
    w->timer = (struct timer){fire, arg, 0};
    return &w->timer;
}

static void timer_set(void *ctx, struct timer *timer, uint64_t delay_ms)
{
    (void)ctx;
    timer->delay_ms = delay_ms;
}

static void timer_stop(void *ctx, struct timer *timer)
{
    timer_set(ctx, timer, 0);
}

static void timer_free(void *ctx, struct timer *timer)
{
    timer_set(ctx, timer, 0);
}

/* A second goes by; false if the timer was not running. */
static bool second(struct world *w)
{
    if (w->timer.delay_ms != 1000)
        return false;
    w->timer.delay_ms = 0;
    w->timer.fire(w->timer.arg);
    return true;
}

static void visit(void *ctx, const struct activity_visitor *v)
{
    const struct world *w = ctx;
    struct activity_connection connection = {.wire = STR("http"), .peer = STR("127.0.0.1:4"),
        .caller = &alice, .opened_ms = 900, .received = 10, .sent = 20, .pending = 1};
    const struct activity_connection unknown = {.wire = STR("http"), .peer = STR("127.0.0.1:6")};
    struct activity_session session = {.id = STR("0123456789abcdef0123456789abcdef"),
        .protocol = STR("2025-11-25"), .client = STR("editor \"1\""), .caller = &bob,
        .created_ms = 950, .used_ms = 960};
    const struct activity_plugin plugin = {.id = STR("hexmcp.a"), .title = STR("A"),
        .version = STR("1"), .state = STR("loaded"), .origin = STR("bundled")};
    const struct activity_counter counter = {STR("requests"), 7};
    for (size_t i = 0; i < w->connections; i++)
        v->connection(v->ctx, &connection);
    v->connection(v->ctx, &unknown);
    v->session(v->ctx, &session);
    v->plugin(v->ctx, &plugin);
    v->counter(v->ctx, &counter);
}

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    static struct clock_port clock;
    static struct timer_port timer;
    struct error err = {0};
    assert_non_null(w);
    clock = (struct clock_port){.ctx = w, .wall_ms = wall};
    timer = (struct timer_port){w, timer_create, timer_set, timer_stop, timer_free};
    w->wall_ms = 1000;
    w->connections = 1;
    w->source = (struct activity_source){w, visit};
    const struct console_options options = {.server_name = STR("hexmcp"),
        .server_version = STR("9.9"), .sources = &w->source, .source_count = 1, .clock = &clock,
        .timer = &timer};
    if (console_open(TEST_MODULES_DIR, &options, &w->console, &err))
        fail_msg("%s", err.text);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    w->console.free(w->console.ctx);
    free(w);
    return 0;
}

static void see(struct world *w, const struct caller *caller, const char *target)
{
    const struct traffic_event event = {.end = TRAFFIC_ERROR, .error = -32602,
        .duration_ns = 2500000, .wire = STR("http"), .protocol = STR("2026-07-28"),
        .method = STR("tools/call"), .target = str_from(target), .caller = caller, .received = 3,
        .sent = 4};
    w->console.tap.seen(w->console.tap.ctx, &event);
}

#define SEEN(at, target, caller)                                                                   \
    "event: request\ndata: {\"at\":" at ",\"duration_us\":2500,\"transport\":\"http\","            \
    "\"protocol\":\"2026-07-28\",\"method\":\"tools/call\",\"target\":\"" target                   \
    "\",\"caller\":\"" caller "\",\"end\":\"error\",\"error\":-32602,\"received\":3,\"sent\":4}\n\n"

/* ---- tests --------------------------------------------------------------------------------- */

static void test_only_the_page_is_open(void **state)
{
    const struct world *w = *state;
    assert_true(route_of(w, STR("/console"))->open);
    assert_true(route_of(w, STR("/console/style.css"))->open);
    assert_false(route_of(w, STR("/console/api/state"))->open);
    assert_false(route_of(w, STR("/console/api/traffic"))->open);
}

static const char page_headers[] =
    "Cache-Control: no-cache\n"
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src 'self' data: blob:; media-src data: blob:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'\n"
    "X-Content-Type-Options: nosniff\n"
    "Referrer-Policy: no-referrer\n"
    "Cross-Origin-Opener-Policy: same-origin\n"
    "Cross-Origin-Resource-Policy: same-origin\n";

static void test_the_page(void **state)
{
    const struct world *w = *state;
    const char *const paths[] = {"/console", "/console/"};
    for (size_t i = 0; i < 2; i++) {
        struct http_exchange *e = ask(w, &alice, paths[i]);
        assert_int_equal(e->status, 200);
        assert_memory_equal(e->headers, "Content-Type: text/html; charset=utf-8\nETag: \"", 46);
        assert_string_equal(strstr(e->headers, "Cache-Control"), page_headers);
        assert_memory_equal(e->body.data, "<!DOCTYPE html>\n", 16);
        forget(e);
    }
}

static void test_a_file_that_is_kept(void **state)
{
    const struct world *w = *state;
    struct http_exchange *first = ask(w, &alice, "/console/main.js");
    assert_int_equal(first->status, 200);
    assert_non_null(strstr(first->headers, "Content-Type: text/javascript; charset=utf-8\n"));
    char tag[60] = "W/\"other\", ";
    size_t at = strlen(tag);
    memcpy(tag + at, strstr(first->headers, "ETag: ") + 6, 34);
    struct http_exchange *again = ask_with(w, &alice, "GET", "/console/main.js", tag);
    assert_int_equal(again->status, 304);
    assert_int_equal(again->body.len, 0);
    struct http_exchange *other = ask_with(w, &alice, "GET", "/console/store.js", tag);
    assert_int_equal(other->status, 200);
    forget(first);
    forget(again);
    forget(other);
}

static void expect_error(struct http_exchange *e, int status, const char *message)
{
    char text[300];
    snprintf(text, sizeof(text),
             "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32%s,\"message\":\"%s\"}}",
             status >= 500 ? "603" : "600", message);
    assert_int_equal(e->status, status);
    expect_body(e, text);
    forget(e);
}

static void test_what_is_not_there(void **state)
{
    const struct world *w = *state;
    const char *const paths[] = {"/console/no.js", "/console/api", "/console/api/states",
                                 "/console/../main.js", "/console/index.html"};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        expect_error(ask(w, &alice, paths[i]), 404, "the console has no such file");
}

static void test_other_methods(void **state)
{
    const struct world *w = *state;
    const char *const paths[] = {"/console", "/console/api/state"};
    for (size_t i = 0; i < 2; i++) {
        struct http_exchange *e = ask_with(w, &alice, "POST", paths[i], NULL);
        assert_non_null(strstr(e->headers, "Allow: GET, HEAD\n"));
        expect_error(e, 405, "the console is read with GET");
    }
    expect_error(ask_with(w, &alice, "HEAD", "/console/api/traffic", NULL), 405,
                 "the traffic is read with GET");
}

#define STATE(connections, sessions)                                                               \
    "{\"server\":\"hexmcp\",\"version\":\"9.9\",\"started_ms\":1000,\"now_ms\":2500,"              \
    "\"plugins\":[{\"id\":\"hexmcp.a\",\"title\":\"A\",\"version\":\"1\",\"state\":\"loaded\","    \
    "\"origin\":\"bundled\",\"reason\":\"\"}],\"connections\":[" connections                       \
    "],\"connections_left_out\":0,\"sessions\":[" sessions                                         \
    "],\"sessions_left_out\":0,\"counters\":[{\"name\":\"requests\",\"value\":7}]}"

/* A session's id is shortened; a connection of nobody yet is shown to nobody. */
static void test_state_of_ones_own_tenant(void **state)
{
    struct world *w = *state;
    w->wall_ms = 2500;
    struct http_exchange *e = ask(w, &alice, "/console/api/state");
    assert_string_equal(e->headers, "Content-Type: application/json\nCache-Control: no-store\n"
                                    "X-Content-Type-Options: nosniff\n");
    expect_body(e, STATE("{\"transport\":\"http\",\"peer\":\"127.0.0.1:4\",\"caller\":\"key:alice\","
                         "\"opened_ms\":900,\"received\":10,\"sent\":20,\"pending\":1}", ""));
    forget(e);
    e = ask(w, &bob, "/console/api/state");
    expect_body(e, STATE("", "{\"id\":\"01234567\",\"protocol\":\"2025-11-25\","
                             "\"client\":\"editor \\\"1\\\"\",\"caller\":\"key:bob\","
                             "\"created_ms\":950,\"used_ms\":960}"));
    forget(e);
}

static void test_state_of_very_many(void **state)
{
    struct world *w = *state;
    w->connections = 10000;
    struct http_exchange *e = ask(w, &alice, "/console/api/state");
    buffer_add_char(&e->body, '\0');
    assert_non_null(strstr(e->body.data, "],\"connections_left_out\":9500,"));
    forget(e);
}

static void test_traffic_before_and_after(void **state)
{
    struct world *w = *state;
    see(w, &alice, "early");
    see(w, &bob, "secret");
    struct http_exchange *e = ask(w, &alice, "/console/api/traffic");
    assert_int_equal(e->status, 200);
    assert_string_equal(e->headers, "Content-Type: text/event-stream\nCache-Control: no-store\n"
                                    "X-Accel-Buffering: no\nX-Content-Type-Options: nosniff\n");
    expect_body(e, ":\n\n" SEEN("998", "early", "key:alice"));
    w->wall_ms = 5000;
    see(w, &bob, "secret");
    see(w, &alice, "late");
    expect_body(e, SEEN("4998", "late", "key:alice"));
    e->gone(e->user);
    see(w, &alice, "too late");
    assert_int_equal(e->body.len, 0);
    forget(e);
}

static void test_only_the_last_are_kept(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < 300; i++) {
        char name[20];
        snprintf(name, sizeof(name), "t%d", i);
        see(w, &alice, name);
    }
    struct http_exchange *e = ask(w, &alice, "/console/api/traffic");
    buffer_add_char(&e->body, '\0');
    assert_null(strstr(e->body.data, "\"t43\""));
    assert_non_null(strstr(e->body.data, "\"t44\""));
    assert_non_null(strstr(e->body.data, "\"t299\""));
    e->gone(e->user);
    forget(e);
}

/* Two tenants whose names begin alike must not see each other's. */
static void test_long_names(void **state)
{
    struct world *w = *state;
    static const char name[] = "0123456789012345678901234567890123456789012345678901234567890123456";
    const struct caller longer = {.id = STR("a"), .tenant = {name, 66}};
    const struct caller shorter = {.id = STR("b"), .tenant = {name, 63}};
    see(w, &longer, "longer");
    see(w, &shorter, "shorter");
    struct http_exchange *e = ask(w, &shorter, "/console/api/traffic");
    expect_body(e, ":\n\n" SEEN("998", "shorter", "b"));
    e->gone(e->user);
    forget(e);
}

static void test_more_than_a_person_reads(void **state)
{
    struct world *w = *state;
    struct http_exchange *e = ask(w, &alice, "/console/api/traffic");
    for (int i = 0; i < 130; i++)
        see(w, &alice, "much");
    buffer_reset(&e->body, 0);
    assert_true(second(w));
    expect_body(e, "event: missed\ndata: {\"count\":30}\n\n");
    see(w, &alice, "again");
    expect_body(e, SEEN("998", "again", "key:alice"));
    e->gone(e->user);
    forget(e);
}

static void test_a_slow_reader_is_told_later(void **state)
{
    struct world *w = *state;
    struct http_exchange *e = ask(w, &alice, "/console/api/traffic");
    buffer_reset(&e->body, 0);
    e->slow = true;
    see(w, &alice, "lost");
    assert_true(second(w));
    e->slow = false;
    assert_true(second(w));
    expect_body(e, "event: missed\ndata: {\"count\":1}\n\n");
    e->gone(e->user);
    forget(e);
}

static void test_quiet_streams_are_kept_alive(void **state)
{
    struct world *w = *state;
    assert_false(second(w));
    struct http_exchange *e = ask(w, &alice, "/console/api/traffic");
    buffer_reset(&e->body, 0);
    for (int i = 0; i < 15; i++)
        assert_true(second(w));
    expect_body(e, ":\n\n");
    e->gone(e->user);
    assert_true(second(w));
    assert_false(second(w)); /* nobody looks: nothing runs */
    forget(e);
}

static void test_too_many_look(void **state)
{
    struct world *w = *state;
    struct http_exchange *open[32];
    for (int i = 0; i < 32; i++)
        open[i] = ask(w, &alice, "/console/api/traffic");
    expect_error(ask(w, &alice, "/console/api/traffic"), 503,
                 "32 consoles look at the traffic already; close one");
    open[7]->gone(open[7]->user);
    struct http_exchange *next = ask(w, &alice, "/console/api/traffic");
    assert_int_equal(next->status, 200);
    open[7]->finished = true;
    w->console.shutdown(w->console.ctx);
    assert_true(next->finished);
    forget(next);
    for (int i = 0; i < 32; i++) {
        assert_true(open[i]->finished);
        forget(open[i]);
    }
    assert_false(second(w));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_only_the_page_is_open),
        TEST(test_the_page),
        TEST(test_a_file_that_is_kept),
        TEST(test_what_is_not_there),
        TEST(test_other_methods),
        TEST(test_state_of_ones_own_tenant),
        TEST(test_state_of_very_many),
        TEST(test_traffic_before_and_after),
        TEST(test_only_the_last_are_kept),
        TEST(test_long_names),
        TEST(test_more_than_a_person_reads),
        TEST(test_a_slow_reader_is_told_later),
        TEST(test_quiet_streams_are_kept_alive),
        TEST(test_too_many_look),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
