/* Section 14, 2026-07-28: requests that stand alone. */
#include "tests/adapters/mcp_http/web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DISCOVER REQUEST("1", "server/discover", META)
#define DISCOVERED(id)                                                                             \
    RESULT(id, "'resultType':'complete','supportedVersions':['2026-07-28'],"                       \
               CAPABILITIES_2026_07_28 ",'ttlMs':3600000,'cacheScope':'private'," SERVER_META)
#define MISMATCH(id, text) 400, ERROR(id, "-32020", text)
#define CALL_ECHO NAMED_HEADERS("tools/call", "echo"), MODERN_CALL("1", "echo")
#define PROGRESS(token, value)                                                                     \
    "{'jsonrpc':'2.0','method':'notifications/progress','params':{'progressToken':" token         \
    ",'progress':" value ",'total':10}}"
#define CALL_WITH_PROGRESS                                                                         \
    NAMED_HEADERS("tools/call", "echo"),                                                           \
        REQUEST("1", "tools/call", "'name':'echo','_meta':{" CLAIM ",'progressToken':'t'}")

static void test_s14_modern_request_is_answered_as_json(void **state)
{
    struct web *web = *state;
    struct http_exchange *x = post(web, MODERN_HEADERS("server/discover"), DISCOVER);
    expect_json(x, 200, DISCOVERED("1"));
    expect_no_header(x, "MCP-Session-Id");
    x = post(web, MODERN_HEADERS("server/discover") "MCP-Session-Id: nonsense\nLast-Event-ID: 1-1\n",
             DISCOVER);
    expect_json(x, 200, DISCOVERED("1"));
    expect_no_header(x, "MCP-Session-Id");
}

static void test_s14_modern_call_ends_later(void **state)
{
    struct web *web = *state;
    struct http_exchange *x = post(web, CALL_ECHO);
    expect_waiting(x);
    assert_int_equal(mcp_http_pending(web->http), 1);
    finish(web->w, 0, CALL_RESULT, GOOD);
    expect_json(x, 200, MODERN_TEXT_RESULT("1", "ok"));
    assert_int_equal(mcp_http_pending(web->http), 0);
}

static void test_s14_modern_errors_of_a_handler_are_200(void **state)
{
    struct web *web = *state;
    expect_json(post(web, NAMED_HEADERS("tools/call", "no"), MODERN_CALL("1", "no")), 200,
                ERROR("1", "-32602", "unknown tool \\'no\\'; tools/list names all"));
    struct http_exchange *x = post(web, CALL_ECHO);
    fail_call(web->w, 0, "it broke");
    expect_json(x, 200, ERROR("1", "-32603", "it broke"));
    /* params shape */
    expect_json(post(web, NAMED_HEADERS("tools/call", "x"),
                     REQUEST("1", "tools/call", "'name':7," META)), 200,
                ERROR("1", "-32602", "tools/call needs \\'name\\', a string"));
}

/* ---- the ladder ----------------------------------------------------------------------------- */

static void test_s14_version_header(void **state)
{
    struct web *web = *state;
#define VERSION_MEMBER "params._meta[\\'io.modelcontextprotocol/protocolVersion\\']"
    expect_json(post(web, JSON_BOTH "Mcp-Method: server/discover\n", DISCOVER),
                MISMATCH("1", "the header MCP-Protocol-Version is missing; it must repeat "
                              VERSION_MEMBER));
    expect_json(post(web, JSON_BOTH "MCP-Protocol-Version: 2025-11-25\n", DISCOVER),
                MISMATCH("1", "the header MCP-Protocol-Version is \\'2025-11-25\\', but "
                              VERSION_MEMBER " is \\'2026-07-28\\'; both must say the same"));
    expect_json(post(web, JSON_BOTH "MCP-Protocol-Version: 2026-07-28\nmcp-protocol-version: "
                                    "2026-07-28\n", DISCOVER),
                MISMATCH("1", "the header MCP-Protocol-Version came more than once; send it once"));
    const char *v999 = REQUEST("1", "server/discover",
                               "'_meta':{'io.modelcontextprotocol/protocolVersion':'v999',"
                               "'io.modelcontextprotocol/clientCapabilities':{}}");
    expect_json(post(web, MODERN_HEADERS("server/discover"), v999),
                MISMATCH("1", "the header MCP-Protocol-Version is \\'2026-07-28\\', but "
                              VERSION_MEMBER " is \\'v999\\'; both must say the same"));
    expect_json(post(web, JSON_BOTH "MCP-Protocol-Version: v999\nMcp-Method: server/discover\n",
                     v999), 400,
                "{'jsonrpc':'2.0','id':1,'error':{'code':-32022,'message':'protocol version "
                "\\'v999\\' is not supported here; older revisions are reached by initialize',"
                "'data':{'supported':['2026-07-28'],'requested':'v999'}}}");
    /* in any case, with space around it */
    expect_json(post(web, JSON_BOTH "mcp-protocol-version: \t2026-07-28 \nMCP-METHOD:  "
                                    "server/discover\t\n", DISCOVER), 200, DISCOVERED("1"));
}

static void test_s14_method_header(void **state)
{
    struct web *web = *state;
    expect_json(post(web, JSON_BOTH "MCP-Protocol-Version: 2026-07-28\n", DISCOVER),
                MISMATCH("1", "the header Mcp-Method is missing; it must repeat \\'method\\'"));
    expect_json(post(web, MODERN_HEADERS("Server/Discover"), DISCOVER),
                MISMATCH("1", "the header Mcp-Method is \\'Server/Discover\\', but \\'method\\' is "
                              "\\'server/discover\\'; both must say the same"));
    /* before the method is looked up */
    expect_json(post(web, MODERN_HEADERS("tools/list"), REQUEST("1", "no/such", META)),
                MISMATCH("1", "the header Mcp-Method is \\'tools/list\\', but \\'method\\' is "
                              "\\'no/such\\'; both must say the same"));
}

static void test_s14_unknown_methods_are_404(void **state)
{
    static const char *const methods[] = {"ping", "logging/setLevel", "resources/subscribe",
                                          "resources/unsubscribe", "tasks/list"};
    struct web *web = *state;
    char headers[300], body[400], error[200];
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        snprintf(headers, sizeof(headers), MODERN_HEADERS("%s"), methods[i]);
        snprintf(body, sizeof(body), REQUEST("1", "%s", META), methods[i]);
        snprintf(error, sizeof(error),
                 ERROR("1", "-32601", "protocol 2026-07-28 has no method \\'%s\\'"), methods[i]);
        expect_json(post(web, headers, body), 404, error);
    }
    expect_json(post(web, MODERN_HEADERS("unknown/method"), REQUEST("1", "unknown/method", META)),
                404, ERROR("1", "-32601", "unknown method \\'unknown/method\\'"));
}

static void test_s14_name_header(void **state)
{
    struct web *web = *state;
    web->w->at_once = GOOD;
    const char *call = MODERN_CALL("1", "echo");
    const char *good = MODERN_TEXT_RESULT("1", "ok");
    expect_json(post(web, MODERN_HEADERS("tools/call"), call),
                MISMATCH("1", "the header Mcp-Name is missing; it must repeat params.name"));
    expect_json(post(web, NAMED_HEADERS("tools/call", "Echo"), call),
                MISMATCH("1", "the header Mcp-Name is \\'Echo\\', but params.name is \\'echo\\'; "
                              "both must say the same"));
    expect_json(post(web, NAMED_HEADERS("tools/call", "echo") "Mcp-Name: echo\n", call),
                MISMATCH("1", "the header Mcp-Name came more than once; send it once"));
    expect_json(post(web, NAMED_HEADERS("tools/call", "  echo\t"), call), 200, good);
    expect_json(post(web, NAMED_HEADERS("tools/call", "=?base64?ZWNobw==?="), call), 200, good);
    expect_json(post(web, NAMED_HEADERS("tools/call", "=?base64?ZWNobw?="), call),
                MISMATCH("1", "the header Mcp-Name is no base64 with padding between =?base64? and "
                              "?="));
    expect_json(post(web, NAMED_HEADERS("tools/call", "=?base64?ZWN!!bw=?="), call),
                MISMATCH("1", "the header Mcp-Name is no base64 with padding between =?base64? and "
                              "?="));
    expect_json(post(web, NAMED_HEADERS("tools/call", "=?base64?ZWNobw=="), call),
                MISMATCH("1", "the header Mcp-Name is \\'=?base64?ZWNobw==\\', but params.name is "
                              "\\'echo\\'; both must say the same"));
    expect_json(post(web, NAMED_HEADERS("tools/call", "=?BASE64?ZWNobw==?="), call),
                MISMATCH("1", "the header Mcp-Name is \\'=?BASE64?ZWNobw==?=\\', but params.name "
                              "is \\'echo\\'; both must say the same"));
    expect_json(post(web, NAMED_HEADERS("tools/call", "ech\xC3\xB6"), call),
                MISMATCH("1", "the header Mcp-Name holds octets that are not printable ASCII; send "
                              "=?base64?...?="));
    expect_json(post(web, NAMED_HEADERS("tools/call", "ec\x01ho"), call),
                MISMATCH("1", "the header Mcp-Name holds octets that are not printable ASCII; send "
                              "=?base64?...?="));
    /* a body that spells it with escapes means the same */
    expect_json(post(web, NAMED_HEADERS("tools/call", "echo"),
                     REQUEST("1", "tools/call", "'name':'\\u0065cho'," META)), 200, good);
}

static void test_s14_name_header_of_each_method(void **state)
{
    static const struct {
        const char *method;
        const char *member;
    } rows[] = {{"tools/call", "name"},    {"prompts/get", "name"},    {"resources/read", "uri"},
                {"tasks/get", "taskId"},   {"tasks/update", "taskId"}, {"tasks/cancel", "taskId"}};
    struct web *web = *state;
    char headers[300], body[500], error[300];
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(headers, sizeof(headers), NAMED_HEADERS("%s", "b"), rows[i].method);
        snprintf(body, sizeof(body), REQUEST("1", "%s", "'%s':'a'," META), rows[i].method,
                 rows[i].member);
        snprintf(error, sizeof(error),
                 ERROR("1", "-32020",
                       "the header Mcp-Name is \\'b\\', but params.%s is \\'a\\'; both must say the "
                       "same"),
                 rows[i].member);
        expect_json(post(web, headers, body), 400, error);
    }
    /* the others have none, and do not look */
    expect_json(post(web, NAMED_HEADERS("server/discover", "x"), DISCOVER), 200, DISCOVERED("1"));
}

static void test_s14_order_of_the_ladder(void **state)
{
    struct web *web = *state;
    /* _meta before the headers */
    expect_json(post(web, JSON_BOTH,
                     REQUEST("1", "tools/list",
                             "'_meta':{'io.modelcontextprotocol/protocolVersion':'2026-07-28'}")),
                400,
                ERROR("1", "-32602",
                      "params._meta needs \\'io.modelcontextprotocol/clientCapabilities\\', an "
                      "object"));
    /* the method before Mcp-Name; Mcp-Name before params */
    expect_json(post(web, MODERN_HEADERS("tools/cal"), REQUEST("1", "tools/cal", META)), 404,
                ERROR("1", "-32601", "unknown method \\'tools/cal\\'; did you mean "
                                     "\\'tools/call\\'?"));
    expect_json(post(web, MODERN_HEADERS("tools/call"), REQUEST("1", "tools/call", META)),
                MISMATCH("1", "the header Mcp-Name is missing; it must repeat params.name"));
    /* a bad log level is refused as _meta is */
    expect_json(post(web, MODERN_HEADERS("tools/list"),
                     REQUEST("1", "tools/list",
                             "'_meta':{" CLAIM ",'io.modelcontextprotocol/logLevel':'loud'}")), 400,
                ERROR("1", "-32602",
                      "params._meta[\\'io.modelcontextprotocol/logLevel\\'] must be one of debug, "
                      "info, notice, warning, error, critical, alert, emergency"));
}

static void test_s14_missing_capability_is_400(void **state)
{
    struct web *web = *state;
    struct http_exchange *x = post(web, CALL_ECHO);
    finish(web->w, 0, CALL_INPUT_REQUIRED,
           "{'requests':{'a':{'method':'elicitation/create','params':{'message':'Who?',"
           "'requestedSchema':{'type':'object','properties':{'n':{'type':'string'}}}}}},"
           "'state':null}");
    assert_int_equal(x->status, 400);
    assert_non_null(strstr(x->body, "\"code\":-32021"));
    assert_non_null(strstr(x->body, "\"requiredCapabilities\":{\"elicitation\":{"));
}

/* ---- streams -------------------------------------------------------------------------------- */

static void test_s14_stream_begins_with_the_first_notification(void **state)
{
    struct web *web = *state;
    struct http_exchange *x = post(web, CALL_WITH_PROGRESS);
    expect_waiting(x);
    progress(web->w, 0, 1, 10, "");
    expect_events(x, EVENT(PROGRESS("'t'", "1")));
    expect_open(x);
    assert_int_equal(mcp_http_facts(web->http).streams, 1);
    finish(web->w, 0, CALL_RESULT, GOOD);
    expect_events(x, EVENT(MODERN_TEXT_RESULT("1", "ok")));
    expect_finished(x);
    assert_int_equal(mcp_http_facts(web->http).streams, 0);
}

static void test_s14_client_without_events_gets_the_answer_alone(void **state)
{
    struct web *web = *state;
    struct http_exchange *x =
        post(web, "Content-Type: application/json\nAccept: application/json\n"
                  "MCP-Protocol-Version: 2026-07-28\nMcp-Method: tools/call\nMcp-Name: echo\n",
             REQUEST("1", "tools/call", "'name':'echo','_meta':{" CLAIM ",'progressToken':'t'}"));
    progress(web->w, 0, 1, 10, "");
    expect_waiting(x);
    finish(web->w, 0, CALL_RESULT, GOOD);
    expect_json(x, 200, MODERN_TEXT_RESULT("1", "ok"));
}

static void test_s14_slow_client_loses_notifications_alone(void **state)
{
    struct web *web = *state;
    struct http_exchange *x = post(web, CALL_WITH_PROGRESS);
    x->slow = true;
    progress(web->w, 0, 1, 10, "");
    expect_events(x, "");
    finish(web->w, 0, CALL_RESULT, GOOD);
    expect_events(x, EVENT(MODERN_TEXT_RESULT("1", "ok")));
}

static void test_s11_closing_the_stream_cancels(void **state)
{
    struct web *web = *state;
    web->w->ends_when_cancelled = false;
    struct http_exchange *silent = post(web, CALL_ECHO);
    leave(silent);
    assert_int_equal(web->w->calls[0].cancelled, 1);
    struct http_exchange *open = send_on(web, 1, "POST", CALL_WITH_PROGRESS);
    progress(web->w, 1, 1, 10, "");
    expect_events(open, EVENT(PROGRESS("'t'", "1")));
    leave(open);
    assert_int_equal(web->w->calls[1].cancelled, 1);
    assert_int_equal(mcp_http_facts(web->http).streams, 0);
    expect_events(open, "");
    /* the connection of the transport goes on, or ends */
    web->w->at_once = GOOD;
    expect_json(post(web, CALL_ECHO), 200, MODERN_TEXT_RESULT("1", "ok"));
    web->w->at_once = NULL;
    struct http_exchange *last = post(web, CALL_ECHO);
    expect_waiting(last);
    last->gone = NULL;
    disconnect(web, 0);
    assert_int_equal(web->w->calls[3].cancelled, 1);
    assert_int_equal(last->status, 0);
}

static void test_s11_a_posted_cancellation_is_ignored(void **state)
{
    struct web *web = *state;
    struct http_exchange *x = post(web, CALL_ECHO);
    expect_empty(send_on(web, 1, "POST", MODERN_HEADERS("notifications/cancelled"), CANCEL("1")),
                 202);
    assert_int_equal(web->w->calls[0].cancelled, 0);
    finish(web->w, 0, CALL_RESULT, GOOD);
    expect_json(x, 200, MODERN_TEXT_RESULT("1", "ok"));
}

static void test_s14_endpoint_follows_the_caller(void **state)
{
    static const struct caller alice = {STR_INIT("alice"), STR_INIT("local"), true, NULL};
    struct web *web = *state;
    struct http_exchange *first = post(web, CALL_ECHO);
    assert_true(str_eq(web->w->calls[0].call.context.caller->id, STR("nobody")));
    finish(web->w, 0, CALL_RESULT, GOOD);
    expect_json(first, 200, MODERN_TEXT_RESULT("1", "ok"));
    /* the same connection of the transport, with other credentials */
    web->caller = web->w->caller = &alice;
    struct http_exchange *second = post(web, CALL_ECHO);
    assert_true(str_eq(web->w->calls[1].call.context.caller->id, STR("alice")));
    finish(web->w, 1, CALL_RESULT, GOOD);
    expect_json(second, 200, MODERN_TEXT_RESULT("1", "ok"));
    assert_int_equal(mcp_http_facts(web->http).modern, 1);
    disconnect(web, 0);
    assert_int_equal(mcp_http_facts(web->http).modern, 0);
}

/* ---- subscriptions/listen ------------------------------------------------------------------- */

#define LISTEN(id, filter)                                                                         \
    MODERN_HEADERS("subscriptions/listen"),                                                        \
        REQUEST(id, "subscriptions/listen", "'notifications':{" filter "}," META)
#define ID_META(id) "'_meta':{'io.modelcontextprotocol/subscriptionId':" id "}"
#define ACKNOWLEDGED(id, filter)                                                                   \
    EVENT("{'jsonrpc':'2.0','method':'notifications/subscriptions/acknowledged','params':{"        \
          ID_META(id) ",'notifications':{" filter "}}}")

static void test_s13_listen_is_a_stream_that_stays(void **state)
{
    struct web *web = *state;
    struct http_exchange *x = post(web, LISTEN("'a'", "'toolsListChanged':true"));
    expect_events(x, ACKNOWLEDGED("'a'", "'toolsListChanged':true"));
    expect_open(x);
    pass(web->w, 15000);
    expect_events(x, ":\n\n");
    add_tool(web->w, "more", "{'name':'more','inputSchema':{'type':'object'}}");
    pass(web->w, 1000);
    expect_events(x, EVENT("{'jsonrpc':'2.0','method':'notifications/tools/list_changed','params':{"
                           ID_META("'a'") "}}"));
    assert_int_equal(mcp_http_pending(web->http), 0);
    leave(x);
    add_tool(web->w, "again", "{'name':'again','inputSchema':{'type':'object'}}");
    pass(web->w, 20000);
    expect_events(x, "");
}

static void test_s13_the_server_ends_listen_with_both_words(void **state)
{
    struct web *web = *state;
    struct http_exchange *x = post(web, LISTEN("7", ""));
    expect_events(x, ACKNOWLEDGED("7", ""));
    mcp_http_shutdown(web->http);
    expect_events(x, EVENT("{'jsonrpc':'2.0','method':'notifications/cancelled','params':{"
                           ID_META("7") ",'requestId':7,'reason':'the server is shutting down'}}")
                  EVENT("{'jsonrpc':'2.0','id':7,'result':{'resultType':'complete','_meta':{"
                        "'io.modelcontextprotocol/subscriptionId':7," SERVER "}}}"));
    expect_finished(x);
}

static void test_s14_the_shutdown_answers_what_is_pending(void **state)
{
    struct web *web = *state;
    struct http_exchange *x = post(web, CALL_ECHO);
    mcp_http_shutdown(web->http);
    expect_json(x, 200, ERROR("1", "-32603", "the server is shutting down"));
}

static void test_s1_ids_of_two_posts_are_independent(void **state)
{
    struct web *web = *state;
    struct http_exchange *a = send_on(web, 0, "POST", CALL_ECHO);
    struct http_exchange *b = send_on(web, 1, "POST", CALL_ECHO);
    finish(web->w, 1, CALL_RESULT, "{'content':[{'type':'text','text':'b'}]}");
    finish(web->w, 0, CALL_RESULT, "{'content':[{'type':'text','text':'a'}]}");
    expect_json(a, 200, MODERN_TEXT_RESULT("1", "a"));
    expect_json(b, 200, MODERN_TEXT_RESULT("1", "b"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WEB_TEST(test_s14_modern_request_is_answered_as_json),
        WEB_TEST(test_s14_modern_call_ends_later),
        WEB_TEST(test_s14_modern_errors_of_a_handler_are_200),
        WEB_TEST(test_s14_version_header),
        WEB_TEST(test_s14_method_header),
        WEB_TEST(test_s14_unknown_methods_are_404),
        WEB_TEST(test_s14_name_header),
        WEB_TEST(test_s14_name_header_of_each_method),
        WEB_TEST(test_s14_order_of_the_ladder),
        WEB_TEST(test_s14_missing_capability_is_400),
        WEB_TEST(test_s14_stream_begins_with_the_first_notification),
        WEB_TEST(test_s14_client_without_events_gets_the_answer_alone),
        WEB_TEST(test_s14_slow_client_loses_notifications_alone),
        WEB_TEST(test_s11_closing_the_stream_cancels),
        WEB_TEST(test_s11_a_posted_cancellation_is_ignored),
        WEB_TEST(test_s14_endpoint_follows_the_caller),
        WEB_TEST(test_s13_listen_is_a_stream_that_stays),
        WEB_TEST(test_s13_the_server_ends_listen_with_both_words),
        WEB_TEST(test_s14_the_shutdown_answers_what_is_pending),
        WEB_TEST(test_s1_ids_of_two_posts_are_independent),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
