/* Section 15, and what a connection does with load: in flight, large messages, the end. */
#include "tests/adapters/mcp/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHUTTING_DOWN(id) ERROR(id, "-32603", "the server is shutting down")

static size_t pending(struct world *w)
{
    return w->end.pending(w->end.ctx);
}

/* ---- requests in flight ------------------------------------------------------------------ */

static void test_s15_answers_come_in_any_order(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask_nothing(w, CALL("1", "echo"));
    ask_nothing(w, MODERN_CALL("2", "echo"));
    ask(w, REQUEST("3", "ping", ""), RESULT("3", ""));
    assert_int_equal(pending(w), 2);
    finish(w, 1, CALL_RESULT, GOOD);
    expect(w, MODERN_TEXT_RESULT("2", "ok"));
    finish(w, 0, CALL_RESULT, GOOD);
    expect(w, TEXT_RESULT("1", "ok"));
    assert_int_equal(pending(w), 0);
}

static void test_s1_id_in_flight_is_refused(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask_nothing(w, CALL("'a'", "echo"));
    const char *refused = ERROR("'a'", "-32600",
                                "the id is in use by a request that has not been answered yet");
    ask(w, CALL("'a'", "echo"), refused);
    ask(w, REQUEST("'a'", "ping", ""), refused);
    assert_int_equal(w->call_count, 1);
    finish(w, 0, CALL_RESULT, GOOD);
    expect(w, TEXT_RESULT("'a'", "ok"));
    ask(w, REQUEST("'a'", "ping", ""), RESULT("'a'", ""));
}

static void test_s15_too_many_requests_in_flight(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    for (int i = 0; i < 4; i++) {
        char line[200];
        snprintf(line, sizeof(line), CALL("%d", "echo"), i);
        ask_nothing(w, line);
    }
    ask(w, CALL("4", "echo"),
        ERROR("4", "-32603",
              "too many requests in flight (setting mcp.max_in_flight); wait for answers"));
    /* Cancelling makes room. */
    ask_nothing(w, CANCEL("0"));
    ask_nothing(w, CALL("4", "echo"));
    for (size_t i = 1; i < 5; i++)
        finish(w, i, CALL_RESULT, GOOD);
    assert_int_equal(w->sent_count, w->read + 4);
    assert_int_equal(pending(w), 0);
}

static void test_s15_requests_hold_so_many_bytes(void **state)
{
    struct world *w = *state;
    char line[3000];
    w->options.max_held_bytes = 5000;
    w->keeps_arguments = true;
    reopen(w);
    begin_session(w, "2025-11-25");
    const char *call = REQUEST("%d", "tools/call", "'name':'echo','arguments':{'a':'%02000d'}");
    for (int i = 0; i < 2; i++) {
        snprintf(line, sizeof(line), call, i, 0);
        ask_nothing(w, line);
    }
    snprintf(line, sizeof(line), call, 2, 0);
    ask(w, line,
        ERROR("2", "-32603", "the requests in flight hold too many bytes (setting "
                             "mcp.max_held_bytes); wait for answers"));
    /* What is small is taken on, and what is not a request is not counted. */
    ask(w, REQUEST("3", "ping", ""), RESULT("3", ""));
    /* A cancelled call makes room when its tool has let go of the arguments. */
    ask_nothing(w, CANCEL("0"));
    give(w, line);
    assert_non_null(strstr(w->sent[w->read++], "too many bytes"));
    release(w, 0);
    ask_nothing(w, line);
    finish(w, 1, CALL_RESULT, GOOD);
    finish(w, 2, CALL_RESULT, GOOD);
    release(w, 1);
    release(w, 2);
    w->read += 2;
    /* One alone is as large as its wire lets it be. */
    w->options.max_held_bytes = 1;
    reopen(w);
    begin_session(w, "2025-11-25");
    ask(w, REQUEST("4", "ping", ""), RESULT("4", ""));
}

static void test_s1_ids_of_one_bucket_are_kept_apart(void **state)
{
    struct world *w = *state;
    w->options.max_in_flight = 64;
    reopen(w);
    begin_session(w, "2025-11-25");
    for (int i = 0; i < 60; i++) {
        char line[200];
        snprintf(line, sizeof(line), CALL("'%d'", "echo"), i * 1021);
        ask_nothing(w, line);
    }
    for (int i = 59; i >= 0; i--) {
        char answer[200];
        finish(w, (size_t)i, CALL_RESULT, GOOD);
        snprintf(answer, sizeof(answer), TEXT_RESULT("'%d'", "ok"), i * 1021);
        expect(w, answer);
    }
}

/* ---- large messages ---------------------------------------------------------------------- */

/* {"jsonrpc":"2.0","id":<id>,"method":"ping","params":{"x":"aaa..."}} of `len` bytes. */
static char *large_ping(const char *id, size_t len)
{
    char *text = malloc(len + 1);
    assert_non_null(text);
    int head = snprintf(text, len,
                        "{\"jsonrpc\":\"2.0\",\"id\":%s,\"method\":\"ping\",\"params\":{\"x\":\"",
                        id);
    memset(text + head, 'a', len - (size_t)head - 3);
    memcpy(text + len - 3, "\"}}", 4);
    return text;
}

static void test_s15_message_of_64_kib_is_read_at_once(void **state)
{
    struct world *w = *state;
    char *text = large_ping("1", 64 * 1024);
    assert_int_equal(give_bytes(w, text, 64 * 1024), RECEIVE_GO_ON);
    expect(w, RESULT("1", ""));
    free(text);
}

static void test_s15_larger_message_is_read_on_a_worker(void **state)
{
    struct world *w = *state;
    size_t len = 64 * 1024 + 1;
    char *text = large_ping("1", len);
    assert_int_equal(give_bytes(w, text, len), RECEIVE_PAUSE);
    expect_nothing(w);
    assert_int_equal(pending(w), 1);
    assert_int_equal(w->resumed, 0);
    run_jobs(w);
    expect(w, RESULT("1", ""));
    assert_int_equal(w->resumed, 1);
    assert_int_equal(pending(w), 0);
    /* What came later is answered later. */
    ask(w, REQUEST("2", "ping", ""), RESULT("2", ""));
    free(text);
}

static void test_s15_larger_message_without_a_worker(void **state)
{
    struct world *w = *state;
    size_t len = 100 * 1024;
    char *text = large_ping("1", len);
    w->executor_full = true;
    assert_int_equal(give_bytes(w, text, len), RECEIVE_GO_ON);
    expect(w, RESULT("1", ""));
    assert_int_equal(w->resumed, 0);
    free(text);
}

static void test_s15_larger_message_that_is_no_json(void **state)
{
    struct world *w = *state;
    size_t len = 100 * 1024;
    char *text = large_ping("1", len);
    text[len - 1] = ' ';
    assert_int_equal(give_bytes(w, text, len), RECEIVE_PAUSE);
    run_jobs(w);
    expect(w, ERROR_WITHOUT_ID("-32700", "unexpected end at byte 102400"));
    assert_int_equal(w->resumed, 1);
    free(text);
}

static void test_s15_calls_end_while_a_large_message_is_read(void **state)
{
    struct world *w = *state;
    size_t len = 100 * 1024;
    char *text = large_ping("2", len);
    begin_session(w, "2025-11-25");
    ask_nothing(w, CALL("1", "echo"));
    assert_int_equal(give_bytes(w, text, len), RECEIVE_PAUSE);
    assert_int_equal(pending(w), 2);
    finish(w, 0, CALL_RESULT, GOOD);
    expect(w, TEXT_RESULT("1", "ok"));
    run_jobs(w);
    expect(w, RESULT("2", ""));
    free(text);
}

static void test_s15_closed_while_a_large_message_is_read(void **state)
{
    struct world *w = *state;
    size_t len = 100 * 1024;
    char *text = large_ping("1", len);
    assert_int_equal(give_bytes(w, text, len), RECEIVE_PAUSE);
    close_end(w);
    run_jobs(w);
    assert_int_equal(w->resumed, 0);
    expect_nothing(w);
    free(text);
}

static void test_s15_closed_while_a_large_message_without_sense_is_read(void **state)
{
    struct world *w = *state;
    size_t len = 100 * 1024;
    char *text = large_ping("1", len);
    text[0] = '[';
    assert_int_equal(give_bytes(w, text, len), RECEIVE_PAUSE);
    close_end(w);
    run_jobs(w);
    expect_nothing(w);
    free(text);
}

/* ---- the end ----------------------------------------------------------------------------- */

static void test_s15_shutdown_answers_each_request_once(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask_nothing(w, CALL("1", "echo"));
    ask_nothing(w, MODERN_CALL("'two'", "echo"));
    ask_nothing(w, CALL("3", "echo"));
    finish(w, 2, CALL_RESULT, GOOD);
    expect(w, TEXT_RESULT("3", "ok"));
    w->end.shutdown(w->end.ctx);
    assert_int_equal(w->sent_count, w->read + 2);
    bool swapped = strstr(w->sent[w->read], "\"two\"") != NULL;
    expect(w, swapped ? SHUTTING_DOWN("'two'") : SHUTTING_DOWN("1"));
    expect(w, swapped ? SHUTTING_DOWN("1") : SHUTTING_DOWN("'two'"));
    assert_int_equal(w->calls[0].cancelled, 1);
    assert_int_equal(w->calls[1].cancelled, 1);
    assert_int_equal(pending(w), 0);
}

static void test_s15_nothing_is_taken_after_shutdown(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    w->end.shutdown(w->end.ctx);
    ask_nothing(w, REQUEST("1", "ping", ""));
    ask_nothing(w, CALL("2", "echo"));
    ask_nothing(w, "{");
    assert_int_equal(w->call_count, 0);
}

static void test_s15_shutdown_while_a_large_message_is_read(void **state)
{
    struct world *w = *state;
    size_t len = 100 * 1024;
    char *text = large_ping("1", len);
    assert_int_equal(give_bytes(w, text, len), RECEIVE_PAUSE);
    w->end.shutdown(w->end.ctx);
    expect(w, ERROR_WITHOUT_ID("-32603", "the server is shutting down"));
    assert_int_equal(pending(w), 0);
    run_jobs(w);
    expect_nothing(w);
    free(text);
}

static void test_s15_close_is_silent(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    w->speaks_when_cancelled = true;
    ask_nothing(w, REQUEST("1", "tools/call", "'name':'echo','_meta':{'progressToken':1}"));
    ask_nothing(w, CALL("2", "echo"));
    close_end(w);
    assert_int_equal(w->calls[0].cancelled, 1);
    assert_int_equal(w->calls[1].cancelled, 1);
}

static void test_s15_connections_do_not_know_each_other(void **state)
{
    struct world *w = *state;
    struct message_endpoint first = w->end;
    struct message_endpoint second;
    struct message_sink sink;
    struct error err;
    memset(&sink, 0, sizeof(sink));
    begin_session(w, "2025-11-25");
    const struct endpoint_factory *factory = mcp_endpoints(w->mcp);
    assert_int_equal(factory->open(factory->ctx, w->caller, &sink, &second, &err), 0);
    ask_nothing(w, CALL("1", "echo"));
    assert_int_equal(first.pending(first.ctx), 1);
    assert_int_equal(second.pending(second.ctx), 0);
    char *cancel = strdup("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\","
                          "\"params\":{\"requestId\":1}}");
    assert_int_equal(second.receive(second.ctx, cancel, strlen(cancel)), RECEIVE_GO_ON);
    assert_int_equal(w->calls[0].cancelled, 0);
    second.close(second.ctx);
    finish(w, 0, CALL_RESULT, GOOD);
    expect(w, TEXT_RESULT("1", "ok"));
}

/* A call that ends gives its slot to one that waits, which may end at once. */
static void test_s15_nothing_is_sent_while_a_connection_closes(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-03-26");
    ask_nothing(w, CALL("1", "echo"));
    ask_nothing(w, CALL("2", "echo"));
    ask_nothing(w, "[" CALL("3", "echo") "]");
    w->ends_when_cancelled = true;
    close_end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_s15_answers_come_in_any_order),
        TEST(test_s1_id_in_flight_is_refused),
        TEST(test_s15_too_many_requests_in_flight),
        TEST(test_s15_requests_hold_so_many_bytes),
        TEST(test_s1_ids_of_one_bucket_are_kept_apart),
        TEST(test_s15_message_of_64_kib_is_read_at_once),
        TEST(test_s15_larger_message_is_read_on_a_worker),
        TEST(test_s15_larger_message_without_a_worker),
        TEST(test_s15_larger_message_that_is_no_json),
        TEST(test_s15_calls_end_while_a_large_message_is_read),
        TEST(test_s15_closed_while_a_large_message_is_read),
        TEST(test_s15_closed_while_a_large_message_without_sense_is_read),
        TEST(test_s15_shutdown_answers_each_request_once),
        TEST(test_s15_nothing_is_taken_after_shutdown),
        TEST(test_s15_shutdown_while_a_large_message_is_read),
        TEST(test_s15_close_is_silent),
        TEST(test_s15_connections_do_not_know_each_other),
        TEST(test_s15_nothing_is_sent_while_a_connection_closes),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("mcp_connection", tests, NULL, NULL);
}
