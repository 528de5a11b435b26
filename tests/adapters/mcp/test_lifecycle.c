/* Sections 3 and 4: the handshake era. */
#include "tests/adapters/mcp/fixture.h"

#include <stdio.h>

#define INITIALIZE(id, version)                                                                    \
    REQUEST(id, "initialize", "'protocolVersion':" version ",'capabilities':{},"                   \
                              "'clientInfo':{'name':'test','version':'0'}")
#define INITIALIZED(id, version, capabilities, title)                                              \
    RESULT(id, "'protocolVersion':'" version "'," capabilities                                     \
               ",'serverInfo':{'name':'hexmcp'," title "'version':'9.9'}")
#define INITIALIZED_2024_11_05(id) INITIALIZED(id, "2024-11-05", CAPABILITIES_2024_11_05, "")
#define INITIALIZED_2025_03_26(id) INITIALIZED(id, "2025-03-26", CAPABILITIES_2025_03_26, "")
#define INITIALIZED_2025_06_18(id)                                                                 \
    INITIALIZED(id, "2025-06-18", CAPABILITIES_2025_03_26, "'title':'Hex',")
#define INITIALIZED_2025_11_25(id)                                                                 \
    INITIALIZED(id, "2025-11-25", CAPABILITIES_2025_11_25, "'title':'Hex',")
#define NOT_INITIALIZED                                                                            \
    "not initialized: send initialize first, or a request of protocol 2026-07-28 with its _meta"
#define NEEDS_META                                                                                 \
    "params._meta needs \\'io.modelcontextprotocol/protocolVersion\\' and "                        \
    "\\'io.modelcontextprotocol/clientCapabilities\\'"

/* ---- negotiation ------------------------------------------------------------------------- */

static void test_s4_initialize_echoes_a_known_revision(void **state)
{
    struct world *w = *state;
    ask(w, INITIALIZE("1", "'2024-11-05'"), INITIALIZED_2024_11_05("1"));
    reopen(w);
    ask(w, INITIALIZE("1", "'2025-03-26'"), INITIALIZED_2025_03_26("1"));
    reopen(w);
    ask(w, INITIALIZE("1", "'2025-06-18'"), INITIALIZED_2025_06_18("1"));
    reopen(w);
    ask(w, INITIALIZE("1", "'2025-11-25'"), INITIALIZED_2025_11_25("1"));
}

static void test_s4_initialize_unknown_version(void **state)
{
    static const char *const lines[] = {
        INITIALIZE("1", "'2026-07-28'"), INITIALIZE("1", "'2099-01-01'"), INITIALIZE("1", "''"),
        INITIALIZE("1", "'2025-06-18 '"), INITIALIZE("1", "'nonsense\\n'"),
    };
    struct world *w = *state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        reopen(w);
        ask(w, lines[i], INITIALIZED_2025_11_25("1"));
    }
}

static void test_s4_initialize_version_behind_escapes(void **state)
{
    ask(*state, INITIALIZE("1", "'2025\\u002d06-18'"), INITIALIZED_2025_06_18("1"));
}

static void test_s4_initialize_without_version(void **state)
{
    struct world *w = *state;
    const char *answer =
        ERROR("1", "-32602", "initialize needs \\'protocolVersion\\', a string");
    ask(w, REQUEST("1", "initialize", ""), answer);
    ask(w, "{'jsonrpc':'2.0','id':1,'method':'initialize'}", answer);
    ask(w, INITIALIZE("1", "20251125"), answer);
    ask(w, INITIALIZE("2", "'2025-11-25'"), INITIALIZED_2025_11_25("2"));
}

static void test_s4_initialize_needs_its_other_members(void **state)
{
    static const char *const members[] = {
        "", "'capabilities':{}", "'clientInfo':{'name':'n','version':'1'}",
        "'capabilities':7,'clientInfo':{'name':'n','version':'1'}",
        "'capabilities':{},'clientInfo':'n'",
    };
    struct world *w = *state;
    char line[400];
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        snprintf(line, sizeof(line), REQUEST("1", "initialize", "%s%s'protocolVersion':'2025-11-25'"),
                 members[i], members[i][0] ? "," : "");
        ask(w, line,
            ERROR("1", "-32602",
                  "initialize needs \\'capabilities\\' and \\'clientInfo\\', objects"));
    }
    ask(w, INITIALIZE("2", "'2025-11-25'"), INITIALIZED_2025_11_25("2"));
}

static void test_s4_second_initialize(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-06-18");
    ask(w, INITIALIZE("2", "'2025-11-25'"),
        ERROR("2", "-32600", "this connection is initialized already"));
    /* The first one still counts: id null is of 2025-06-18. */
    ask(w, "{", ERROR("null", "-32700", "expected a key in quotes at byte 1"));
}

static void test_s4_instructions(void **state)
{
    struct world *w = *state;
    w->options.instructions = STR("Use it.");
    reopen(w);
    ask(w, INITIALIZE("1", "'2025-11-25'"),
        RESULT("1", "'protocolVersion':'2025-11-25'," CAPABILITIES_2025_11_25
                    ",'serverInfo':{'name':'hexmcp','title':'Hex','version':'9.9'},"
                    "'instructions':'Use it.'"));
}

static void test_s4_requests_before_initialized_notification(void **state)
{
    struct world *w = *state;
    ask(w, INITIALIZE("1", "'2025-11-25'"), INITIALIZED_2025_11_25("1"));
    ask(w, REQUEST("2", "ping", ""), RESULT("2", ""));
    ask(w, REQUEST("3", "tools/list", ""),
        RESULT("3", "'tools':[{'name':'echo','inputSchema':{'type':'object'}}]"));
}

static void test_s4_session_belongs_to_its_connection(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-06-18");
    reopen(w);
    ask(w, REQUEST("1", "tools/list", ""), ERROR("1", "-32600", NOT_INITIALIZED));
}

/* Only a valid claim makes an initialize modern. */
static void test_s3_initialize_with_an_invalid_claim_is_the_handshake(void **state)
{
    static const char *const metas[] = {
        ("'_meta':{'io.modelcontextprotocol/protocolVersion':'2025-11-25',"
         "'io.modelcontextprotocol/clientCapabilities':{}}"),
        "'_meta':{'io.modelcontextprotocol/protocolVersion':'2026-07-28'}",
        "'_meta':{'io.modelcontextprotocol/protocolVersion':1}",
        "'_meta':{'io.modelcontextprotocol/clientCapabilities':{}}",
    };
    struct world *w = *state;
    for (size_t i = 0; i < sizeof(metas) / sizeof(metas[0]); i++) {
        char line[400];
        snprintf(line, sizeof(line),
                 REQUEST("1", "initialize", "'protocolVersion':'2025-06-18','capabilities':{},"
                                            "'clientInfo':{'name':'n','version':'1'},%s"),
                 metas[i]);
        reopen(w);
        ask(w, line, INITIALIZED_2025_06_18("1"));
    }
}

/* ---- before the handshake ---------------------------------------------------------------- */

static void test_s3_ping_before_initialize(void **state)
{
    ask(*state, REQUEST("1", "ping", ""), RESULT("1", ""));
}

static void test_s3_requests_before_initialize(void **state)
{
    struct world *w = *state;
    ask(w, REQUEST("1", "tools/list", ""), ERROR("1", "-32600", NOT_INITIALIZED));
    ask(w, CALL("2", "echo"), ERROR("2", "-32600", NOT_INITIALIZED));
    ask(w, REQUEST("3", "logging/setLevel", "'level':'info'"),
        ERROR("3", "-32600", NOT_INITIALIZED));
    ask(w, REQUEST("4", "no/such", ""), ERROR("4", "-32600", NOT_INITIALIZED));
    assert_int_equal(w->call_count, 0);
}

static void test_s3_modern_methods_without_meta_before_initialize(void **state)
{
    struct world *w = *state;
    ask(w, REQUEST("1", "server/discover", ""), ERROR("1", "-32602", NEEDS_META));
    ask(w, "{'jsonrpc':'2.0','id':2,'method':'server/discover'}",
        ERROR("2", "-32602", NEEDS_META));
    ask(w, REQUEST("3", "server/discover", "'_meta':{'progressToken':1}"),
        ERROR("3", "-32602", NEEDS_META));
    ask(w, REQUEST("4", "subscriptions/listen", ""), ERROR("4", "-32602", NEEDS_META));
    ask(w, REQUEST("5", "tasks/update", ""), ERROR("5", "-32602", NEEDS_META));
}

static void test_s3_notifications_before_initialize_are_dropped(void **state)
{
    struct world *w = *state;
    ask_nothing(w, "{'jsonrpc':'2.0','method':'notifications/initialized'}");
    ask_nothing(w, "{'jsonrpc':'2.0','method':'initialize','params':{'protocolVersion':'x'}}");
    ask(w, REQUEST("1", "tools/list", ""), ERROR("1", "-32600", NOT_INITIALIZED));
}

static void test_s3_cancel_works_without_initialize(void **state)
{
    struct world *w = *state;
    ask_nothing(w, MODERN_CALL("1", "echo"));
    ask_nothing(w, CANCEL("1"));
    assert_int_equal(w->calls[0].cancelled, 1);
}

/* ---- methods of a session ---------------------------------------------------------------- */

static void test_s2_method_of_the_other_era(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask(w, REQUEST("1", "server/discover", ""),
        ERROR("1", "-32601", "protocol 2025-11-25 has no method \\'server/discover\\'"));
}

static void test_s2_methods_that_are_not_offered(void **state)
{
    static const char *const methods[] = {
        "sampling/createMessage", "elicitation/create", "x",
    };
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        char line[200], answer[200];
        snprintf(line, sizeof(line), REQUEST("1", "%s", ""), methods[i]);
        snprintf(answer, sizeof(answer), ERROR("1", "-32601", "unknown method \\'%s\\'"),
                 methods[i]);
        ask(w, line, answer);
    }
}

static void test_s2_mistyped_method(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask(w, REQUEST("1", "tools/lists", ""),
        ERROR("1", "-32601", "unknown method \\'tools/lists\\'; did you mean \\'tools/list\\'?"));
    ask(w, REQUEST("1", "", ""), ERROR("1", "-32601", "unknown method \\'\\'"));
}

static void test_s1_meta_must_be_an_object(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask(w, REQUEST("1", "ping", "'_meta':1"),
        ERROR("1", "-32602", "params._meta must be an object"));
    ask(w, REQUEST("2", "tools/call", "'name':'echo','_meta':[]"),
        ERROR("2", "-32602", "params._meta must be an object"));
    assert_int_equal(w->call_count, 0);
}

static void test_s3_claim_in_a_session_is_served_modern(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-06-18");
    w->at_once = GOOD;
    ask(w, MODERN_CALL("1", "echo"), MODERN_TEXT_RESULT("1", "ok"));
    ask(w, CALL("2", "echo"), TEXT_RESULT("2", "ok"));
}

static void test_s3_capabilities_alone_are_no_claim_in_a_session(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-06-18");
    ask(w, REQUEST("1", "ping", "'_meta':{'io.modelcontextprotocol/clientCapabilities':{}}"),
        RESULT("1", ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_s4_initialize_echoes_a_known_revision),
        TEST(test_s4_initialize_unknown_version),
        TEST(test_s4_initialize_version_behind_escapes),
        TEST(test_s4_initialize_without_version),
        TEST(test_s4_initialize_needs_its_other_members),
        TEST(test_s4_second_initialize),
        TEST(test_s4_instructions),
        TEST(test_s4_requests_before_initialized_notification),
        TEST(test_s4_session_belongs_to_its_connection),
        TEST(test_s3_initialize_with_an_invalid_claim_is_the_handshake),
        TEST(test_s3_ping_before_initialize),
        TEST(test_s3_requests_before_initialize),
        TEST(test_s3_modern_methods_without_meta_before_initialize),
        TEST(test_s3_notifications_before_initialize_are_dropped),
        TEST(test_s3_cancel_works_without_initialize),
        TEST(test_s2_method_of_the_other_era),
        TEST(test_s2_methods_that_are_not_offered),
        TEST(test_s2_mistyped_method),
        TEST(test_s1_meta_must_be_an_object),
        TEST(test_s3_claim_in_a_session_is_served_modern),
        TEST(test_s3_capabilities_alone_are_no_claim_in_a_session),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("mcp_lifecycle", tests, NULL, NULL);
}
