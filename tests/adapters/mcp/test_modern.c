/* Sections 3, 5, 6: protocol 2026-07-28, where each request speaks for itself. */
#include "tests/adapters/mcp/fixture.h"

#include <stdio.h>

#define VERSION_ONLY "'_meta':{'io.modelcontextprotocol/protocolVersion':'2026-07-28'}"
#define CAPABILITIES_ONLY "'_meta':{'io.modelcontextprotocol/clientCapabilities':{}}"
#define META_OF(version)                                                                           \
    "'_meta':{'io.modelcontextprotocol/protocolVersion':" version                                  \
    ",'io.modelcontextprotocol/clientCapabilities':{}}"
#define META_LEVEL(level) "'_meta':{" CLAIM ",'io.modelcontextprotocol/logLevel':" level "}"
#define NEEDS_VERSION                                                                              \
    "params._meta needs \\'io.modelcontextprotocol/protocolVersion\\', a string"
#define NEEDS_CAPABILITIES                                                                         \
    "params._meta needs \\'io.modelcontextprotocol/clientCapabilities\\', an object"
#define BAD_LEVEL                                                                                  \
    "params._meta[\\'io.modelcontextprotocol/logLevel\\'] must be one of debug, info, notice, "    \
    "warning, error, critical, alert, emergency"
#define UNSUPPORTED(id, requested, shown)                                                          \
    "{'jsonrpc':'2.0','id':" id ",'error':{'code':-32022,'message':'protocol version " shown       \
    " is not supported here; older revisions are reached by initialize','data':{'supported':["     \
    "'2026-07-28'],'requested':" requested "}}}"
#define DISCOVERED(id)                                                                             \
    RESULT(id, "'resultType':'complete','supportedVersions':['2026-07-28'],"                        \
               CAPABILITIES_2026_07_28 ",'ttlMs':3600000,'cacheScope':'private'," SERVER_META)

/* ---- the ladder -------------------------------------------------------------------------- */

static void test_s5_missing_meta_keys(void **state)
{
    struct world *w = *state;
    ask(w, REQUEST("1", "tools/list", CAPABILITIES_ONLY), ERROR("1", "-32602", NEEDS_VERSION));
    ask(w, REQUEST("1", "tools/list", VERSION_ONLY), ERROR("1", "-32602", NEEDS_CAPABILITIES));
}

static void test_s5_meta_keys_of_the_wrong_type(void **state)
{
    struct world *w = *state;
    ask(w, REQUEST("1", "tools/list", META_OF("1")), ERROR("1", "-32602", NEEDS_VERSION));
    ask(w, REQUEST("1", "tools/list", META_OF("null")), ERROR("1", "-32602", NEEDS_VERSION));
    ask(w, REQUEST("1", "tools/list",
                   "'_meta':{'io.modelcontextprotocol/protocolVersion':'2026-07-28',"
                   "'io.modelcontextprotocol/clientCapabilities':[]}"),
        ERROR("1", "-32602", NEEDS_CAPABILITIES));
}

static void test_s5_client_info_is_not_required(void **state)
{
    struct world *w = *state;
    ask(w, REQUEST("1", "server/discover", META), DISCOVERED("1"));
    ask(w, REQUEST("2", "server/discover",
                   "'_meta':{" CLAIM ",'io.modelcontextprotocol/clientInfo':7,'x.y/z':[]}"),
        DISCOVERED("2"));
}

static void test_s5_unsupported_version(void **state)
{
    struct world *w = *state;
    ask(w, REQUEST("1", "tools/list", META_OF("'v999'")),
        UNSUPPORTED("1", "'v999'", "\\'v999\\'"));
    ask(w, REQUEST("1", "tools/list", META_OF("''")), UNSUPPORTED("1", "''", "\\'\\'"));
    ask(w, REQUEST("1", "server/discover", META_OF("'2026-07-28 '")),
        UNSUPPORTED("1", "'2026-07-28 '", "\\'2026-07-28 \\'"));
}

static void test_s5_legacy_revision_in_a_claim(void **state)
{
    ask(*state, REQUEST("1", "tools/list", META_OF("'2025-11-25'")),
        UNSUPPORTED("1", "'2025-11-25'", "\\'2025-11-25\\'"));
}

static void test_s5_order_of_the_checks(void **state)
{
    struct world *w = *state;
    /* capabilities before the version */
    ask(w, REQUEST("1", "no/such", "'_meta':{'io.modelcontextprotocol/protocolVersion':'v999'}"),
        ERROR("1", "-32602", NEEDS_CAPABILITIES));
    /* the version before the method */
    ask(w, REQUEST("1", "no/such", META_OF("'v999'")), UNSUPPORTED("1", "'v999'", "\\'v999\\'"));
    /* the method before the log level */
    ask(w, REQUEST("1", "no/such", META_LEVEL("'loud'")),
        ERROR("1", "-32601", "unknown method \\'no/such\\'"));
    /* the log level before what else is in params */
    ask(w, REQUEST("1", "tools/call", META_LEVEL("'loud'")), ERROR("1", "-32602", BAD_LEVEL));
}

static void test_s5_log_level(void **state)
{
    static const char *const bad[] = {"'loud'", "'Info'", "''", "1", "null"};
    static const char *const good[] = {"debug", "info", "notice", "warning",
                                       "error", "critical", "alert", "emergency"};
    struct world *w = *state;
    char line[400];
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(line, sizeof(line), REQUEST("1", "server/discover", META_LEVEL("%s")), bad[i]);
        ask(w, line, ERROR("1", "-32602", BAD_LEVEL));
    }
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        snprintf(line, sizeof(line), REQUEST("1", "server/discover", META_LEVEL("'%s'")), good[i]);
        ask(w, line, DISCOVERED("1"));
    }
}

/* ---- methods ----------------------------------------------------------------------------- */

static void test_s2_methods_of_the_other_era(void **state)
{
    static const char *const methods[] = {"initialize", "ping", "logging/setLevel"};
    struct world *w = *state;
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        char line[400], answer[400];
        snprintf(line, sizeof(line), REQUEST("1", "%s", META), methods[i]);
        snprintf(answer, sizeof(answer),
                 ERROR("1", "-32601", "protocol 2026-07-28 has no method \\'%s\\'"), methods[i]);
        ask(w, line, answer);
    }
}

static void test_s3_initialize_with_a_claim_begins_no_session(void **state)
{
    struct world *w = *state;
    ask(w, REQUEST("1", "initialize", "'protocolVersion':'2025-11-25'," META),
        ERROR("1", "-32601", "protocol 2026-07-28 has no method \\'initialize\\'"));
    begin_session(w, "2025-11-25");
}

static void test_s2_methods_that_are_not_offered(void **state)
{
    struct world *w = *state;
    ask(w, REQUEST("1", "prompts/lost", META),
        ERROR("1", "-32601", "unknown method \\'prompts/lost\\'; did you mean "
                             "\\'prompts/list\\'?"));
    ask(w, REQUEST("1", "server/discovery", META),
        ERROR("1", "-32601",
              "unknown method \\'server/discovery\\'; did you mean \\'server/discover\\'?"));
}

static void test_s6_discover(void **state)
{
    ask(*state, REQUEST("'d'", "server/discover", META), DISCOVERED("'d'"));
}

static void test_s6_discover_with_instructions(void **state)
{
    struct world *w = *state;
    w->options.instructions = STR("Use \"it\".");
    reopen(w);
    ask(w, REQUEST("1", "server/discover", META),
        RESULT("1", "'resultType':'complete','supportedVersions':['2026-07-28'],"
                    CAPABILITIES_2026_07_28 ",'instructions':'Use \\'it\\'.','ttlMs':3600000,"
                    "'cacheScope':'private'," SERVER_META));
}

/* ---- nothing is remembered --------------------------------------------------------------- */

static void test_s3_requests_leave_nothing_behind(void **state)
{
    struct world *w = *state;
    ask(w, REQUEST("1", "server/discover", META_LEVEL("'debug'")), DISCOVERED("1"));
    /* No session began, no log level stayed. */
    ask(w, REQUEST("2", "tools/list", ""),
        ERROR("2", "-32600",
              "not initialized: send initialize first, or a request of protocol 2026-07-28 with "
              "its _meta"));
    ask_nothing(w, MODERN_CALL("3", "echo"));
    log_line(w, 0, LOG_LEVEL_EMERGENCY, "unasked");
    expect_nothing(w);
    finish(w, 0, CALL_RESULT, GOOD);
    expect(w, MODERN_TEXT_RESULT("3", "ok"));
}

static void test_s1_unreadable_id_of_a_modern_client(void **state)
{
    struct world *w = *state;
    ask(w, REQUEST("1", "server/discover", META), DISCOVERED("1"));
    ask(w, "{", ERROR_WITHOUT_ID("-32700", "expected a key in quotes at byte 1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_s5_missing_meta_keys),
        TEST(test_s5_meta_keys_of_the_wrong_type),
        TEST(test_s5_client_info_is_not_required),
        TEST(test_s5_unsupported_version),
        TEST(test_s5_legacy_revision_in_a_claim),
        TEST(test_s5_order_of_the_checks),
        TEST(test_s5_log_level),
        TEST(test_s2_methods_of_the_other_era),
        TEST(test_s3_initialize_with_a_claim_begins_no_session),
        TEST(test_s2_methods_that_are_not_offered),
        TEST(test_s6_discover),
        TEST(test_s6_discover_with_instructions),
        TEST(test_s3_requests_leave_nothing_behind),
        TEST(test_s1_unreadable_id_of_a_modern_client),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("mcp_modern", tests, NULL, NULL);
}
