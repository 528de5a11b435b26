/* Section 11: progress and logging. */
#include "tests/adapters/mcp/fixture.h"

#include <stdio.h>

#define CALL_WITH_TOKEN(id, token)                                                                 \
    REQUEST(id, "tools/call", "'name':'echo','_meta':{'progressToken':" token "}")
#define PROGRESS(params)                                                                           \
    "{'jsonrpc':'2.0','method':'notifications/progress','params':{" params "}}"
#define LOG(level, data)                                                                           \
    "{'jsonrpc':'2.0','method':'notifications/message','params':{'level':'" level                  \
    "','logger':'plug.in','data':'" data "'}}"
#define SET_LEVEL(id, level) REQUEST(id, "logging/setLevel", "'level':" level)
#define BAD_LEVEL                                                                                  \
    "\\'level\\' must be one of debug, info, notice, warning, error, critical, alert, emergency"

/* ---- progress ---------------------------------------------------------------------------- */

static void test_s11_progress_token_is_echoed_with_its_type(void **state)
{
    static const char *const tokens[] = {"7", "'7'", "0", "''", "9007199254740993",
                                         "'\\u0041\\'\\n'", "-1"};
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
        char line[300];
        snprintf(line, sizeof(line), CALL_WITH_TOKEN("1", "%s"), tokens[i]);
        ask_nothing(w, line);
        progress(w, i, 1, 2, "half");
        snprintf(line, sizeof(line),
                 PROGRESS("'progressToken':%s,'progress':1,'total':2,'message':'half'"), tokens[i]);
        expect(w, line);
        finish(w, i, CALL_RESULT, GOOD);
        expect(w, TEXT_RESULT("1", "ok"));
    }
}

static void test_s11_progress_token_of_another_type(void **state)
{
    static const char *const tokens[] = {"null", "1.5", "1e2", "{}", "[]", "true"};
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
        char line[300];
        snprintf(line, sizeof(line), CALL_WITH_TOKEN("1", "%s"), tokens[i]);
        ask(w, line,
            ERROR("1", "-32602", "_meta.progressToken must be a string or an integer"));
    }
    assert_int_equal(w->call_count, 0);
}

static void test_s11_no_progress_without_token(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask_nothing(w, CALL("1", "echo"));
    progress(w, 0, 1, 2, "half");
    expect_nothing(w);
    finish(w, 0, CALL_RESULT, GOOD);
    expect(w, TEXT_RESULT("1", "ok"));
}

static void test_s4_progress_message_since_2025_03_26(void **state)
{
    struct world *w = *state;
    begin_session(w, "2024-11-05");
    ask_nothing(w, CALL_WITH_TOKEN("1", "'t'"));
    progress(w, 0, 1, 2, "half");
    expect(w, PROGRESS("'progressToken':'t','progress':1,'total':2"));
    finish(w, 0, CALL_RESULT, GOOD);
    reopen(w);
    w->read = w->sent_count;
    begin_session(w, "2025-03-26");
    ask_nothing(w, CALL_WITH_TOKEN("1", "'t'"));
    progress(w, 1, 1, 2, "half");
    expect(w, PROGRESS("'progressToken':'t','progress':1,'total':2,'message':'half'"));
    finish(w, 1, CALL_RESULT, GOOD);
    expect(w, TEXT_RESULT("1", "ok"));
}

static void test_s11_progress_of_a_modern_request(void **state)
{
    struct world *w = *state;
    ask_nothing(w, REQUEST("1", "tools/call", "'name':'echo','_meta':{" CLAIM
                                              ",'progressToken':'t'}"));
    progress(w, 0, 0.25, 0, "");
    expect(w, PROGRESS("'progressToken':'t','progress':0.25"));
    finish(w, 0, CALL_RESULT, GOOD);
    expect(w, MODERN_TEXT_RESULT("1", "ok"));
}

static void test_s11_progress_is_limited_in_rate(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask_nothing(w, CALL_WITH_TOKEN("1", "'t'"));
    progress(w, 0, 1, 100, "");
    expect(w, PROGRESS("'progressToken':'t','progress':1,'total':100"));
    w->now_ns += 10 * (uint64_t)MS - 1;
    progress(w, 0, 2, 100, "");
    expect_nothing(w);
    w->now_ns += 1;
    progress(w, 0, 3, 100, "");
    expect(w, PROGRESS("'progressToken':'t','progress':3,'total':100"));
    /* the last step always */
    progress(w, 0, 100, 100, "");
    expect(w, PROGRESS("'progressToken':'t','progress':100,'total':100"));
    finish(w, 0, CALL_RESULT, GOOD);
    expect(w, TEXT_RESULT("1", "ok"));
}

static void test_s11_progress_without_total_is_limited_in_rate(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask_nothing(w, CALL_WITH_TOKEN("1", "'t'"));
    progress(w, 0, 1, 0, "");
    expect(w, PROGRESS("'progressToken':'t','progress':1"));
    progress(w, 0, 2, 0, "");
    expect_nothing(w);
    w->now_ns += 10 * (uint64_t)MS;
    progress(w, 0, 3, 0, "");
    expect(w, PROGRESS("'progressToken':'t','progress':3"));
    finish(w, 0, CALL_RESULT, GOOD);
    expect(w, TEXT_RESULT("1", "ok"));
}

/* A tool that says again and again that it is done must not get round the limit. */
static void test_s11_progress_beyond_the_total_is_limited_in_rate(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask_nothing(w, CALL_WITH_TOKEN("1", "'t'"));
    progress(w, 0, 10, 10, "");
    expect(w, PROGRESS("'progressToken':'t','progress':10,'total':10"));
    progress(w, 0, 11, 10, "");
    progress(w, 0, 12, 10, "");
    expect_nothing(w);
    finish(w, 0, CALL_RESULT, GOOD);
    expect(w, TEXT_RESULT("1", "ok"));
}

static void test_s11_rate_of_one_request_is_not_that_of_another(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask_nothing(w, CALL_WITH_TOKEN("1", "'a'"));
    ask_nothing(w, CALL_WITH_TOKEN("2", "'b'"));
    progress(w, 0, 1, 0, "");
    expect(w, PROGRESS("'progressToken':'a','progress':1"));
    progress(w, 1, 1, 0, "");
    expect(w, PROGRESS("'progressToken':'b','progress':1"));
    finish(w, 0, CALL_RESULT, GOOD);
    finish(w, 1, CALL_RESULT, GOOD);
    expect(w, TEXT_RESULT("1", "ok"));
    expect(w, TEXT_RESULT("2", "ok"));
}

static void test_s11_slow_client_loses_progress_but_no_answer(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask_nothing(w, CALL_WITH_TOKEN("1", "'t'"));
    w->client_is_slow = true;
    progress(w, 0, 1, 2, "");
    log_line(w, 0, LOG_LEVEL_ERROR, "lost");
    expect_nothing(w);
    finish(w, 0, CALL_RESULT, GOOD);
    expect(w, TEXT_RESULT("1", "ok"));
}

/* ---- logging ----------------------------------------------------------------------------- */

static void test_s11_log_level_of_a_session_begins_at_info(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask_nothing(w, CALL("1", "echo"));
    log_line(w, 0, LOG_LEVEL_DEBUG, "hidden");
    expect_nothing(w);
    log_line(w, 0, LOG_LEVEL_INFO, "seen");
    expect(w, LOG("info", "seen"));
    finish(w, 0, CALL_RESULT, GOOD);
    expect(w, TEXT_RESULT("1", "ok"));
}

static void test_s11_set_level(void **state)
{
    static const char *const names[] = {"debug", "info", "notice", "warning",
                                        "error", "critical", "alert", "emergency"};
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask_nothing(w, CALL("'c'", "echo"));
    for (int set = 0; set < 8; set++) {
        char line[200];
        snprintf(line, sizeof(line), SET_LEVEL("1", "'%s'"), names[set]);
        ask(w, line, RESULT("1", ""));
        for (int level = 0; level < 8; level++) {
            log_line(w, 0, (enum log_level)level, "x");
            snprintf(line, sizeof(line), LOG("%s", "x"), names[level]);
            if (level >= set)
                expect(w, line);
            expect_nothing(w);
        }
    }
    finish(w, 0, CALL_RESULT, GOOD);
    expect(w, TEXT_RESULT("'c'", "ok"));
}

static void test_s11_bad_level(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask(w, SET_LEVEL("1", "'loud'"), ERROR("1", "-32602", BAD_LEVEL));
    ask(w, SET_LEVEL("1", "'INFO'"), ERROR("1", "-32602", BAD_LEVEL));
    ask(w, SET_LEVEL("1", "3"), ERROR("1", "-32602", BAD_LEVEL));
    ask(w, REQUEST("1", "logging/setLevel", ""), ERROR("1", "-32602", BAD_LEVEL));
}

static void test_s11_level_belongs_to_its_connection(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask(w, SET_LEVEL("1", "'debug'"), RESULT("1", ""));
    reopen(w);
    begin_session(w, "2025-11-25");
    ask_nothing(w, CALL("1", "echo"));
    log_line(w, 0, LOG_LEVEL_DEBUG, "hidden");
    expect_nothing(w);
    finish(w, 0, CALL_RESULT, GOOD);
    expect(w, TEXT_RESULT("1", "ok"));
}

static void test_s11_modern_log_only_as_asked(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask(w, SET_LEVEL("1", "'debug'"), RESULT("1", ""));
    ask_nothing(w, MODERN_CALL("'none'", "echo"));
    ask_nothing(w, REQUEST("'some'", "tools/call",
                           "'name':'echo','_meta':{" CLAIM
                           ",'io.modelcontextprotocol/logLevel':'warning'}"));
    log_line(w, 0, LOG_LEVEL_EMERGENCY, "unasked");
    log_line(w, 1, LOG_LEVEL_NOTICE, "too low");
    expect_nothing(w);
    log_line(w, 1, LOG_LEVEL_WARNING, "line \"1\"\n");
    expect(w, LOG("warning", "line \\'1\\'\\n"));
    finish(w, 0, CALL_RESULT, GOOD);
    finish(w, 1, CALL_RESULT, GOOD);
    expect(w, MODERN_TEXT_RESULT("'none'", "ok"));
    expect(w, MODERN_TEXT_RESULT("'some'", "ok"));
}

static void test_s11_log_is_limited_in_rate(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask_nothing(w, CALL("1", "echo"));
    for (int i = 0; i < 600; i++)
        log_line(w, 0, LOG_LEVEL_ERROR, "x");
    for (int i = 0; i < 500; i++)
        expect(w, LOG("error", "x"));
    expect_nothing(w);
    w->now_ns += 1000 * (uint64_t)MS;
    log_line(w, 0, LOG_LEVEL_ERROR, "y");
    expect(w, LOG("error", "y"));
    finish(w, 0, CALL_RESULT, GOOD);
    expect(w, TEXT_RESULT("1", "ok"));
}

static void test_s1_ill_formed_text_of_a_plugin_is_replaced(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask_nothing(w, CALL_WITH_TOKEN("1", "'t'"));
    log_line(w, 0, LOG_LEVEL_ERROR, "a\xFF" "b");
    expect(w, LOG("error", "a\xEF\xBF\xBD" "b"));
    progress(w, 0, 1, 0, "\xC3");
    expect(w, PROGRESS("'progressToken':'t','progress':1,'message':'\xEF\xBF\xBD'"));
    finish(w, 0, CALL_RESULT, GOOD);
    expect(w, TEXT_RESULT("1", "ok"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_s11_progress_token_is_echoed_with_its_type),
        TEST(test_s11_progress_token_of_another_type),
        TEST(test_s11_no_progress_without_token),
        TEST(test_s4_progress_message_since_2025_03_26),
        TEST(test_s11_progress_of_a_modern_request),
        TEST(test_s11_progress_is_limited_in_rate),
        TEST(test_s11_progress_without_total_is_limited_in_rate),
        TEST(test_s11_progress_beyond_the_total_is_limited_in_rate),
        TEST(test_s11_rate_of_one_request_is_not_that_of_another),
        TEST(test_s11_slow_client_loses_progress_but_no_answer),
        TEST(test_s11_log_level_of_a_session_begins_at_info),
        TEST(test_s11_set_level),
        TEST(test_s11_bad_level),
        TEST(test_s11_level_belongs_to_its_connection),
        TEST(test_s11_modern_log_only_as_asked),
        TEST(test_s11_log_is_limited_in_rate),
        TEST(test_s1_ill_formed_text_of_a_plugin_is_replaced),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("mcp_notifications", tests, NULL, NULL);
}
