/* Section 7, and the gates of section 4 for definitions: tools/list. */
#include "tests/adapters/mcp/fixture.h"

#include <stdio.h>
#include <string.h>

#define LIST(id, params) REQUEST(id, "tools/list", params)
#define ECHO_TOOL "{'name':'echo','inputSchema':{'type':'object'}}"
#define MODERN_LIST(id, tools)                                                                     \
    RESULT(id, "'resultType':'complete','ttlMs':3600000,'cacheScope':'private','tools':["          \
               tools "]," SERVER_META)
#define BAD_CURSOR "invalid cursor; leave it out to begin with the first page"

/* A tool with every member that a manifest may hold. */
static const char full[] =
    "{\"run\":\"inline\",\"name\":\"local\",\"title\":\"T\",\"description\":\"D\",\n"
    "\"icons\":[{\"src\":\"data:,\"}],\"inputSchema\":{\"type\":\"object\",\r\n"
    "  \"properties\":{\"b\":{},\"a\":{\"x-mcp-header\":\"A\"}}, \"$defs\":{}},"
    "\"outputSchema\":{\"type\":\"object\"},\"annotations\":{\"title\":\"t\","
    "\"readOnlyHint\":true},\"_meta\":{\"x.y/z\":9007199254740993},\"other\":1}";

#define FULL_INPUT                                                                                 \
    "'inputSchema':{'type':'object',    'properties':{'b':{},'a':{'x-mcp-header':'A'}}, "          \
    "'$defs':{}}"

static void only_tool(struct world *w, const char *definition)
{
    w->tool_count = 0;
    add_tool(w, "far.local", definition);
    reopen(w);
}

/* ---- gates ------------------------------------------------------------------------------- */

static void test_s4_members_of_2024_11_05(void **state)
{
    struct world *w = *state;
    only_tool(w, full);
    begin_session(w, "2024-11-05");
    ask(w, LIST("1", ""),
        RESULT("1", "'tools':[{'name':'far.local','description':'D'," FULL_INPUT "}]"));
}

static void test_s4_members_of_2025_03_26(void **state)
{
    struct world *w = *state;
    only_tool(w, full);
    begin_session(w, "2025-03-26");
    ask(w, LIST("1", ""),
        RESULT("1", "'tools':[{'name':'far.local','description':'D'," FULL_INPUT
                    ",'annotations':{'title':'t','readOnlyHint':true}}]"));
}

static void test_s4_members_of_2025_06_18(void **state)
{
    struct world *w = *state;
    only_tool(w, full);
    begin_session(w, "2025-06-18");
    ask(w, LIST("1", ""),
        RESULT("1", "'tools':[{'name':'far.local','title':'T','description':'D'," FULL_INPUT
                    ",'outputSchema':{'type':'object'},'annotations':{'title':'t',"
                    "'readOnlyHint':true},'_meta':{'x.y/z':9007199254740993}}]"));
}

#define FULL_TOOL                                                                                  \
    "{'name':'far.local','title':'T','description':'D','icons':[{'src':'data:,'}]," FULL_INPUT     \
    ",'outputSchema':{'type':'object'},'annotations':{'title':'t','readOnlyHint':true},"           \
    "'_meta':{'x.y/z':9007199254740993}}"

static void test_s4_members_of_2025_11_25(void **state)
{
    struct world *w = *state;
    only_tool(w, full);
    begin_session(w, "2025-11-25");
    ask(w, LIST("1", ""), RESULT("1", "'tools':[" FULL_TOOL "]"));
}

static void test_s4_members_of_2026_07_28(void **state)
{
    struct world *w = *state;
    only_tool(w, full);
    ask(w, LIST("1", META), MODERN_LIST("1", FULL_TOOL));
}

static void test_s4_output_schema_that_is_no_object(void **state)
{
    static const char tool[] = "{\"name\":\"n\",\"inputSchema\":{\"type\":\"object\"},"
                               "\"outputSchema\":{\"type\":\"array\"}}";
    static const char *const legacy[] = {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"};
    struct world *w = *state;
    for (size_t i = 0; i < 4; i++) {
        w->tool_count = 0;
        only_tool(w, tool);
        begin_session(w, legacy[i]);
        ask(w, LIST("1", ""),
            RESULT("1", "'tools':[{'name':'far.local','inputSchema':{'type':'object'}}]"));
    }
    ask(w, LIST("2", META),
        MODERN_LIST("2", "{'name':'far.local','inputSchema':{'type':'object'},"
                         "'outputSchema':{'type':'array'}}"));
}

static void test_s4_output_schema_of_several_types(void **state)
{
    static const char tool[] = "{\"name\":\"n\",\"inputSchema\":{\"type\":\"object\"},"
                               "\"outputSchema\":{\"type\":[\"object\",\"null\"]}}";
    struct world *w = *state;
    only_tool(w, tool);
    begin_session(w, "2025-11-25");
    ask(w, LIST("1", ""),
        RESULT("1", "'tools':[{'name':'far.local','inputSchema':{'type':'object'}}]"));
}

/* ---- pages ------------------------------------------------------------------------------- */

#define PLAIN_TOOL "{\"name\":\"x\",\"inputSchema\":{\"type\":\"object\"}}"
#define TOOL(name) "{'name':'" name "','inputSchema':{'type':'object'}}"

static void seven_tools(struct world *w)
{
    static const char *const names[] = {"zeta", "b", "a", "d", "c", "e", "f"};
    w->tool_count = 0;
    for (size_t i = 0; i < 7; i++)
        add_tool(w, names[i], PLAIN_TOOL);
    w->generation = 7;
}

/* In base64url, tools:7:a is dG9vbHM6Nzph, and tools:7:e is dG9vbHM6Nzpl. */

static void test_s7_pages_to_the_end_in_order(void **state)
{
    struct world *w = *state;
    seven_tools(w);
    begin_session(w, "2025-11-25");
    ask(w, LIST("1", ""), RESULT("1", "'tools':[" TOOL("zeta") "," TOOL("b") "," TOOL("a")
                                      "],'nextCursor':'dG9vbHM6Nzph'"));
    ask(w, LIST("2", "'cursor':'dG9vbHM6Nzph'"),
        RESULT("2", "'tools':[" TOOL("d") "," TOOL("c") "," TOOL("e")
                    "],'nextCursor':'dG9vbHM6Nzpl'"));
    ask(w, LIST("3", "'cursor':'dG9vbHM6Nzpl'"), RESULT("3", "'tools':[" TOOL("f") "]"));
}

static void test_s7_modern_pages_share_their_scope(void **state)
{
    struct world *w = *state;
    seven_tools(w);
    ask(w, LIST("1", "'cursor':'dG9vbHM6Nzpl'," META), MODERN_LIST("1", TOOL("f")));
    ask(w, LIST("2", META),
        RESULT("2", "'resultType':'complete','ttlMs':3600000,'cacheScope':'private','tools':["
                    TOOL("zeta") "," TOOL("b") "," TOOL("a") "],'nextCursor':'dG9vbHM6Nzph',"
                    SERVER_META));
}

static void test_s7_full_last_page_has_no_cursor(void **state)
{
    struct world *w = *state;
    seven_tools(w);
    w->tool_count = 6;
    begin_session(w, "2025-11-25");
    ask(w, LIST("1", "'cursor':'dG9vbHM6Nzph'"),
        RESULT("1", "'tools':[" TOOL("d") "," TOOL("c") "," TOOL("e") "]"));
}

static void test_s7_empty_list(void **state)
{
    struct world *w = *state;
    w->tool_count = 0;
    begin_session(w, "2025-11-25");
    ask(w, LIST("1", ""), RESULT("1", "'tools':[]"));
    ask(w, LIST("2", META), MODERN_LIST("2", ""));
}

static void test_s7_cursor_outlives_a_change_of_the_list(void **state)
{
    struct world *w = *state;
    seven_tools(w);
    w->generation = 8;
    begin_session(w, "2025-11-25");
    ask(w, LIST("1", "'cursor':'dG9vbHM6Nzpl'"), RESULT("1", "'tools':[" TOOL("f") "]"));
}

static void test_s7_cursor_behind_escapes(void **state)
{
    struct world *w = *state;
    seven_tools(w);
    begin_session(w, "2025-11-25");
    ask(w, LIST("1", "'cursor':'\\u0064G9vbHM6Nzpl'"), RESULT("1", "'tools':[" TOOL("f") "]"));
}

static void test_s7_bad_cursors(void **state)
{
    static const char *const cursors[] = {
        "'x'", "'!'", "'dG9vbHM6Nzpl='", "'dG9vbHM6Nzpm '", "7", "null", "{}",
        "'dG9vbHM'",          /* tools */
        "'dG9vbHM6'",         /* tools: */
        "'dG9vbHM6NzpnaG9zdA'", /* tools:7:ghost */
        "'cHJvbXB0czo3OmU'",  /* prompts:7:e */
        "'dG9vbHN4OjE6ZQ'",   /* toolsx:1:e */
    };
    struct world *w = *state;
    seven_tools(w);
    begin_session(w, "2025-11-25");
    for (size_t i = 0; i < sizeof(cursors) / sizeof(cursors[0]); i++) {
        char line[200];
        snprintf(line, sizeof(line), LIST("1", "'cursor':%s"), cursors[i]);
        ask(w, line, ERROR("1", "-32602", BAD_CURSOR));
    }
    ask(w, LIST("2", "'cursor':'x'," META), ERROR("2", "-32602", BAD_CURSOR));
}

static void test_s7_empty_string_is_a_valid_cursor(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask(w, LIST("1", "'cursor':''"), RESULT("1", "'tools':[" ECHO_TOOL "]"));
}

/* ---- the cache --------------------------------------------------------------------------- */

static void test_s7_second_list_is_the_same_and_not_made_again(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask(w, LIST("1", ""), RESULT("1", "'tools':[" ECHO_TOOL "]"));
    w->listed = 0;
    ask(w, LIST("1", ""), RESULT("1", "'tools':[" ECHO_TOOL "]"));
    assert_int_equal(w->listed, 0);
}

static void test_s7_cache_knows_revisions_apart(void **state)
{
    struct world *w = *state;
    only_tool(w, full);
    begin_session(w, "2025-11-25");
    ask(w, LIST("1", ""), RESULT("1", "'tools':[" FULL_TOOL "]"));
    ask(w, LIST("2", META), MODERN_LIST("2", FULL_TOOL));
    ask(w, LIST("3", ""), RESULT("3", "'tools':[" FULL_TOOL "]"));
}

static void test_s7_changed_list_is_made_again(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask(w, LIST("1", ""), RESULT("1", "'tools':[" ECHO_TOOL "]"));
    add_tool(w, "more", PLAIN_TOOL);
    ask(w, LIST("2", ""), RESULT("2", "'tools':[" ECHO_TOOL "," TOOL("more") "]"));
}

static void test_s7_cache_survives_more_pages_than_it_holds(void **state)
{
    struct world *w = *state;
    char name[16], line[300], answer[400];
    w->tool_count = 0;
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof(name), "t%02d", i);
        add_tool(w, name, PLAIN_TOOL);
    }
    w->generation = 7;
    w->options.page_size = 1;
    reopen(w);
    begin_session(w, "2025-11-25");
    for (int round = 0; round < 2; round++) {
        char cursor[100] = "";
        for (int i = 0; i < 20; i++) {
            snprintf(line, sizeof(line), LIST("1", "%s"), cursor);
            give(w, line);
            const char *sent = w->sent[w->read];
            const char *next = strstr(sent, "\"nextCursor\":\"");
            assert_int_equal(next != NULL, i < 19);
            if (next)
                snprintf(cursor, sizeof(cursor), "'cursor':'%.*s'",
                         (int)strcspn(next + 14, "\""), next + 14);
            snprintf(answer, sizeof(answer), "{'name':'t%02d',", i);
            for (char *at = answer; *at; at++)
                *at = *at == '\'' ? '"' : *at;
            assert_non_null(strstr(sent, answer));
            w->read++;
        }
    }
}

static void test_s7_list_that_cannot_be_made_is_an_error(void **state)
{
    struct world *w = *state;
    add_tool(w, "bad", "{\"name\":\"bad\"");
    begin_session(w, "2025-11-25");
    const char *answer =
        ERROR("1", "-32603", "out of memory for the list of tools; ask again");
    ask(w, LIST("1", ""), answer);
    ask(w, LIST("1", META), answer);
    /* Nothing half made is kept. */
    w->tools[1].json = STR(PLAIN_TOOL);
    ask(w, LIST("1", ""), RESULT("1", "'tools':[" ECHO_TOOL "," TOOL("bad") "]"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_s4_members_of_2024_11_05),
        TEST(test_s4_members_of_2025_03_26),
        TEST(test_s4_members_of_2025_06_18),
        TEST(test_s4_members_of_2025_11_25),
        TEST(test_s4_members_of_2026_07_28),
        TEST(test_s4_output_schema_that_is_no_object),
        TEST(test_s4_output_schema_of_several_types),
        TEST(test_s7_pages_to_the_end_in_order),
        TEST(test_s7_modern_pages_share_their_scope),
        TEST(test_s7_full_last_page_has_no_cursor),
        TEST(test_s7_empty_list),
        TEST(test_s7_cursor_outlives_a_change_of_the_list),
        TEST(test_s7_cursor_behind_escapes),
        TEST(test_s7_bad_cursors),
        TEST(test_s7_empty_string_is_a_valid_cursor),
        TEST(test_s7_second_list_is_the_same_and_not_made_again),
        TEST(test_s7_cache_knows_revisions_apart),
        TEST(test_s7_changed_list_is_made_again),
        TEST(test_s7_cache_survives_more_pages_than_it_holds),
        TEST(test_s7_list_that_cannot_be_made_is_an_error),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("mcp_lists", tests, NULL, NULL);
}
