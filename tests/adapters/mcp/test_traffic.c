/* What somebody who watches hears of the requests that are over. */
#include "tests/adapters/mcp/fixture.h"

#include <stdio.h>
#include <string.h>

static char heard[2000];

static void on_seen(void *ctx, const struct traffic_event *event)
{
    (void)ctx;
    size_t at = strlen(heard);
    snprintf(heard + at, sizeof(heard) - at, "%.*s %.*s %.*s(%.*s) by %.*s: %s %d, %u ms, %zu > %zu\n",
             STR_ARG(event->wire), STR_ARG(event->protocol), STR_ARG(event->method),
             STR_ARG(event->target), STR_ARG(event->caller->id),
             event->end == TRAFFIC_RESULT  ? "result"
             : event->end == TRAFFIC_ERROR ? "error"
                                           : "cancelled",
             event->error, (unsigned)(event->duration_ns / MS), event->received, event->sent);
}

static const struct traffic_tap tap = {NULL, on_seen, NULL};

static void watch(struct world *w)
{
    w->options.tap = &tap;
    reopen(w);
    heard[0] = '\0';
}

static void test_a_result(void **state)
{
    struct world *w = *state;
    watch(w);
    ask_nothing(w, MODERN_CALL("1", "echo"));
    assert_string_equal(heard, "");
    pass(w, 25);
    finish(w, 0, CALL_RESULT, GOOD);
    char line[200];
    snprintf(line, sizeof(line), "test 2026-07-28 tools/call(echo) by stdio: result 0, 25 ms, %zu > %zu\n",
             strlen(MODERN_CALL("1", "echo")), strlen(MODERN_TEXT_RESULT("1", "ok")));
    expect(w, MODERN_TEXT_RESULT("1", "ok"));
    assert_string_equal(heard, line);
}

static void test_an_error(void **state)
{
    struct world *w = *state;
    watch(w);
    begin_session(w, "2025-06-18");
    heard[0] = '\0';
    ask(w, REQUEST("1", "no/such", ""), ERROR("1", "-32601", "unknown method \\'no/such\\'"));
    char line[200];
    snprintf(line, sizeof(line), "test 2025-06-18 () by stdio: error -32601, 0 ms, %zu > %zu\n",
             strlen(REQUEST("1", "no/such", "")),
             strlen(ERROR("1", "-32601", "unknown method \\'no/such\\'")));
    assert_string_equal(heard, line);
}

static void test_what_never_became_a_request(void **state)
{
    struct world *w = *state;
    watch(w);
    ask(w, "{'jsonrpc':'2.0','id':1}", ERROR("1", "-32600", "\\'method\\' must be a string"));
    char line[200];
    snprintf(line, sizeof(line), "test  () by stdio: error -32600, 0 ms, 0 > %zu\n",
             strlen(ERROR("1", "-32600", "\\'method\\' must be a string")));
    assert_string_equal(heard, line);
}

/* The address of a resource is not told, and nobody hears twice of what was cancelled. */
static void test_what_is_cancelled(void **state)
{
    struct world *w = *state;
    add_item(w, ITEM_RESOURCE, "file:///secret", "{'uri':'file:///secret','name':'secret'}");
    watch(w);
    const char *read = REQUEST("1", "resources/read", "'uri':'file:///secret'," META);
    ask_nothing(w, read);
    pass(w, 3);
    ask_nothing(w, CANCEL("1"));
    char line[200];
    snprintf(line, sizeof(line), "test 2026-07-28 resources/read() by stdio: cancelled 0, 3 ms, %zu > 0\n",
             strlen(read));
    assert_string_equal(heard, line);
    assert_int_equal(w->calls[0].cancelled, 1);
}

static void test_the_client_goes_away(void **state)
{
    struct world *w = *state;
    watch(w);
    ask_nothing(w, MODERN_CALL("1", "echo"));
    close_end(w);
    char line[200];
    snprintf(line, sizeof(line), "test 2026-07-28 tools/call(echo) by stdio: cancelled 0, 0 ms, %zu > 0\n",
             strlen(MODERN_CALL("1", "echo")));
    assert_string_equal(heard, line);
}

/* Each member of a batch is told with its own answer. */
static void test_a_batch(void **state)
{
    struct world *w = *state;
    watch(w);
    begin_session(w, "2025-03-26");
    heard[0] = '\0';
    const char *batch = "[" REQUEST("1", "ping", "") "," REQUEST("2", "ping", "") "]";
    ask(w, batch, "[" RESULT("1", "") "," RESULT("2", "") "]");
    char lines[400];
    snprintf(lines, sizeof(lines),
             "test 2025-03-26 ping() by stdio: result 0, 0 ms, %zu > %zu\n"
             "test 2025-03-26 ping() by stdio: result 0, 0 ms, %zu > %zu\n",
             strlen(batch), strlen(RESULT("1", "")), strlen(batch), strlen(RESULT("2", "")));
    assert_string_equal(heard, lines);
}

/* ---- who is connected ---------------------------------------------------------------------- */

static void on_connection(void *ctx, const struct activity_connection *one)
{
    (void)ctx;
    size_t at = strlen(heard);
    snprintf(heard + at, sizeof(heard) - at, "%.*s %.*s since %lld: %llu > %llu, %zu wait\n",
             STR_ARG(one->wire), STR_ARG(one->caller->id), (long long)one->opened_ms,
             (unsigned long long)one->received, (unsigned long long)one->sent, one->pending);
}

static const char *who_is_there(struct world *w)
{
    const struct activity_visitor visitor = {.connection = on_connection};
    struct activity_source source = mcp_activity(w->mcp);
    heard[0] = '\0';
    source.visit(source.ctx, &visitor);
    return heard;
}

static void test_who_is_connected(void **state)
{
    struct world *w = *state;
    static const struct caller other = {.id = STR_INIT("other"), .tenant = STR_INIT("local")};
    char lines[300];
    ask(w, REQUEST("1", "ping", ""), RESULT("1", ""));
    ask_nothing(w, MODERN_CALL("2", "echo"));
    snprintf(lines, sizeof(lines), "test stdio since %lld: %zu > %zu, 1 wait\n", (long long)w->wall_ms,
             strlen(REQUEST("1", "ping", "")) + strlen(MODERN_CALL("2", "echo")),
             strlen(RESULT("1", "")));
    assert_string_equal(who_is_there(w), lines);
    change_caller(w, &other);
    snprintf(lines, sizeof(lines), "test other since %lld: 0 > 0, 0 wait\n", (long long)w->wall_ms);
    assert_string_equal(who_is_there(w), lines);
    close_end(w);
    assert_string_equal(who_is_there(w), "");
}

static void test_several_come_and_go(void **state)
{
    struct world *w = *state;
    const struct endpoint_factory *factory = mcp_endpoints(w->mcp);
    static const char *const names[] = {"a", "b", "c"};
    struct message_endpoint ends[3];
    struct error err;
    const struct message_sink sink = {.wire = STR("x")};
    close_end(w);
    for (size_t i = 0; i < 3; i++) {
        const struct caller caller = {.id = str_from(names[i]), .tenant = STR("local")};
        assert_int_equal(factory->open(factory->ctx, &caller, &sink, &ends[i], &err), 0);
    }
    char line[3][60];
    for (size_t i = 0; i < 3; i++)
        snprintf(line[i], sizeof(line[i]), "x %s since %lld: 0 > 0, 0 wait\n", names[i],
                 (long long)w->wall_ms);
    char lines[200];
    snprintf(lines, sizeof(lines), "%s%s%s", line[2], line[1], line[0]);
    assert_string_equal(who_is_there(w), lines);
    ends[1].close(ends[1].ctx);
    snprintf(lines, sizeof(lines), "%s%s", line[2], line[0]);
    assert_string_equal(who_is_there(w), lines);
    ends[0].close(ends[0].ctx);
    assert_string_equal(who_is_there(w), line[2]);
    ends[2].close(ends[2].ctx);
    assert_string_equal(who_is_there(w), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_result),          TEST(test_an_error),
        TEST(test_what_is_cancelled), TEST(test_what_never_became_a_request),
        TEST(test_a_batch),           TEST(test_the_client_goes_away),
        TEST(test_who_is_connected),  TEST(test_several_come_and_go),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
