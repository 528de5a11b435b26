/* Section 14, handshake era: streams of events, lost and taken up again. */
#include "tests/adapters/mcp_http/web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS "Accept: text/event-stream\n"
#define TOOLS_CHANGED "{'jsonrpc':'2.0','method':'notifications/tools/list_changed','params':{}}"
#define PROMPTS_CHANGED                                                                            \
    "{'jsonrpc':'2.0','method':'notifications/prompts/list_changed','params':{}}"
#define PROGRESS(token, value)                                                                     \
    "{'jsonrpc':'2.0','method':'notifications/progress','params':{'progressToken':" token         \
    ",'progress':" value "}}"
#define CALL_WITH_PROGRESS(id)                                                                     \
    REQUEST(id, "tools/call", "'name':'echo','_meta':{'progressToken':" id "}")
#define NOT_THERE(id)                                                                              \
    400, ERROR_WITHOUT_ID("-32600", "the stream of Last-Event-ID \\'" id                           \
                                    "\\' is not there any more; open a new one without this "      \
                                    "header")

static struct http_exchange *get(struct web *web)
{
    return send_in_session(web, "GET", EVENTS, NULL);
}

static struct http_exchange *get_after(struct web *web, const char *last_event)
{
    char headers[200];
    snprintf(headers, sizeof(headers), EVENTS "Last-Event-ID: %s\n", last_event);
    return send_in_session(web, "GET", headers, NULL);
}

static void change_tools(struct web *web)
{
    static unsigned number;
    char name[20];
    snprintf(name, sizeof(name), "more%u", number++);
    add_tool(web->w, name, "{'name':'x','inputSchema':{'type':'object'}}");
    pass(web->w, CHANGES_GATHER_MS);
}

/* ---- standing streams ----------------------------------------------------------------------- */

static void test_s14_get_gets_what_belongs_to_no_request(void **state)
{
    struct web *web = *state;
    begin(web, "2025-11-25");
    struct http_exchange *x = get(web);
    expect_events(x, PRIME("2-1"));
    change_tools(web);
    expect_events(x, EVENT_ID("2-2", TOOLS_CHANGED));
    expect_open(x);
    pass(web->w, 15000);
    expect_events(x, ":\n\n");
}

static void test_s14_older_revisions_are_not_primed(void **state)
{
    struct web *web = *state;
    begin(web, "2025-06-18");
    struct http_exchange *x = get(web);
    expect_events(x, "");
    change_tools(web);
    expect_events(x, EVENT_ID("2-1", TOOLS_CHANGED));
    begin(web, "2024-11-05");
    x = get(web);
    change_tools(web);
    expect_events(x, EVENT(TOOLS_CHANGED));
}

static void test_s14_the_newest_of_several_gets_it(void **state)
{
    struct web *web = *state;
    begin(web, "2025-06-18");
    struct http_exchange *first = get(web), *second = get(web);
    change_tools(web);
    expect_events(first, "");
    expect_events(second, EVENT_ID("3-1", TOOLS_CHANGED));
    leave(second);
    change_tools(web);
    expect_events(first, EVENT_ID("2-2", TOOLS_CHANGED));
}

static void test_s14_a_fifth_stream_closes_the_first(void **state)
{
    struct web *web = *state;
    struct http_exchange *x[5];
    begin(web, "2025-06-18");
    for (size_t i = 0; i < 5; i++)
        x[i] = get(web);
    expect_finished(x[0]);
    for (size_t i = 1; i < 5; i++)
        expect_open(x[i]);
}

static void test_s14_messages_wait_for_a_stream_once(void **state)
{
    struct web *web = *state;
    begin(web, "2025-06-18");
    change_tools(web);
    change_tools(web);
    add_item(web->w, ITEM_PROMPT, "p", "{'name':'p'}");
    pass(web->w, CHANGES_GATHER_MS);
    struct http_exchange *x = get(web);
    expect_events(x, EVENT_ID("2-1", TOOLS_CHANGED) EVENT_ID("2-2", PROMPTS_CHANGED));
    expect_events(get(web), "");
}

static void test_s14_what_waits_is_bounded(void **state)
{
    struct web *web = *state;
    char uri[40], body[200], definition[120];
    web->options.replay_bytes = 4000;
    web_reopen(web);
    begin(web, "2025-06-18");
    for (int i = 0; i < 40; i++) {
        snprintf(uri, sizeof(uri), "test://%d", i);
        snprintf(definition, sizeof(definition), "{'uri':'%s','name':'n'}", uri);
        add_item(web->w, ITEM_RESOURCE, uri, definition);
        snprintf(body, sizeof(body), REQUEST("1", "resources/subscribe", "'uri':'%s'"), uri);
        expect_json(post_in_session(web, body), 200, RESULT("1", ""));
    }
    pass(web->w, CHANGES_GATHER_MS);
    for (int i = 0; i < 40; i++) {
        snprintf(uri, sizeof(uri), "test://%d", i);
        changes_tell(web->w->changes, CHANGE_RESOURCE, str_from(uri));
    }
    pass(web->w, 1000);
    struct http_exchange *x = get(web);
    assert_in_range(x->len, 300, 1200);
    assert_non_null(strstr(x->body, "test://39"));
    assert_null(strstr(x->body, "test://1\""));
}

static void test_s14_a_slow_stream_drops_nothing_that_stays(void **state)
{
    struct web *web = *state;
    begin(web, "2025-06-18");
    struct http_exchange *x = get(web);
    x->slow = true;
    change_tools(web);
    expect_events(x, "");
    x->slow = false;
    pass(web->w, 250);
    assert_non_null(strstr(x->body, "list_changed"));
}

/* ---- taking up ------------------------------------------------------------------------------ */

static void test_s14_lost_standing_stream_is_taken_up(void **state)
{
    struct web *web = *state;
    begin(web, "2025-11-25");
    struct http_exchange *x = get(web);
    expect_events(x, PRIME("2-1"));
    change_tools(web);
    expect_events(x, EVENT_ID("2-2", TOOLS_CHANGED));
    leave(x);
    change_tools(web);
    x = get_after(web, "2-1");
    expect_events(x, EVENT_ID("2-2", TOOLS_CHANGED) EVENT_ID("2-3", TOOLS_CHANGED));
    change_tools(web);
    expect_events(x, EVENT_ID("2-4", TOOLS_CHANGED));
    /* before the loss was noticed */
    struct http_exchange *again = get_after(web, "2-3");
    expect_finished(x);
    expect_events(again, EVENT_ID("2-4", TOOLS_CHANGED));
    expect_open(again);
}

static void test_s14_the_result_of_a_lost_post_is_kept(void **state)
{
    struct web *web = *state;
    begin(web, "2025-11-25");
    struct http_exchange *x = post_in_session(web, CALL_WITH_PROGRESS("7"));
    progress(web->w, 0, 1, 0, "");
    expect_events(x, PRIME("2-1") EVENT_ID("2-2", PROGRESS("7", "1")));
    leave(x);
    pass(web->w, 20);
    progress(web->w, 0, 2, 0, "");
    finish(web->w, 0, CALL_RESULT, GOOD);
    x = get_after(web, "2-2");
    expect_events(x, EVENT_ID("2-3", PROGRESS("7", "2")) EVENT_ID("2-4", TEXT_RESULT("7", "ok")));
    expect_finished(x);
    /* and as often as it is asked for */
    x = get_after(web, "2-3");
    expect_events(x, EVENT_ID("2-4", TEXT_RESULT("7", "ok")));
    expect_finished(x);
}

static void test_s14_a_lost_post_goes_on_where_it_is_taken_up(void **state)
{
    struct web *web = *state;
    begin(web, "2025-06-18");
    struct http_exchange *x = post_in_session(web, CALL_WITH_PROGRESS("7"));
    progress(web->w, 0, 1, 0, "");
    expect_events(x, EVENT_ID("2-1", PROGRESS("7", "1")));
    leave(x);
    x = get_after(web, "2-1");
    expect_events(x, "");
    expect_open(x);
    /* what belongs to no request does not go there */
    change_tools(web);
    expect_events(x, "");
    finish(web->w, 0, CALL_RESULT, GOOD);
    expect_events(x, EVENT_ID("2-2", TEXT_RESULT("7", "ok")));
    expect_finished(x);
}

static void test_s14_only_its_own_stream_is_sent_again(void **state)
{
    struct web *web = *state;
    begin(web, "2025-06-18");
    struct http_exchange *a = post_in_session(web, CALL_WITH_PROGRESS("1"));
    struct http_exchange *b = post_in_session(web, CALL_WITH_PROGRESS("2"));
    progress(web->w, 0, 1, 0, "");
    progress(web->w, 1, 1, 0, "");
    leave(a);
    leave(b);
    finish(web->w, 0, CALL_RESULT, GOOD);
    finish(web->w, 1, CALL_RESULT, GOOD);
    a = get_after(web, "2-1");
    expect_events(a, EVENT_ID("2-3", TEXT_RESULT("1", "ok")));
    b = get_after(web, "3-2");
    expect_events(b, EVENT_ID("3-4", TEXT_RESULT("2", "ok")));
}

static void test_s14_event_ids_that_are_none(void **state)
{
    static const char *const bad[] = {"2", "2-", "-1", "a-1", "2-1x", "99-1", "1-1", "2-1-1",
                                      "99999999999999999999-1", "4294967298-1",
                                      "2-99999999999999999999999"};
    struct web *web = *state;
    begin(web, "2025-06-18");
    struct http_exchange *x = post_in_session(web, CALL("1", "echo"));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char error[300];
        snprintf(error, sizeof(error),
                 ERROR_WITHOUT_ID("-32600", "the stream of Last-Event-ID \\'%s\\' is not there any "
                                            "more; open a new one without this header"), bad[i]);
        expect_json(get_after(web, bad[i]), 400, error);
    }
    expect_waiting(x);
    finish(web->w, 0, CALL_RESULT, GOOD);
}

static void test_s14_a_stream_of_another_session_is_not_there(void **state)
{
    struct web *web = *state;
    begin(web, "2025-06-18");
    leave(get(web));
    begin(web, "2025-06-18");
    expect_json(get_after(web, "2-0"), NOT_THERE("2-0"));
}

static void test_s14_what_is_kept_is_bounded(void **state)
{
    struct web *web = *state;
    web->options.replay_bytes = 2400;
    web_reopen(web);
    begin(web, "2025-06-18");
    struct http_exchange *lost = post_in_session(web, CALL_WITH_PROGRESS("1"));
    struct http_exchange *noisy = post_in_session(web, CALL_WITH_PROGRESS("2"));
    progress(web->w, 0, 1, 0, "");
    leave(lost);
    finish(web->w, 0, CALL_RESULT, GOOD);
    for (int i = 1; i < 200; i++) {
        pass(web->w, 20);
        progress(web->w, 1, i, 0, "");
    }
    leave(noisy);
    /* what may be dropped does not drive out what may not */
    lost = get_after(web, "2-1");
    expect_events(lost, EVENT_ID("2-2", TEXT_RESULT("1", "ok")));
    noisy = get_after(web, "3-3");
    assert_in_range(noisy->len, 200, 700);
    assert_non_null(strstr(noisy->body, "\"progress\":199}"));
    finish(web->w, 1, CALL_RESULT, GOOD);
    /* answers drive out older answers, and with its last event a stream is gone */
    for (int i = 0; i < 20; i++) {
        struct http_exchange *x = post_in_session(web, CALL_WITH_PROGRESS("3"));
        progress(web->w, web->w->call_count - 1, 1, 0, "");
        finish(web->w, web->w->call_count - 1, CALL_RESULT, GOOD);
        expect_finished(x);
    }
    expect_json(get_after(web, "2-1"), NOT_THERE("2-1"));
}

static void test_s14_what_is_kept_is_forgotten_in_time(void **state)
{
    struct web *web = *state;
    web->options.session_idle_ms = 1800000;
    web_reopen(web);
    begin(web, "2025-06-18");
    struct http_exchange *x = post_in_session(web, CALL_WITH_PROGRESS("7"));
    progress(web->w, 0, 1, 0, "");
    leave(x);
    finish(web->w, 0, CALL_RESULT, GOOD);
    pass(web->w, 299000);
    expect_events(get_after(web, "2-1"), EVENT_ID("2-2", TEXT_RESULT("7", "ok")));
    pass(web->w, 17000);
    expect_json(get_after(web, "2-1"), NOT_THERE("2-1"));
}

/* A long answer that was delivered is not kept, but one that nobody has seen is. */
static void test_s14_long_answers_are_kept_if_they_were_not_sent(void **state)
{
    static char text[9000], result[9100];
    struct web *web = *state;
    web->options.replay_bytes = 2000;
    web_reopen(web);
    begin(web, "2025-06-18");
    memset(text, 'x', sizeof(text) - 1);
    snprintf(result, sizeof(result), "{'content':[{'type':'text','text':'%s'}]}", text);
    struct http_exchange *sent = post_in_session(web, CALL_WITH_PROGRESS("1"));
    progress(web->w, 0, 1, 0, "");
    struct http_exchange *lost = post_in_session(web, CALL_WITH_PROGRESS("2"));
    progress(web->w, 1, 1, 0, "");
    leave(lost);
    finish(web->w, 1, CALL_RESULT, result);
    finish(web->w, 0, CALL_RESULT, result);
    assert_in_range(sent->len, 9000, 10000);
    sent = get_after(web, "2-1");
    expect_events(sent, "");
    expect_finished(sent);
    lost = get_after(web, "3-2");
    assert_in_range(lost->len, 9000, 10000);
}

static void test_s14_lost_standing_streams_are_bounded(void **state)
{
    struct web *web = *state;
    begin(web, "2025-11-25");
    for (int i = 0; i < 20; i++)
        leave(get(web));
    expect_json(get_after(web, "2-1"), NOT_THERE("2-1"));
    expect_open(get_after(web, "21-20"));
}

/* ---- polling -------------------------------------------------------------------------------- */

static void begin_polling(struct web *web, const char *version)
{
    web->options.poll_after_ms = 500;
    web_reopen(web);
    begin(web, version);
}

static void test_s14_a_long_request_is_polled(void **state)
{
    struct web *web = *state;
    begin_polling(web, "2025-11-25");
    struct http_exchange *x = post_in_session(web, CALL("1", "echo"));
    pass(web->w, 499);
    expect_waiting(x);
    pass(web->w, 1);
    expect_events(x, PRIME("2-1"));
    expect_finished(x);
    struct http_exchange *y = get_after(web, "2-1");
    expect_events(y, "");
    expect_open(y);
    finish(web->w, 0, CALL_RESULT, GOOD);
    expect_events(y, EVENT_ID("2-2", TEXT_RESULT("1", "ok")));
    expect_finished(y);
}

static void test_s14_a_polled_request_may_end_before_the_client_comes(void **state)
{
    struct web *web = *state;
    begin_polling(web, "2025-11-25");
    struct http_exchange *x = post_in_session(web, CALL("1", "echo"));
    pass(web->w, 500);
    expect_finished(x);
    finish(web->w, 0, CALL_RESULT, GOOD);
    x = get_after(web, "2-1");
    expect_events(x, EVENT_ID("2-2", TEXT_RESULT("1", "ok")));
    expect_finished(x);
}

static void test_s14_who_hears_something_or_is_old_is_not_sent_away(void **state)
{
    struct web *web = *state;
    begin_polling(web, "2025-11-25");
    struct http_exchange *quick = post_in_session(web, CALL("1", "echo"));
    struct http_exchange *chatty = post_in_session(web, CALL_WITH_PROGRESS("2"));
    struct http_exchange *gone = post_in_session(web, CALL("3", "echo"));
    progress(web->w, 1, 1, 0, "");
    finish(web->w, 0, CALL_RESULT, GOOD);
    leave(gone);
    expect_json(quick, 200, TEXT_RESULT("1", "ok"));
    begin(web, "2025-06-18");
    struct http_exchange *old = post_in_session(web, CALL("1", "echo"));
    pass(web->w, 2000);
    expect_waiting(old);
    expect_open(chatty);
}

static void test_s14_each_is_sent_away_in_its_time(void **state)
{
    struct web *web = *state;
    begin_polling(web, "2025-11-25");
    struct http_exchange *first = post_in_session(web, CALL("1", "echo"));
    pass(web->w, 200);
    struct http_exchange *second = post_in_session(web, CALL("2", "echo"));
    pass(web->w, 300);
    expect_finished(first);
    expect_waiting(second);
    pass(web->w, 200);
    expect_finished(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WEB_TEST(test_s14_get_gets_what_belongs_to_no_request),
        WEB_TEST(test_s14_older_revisions_are_not_primed),
        WEB_TEST(test_s14_the_newest_of_several_gets_it),
        WEB_TEST(test_s14_a_fifth_stream_closes_the_first),
        WEB_TEST(test_s14_messages_wait_for_a_stream_once),
        WEB_TEST(test_s14_what_waits_is_bounded),
        WEB_TEST(test_s14_a_slow_stream_drops_nothing_that_stays),
        WEB_TEST(test_s14_lost_standing_stream_is_taken_up),
        WEB_TEST(test_s14_the_result_of_a_lost_post_is_kept),
        WEB_TEST(test_s14_a_lost_post_goes_on_where_it_is_taken_up),
        WEB_TEST(test_s14_only_its_own_stream_is_sent_again),
        WEB_TEST(test_s14_event_ids_that_are_none),
        WEB_TEST(test_s14_a_stream_of_another_session_is_not_there),
        WEB_TEST(test_s14_what_is_kept_is_bounded),
        WEB_TEST(test_s14_what_is_kept_is_forgotten_in_time),
        WEB_TEST(test_s14_long_answers_are_kept_if_they_were_not_sent),
        WEB_TEST(test_s14_lost_standing_streams_are_bounded),
        WEB_TEST(test_s14_a_long_request_is_polled),
        WEB_TEST(test_s14_a_polled_request_may_end_before_the_client_comes),
        WEB_TEST(test_s14_who_hears_something_or_is_old_is_not_sent_away),
        WEB_TEST(test_s14_each_is_sent_away_in_its_time),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
