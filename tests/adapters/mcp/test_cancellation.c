/* Section 11: notifications/cancelled. */
#include "tests/adapters/mcp/fixture.h"

#include "core/json/json.h"

#define CALL_WITH_TOKEN(id)                                                                        \
    REQUEST(id, "tools/call", "'name':'echo','_meta':{'progressToken':'t'}")

static size_t pending(struct world *w)
{
    return w->end.pending(w->end.ctx);
}

static void test_s11_cancelled_call_is_stopped_and_not_answered(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask_nothing(w, CALL("1", "echo"));
    assert_int_equal(pending(w), 1);
    ask_nothing(w, CANCEL("1"));
    assert_int_equal(w->calls[0].cancelled, 1);
    assert_int_equal(pending(w), 0);
}

static void test_s11_cancelled_modern_call(void **state)
{
    struct world *w = *state;
    ask_nothing(w, MODERN_CALL("'m'", "echo"));
    ask_nothing(w, "{'jsonrpc':'2.0','method':'notifications/cancelled','params':{'requestId':'m',"
                   "'reason':'tired'}}");
    assert_int_equal(w->calls[0].cancelled, 1);
    assert_int_equal(pending(w), 0);
}

static void test_s11_nothing_is_sent_while_the_tool_is_stopped(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    w->speaks_when_cancelled = true;
    ask_nothing(w, CALL_WITH_TOKEN("1"));
    ask_nothing(w, CANCEL("1"));
    assert_int_equal(w->calls[0].done, 1);
    expect_nothing(w);
}

static void test_s11_unknown_requests_are_ignored(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask_nothing(w, CALL("1", "echo"));
    ask_nothing(w, CANCEL("2"));
    ask_nothing(w, CANCEL("null"));
    ask_nothing(w, CANCEL("{}"));
    ask_nothing(w, CANCEL("[1]"));
    ask_nothing(w, CANCEL("1.0"));
    assert_int_equal(w->calls[0].cancelled, 0);
    finish(w, 0, CALL_RESULT, GOOD);
    expect(w, TEXT_RESULT("1", "ok"));
    ask_nothing(w, CANCEL("1"));
    assert_int_equal(w->calls[0].cancelled, 0);
}

static void test_s11_id_of_another_type_is_another_request(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask_nothing(w, CALL("1", "echo"));
    ask_nothing(w, CANCEL("'1'"));
    assert_int_equal(w->calls[0].cancelled, 0);
    finish(w, 0, CALL_RESULT, GOOD);
    expect(w, TEXT_RESULT("1", "ok"));
}

static void test_s11_id_behind_escapes_is_the_same_request(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask_nothing(w, CALL("'abc'", "echo"));
    ask_nothing(w, CANCEL("'\\u0061bc'"));
    assert_int_equal(w->calls[0].cancelled, 1);
}

static void test_s11_initialize_cannot_be_cancelled(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask_nothing(w, CANCEL("'init'"));
    ask(w, REQUEST("1", "ping", ""), RESULT("1", ""));
}

static void test_s11_id_of_a_cancelled_call_is_free(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    w->keeps_arguments = true;
    ask_nothing(w, CALL("1", "echo"));
    ask_nothing(w, CANCEL("1"));
    ask_nothing(w, CALL("1", "echo"));
    finish(w, 1, CALL_RESULT, GOOD);
    expect(w, TEXT_RESULT("1", "ok"));
    expect_nothing(w);
    release(w, 0);
    release(w, 1);
}

/* A tool that hangs reads its arguments after everybody else has gone. */
static void test_s11_arguments_outlive_the_connection(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    w->keeps_arguments = true;
    ask_nothing(w, REQUEST("1", "tools/call", "'name':'echo','arguments':{'a':'still here'}"));
    ask_nothing(w, CANCEL("1"));
    close_end(w);
    struct str text = json_text(w->calls[0].call.arguments);
    assert_int_equal(text.len, 18);
    assert_memory_equal(text.ptr, "{\"a\":\"still here\"}", 18);
    release(w, 0);
}

static void test_s11_others_run_on(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask_nothing(w, CALL("1", "echo"));
    ask_nothing(w, CALL("2", "echo"));
    ask_nothing(w, CALL("3", "echo"));
    ask_nothing(w, CANCEL("2"));
    finish(w, 2, CALL_RESULT, GOOD);
    expect(w, TEXT_RESULT("3", "ok"));
    finish(w, 0, CALL_RESULT, GOOD);
    expect(w, TEXT_RESULT("1", "ok"));
    expect_nothing(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_s11_cancelled_call_is_stopped_and_not_answered),
        TEST(test_s11_cancelled_modern_call),
        TEST(test_s11_nothing_is_sent_while_the_tool_is_stopped),
        TEST(test_s11_unknown_requests_are_ignored),
        TEST(test_s11_id_of_another_type_is_another_request),
        TEST(test_s11_id_behind_escapes_is_the_same_request),
        TEST(test_s11_initialize_cannot_be_cancelled),
        TEST(test_s11_id_of_a_cancelled_call_is_free),
        TEST(test_s11_arguments_outlive_the_connection),
        TEST(test_s11_others_run_on),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("mcp_cancellation", tests, NULL, NULL);
}
