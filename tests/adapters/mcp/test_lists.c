/* Section 7, and the gates of section 4 for definitions: tools/list. */
#include "tests/adapters/mcp/fixture.h"

#include <stdio.h>
#include <string.h>

#define LIST(id, params) REQUEST(id, "tools/list", params)
#define ECHO_TOOL "{'name':'echo','inputSchema':{'type':'object'}}"
#define MODERN_LIST(id, tools)                                                                     \
    RESULT(id, "'resultType':'complete','ttlMs':60000,'cacheScope':'private','tools':["          \
               tools "]," SERVER_META)
#define BAD_CURSOR(why)                                                                            \
    "\\'cursor\\' " why "; leave it out to begin with the first page"
#define NO_CURSOR "was not made by this server for this request, or was changed"

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
    remove_all(w, ITEM_TOOL);
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
    remove_all(w, ITEM_TOOL);
    for (size_t i = 0; i < 7; i++)
        add_tool(w, names[i], PLAIN_TOOL);
}

/* Asks for a page, which must hold these tools, and takes its cursor into `cursor`, "" if it has
 * none. */
static void ask_page(struct world *w, const char *params, const char *tools, char cursor[400])
{
    char line[1200], answer[1600], head[900];
    snprintf(line, sizeof(line), LIST("1", "%s"), params);
    give(w, line);
    const char *sent = w->sent[w->read];
    const char *next = strstr(sent, "],\"nextCursor\":\"");
    cursor[0] = '\0';
    if (next)
        snprintf(cursor, 400, "%.*s", (int)strcspn(next + 16, "\""), next + 16);
    bool modern = strstr(params, "_meta") != NULL;
    snprintf(head, sizeof(head), "%s'tools':[%s]",
             modern ? "'resultType':'complete','ttlMs':60000,'cacheScope':'private'," : "", tools);
    snprintf(answer, sizeof(answer), RESULT("1", "%s%s%s%s%s"), head,
             next ? ",'nextCursor':'" : "", cursor, next ? "'" : "", modern ? "," SERVER_META : "");
    expect(w, answer);
    expect_nothing(w);
}

static const char *behind(const char *cursor)
{
    static char params[500];
    snprintf(params, sizeof(params), "'cursor':'%s'", cursor);
    return params;
}

static void test_s7_pages_to_the_end_in_order(void **state)
{
    struct world *w = *state;
    char cursor[400];
    seven_tools(w);
    begin_session(w, "2025-11-25");
    ask_page(w, "", TOOL("zeta") "," TOOL("b") "," TOOL("a"), cursor);
    ask_page(w, behind(cursor), TOOL("d") "," TOOL("c") "," TOOL("e"), cursor);
    ask_page(w, behind(cursor), TOOL("f"), cursor);
    assert_string_equal(cursor, "");
}

static void test_s7_modern_pages_share_their_scope(void **state)
{
    struct world *w = *state;
    char cursor[400], params[900];
    seven_tools(w);
    ask_page(w, META, TOOL("zeta") "," TOOL("b") "," TOOL("a"), cursor);
    snprintf(params, sizeof(params), "'cursor':'%s'," META, cursor);
    ask_page(w, params, TOOL("d") "," TOOL("c") "," TOOL("e"), cursor);
}

static void test_s7_full_last_page_has_no_cursor(void **state)
{
    struct world *w = *state;
    char cursor[400];
    seven_tools(w);
    remove_item(w, ITEM_TOOL, "f");
    begin_session(w, "2025-11-25");
    ask_page(w, "", TOOL("zeta") "," TOOL("b") "," TOOL("a"), cursor);
    ask_page(w, behind(cursor), TOOL("d") "," TOOL("c") "," TOOL("e"), cursor);
    assert_string_equal(cursor, "");
}

static void test_s7_empty_list(void **state)
{
    struct world *w = *state;
    remove_all(w, ITEM_TOOL);
    begin_session(w, "2025-11-25");
    ask(w, LIST("1", ""), RESULT("1", "'tools':[]"));
    ask(w, LIST("2", META), MODERN_LIST("2", ""));
}

static void test_s7_cursor_outlives_changes_of_the_list(void **state)
{
    struct world *w = *state;
    char first[400], cursor[400];
    seven_tools(w);
    begin_session(w, "2025-11-25");
    ask_page(w, "", TOOL("zeta") "," TOOL("b") "," TOOL("a"), first);
    /* The entry that it ends with goes, and another comes. */
    remove_item(w, ITEM_TOOL, "a");
    remove_item(w, ITEM_TOOL, "zeta");
    add_tool(w, "g", PLAIN_TOOL);
    ask_page(w, behind(first), TOOL("d") "," TOOL("c") "," TOOL("e"), cursor);
    ask_page(w, behind(cursor), TOOL("f") "," TOOL("g"), cursor);
}

static void test_s7_cursor_behind_escapes(void **state)
{
    struct world *w = *state;
    char cursor[400], escaped[500];
    seven_tools(w);
    begin_session(w, "2025-11-25");
    ask_page(w, "", TOOL("zeta") "," TOOL("b") "," TOOL("a"), cursor);
    snprintf(escaped, sizeof(escaped), "'cursor':'\\u%04x%s'", (unsigned)cursor[0], cursor + 1);
    ask_page(w, escaped, TOOL("d") "," TOOL("c") "," TOOL("e"), cursor);
}

static void test_s7_bad_cursors(void **state)
{
    static const char *const cursors[] = {"'x'", "'!'", "' '", "'dG9vbHM'"};
    static const char *const others[] = {"7", "null", "{}", "true"};
    struct world *w = *state;
    char line[200];
    seven_tools(w);
    begin_session(w, "2025-11-25");
    for (size_t i = 0; i < 4; i++) {
        snprintf(line, sizeof(line), LIST("1", "'cursor':%s"), cursors[i]);
        ask(w, line, ERROR("1", "-32602", BAD_CURSOR(NO_CURSOR)));
        snprintf(line, sizeof(line), LIST("1", "'cursor':%s"), others[i]);
        ask(w, line, ERROR("1", "-32602", BAD_CURSOR("must be a string")));
    }
    ask(w, LIST("2", "'cursor':'x'," META), ERROR("2", "-32602", BAD_CURSOR(NO_CURSOR)));
}

static void refuse_cursor(struct world *w, const char *cursor, const char *answer)
{
    char line[900];
    snprintf(line, sizeof(line), LIST("1", "'cursor':'%s'," META), cursor);
    ask(w, line, answer);
}

static void test_s7_forged_cursor_is_refused(void **state)
{
    struct world *w = *state;
    char cursor[400], forged[420];
    seven_tools(w);
    ask_page(w, META, TOOL("zeta") "," TOOL("b") "," TOOL("a"), cursor);
    for (size_t i = 0; i < strlen(cursor); i++) {
        strcpy(forged, cursor);
        forged[i] = forged[i] == 'A' ? 'B' : 'A';
        refuse_cursor(w, forged, ERROR("1", "-32602", BAD_CURSOR(NO_CURSOR)));
    }
    snprintf(forged, sizeof(forged), "%sA", cursor);
    refuse_cursor(w, forged, ERROR("1", "-32602", BAD_CURSOR(NO_CURSOR)));
}

static void test_s7_expired_cursor_is_refused(void **state)
{
    struct world *w = *state;
    char cursor[400];
    seven_tools(w);
    ask_page(w, META, TOOL("zeta") "," TOOL("b") "," TOOL("a"), cursor);
    w->wall_ms += 24 * 3600 * 1000;
    refuse_cursor(w, cursor, ERROR("1", "-32602", BAD_CURSOR("has expired; begin again")));
}

static void test_s7_cursor_of_another_caller_is_refused(void **state)
{
    static const struct caller other = {.id = STR_INIT("key-2"), .tenant = STR_INIT("local"),
                                         .authenticated = true};
    static const struct caller elsewhere = {.id = STR_INIT("stdio"), .tenant = STR_INIT("other")};
    struct world *w = *state;
    char cursor[400];
    seven_tools(w);
    ask_page(w, META, TOOL("zeta") "," TOOL("b") "," TOOL("a"), cursor);
    w->caller = &other;
    reopen(w);
    refuse_cursor(w, cursor, ERROR("1", "-32602", BAD_CURSOR(NO_CURSOR)));
    w->caller = &elsewhere;
    reopen(w);
    refuse_cursor(w, cursor, ERROR("1", "-32602", BAD_CURSOR(NO_CURSOR)));
}

/* On one server, so with one cache. */
static void test_s7_callers_see_their_own_list(void **state)
{
    static const struct caller alice = {.id = STR_INIT("alice"), .tenant = STR_INIT("local"),
                                         .authenticated = true};
    static const struct item hers = {.kind = ITEM_TOOL,
                                     .local_name = STR_INIT("hers"),
                                     .plugin_id = STR_INIT("a.b"),
                                     .json = STR_INIT("{\"name\":\"hers\"}"),
                                     .callers = STR_INIT("[\"alice\"]"),
                                     .plugin = 1};
    struct world *w = *state;
    struct error err;
    remove_all(w, ITEM_TOOL);
    add_tool(w, "open", PLAIN_TOOL);
    assert_int_equal(registry_add(w->registry, &hers, &err), ST_OK);
    for (int i = 0; i < 2; i++) {
        give(w, LIST("1", META));
        assert_null(strstr(w->sent[w->read], "\"hers\""));
        assert_non_null(strstr(w->sent[w->read++], "\"open\""));
        change_caller(w, &alice);
        give(w, LIST("1", META));
        assert_non_null(strstr(w->sent[w->read], "\"hers\""));
        assert_non_null(strstr(w->sent[w->read++], "\"open\""));
        change_caller(w, &caller_fake);
    }
}

/* What is wrong with the keys is for the operator. */
static void test_s7_page_that_cannot_be_sealed(void **state)
{
    struct world *w = *state;
    seven_tools(w);
    w->no_keys = true;
    ask(w, LIST("1", META),
        ERROR("1", "-32603",
              "tools cannot be listed: the server cannot seal it; its log says why; ask again"));
    assert_string_equal(w->logged, "/a/path/seal-keys is broken");
    /* Once is enough. */
    w->logged[0] = '\0';
    give(w, LIST("2", META));
    w->read++;
    assert_string_equal(w->logged, "");
}

/* A place in a list tells nothing of who saw what, so that it may be asked for again. */
static void test_s7_cursor_can_be_used_again(void **state)
{
    struct world *w = *state;
    char cursor[400], next[400];
    seven_tools(w);
    begin_session(w, "2025-11-25");
    ask_page(w, "", TOOL("zeta") "," TOOL("b") "," TOOL("a"), cursor);
    for (int i = 0; i < 2; i++)
        ask_page(w, behind(cursor), TOOL("d") "," TOOL("c") "," TOOL("e"), next);
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
    char name[16], tool[100], cursor[400];
    remove_all(w, ITEM_TOOL);
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof(name), "t%02d", i);
        add_tool(w, name, PLAIN_TOOL);
    }
    w->options.page_size = 1;
    reopen(w);
    begin_session(w, "2025-11-25");
    for (int round = 0; round < 2; round++) {
        cursor[0] = '\0';
        for (int i = 0; i < 20; i++) {
            snprintf(tool, sizeof(tool), TOOL("t%02d"), i);
            ask_page(w, i ? behind(cursor) : "", tool, cursor);
            assert_int_equal(cursor[0] != '\0', i < 19);
        }
    }
}

static void test_s7_list_that_cannot_be_made_is_an_error(void **state)
{
    struct world *w = *state;
    add_tool(w, "bad", "{\"name\":\"bad\"");
    begin_session(w, "2025-11-25");
    const char *answer =
        ERROR("1", "-32603", "tools cannot be listed: out of memory; ask again");
    ask(w, LIST("1", ""), answer);
    ask(w, LIST("1", META), answer);
    /* Nothing half made is kept. */
    remove_item(w, ITEM_TOOL, "bad");
    ask(w, LIST("1", ""), RESULT("1", "'tools':[" ECHO_TOOL "]"));
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
        TEST(test_s7_cursor_outlives_changes_of_the_list),
        TEST(test_s7_cursor_behind_escapes),
        TEST(test_s7_bad_cursors),
        TEST(test_s7_forged_cursor_is_refused),
        TEST(test_s7_expired_cursor_is_refused),
        TEST(test_s7_cursor_of_another_caller_is_refused),
        TEST(test_s7_callers_see_their_own_list),
        TEST(test_s7_page_that_cannot_be_sealed),
        TEST(test_s7_cursor_can_be_used_again),
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
