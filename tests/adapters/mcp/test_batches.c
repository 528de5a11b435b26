/* Section 1: batches, by revision. */
#include "tests/adapters/mcp/fixture.h"

#include <string.h>

#define PING(id) REQUEST(id, "ping", "")
#define NO_BATCHES "this protocol revision has no batches: send one message at a time"

static void test_s1_batch_before_initialize(void **state)
{
    ask(*state, "[" PING("1") "]", ERROR_WITHOUT_ID("-32600", NO_BATCHES));
}

static void test_s1_batch_of_a_revision_without_batches(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-06-18");
    ask(w, "[" PING("1") "]", ERROR("null", "-32600", NO_BATCHES));
    ask(w, "[]", ERROR("null", "-32600", NO_BATCHES));
    reopen(w);
    begin_session(w, "2025-11-25");
    ask(w, "[" PING("1") "]", ERROR_WITHOUT_ID("-32600", NO_BATCHES));
    ask(w, "[]", ERROR_WITHOUT_ID("-32600", NO_BATCHES));
}

static void test_s1_batch_2024_11_05_and_2025_03_26(void **state)
{
    static const char *const revisions[] = {"2024-11-05", "2025-03-26"};
    struct world *w = *state;
    for (size_t i = 0; i < 2; i++) {
        reopen(w);
        begin_session(w, revisions[i]);
        ask(w, "[" PING("1") "," PING("'b'") "]", "[" RESULT("1", "") "," RESULT("'b'", "") "]");
    }
}

static void test_s1_empty_batch(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-03-26");
    ask(w, "[]", ERROR("null", "-32600", "a batch must hold at least one message"));
}

static void test_s1_batch_of_notifications_has_no_answer(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-03-26");
    ask_nothing(w, "[{'jsonrpc':'2.0','method':'notifications/initialized'},"
                   "{'jsonrpc':'2.0','method':'notifications/x'},"
                   "{'jsonrpc':'2.0','id':9,'result':{}}]");
}

static void test_s1_batch_of_mixed_messages(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-03-26");
    ask(w, "[{'jsonrpc':'2.0','method':'notifications/x'},1,[]," PING("1") ",{'jsonrpc':'2.0',"
           "'id':null,'method':'ping'}," REQUEST("2", "nothing/such", "") "]",
        "[" ERROR("null", "-32600", "a message must be a JSON object") ","
        ERROR("null", "-32600", "a message must be a JSON object") "," RESULT("1", "") ","
        ERROR("null", "-32600", "\\'id\\' must be a string or an integer") ","
        ERROR("2", "-32601", "unknown method \\'nothing/such\\'") "]");
}

static void test_s1_initialize_in_a_batch(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-03-26");
    ask(w, "[" REQUEST("1", "initialize", "'protocolVersion':'2025-03-26'") "," PING("2") "]",
        "[" ERROR("1", "-32600", "initialize must not be part of a batch") "," RESULT("2", "") "]");
}

static void test_s1_initialize_in_a_batch_with_an_id_of_another_type(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-03-26");
    ask(w, "[" REQUEST("{}", "initialize", "") "," REQUEST("1.5", "initialize", "") "]",
        "[" ERROR("null", "-32600", "initialize must not be part of a batch") ","
        ERROR("null", "-32600", "initialize must not be part of a batch") "]");
}

static void test_s1_modern_claim_in_a_batch(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-03-26");
    ask(w, "[" PING("1") "," REQUEST("2", "tools/list", META) "]",
        ERROR("null", "-32600",
              "protocol 2026-07-28 has no batches: send one message at a time"));
}

static void test_s1_batch_is_answered_when_its_last_call_ends(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-03-26");
    ask_nothing(w, "[" CALL("1", "echo") "," PING("2") "," CALL("3", "echo") "]");
    finish(w, 1, CALL_RESULT, GOOD);
    expect_nothing(w);
    ask(w, PING("4"), RESULT("4", ""));
    finish(w, 0, CALL_RESULT, GOOD);
    expect(w, "[" RESULT("2", "") "," TEXT_RESULT("3", "ok") "," TEXT_RESULT("1", "ok") "]");
    expect_nothing(w);
}

static void test_s1_batch_with_the_same_id_twice(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-03-26");
    ask_nothing(w, "[" CALL("1", "echo") "," PING("1") "]");
    finish(w, 0, CALL_RESULT, GOOD);
    expect(w, "[" ERROR("1", "-32600",
                        "the id is in use by a request that has not been answered yet") ","
              TEXT_RESULT("1", "ok") "]");
}

static void test_s11_cancelled_call_is_left_out_of_its_batch(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-03-26");
    ask_nothing(w, "[" CALL("1", "echo") "," CALL("2", "echo") "]");
    ask_nothing(w, CANCEL("1"));
    assert_int_equal(w->calls[0].cancelled, 1);
    finish(w, 1, CALL_RESULT, GOOD);
    expect(w, "[" TEXT_RESULT("2", "ok") "]");
    expect_nothing(w);
}

static void test_s11_batch_of_cancelled_calls_is_not_answered(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-03-26");
    ask_nothing(w, "[" CALL("1", "echo") "]");
    ask_nothing(w, CANCEL("1"));
    assert_int_equal(w->end.pending(w->end.ctx), 0);
}

static void test_s11_cancel_inside_the_batch(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-03-26");
    ask(w, "[" CALL("1", "echo") "," CANCEL("1") "," PING("2") "]", "[" RESULT("2", "") "]");
    assert_int_equal(w->calls[0].cancelled, 1);
}

static void test_s15_shutdown_answers_a_batch_once(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-03-26");
    ask_nothing(w, "[" PING("1") "," CALL("2", "echo") "]");
    w->end.shutdown(w->end.ctx);
    expect(w, "[" RESULT("1", "") "," ERROR("2", "-32603", "the server is shutting down") "]");
    expect_nothing(w);
}

static void test_s15_close_sends_no_half_batch(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-03-26");
    ask_nothing(w, "[" PING("1") "," CALL("2", "echo") "]");
    close_end(w);
    expect_nothing(w);
    assert_int_equal(w->calls[0].cancelled, 1);
}

static void test_s1_batch_has_a_limit(void **state)
{
    struct world *w = *state;
    char text[3 + 2 * 4097];
    begin_session(w, "2025-03-26");
    for (size_t members = 4096; members <= 4097; members++) {
        size_t len = 0;
        text[len++] = '[';
        for (size_t i = 0; i < members; i++, len += 2)
            memcpy(text + len, "1,", 2);
        text[len - 1] = ']';
        assert_int_equal(give_bytes(w, text, len), RECEIVE_GO_ON);
        if (members == 4096)
            assert_true(strlen(w->sent[w->read++]) > 4096 * 80);
        else
            expect(w, ERROR("null", "-32600", "a batch may hold at most 4096 messages"));
        expect_nothing(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_s1_batch_before_initialize),
        TEST(test_s1_batch_of_a_revision_without_batches),
        TEST(test_s1_batch_2024_11_05_and_2025_03_26),
        TEST(test_s1_empty_batch),
        TEST(test_s1_batch_has_a_limit),
        TEST(test_s1_batch_of_notifications_has_no_answer),
        TEST(test_s1_batch_of_mixed_messages),
        TEST(test_s1_initialize_in_a_batch),
        TEST(test_s1_initialize_in_a_batch_with_an_id_of_another_type),
        TEST(test_s1_modern_claim_in_a_batch),
        TEST(test_s1_batch_is_answered_when_its_last_call_ends),
        TEST(test_s1_batch_with_the_same_id_twice),
        TEST(test_s11_cancelled_call_is_left_out_of_its_batch),
        TEST(test_s11_batch_of_cancelled_calls_is_not_answered),
        TEST(test_s11_cancel_inside_the_batch),
        TEST(test_s15_shutdown_answers_a_batch_once),
        TEST(test_s15_close_sends_no_half_batch),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("mcp_batches", tests, NULL, NULL);
}
