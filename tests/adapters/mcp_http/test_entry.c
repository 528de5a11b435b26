/* Sections 3 and 14: what a request over HTTP is, before anybody looks at its method. */
#include "tests/adapters/mcp_http/web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST REQUEST("1", "tools/list", "")
#define NO_ID_400(code, message) 400, ERROR_WITHOUT_ID(code, message)
#define NO_SESSION "the header MCP-Session-Id is missing; begin a session with initialize"
#define UNSERVED(version)                                                                          \
    "the header MCP-Protocol-Version names no revision that is served here: \\'" version           \
    "\\'; send 2026-07-28 with params._meta, or the revision that initialize agreed on"
#define ACCEPT_BOTH "the Accept header must name application/json and text/event-stream"

static void test_s14_other_methods_are_405(void **state)
{
    static const char *const methods[] = {"PUT", "PATCH", "HEAD", "TRACE", "post", ""};
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        struct http_exchange *x = send(*state, methods[i], JSON_BOTH, LIST);
        expect_empty(x, 405);
        expect_header(x, "Allow: GET, POST, DELETE, OPTIONS");
    }
    struct http_exchange *x = send(*state, "OPTIONS", "", NULL);
    expect_empty(x, 204);
    expect_header(x, "Allow: GET, POST, DELETE, OPTIONS");
    expect_no_header(x, "Access-Control");
}

static void test_s14_content_type_must_be_json(void **state)
{
    static const char *const bad[] = {
        "Content-Type: text/plain\n", "", "Content-Type: application/jsonx\n",
        "Content-Type: application/json\nContent-Type: text/plain\n",
        "Content-Type: text/plain; application/json\n"};
    static const char *const good[] = {"content-TYPE: application/json\n",
                                       "Content-Type: Application/JSON; charset=utf-8\n",
                                       "Content-Type:  application/json ;x=y\n"};
    char headers[200];
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(headers, sizeof(headers), "%sAccept: */*\n", bad[i]);
        expect_json(post(*state, headers, LIST), 415,
                    ERROR_WITHOUT_ID("-32600",
                                     "the body must be sent as Content-Type: application/json"));
    }
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        snprintf(headers, sizeof(headers), "%sAccept: */*\n", good[i]);
        expect_json(post(*state, headers, LIST), 400, ERROR("1", "-32600", NO_SESSION));
    }
}

static void test_s14_accept_of_the_handshake_era_names_both(void **state)
{
    static const char *const bad[] = {"",
                                      "Accept: application/json\n",
                                      "Accept: text/event-stream\n",
                                      "Accept: text/html, text/*\n",
                                      "Accept: application/json, text/event-stream;q=0\n",
                                      "Accept: application/json, text/event-stream; Q=0.00\n",
                                      "Accept: ,;,\n"};
    static const char *const good[] = {
        "Accept: */*\n", "accept: text/event-stream,application/json\n",
        "Accept: application/json\nAccept: text/event-stream;q=0.1\n",
        "Accept: APPLICATION/*, Text/*;q=1\n"};
    char headers[300];
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(headers, sizeof(headers), "Content-Type: application/json\n%s", bad[i]);
        expect_json(post(*state, headers, LIST), 406, ERROR("1", "-32600", ACCEPT_BOTH));
        expect_json(post(*state, headers, INITIALIZE("2025-11-25")), 406,
                    ERROR("0", "-32600", ACCEPT_BOTH));
    }
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        snprintf(headers, sizeof(headers), "Content-Type: application/json\n%s", good[i]);
        assert_int_equal(post(*state, headers, INITIALIZE("2025-11-25"))->status, 200);
    }
}

static void test_s14_accept_of_a_modern_request(void **state)
{
#define MODERN_ONLY                                                                                \
    "Content-Type: application/json\nMCP-Protocol-Version: 2026-07-28\nMcp-Method: tools/list\n"
#define LISTEN_ONLY                                                                                \
    "Content-Type: application/json\nMCP-Protocol-Version: 2026-07-28\n"                           \
    "Mcp-Method: subscriptions/listen\n"
    struct web *web = *state;
    const char *list = REQUEST("1", "tools/list", META);
    const char *listen = REQUEST("1", "subscriptions/listen", "'notifications':{}," META);
    assert_int_equal(post(web, MODERN_ONLY, list)->status, 200);
    assert_int_equal(post(web, MODERN_ONLY "Accept: application/json\n", list)->status, 200);
    expect_json(post(web, MODERN_ONLY "Accept: text/event-stream\n", list), 406,
                ERROR("1", "-32600", ACCEPT_BOTH));
    expect_json(post(web, LISTEN_ONLY "Accept: application/json\n", listen), 406,
                ERROR("1", "-32600",
                      "the answer to subscriptions/listen is a stream: the Accept header must name "
                      "text/event-stream"));
    expect_open(post(web, LISTEN_ONLY "Accept: */*\n", listen));
}

static void test_s14_bodies_that_are_no_message(void **state)
{
    struct web *web = *state;
    expect_json(post(web, JSON_BOTH, "{"),
                NO_ID_400("-32700", "expected a key in quotes at byte 1"));
    expect_json(post(web, JSON_BOTH, ""), NO_ID_400("-32700", "the body is empty"));
    expect_json(post(web, JSON_BOTH, NULL), NO_ID_400("-32700", "the body is empty"));
    expect_json(post(web, JSON_BOTH, "7"),
                NO_ID_400("-32600", "a message must be a JSON object"));
    expect_json(post(web, JSON_BOTH, "{'id':3,'method':'ping'}"), 400,
                ERROR("3", "-32600", "\\'jsonrpc\\' must be \\'2.0\\'"));
    expect_json(post(web, JSON_BOTH, "{'jsonrpc':'2.0','id':null,'method':'ping'}"),
                NO_ID_400("-32600", "\\'id\\' must be a string or an integer"));
    expect_json(post(web, JSON_BOTH, "{'jsonrpc':'2.0','id':1,'method':'ping','params':[]}"), 400,
                ERROR("1", "-32600", "\\'params\\' must be an object"));
}

static void test_s3_a_large_body_is_parsed_on_a_worker(void **state)
{
    struct web *web = *state;
    size_t size = 70000;
    char *body = malloc(size + 200);
    int len = snprintf(body, size, "{'jsonrpc':'2.0','id':1,'method':'tools/list','params':{" META
                                   ",'x':'");
    memset(body + len, 'x', size);
    strcpy(body + (size_t)len + size, "'}}");
    struct http_exchange *x = post(web, MODERN_HEADERS("tools/list"), body);
    expect_waiting(x);
    assert_int_equal(mcp_http_pending(web->http), 1);
    run_jobs(web->w);
    assert_int_equal(x->status, 200);
    /* the client goes away meanwhile */
    x = post(web, MODERN_HEADERS("tools/list"), body);
    leave(x);
    assert_int_equal(mcp_http_pending(web->http), 0);
    run_jobs(web->w);
    /* it is no JSON */
    body[(size_t)len + size] = ']';
    x = post(web, MODERN_HEADERS("tools/list"), body);
    run_jobs(web->w);
    assert_int_equal(x->status, 400);
    assert_non_null(strstr(x->body, "-32700"));
    /* no worker is free: it is parsed at once */
    web->w->executor_full = true;
    x = post(web, MODERN_HEADERS("tools/list"), body);
    assert_int_equal(x->status, 400);
    web->w->executor_full = false;
    free(body);
}

/* ---- whose request it is -------------------------------------------------------------------- */

static void test_s3_arrays(void **state)
{
    struct web *web = *state;
    const char *none = "protocol 2026-07-28 has no batches: send one message at a time";
    char error[200];
    snprintf(error, sizeof(error), ERROR_WITHOUT_ID("-32600", "%s"), none);
    expect_json(post(web, JSON_BOTH, "[" LIST "," REQUEST("2", "tools/list", META) "]"), 400,
                error);
    expect_json(post(web, JSON_BOTH "MCP-Protocol-Version: 2026-07-28\n", "[" LIST "]"), 400,
                error);
    expect_json(post(web, JSON_BOTH, "[" LIST "]"), NO_ID_400("-32600", NO_SESSION));
}

static void test_s3_initialize_and_its_header(void **state)
{
    struct web *web = *state;
    const char *body = INITIALIZE("2025-11-25");
    expect_json(post(web, JSON_BOTH "MCP-Protocol-Version: 2026-07-28\n", body), 400,
                ERROR("0", "-32020",
                      "the header MCP-Protocol-Version is \\'2026-07-28\\', but initialize is of "
                      "older revisions; leave the header out, or send server/discover with "
                      "params._meta"));
    expect_json(post(web, JSON_BOTH "MCP-Protocol-Version: 1999-01-01\n", body), 400,
                ERROR("0", "-32602", UNSERVED("1999-01-01")));
    struct http_exchange *x = post(web, JSON_BOTH "MCP-Protocol-Version: 2025-03-26\n", body);
    assert_int_equal(x->status, 200);
    expect_header(x, "Content-Type: application/json");
    assert_non_null(strstr(x->headers, "MCP-Session-Id: "));
}

static void test_s3_initialize_with_a_modern_claim(void **state)
{
    expect_json(post(*state, MODERN_HEADERS("initialize"), REQUEST("1", "initialize", META)), 404,
                ERROR("1", "-32601", "protocol 2026-07-28 has no method \\'initialize\\'"));
    struct http_exchange *x =
        post(*state, JSON_BOTH,
             REQUEST("1", "initialize",
                     "'protocolVersion':'2025-11-25','capabilities':{},'clientInfo':{},"
                     "'_meta':{'io.modelcontextprotocol/protocolVersion':'v999'}"));
    assert_int_equal(x->status, 200);
}

static void test_s3_modern_header_without_a_claim(void **state)
{
    struct web *web = *state;
    const char *error = ERROR("1", "-32602",
                              "params._meta needs \\'io.modelcontextprotocol/protocolVersion\\', a "
                              "string");
    expect_json(post(web, MODERN_HEADERS("server/discover"), REQUEST("1", "server/discover", "")),
                400, error);
    expect_json(post(web, MODERN_HEADERS("tools/list"), LIST), 400, error);
    expect_json(post(web, MODERN_HEADERS("server/discover"),
                     REQUEST("1", "server/discover",
                             "'_meta':{'io.modelcontextprotocol/clientCapabilities':{}}")),
                400, error);
    expect_empty(post(web, MODERN_HEADERS("notifications/cancelled"), CANCEL("1")), 202);
    expect_empty(post(web, MODERN_HEADERS("x"), "{'jsonrpc':'2.0','method':'no/such'}"), 202);
    expect_json(post(web, MODERN_HEADERS("x"), "{'jsonrpc':'2.0','id':1,'result':{}}"), 400,
                ERROR_WITHOUT_ID("-32600", "protocol 2026-07-28 has no responses of clients: repeat "
                                           "the request with inputResponses"));
}

static void test_s3_without_a_claim_it_is_legacy(void **state)
{
    struct web *web = *state;
    expect_json(post(web, JSON_BOTH, LIST), 400, ERROR("1", "-32600", NO_SESSION));
    expect_json(post(web, JSON_BOTH "MCP-Protocol-Version: 2025-06-18\n", LIST), 400,
                ERROR("1", "-32600", NO_SESSION));
    expect_json(post(web, JSON_BOTH, CANCEL("1")), NO_ID_400("-32600", NO_SESSION));
    expect_json(post(web, JSON_BOTH, "{'jsonrpc':'2.0','id':1,'result':{}}"),
                NO_ID_400("-32600", NO_SESSION));
    expect_json(post(web, JSON_BOTH "MCP-Session-Id: 00\n", LIST), 404,
                ERROR("1", "-32600",
                      "there is no such session (any more); begin a new one with initialize"));
}

static void test_s3_versions_that_nobody_serves(void **state)
{
    struct web *web = *state;
    expect_json(post(web, JSON_BOTH "MCP-Protocol-Version: v999\n", LIST), 400,
                ERROR("1", "-32602", UNSERVED("v999")));
    expect_json(post(web, JSON_BOTH "MCP-Protocol-Version: 2025-11-25\nMCP-Protocol-Version: "
                                    "2025-11-25\n", LIST), 400,
                ERROR("1", "-32602",
                      "the header MCP-Protocol-Version came more than once; send it once"));
    expect_json(post(web, JSON_BOTH "MCP-Protocol-Version: v999\n", "[" LIST "]"),
                NO_ID_400("-32602", UNSERVED("v999")));
    expect_json(send(web, "GET", JSON_BOTH "MCP-Protocol-Version: v999\n", NULL),
                NO_ID_400("-32602", UNSERVED("v999")));
    expect_json(send(web, "DELETE", "MCP-Protocol-Version: v999\n", NULL),
                NO_ID_400("-32602", UNSERVED("v999")));
}

static void test_s3_get_and_delete_need_a_session(void **state)
{
    struct web *web = *state;
    const char *gone = ERROR_WITHOUT_ID(
        "-32600", "there is no such session (any more); begin a new one with initialize");
    expect_json(send(web, "GET", "Accept: text/event-stream\n", NULL),
                NO_ID_400("-32600", NO_SESSION));
    expect_json(send(web, "DELETE", "", NULL), NO_ID_400("-32600", NO_SESSION));
    expect_json(send(web, "GET", "Accept: text/event-stream\nMCP-Session-Id: "
                                 "00000000000000000000000000000000\n", NULL), 404, gone);
    expect_json(send(web, "DELETE", "MCP-Session-Id: \n", NULL), 404, gone);
    expect_json(send(web, "DELETE", "MCP-Session-Id: a\nMCP-Session-Id: b\n", NULL),
                NO_ID_400("-32600",
                          "the header MCP-Session-Id came more than once; send it once"));
    expect_json(send(web, "GET", "Accept: application/json\n", NULL), 406,
                ERROR_WITHOUT_ID("-32600",
                                 "the Accept header of a GET must name text/event-stream"));
}

static void test_s14_nothing_is_taken_after_the_shutdown(void **state)
{
    struct web *web = *state;
    mcp_http_shutdown(web->http);
    expect_json(post(web, JSON_BOTH, LIST), 503,
                ERROR_WITHOUT_ID("-32603", "the server is shutting down"));
    struct mcp_http_facts facts = mcp_http_facts(web->http);
    assert_int_equal(facts.refused, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WEB_TEST(test_s14_other_methods_are_405),
        WEB_TEST(test_s14_content_type_must_be_json),
        WEB_TEST(test_s14_accept_of_the_handshake_era_names_both),
        WEB_TEST(test_s14_accept_of_a_modern_request),
        WEB_TEST(test_s14_bodies_that_are_no_message),
        WEB_TEST(test_s3_a_large_body_is_parsed_on_a_worker),
        WEB_TEST(test_s3_arrays),
        WEB_TEST(test_s3_initialize_and_its_header),
        WEB_TEST(test_s3_initialize_with_a_modern_claim),
        WEB_TEST(test_s3_modern_header_without_a_claim),
        WEB_TEST(test_s3_without_a_claim_it_is_legacy),
        WEB_TEST(test_s3_versions_that_nobody_serves),
        WEB_TEST(test_s3_get_and_delete_need_a_session),
        WEB_TEST(test_s14_nothing_is_taken_after_the_shutdown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
