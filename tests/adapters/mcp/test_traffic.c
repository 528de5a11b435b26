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

static const struct traffic_tap tap = {NULL, on_seen};

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_result),          TEST(test_an_error),
        TEST(test_what_is_cancelled), TEST(test_what_never_became_a_request),
        TEST(test_a_batch),           TEST(test_the_client_goes_away),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
