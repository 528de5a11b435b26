/* Sections 7, 9 and 13: telling clients of changes. */
#include <stdio.h>
#include <string.h>

#include "core/json/json.h"
#include "tests/adapters/mcp/fixture.h"

#define NOTE(method, params)                                                                       \
    "{'jsonrpc':'2.0','method':'notifications/" method "','params':{" params "}}"
#define ID_META(id) "'_meta':{'io.modelcontextprotocol/subscriptionId':" id "}"
#define LISTEN(id, filter) REQUEST(id, "subscriptions/listen", "'notifications':{" filter "}," META)
#define ACKNOWLEDGED(id, filter)                                                                   \
    "{'jsonrpc':'2.0','method':'notifications/subscriptions/acknowledged','params':{" ID_META(id)  \
    ",'notifications':{" filter "}}}"
#define PLAIN "{'name':'x','uri':'x','inputSchema':{'type':'object'}}"

/* The fixture takes notifications for droppable; an acknowledgement is not. */
static void expect_kept(struct world *w, const char *message)
{
    assert_true(w->read < w->sent_count);
    assert_int_equal(w->kinds[w->read], MESSAGE_ANSWER);
    w->kinds[w->read] = MESSAGE_NOTIFICATION;
    expect(w, message);
}

static void updated(struct world *w, const char *uri)
{
    changes_tell(w->changes, CHANGE_RESOURCE, str_from(uri));
}

/* ---- the handshake era ------------------------------------------------------------------- */

static void test_s7_sessions_are_told_of_lists(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-06-18");
    add_tool(w, "a", PLAIN);
    add_tool(w, "b", PLAIN);
    add_item(w, ITEM_PROMPT, "p", PLAIN);
    expect_nothing(w);
    pass(w, CHANGES_GATHER_MS);
    expect(w, NOTE("tools/list_changed", ""));
    expect(w, NOTE("prompts/list_changed", ""));
    expect_nothing(w);
    add_item(w, ITEM_RESOURCE, "a:b", PLAIN);
    add_item(w, ITEM_TEMPLATE, "a:{b}", PLAIN);
    pass(w, CHANGES_GATHER_MS);
    expect(w, NOTE("resources/list_changed", ""));
    expect_nothing(w);
}

static void test_s7_nobody_is_told_before_a_session(void **state)
{
    struct world *w = *state;
    add_tool(w, "a", PLAIN);
    pass(w, CHANGES_GATHER_MS);
    expect_nothing(w);
}

static void test_s9_subscribe_and_unsubscribe(void **state)
{
    struct world *w = *state;
    add_item(w, ITEM_RESOURCE, "a:b", PLAIN);
    pass(w, CHANGES_GATHER_MS);
    begin_session(w, "2025-11-25");
    updated(w, "a:b");
    expect_nothing(w);
    ask(w, REQUEST("1", "resources/subscribe", "'uri':'a:b'"), RESULT("1", ""));
    ask(w, REQUEST("2", "resources/subscribe", "'uri':'a:b'"), RESULT("2", ""));
    updated(w, "a:b");
    updated(w, "a:c");
    expect(w, NOTE("resources/updated", "'uri':'a:b'"));
    expect_nothing(w);
    ask(w, REQUEST("3", "resources/unsubscribe", "'uri':'a:b'"), RESULT("3", ""));
    ask(w, REQUEST("4", "resources/unsubscribe", "'uri':'a:b'"), RESULT("4", ""));
    updated(w, "a:b");
    expect_nothing(w);
}

static void test_s9_subscribe_to_what_is_not_there(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask(w, REQUEST("1", "resources/subscribe", "'uri':'a:b'"),
        "{'jsonrpc':'2.0','id':1,'error':{'code':-32002,'message':'there is no resource "
        "\\'a:b\\'','data':{'uri':'a:b'}}}");
    ask(w, REQUEST("2", "resources/subscribe", ""),
        ERROR("2", "-32602", "resources/subscribe needs \\'uri\\', a string"));
}

static void test_s9_subscribe_is_not_modern(void **state)
{
    ask(*state, REQUEST("1", "resources/subscribe", "'uri':'a:b'," META),
        ERROR("1", "-32601", "protocol 2026-07-28 has no method \\'resources/subscribe\\'"));
}

static void test_s13_slow_clients_lose_nothing(void **state)
{
    struct world *w = *state;
    add_item(w, ITEM_RESOURCE, "a:b", PLAIN);
    pass(w, CHANGES_GATHER_MS);
    begin_session(w, "2025-11-25");
    ask(w, REQUEST("1", "resources/subscribe", "'uri':'a:b'"), RESULT("1", ""));
    w->client_is_slow = true;
    add_tool(w, "a", PLAIN);
    for (int i = 0; i < 50; i++)
        updated(w, "a:b");
    pass(w, 1000);
    expect_nothing(w);
    w->client_is_slow = false;
    pass(w, 250);
    expect(w, NOTE("tools/list_changed", ""));
    expect(w, NOTE("resources/updated", "'uri':'a:b'"));
    expect_nothing(w);
    pass(w, 1000);
    expect_nothing(w);
}

/* ---- subscriptions/listen ---------------------------------------------------------------- */

static void test_s13_listen(void **state)
{
    struct world *w = *state;
    add_item(w, ITEM_RESOURCE, "a:b", PLAIN);
    pass(w, CHANGES_GATHER_MS);
    give(w, LISTEN("'s'", "'toolsListChanged':true,'promptsListChanged':false,"
                          "'resourceSubscriptions':['a:b','a:none']"));
    expect_kept(w, ACKNOWLEDGED("'s'", "'toolsListChanged':true,'resourceSubscriptions':['a:b']"));
    add_tool(w, "a", PLAIN);
    add_item(w, ITEM_PROMPT, "p", PLAIN);
    pass(w, CHANGES_GATHER_MS);
    updated(w, "a:b");
    expect(w, NOTE("tools/list_changed", ID_META("'s'")));
    expect(w, NOTE("resources/updated", ID_META("'s'") ",'uri':'a:b'"));
    expect_nothing(w);
}

static void test_s13_each_stream_gets_its_copy(void **state)
{
    struct world *w = *state;
    give(w, LISTEN("1", "'toolsListChanged':true"));
    expect_kept(w, ACKNOWLEDGED("1", "'toolsListChanged':true"));
    give(w, LISTEN("'1'", "'toolsListChanged':true"));
    expect_kept(w, ACKNOWLEDGED("'1'", "'toolsListChanged':true"));
    add_tool(w, "a", PLAIN);
    pass(w, CHANGES_GATHER_MS);
    expect(w, NOTE("tools/list_changed", ID_META("'1'")));
    expect(w, NOTE("tools/list_changed", ID_META("1")));
    expect_nothing(w);
    give(w, CANCEL("'1'"));
    add_tool(w, "b", PLAIN);
    pass(w, CHANGES_GATHER_MS);
    expect(w, NOTE("tools/list_changed", ID_META("1")));
    expect_nothing(w);
}

static void test_s13_listening_is_not_pending(void **state)
{
    struct world *w = *state;
    w->options.max_in_flight = 1;
    reopen(w);
    give(w, LISTEN("1", ""));
    expect_kept(w, ACKNOWLEDGED("1", ""));
    assert_int_equal(w->end.pending(w->end.ctx), 0);
    ask_nothing(w, MODERN_CALL("2", "echo"));
    assert_int_equal(w->end.pending(w->end.ctx), 1);
    finish(w, 0, CALL_RESULT, GOOD);
    expect(w, MODERN_TEXT_RESULT("2", "ok"));
}

static void test_s13_teardown(void **state)
{
    struct world *w = *state;
    give(w, LISTEN("'s'", ""));
    expect_kept(w, ACKNOWLEDGED("'s'", ""));
    w->end.shutdown(w->end.ctx);
    expect_kept(w, NOTE("cancelled", ID_META("'s'") ",'requestId':'s','reason':'the server is "
                                     "shutting down'"));
    expect(w, RESULT("'s'", "'resultType':'complete','_meta':{'io.modelcontextprotocol/"
                            "subscriptionId':'s'," SERVER "}"));
    expect_nothing(w);
}

static void test_s13_bad_filters(void **state)
{
    struct world *w = *state;
    ask(w, REQUEST("1", "subscriptions/listen", META),
        ERROR("1", "-32602", "subscriptions/listen needs \\'notifications\\', an object"));
    ask(w, LISTEN("2", "'toolsListChanged':1"),
        ERROR("2", "-32602", "\\'notifications.toolsListChanged\\' must be a boolean"));
    ask(w, LISTEN("3", "'resourceSubscriptions':[7]"),
        ERROR("3", "-32602", "what is subscribed to must be a string"));
    ask(w, LISTEN("4", "'resourceSubscriptions':'a:b'"),
        ERROR("4", "-32602",
              "\\'resourceSubscriptions\\' and \\'taskIds\\' must be arrays of strings"));
    pass(w, 1000);
    expect_nothing(w);
}

static void test_s13_too_many_streams(void **state)
{
    struct world *w = *state;
    char line[400], answer[400];
    for (int i = 0; i < 64; i++) {
        snprintf(line, sizeof(line), LISTEN("%d", ""), i);
        snprintf(answer, sizeof(answer), ACKNOWLEDGED("%d", ""), i);
        give(w, line);
        expect_kept(w, answer);
    }
    ask(w, LISTEN("64", ""),
        ERROR("64", "-32603",
              "this connection listens 64 times already; cancel one of the requests"));
}

/* Each name costs a look into the catalogue, whether it is there or not. */
static void test_s13_too_many_names(void **state)
{
    struct world *w = *state;
    static char names[1025 * 4 + 1], line[6000];
    for (size_t i = 0; i < 1024; i++)
        memcpy(names + 4 * i, "'n',", 5);
    snprintf(line, sizeof(line), LISTEN("1", "'resourceSubscriptions':[%s'n']"), names);
    ask(w, line, ERROR("1", "-32602", "at most 1024 resources or tasks can be subscribed to"));
    names[4 * 1023] = '\0';
    snprintf(line, sizeof(line), LISTEN("1", "'resourceSubscriptions':[%s'n']"), names);
    give(w, line);
    expect_kept(w, ACKNOWLEDGED("1", "'resourceSubscriptions':[]"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_s7_sessions_are_told_of_lists),
        TEST(test_s7_nobody_is_told_before_a_session),
        TEST(test_s9_subscribe_and_unsubscribe),
        TEST(test_s9_subscribe_to_what_is_not_there),
        TEST(test_s9_subscribe_is_not_modern),
        TEST(test_s13_slow_clients_lose_nothing),
        TEST(test_s13_listen),
        TEST(test_s13_each_stream_gets_its_copy),
        TEST(test_s13_listening_is_not_pending),
        TEST(test_s13_teardown),
        TEST(test_s13_bad_filters),
        TEST(test_s13_too_many_streams),
        TEST(test_s13_too_many_names),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("mcp_subscriptions", tests, NULL, NULL);
}
