/* Section 14, handshake era: sessions and what is posted to them. */
#include "tests/adapters/mcp_http/web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GONE(id)                                                                                   \
    404, ERROR(id, "-32600",                                                                       \
               "there is no such session (any more); begin a new one with initialize")
#define ENDED                                                                                      \
    404, ERROR_WITHOUT_ID("-32600", "the session has ended; begin a new one with initialize")
#define FORM                                                                                       \
    "'message':'Who?','requestedSchema':{'type':'object','properties':{'n':{'type':'string'}}}"
#define WANTED                                                                                     \
    "{'requests':{'a':{'method':'elicitation/create','params':{" FORM "}}},'state':null}"
#define PING(id) REQUEST(id, "ping", "")

static const struct caller alice = {STR_INIT("alice"), STR_INIT("local"), true, NULL};
static const struct caller bob = {STR_INIT("bob"), STR_INIT("local"), true, NULL};

static void act_as(struct web *web, const struct caller *caller)
{
    web->caller = web->w->caller = caller;
}

static void test_s14_session_from_initialize_to_delete(void **state)
{
    struct web *web = *state;
    begin(web, "2025-06-18");
    web->w->at_once = GOOD;
    expect_json(post_in_session(web, CALL("1", "echo")), 200, TEXT_RESULT("1", "ok"));
    struct http_exchange *x = post_in_session(web, PING("2"));
    expect_json(x, 200, RESULT("2", ""));
    expect_no_header(x, "MCP-Session-Id");
    expect_empty(send_in_session(web, "DELETE", "", NULL), 200);
    expect_json(post_in_session(web, CALL("2", "echo")), GONE("2"));
    assert_int_equal(send_in_session(web, "DELETE", "", NULL)->status, 404);
    assert_int_equal(send_in_session(web, "GET", "Accept: text/event-stream\n", NULL)->status, 404);
    struct mcp_http_facts facts = mcp_http_facts(web->http);
    assert_int_equal(facts.sessions, 0);
    assert_int_equal(facts.sessions_begun, 1);
}

static void test_s14_session_ids_are_random_and_visible(void **state)
{
    struct web *web = *state;
    char first[64];
    begin(web, "2025-11-25");
    strcpy(first, web->session);
    begin(web, "2025-11-25");
    assert_string_not_equal(first, web->session);
    assert_int_equal(strlen(first), 32);
    assert_int_equal(strspn(first, "0123456789abcdef"), 32);
}

static void test_s14_initialize_that_fails_begins_nothing(void **state)
{
    struct web *web = *state;
    struct http_exchange *x = post(web, JSON_BOTH, REQUEST("1", "initialize", ""));
    expect_json(x, 200,
                ERROR("1", "-32602", "initialize needs \\'protocolVersion\\', a string"));
    expect_no_header(x, "MCP-Session-Id");
    assert_int_equal(mcp_http_facts(web->http).sessions, 0);
}

static void test_s14_second_initialize_of_a_session(void **state)
{
    struct web *web = *state;
    begin(web, "2025-11-25");
    expect_json(post_in_session(web, INITIALIZE("2025-11-25")), 400,
                ERROR("0", "-32600", "this connection is initialized already"));
    expect_json(post_in_session(web, PING("1")), 200, RESULT("1", ""));
}

static void test_s14_session_version_governs(void **state)
{
    struct web *web = *state;
    begin(web, "2025-03-26");
    expect_json(send_in_session(web, "POST", JSON_BOTH "MCP-Protocol-Version: 2025-11-25\n",
                                "[" PING("1") "," PING("2") "]"),
                200, "[" RESULT("1", "") "," RESULT("2", "") "]");
    begin(web, "2025-11-25");
    expect_json(send_in_session(web, "POST", JSON_BOTH "MCP-Protocol-Version: 2025-03-26\n",
                                "[" PING("1") "]"),
                400,
                ERROR_WITHOUT_ID("-32600", "this protocol revision has no batches: send one message "
                                           "at a time"));
}

static void test_s14_session_of_somebody_else_is_none(void **state)
{
    static const struct caller other_tenant = {STR_INIT("alice"), STR_INIT("far"), true, NULL};
    static const struct caller no_proof = {STR_INIT("alice"), STR_INIT("local"), false, NULL};
    static const char grants; /* only its address counts */
    static const struct caller other_paths = {STR_INIT("alice"), STR_INIT("local"), true,
                                              (const struct path_grants *)&grants};
    const struct caller *const others[] = {&bob, &other_tenant, &no_proof, &other_paths};
    struct web *web = *state;
    act_as(web, &alice);
    begin(web, "2025-11-25");
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        act_as(web, others[i]);
        expect_json(post_in_session(web, PING("1")), GONE("1"));
        assert_int_equal(send_in_session(web, "DELETE", "", NULL)->status, 404);
        assert_int_equal(
            send_in_session(web, "GET", "Accept: text/event-stream\n", NULL)->status, 404);
    }
    act_as(web, &alice);
    expect_json(post_in_session(web, PING("1")), 200, RESULT("1", ""));
}

static void test_s14_an_id_must_be_whole(void **state)
{
    struct web *web = *state;
    begin(web, "2025-11-25");
    web->session[31] ^= 1;
    expect_json(post_in_session(web, PING("1")), GONE("1"));
    web->session[31] ^= 1;
    web->session[31] = '\0';
    expect_json(post_in_session(web, PING("1")), GONE("1"));
}

static void test_s14_idle_sessions_expire(void **state)
{
    struct web *web = *state;
    begin(web, "2025-11-25");
    pass(web->w, 59000);
    expect_json(post_in_session(web, PING("1")), 200, RESULT("1", ""));
    pass(web->w, 59000);
    expect_json(post_in_session(web, PING("1")), 200, RESULT("1", ""));
    pass(web->w, 76000);
    expect_json(post_in_session(web, PING("1")), GONE("1"));
    assert_int_equal(mcp_http_facts(web->http).sessions_expired, 1);
}

static void test_s14_sessions_in_use_do_not_expire(void **state)
{
    struct web *web = *state;
    begin(web, "2025-11-25");
    struct http_exchange *call = post_in_session(web, CALL("1", "echo"));
    leave(call);
    pass(web->w, 200000);
    assert_int_equal(mcp_http_facts(web->http).sessions, 1);
    finish(web->w, 0, CALL_RESULT, GOOD);
    struct http_exchange *get = send_in_session(web, "GET", "Accept: text/event-stream\n", NULL);
    pass(web->w, 200000);
    expect_open(get);
    leave(get);
    pass(web->w, 200000);
    assert_int_equal(mcp_http_facts(web->http).sessions, 0);
}

static void test_s14_the_longest_idle_makes_room(void **state)
{
    struct web *web = *state;
    char ids[9][64];
    for (size_t i = 0; i < 8; i++) {
        begin(web, "2025-11-25");
        strcpy(ids[i], web->session);
        pass(web->w, 10);
    }
    strcpy(web->session, ids[0]);
    expect_json(post_in_session(web, PING("1")), 200, RESULT("1", ""));
    begin(web, "2025-11-25");
    assert_int_equal(mcp_http_facts(web->http).sessions, 8);
    assert_int_equal(mcp_http_facts(web->http).sessions_evicted, 1);
    for (size_t i = 0; i < 8; i++) {
        strcpy(web->session, ids[i]);
        assert_int_equal(post_in_session(web, PING("1"))->status, i == 1 ? 404 : 200);
    }
}

static void test_s14_nobody_drives_out_somebody_else(void **state)
{
    struct web *web = *state;
    char of_alice[64];
    act_as(web, &alice);
    begin(web, "2025-11-25");
    strcpy(of_alice, web->session);
    act_as(web, &bob);
    for (size_t i = 0; i < 20; i++) {
        pass(web->w, 10);
        begin(web, "2025-11-25");
    }
    act_as(web, &alice);
    strcpy(web->session, of_alice);
    expect_json(post_in_session(web, PING("1")), 200, RESULT("1", ""));
}

static void test_s14_sessions_at_work_are_not_driven_out(void **state)
{
    struct web *web = *state;
    struct http_exchange *calls[8];
    for (size_t i = 0; i < 8; i++) {
        begin(web, "2025-11-25");
        calls[i] = post_in_session(web, CALL("1", "echo"));
    }
    expect_json(post(web, JSON_BOTH, INITIALIZE("2025-11-25")), 503,
                ERROR("0", "-32603",
                      "all 8 sessions are in use (setting http.max_sessions); try again later"));
    for (size_t i = 0; i < 8; i++)
        finish(web->w, i, CALL_RESULT, GOOD);
    for (size_t i = 0; i < 8; i++)
        expect_json(calls[i], 200, TEXT_RESULT("1", "ok"));
    assert_int_equal(post(web, JSON_BOTH, INITIALIZE("2025-11-25"))->status, 200);
}

static void test_s14_delete_ends_what_is_open(void **state)
{
    struct web *web = *state;
    begin(web, "2025-11-25");
    struct http_exchange *call = post_in_session(web, CALL("1", "echo"));
    struct http_exchange *get = send_in_session(web, "GET", "Accept: text/event-stream\n", NULL);
    expect_empty(send_in_session(web, "DELETE", "", NULL), 200);
    expect_json(call, ENDED);
    expect_events(get, PRIME("3-1"));
    expect_finished(get);
    assert_int_equal(web->w->calls[0].cancelled, 1);
}

/* ---- messages ------------------------------------------------------------------------------- */

static void test_s14_notifications_are_202(void **state)
{
    struct web *web = *state;
    begin(web, "2025-03-26");
    expect_empty(post_in_session(web, "{'jsonrpc':'2.0','method':'no/such'}"), 202);
    expect_empty(post_in_session(web, "{'jsonrpc':'2.0','id':9,'result':{}}"), 202);
    expect_empty(post_in_session(web, "[{'jsonrpc':'2.0','method':'no/such'},"
                                      "{'jsonrpc':'2.0','id':9,'result':{}}]"), 202);
    expect_json(post_in_session(web, "[]"), 400,
                ERROR("null", "-32600", "a batch must hold at least one message"));
}

static void test_s14_batch_is_answered_when_its_last_call_ends(void **state)
{
    struct web *web = *state;
    begin(web, "2025-03-26");
    struct http_exchange *x = post_in_session(
        web, "[" CALL("1", "echo") ",{'jsonrpc':'2.0','method':'x'}," PING("2") "," CALL("3", "echo")
             "]");
    expect_waiting(x);
    finish(web->w, 1, CALL_RESULT, GOOD);
    expect_waiting(x);
    finish(web->w, 0, CALL_RESULT, GOOD);
    expect_json(x, 200, "[" RESULT("2", "") "," TEXT_RESULT("3", "ok") "," TEXT_RESULT("1", "ok")
                        "]");
}

static void test_s14_initialize_in_a_batch_is_refused(void **state)
{
    struct web *web = *state;
    begin(web, "2025-03-26");
    expect_json(post_in_session(web, "[" INITIALIZE("2025-03-26") "]"), 200,
                "[" ERROR("0", "-32600", "initialize must not be part of a batch") "]");
}

static void test_s11_disconnect_does_not_cancel(void **state)
{
    struct web *web = *state;
    begin(web, "2025-11-25");
    struct http_exchange *x = post_in_session(web, CALL("1", "echo"));
    leave(x);
    disconnect(web, 0);
    assert_int_equal(web->w->calls[0].cancelled, 0);
    finish(web->w, 0, CALL_RESULT, GOOD);
    assert_int_equal(x->status, 0);
    assert_int_equal(mcp_http_pending(web->http), 0);
}

static void test_s11_cancelled_request_ends_without_an_answer(void **state)
{
    struct web *web = *state;
    begin(web, "2025-11-25");
    struct http_exchange *silent = post_in_session(web, CALL("1", "echo"));
    expect_empty(post_in_session(web, CANCEL("1")), 202);
    assert_int_equal(web->w->calls[0].cancelled, 1);
    expect_events(silent, "");
    expect_finished(silent);
    struct http_exchange *open = post_in_session(
        web, REQUEST("2", "tools/call", "'name':'echo','_meta':{'progressToken':1}"));
    progress(web->w, 1, 1, 0, "");
    expect_empty(post_in_session(web, CANCEL("2")), 202);
    expect_finished(open);
    begin(web, "2025-03-26");
    struct http_exchange *batch = post_in_session(web, "[" CALL("1", "echo") "]");
    expect_empty(post_in_session(web, CANCEL("1")), 202);
    expect_events(batch, "");
    expect_finished(batch);
}

static void test_s12_request_of_the_server_goes_to_the_post_that_asked(void **state)
{
    struct web *web = *state;
    begin_with(web, "2025-06-18", "'elicitation':{}");
    struct http_exchange *get = send_in_session(web, "GET", "Accept: text/event-stream\n", NULL);
    struct http_exchange *other = post_in_session(web, CALL("1", "echo"));
    struct http_exchange *x = post_in_session(web, CALL("2", "echo"));
    finish(web->w, 1, CALL_INPUT_REQUIRED, WANTED);
    expect_events(x, EVENT_ID("4-1", "{'jsonrpc':'2.0','id':'hexmcp-1','method':"
                                     "'elicitation/create','params':{" FORM "}}"));
    expect_waiting(other);
    expect_events(get, "");
    expect_empty(post_in_session(web, "{'jsonrpc':'2.0','id':'hexmcp-1','result':{'action':"
                                      "'accept','content':{'n':'Ada'}}}"), 202);
    finish(web->w, 2, CALL_RESULT, GOOD);
    expect_events(x, EVENT_ID("4-2", TEXT_RESULT("2", "ok")));
    expect_finished(x);
    finish(web->w, 0, CALL_RESULT, GOOD);
    expect_json(other, 200, TEXT_RESULT("1", "ok"));
}

static void test_s12_answer_of_another_session_is_not_taken(void **state)
{
    struct web *web = *state;
    char first[64];
    begin_with(web, "2025-06-18", "'elicitation':{}");
    strcpy(first, web->session);
    struct http_exchange *x = post_in_session(web, CALL("1", "echo"));
    finish(web->w, 0, CALL_INPUT_REQUIRED, WANTED);
    begin_with(web, "2025-06-18", "'elicitation':{}");
    expect_empty(post_in_session(web, "{'jsonrpc':'2.0','id':'hexmcp-1','result':{'action':"
                                      "'accept','content':{'n':'Eve'}}}"), 202);
    assert_int_equal(web->w->call_count, 1);
    expect_open(x);
}

static void test_s14_too_many_requests_of_a_session(void **state)
{
    struct web *web = *state;
    begin(web, "2025-11-25");
    struct http_exchange *calls[4];
    char id[8], body[200];
    for (int i = 0; i < 4; i++) {
        snprintf(id, sizeof(id), "%d", i);
        snprintf(body, sizeof(body), CALL("%s", "echo"), id);
        calls[i] = post_in_session(web, body);
    }
    expect_json(post_in_session(web, CALL("5", "echo")), 503,
                ERROR("5", "-32603",
                      "too many requests in flight (setting mcp.max_in_flight); wait for answers"));
    expect_json(post_in_session(web, CALL("1", "echo")), 400,
                ERROR("1", "-32600",
                      "the id is in use by a request that has not been answered yet"));
    for (size_t i = 0; i < 4; i++)
        finish(web->w, i, CALL_RESULT, GOOD);
    expect_json(calls[3], 200, TEXT_RESULT("3", "ok"));
}

static void test_s3_modern_request_within_a_session_stands_alone(void **state)
{
    struct web *web = *state;
    begin(web, "2025-11-25");
    struct http_exchange *x = send_in_session(web, "POST", MODERN_HEADERS("ping"),
                                              REQUEST("1", "ping", META));
    expect_json(x, 404, ERROR("1", "-32601", "protocol 2026-07-28 has no method \\'ping\\'"));
    expect_json(post_in_session(web, PING("2")), 200, RESULT("2", ""));
    /* capabilities alone are no claim within one */
    expect_json(post_in_session(web, REQUEST("3", "ping",
                                             "'_meta':{'io.modelcontextprotocol/"
                                             "clientCapabilities':{}}")),
                200, RESULT("3", ""));
}

static void test_s14_shutdown_answers_sessions(void **state)
{
    struct web *web = *state;
    begin(web, "2025-11-25");
    struct http_exchange *call = post_in_session(web, CALL("1", "echo"));
    struct http_exchange *get = send_in_session(web, "GET", "Accept: text/event-stream\n", NULL);
    mcp_http_shutdown(web->http);
    expect_json(call, 200, ERROR("1", "-32603", "the server is shutting down"));
    expect_events(get, PRIME("3-1"));
    expect_finished(get);
}

/* ---- what can be watched -------------------------------------------------------------------- */

static void on_session(void *user, const struct activity_session *session)
{
    struct web *web = user;
    char line[200];
    snprintf(line, sizeof(line), "%.*s|%.*s|%.*s|%lld|%lld", STR_ARG(session->caller->id),
             STR_ARG(session->protocol), STR_ARG(session->client),
             (long long)(web->w->wall_ms - session->created_ms),
             (long long)(web->w->wall_ms - session->used_ms));
    assert_string_equal(line, "nobody|2025-06-18|test 1|30|20");
    assert_true(str_eq(session->id, str_from(web->session)));
}

static uint64_t counted; /* the sum of all counters */

static void on_counter(void *user, const struct activity_counter *counter)
{
    (void)user;
    counted += counter->value;
}

static void test_facts_of_sessions(void **state)
{
    struct web *web = *state;
    begin(web, "2025-06-18");
    pass(web->w, 10);
    post_in_session(web, CALL("1", "echo"));
    send_in_session(web, "GET", "Accept: text/event-stream\n", NULL);
    pass(web->w, 20);
    const struct activity_visitor visitor = {
        .ctx = web, .session = on_session, .counter = on_counter};
    struct activity_source source = mcp_http_activity(web->http);
    source.visit(source.ctx, &visitor);
    assert_int_equal(counted, 4); /* session, stream, pending, begun */
    struct mcp_http_facts facts = mcp_http_facts(web->http);
    assert_int_equal(facts.sessions, 1);
    assert_int_equal(facts.streams, 1);
    assert_int_equal(facts.pending, 1);
    assert_int_equal(facts.requests_legacy, 3);
    assert_int_equal(facts.requests_modern, 0);
}

static void test_metrics(void **state)
{
    struct web *web = *state;
    struct buffer out = BUFFER_INIT;
    begin(web, "2025-06-18");
    post_in_session(web, "7");
    struct metrics_source source = mcp_http_metrics(web->http);
    source.write(source.ctx, &out);
    buffer_add_char(&out, '\0');
    assert_string_equal(
        out.data,
        "# HELP hexmcp_mcp_http_sessions Sessions of the handshake era that live.\n"
        "# TYPE hexmcp_mcp_http_sessions gauge\n"
        "hexmcp_mcp_http_sessions 1\n"
        "# HELP hexmcp_mcp_http_streams Streams of events that are open.\n"
        "# TYPE hexmcp_mcp_http_streams gauge\n"
        "hexmcp_mcp_http_streams 0\n"
        "# HELP hexmcp_mcp_http_pending Requests that are not answered yet.\n"
        "# TYPE hexmcp_mcp_http_pending gauge\n"
        "hexmcp_mcp_http_pending 0\n"
        "# HELP hexmcp_mcp_http_sessions_begun_total Sessions that began.\n"
        "# TYPE hexmcp_mcp_http_sessions_begun_total counter\n"
        "hexmcp_mcp_http_sessions_begun_total 1\n"
        "# HELP hexmcp_mcp_http_sessions_ended_total Sessions that the server ended.\n"
        "# TYPE hexmcp_mcp_http_sessions_ended_total counter\n"
        "hexmcp_mcp_http_sessions_ended_total{why=\"idle\"} 0\n"
        "hexmcp_mcp_http_sessions_ended_total{why=\"room\"} 0\n"
        "# HELP hexmcp_mcp_http_posts_total Messages that were posted.\n"
        "# TYPE hexmcp_mcp_http_posts_total counter\n"
        "hexmcp_mcp_http_posts_total{era=\"modern\"} 0\n"
        "hexmcp_mcp_http_posts_total{era=\"handshake\"} 2\n"
        "# HELP hexmcp_mcp_http_refused_total Requests that did not reach the protocol.\n"
        "# TYPE hexmcp_mcp_http_refused_total counter\n"
        "hexmcp_mcp_http_refused_total 1\n");
    buffer_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WEB_TEST(test_s14_session_from_initialize_to_delete),
        WEB_TEST(test_s14_session_ids_are_random_and_visible),
        WEB_TEST(test_s14_initialize_that_fails_begins_nothing),
        WEB_TEST(test_s14_second_initialize_of_a_session),
        WEB_TEST(test_s14_session_version_governs),
        WEB_TEST(test_s14_session_of_somebody_else_is_none),
        WEB_TEST(test_s14_an_id_must_be_whole),
        WEB_TEST(test_s14_idle_sessions_expire),
        WEB_TEST(test_s14_sessions_in_use_do_not_expire),
        WEB_TEST(test_s14_the_longest_idle_makes_room),
        WEB_TEST(test_s14_nobody_drives_out_somebody_else),
        WEB_TEST(test_s14_sessions_at_work_are_not_driven_out),
        WEB_TEST(test_s14_delete_ends_what_is_open),
        WEB_TEST(test_s14_notifications_are_202),
        WEB_TEST(test_s14_batch_is_answered_when_its_last_call_ends),
        WEB_TEST(test_s14_initialize_in_a_batch_is_refused),
        WEB_TEST(test_s11_disconnect_does_not_cancel),
        WEB_TEST(test_s11_cancelled_request_ends_without_an_answer),
        WEB_TEST(test_s12_request_of_the_server_goes_to_the_post_that_asked),
        WEB_TEST(test_s12_answer_of_another_session_is_not_taken),
        WEB_TEST(test_s14_too_many_requests_of_a_session),
        WEB_TEST(test_s3_modern_request_within_a_session_stands_alone),
        WEB_TEST(test_s14_shutdown_answers_sessions),
        WEB_TEST(test_facts_of_sessions),
        WEB_TEST(test_metrics),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
