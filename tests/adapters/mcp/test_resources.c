/* Section 9, with the gates of section 4 and the pages of section 7: lists of resources and
 * templates, resources/read. */
#include "tests/adapters/mcp/fixture.h"

#include <stdio.h>
#include <string.h>

#define LIST(id, params) REQUEST(id, "resources/list", params)
#define TEMPLATES(id, params) REQUEST(id, "resources/templates/list", params)
#define READ(id, uri) REQUEST(id, "resources/read", "'uri':'" uri "'")
#define MODERN_READ(id, uri) REQUEST(id, "resources/read", "'uri':'" uri "'," META)
#define MODERN_HEAD "'resultType':'complete','ttlMs':60000,'cacheScope':'private',"
#define ONE "{'uri':'x:1','text':'one'}"

static const char *const legacy[] = {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"};

/* ---- gates ------------------------------------------------------------------------------- */

#define FULL                                                                                       \
    "'name':'n','title':'T','description':'D','mimeType':'a/b','size':7,"                          \
    "'icons':[{'src':'data:,'}],'annotations':{'audience':['user'],'priority':0.5,"                \
    "'lastModified':'2025-01-01T00:00:00Z'},'_meta':{'x.y/z':1}"
#define FULL_DEFINITION "{'run':'inline','uri':'local'," FULL ",'other':1}"

/* What each revision gets of it, behind the name. */
#define OF_2024 "'name':'n','description':'D','mimeType':'a/b'"
#define OLD_NOTES ",'annotations':{'audience':['user'],'priority':0.5}"
#define NOTES                                                                                      \
    ",'annotations':{'audience':['user'],'priority':0.5,'lastModified':'2025-01-01T00:00:00Z'}"
#define OF_2025_06 "'name':'n','title':'T','description':'D','mimeType':'a/b'"

static void test_s4_members_of_resources(void **state)
{
    static const char *const expected[] = {
        "{'uri':'x:1'," OF_2024 ",'size':7" OLD_NOTES "}",
        "{'uri':'x:1'," OF_2024 ",'size':7" OLD_NOTES "}",
        "{'uri':'x:1'," OF_2025_06 ",'size':7" NOTES ",'_meta':{'x.y/z':1}}",
        "{'uri':'x:1'," FULL "}",
    };
    struct world *w = *state;
    char answer[900];
    add_item(w, ITEM_RESOURCE, "x:1", FULL_DEFINITION);
    for (size_t i = 0; i < 4; i++) {
        reopen(w);
        begin_session(w, legacy[i]);
        snprintf(answer, sizeof(answer), RESULT("1", "'resources':[%s]"), expected[i]);
        ask(w, LIST("1", ""), answer);
    }
    ask(w, LIST("2", META),
        RESULT("2", MODERN_HEAD "'resources':[{'uri':'x:1'," FULL "}]," SERVER_META));
}

static void test_s4_members_of_templates(void **state)
{
    static const char *const expected[] = {
        "{'uriTemplate':'x:{id}'," OF_2024 OLD_NOTES "}",
        "{'uriTemplate':'x:{id}'," OF_2024 OLD_NOTES "}",
        "{'uriTemplate':'x:{id}'," OF_2025_06 NOTES ",'_meta':{'x.y/z':1}}",
        "{'uriTemplate':'x:{id}'," OF_2025_06 ",'icons':[{'src':'data:,'}]" NOTES
        ",'_meta':{'x.y/z':1}}",
    };
    struct world *w = *state;
    char answer[900];
    add_item(w, ITEM_TEMPLATE, "x:{id}", FULL_DEFINITION);
    for (size_t i = 0; i < 4; i++) {
        reopen(w);
        begin_session(w, legacy[i]);
        snprintf(answer, sizeof(answer), RESULT("1", "'resourceTemplates':[%s]"), expected[i]);
        ask(w, TEMPLATES("1", ""), answer);
    }
    snprintf(answer, sizeof(answer),
             RESULT("2", MODERN_HEAD "'resourceTemplates':[%s]," SERVER_META), expected[3]);
    ask(w, TEMPLATES("2", META), answer);
}

static void test_s9_lists_without_items(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask(w, LIST("1", ""), RESULT("1", "'resources':[]"));
    ask(w, TEMPLATES("2", ""), RESULT("2", "'resourceTemplates':[]"));
    ask(w, LIST("3", META), RESULT("3", MODERN_HEAD "'resources':[]," SERVER_META));
}

static void test_s9_templates_are_not_resources(void **state)
{
    struct world *w = *state;
    add_item(w, ITEM_TEMPLATE, "x:{id}", "{'name':'t'}");
    add_item(w, ITEM_RESOURCE, "x:1", "{'name':'r'}");
    begin_session(w, "2025-11-25");
    ask(w, LIST("1", ""), RESULT("1", "'resources':[{'uri':'x:1','name':'r'}]"));
    ask(w, TEMPLATES("2", ""),
        RESULT("2", "'resourceTemplates':[{'uriTemplate':'x:{id}','name':'t'}]"));
}

/* ---- pages ------------------------------------------------------------------------------- */

static void add_resources(struct world *w, int from, int to)
{
    char uri[16];
    for (int i = from; i <= to; i++) {
        snprintf(uri, sizeof(uri), "x:%d", i);
        add_item(w, ITEM_RESOURCE, uri, "{'name':'r'}");
    }
}

/* Takes the cursor out of the page that came. */
static void take_cursor(struct world *w, const char *resources, char cursor[400])
{
    char answer[1200];
    const char *next = strstr(w->sent[w->read], "],\"nextCursor\":\"");
    if (!next)
        fail_msg("no cursor: %s", w->sent[w->read]);
    snprintf(cursor, 400, "%.*s", (int)strcspn(next + 16, "\""), next + 16);
    snprintf(answer, sizeof(answer), RESULT("1", "'resources':[%s],'nextCursor':'%s'"), resources,
             cursor);
    expect(w, answer);
}

#define R(uri) "{'uri':'" uri "','name':'r'}"

static void test_s7_pages_of_resources(void **state)
{
    struct world *w = *state;
    char cursor[400], line[700];
    add_resources(w, 1, 5);
    begin_session(w, "2025-11-25");
    give(w, LIST("1", ""));
    take_cursor(w, R("x:1") "," R("x:2") "," R("x:3"), cursor);
    remove_item(w, ITEM_RESOURCE, "x:3");
    add_resources(w, 6, 6);
    snprintf(line, sizeof(line), LIST("2", "'cursor':'%s'"), cursor);
    ask(w, line, RESULT("2", "'resources':[" R("x:4") "," R("x:5") "," R("x:6") "]"));
}

static void test_s7_cursor_of_another_list(void **state)
{
    struct world *w = *state;
    char cursor[400], line[700];
    add_resources(w, 1, 5);
    begin_session(w, "2025-11-25");
    give(w, LIST("1", ""));
    take_cursor(w, R("x:1") "," R("x:2") "," R("x:3"), cursor);
    snprintf(line, sizeof(line), TEMPLATES("2", "'cursor':'%s'"), cursor);
    ask(w, line,
        ERROR("2", "-32602",
              "\\'cursor\\' was not made by this server for this request, or was changed; leave "
              "it out to begin with the first page"));
}

static void test_s7_each_list_has_its_own_cache(void **state)
{
    struct world *w = *state;
    add_resources(w, 1, 1);
    begin_session(w, "2025-11-25");
    ask(w, LIST("1", ""), RESULT("1", "'resources':[" R("x:1") "]"));
    w->listed = 0;
    add_tool(w, "more", "{'name':'more','inputSchema':{'type':'object'}}");
    ask(w, LIST("2", ""), RESULT("2", "'resources':[" R("x:1") "]"));
    assert_int_equal(w->listed, 0);
    add_resources(w, 2, 2);
    ask(w, LIST("3", ""), RESULT("3", "'resources':[" R("x:1") "," R("x:2") "]"));
    assert_true(w->listed > 0);
}

/* ---- read -------------------------------------------------------------------------------- */

static void test_s9_read(void **state)
{
    struct world *w = *state;
    add_resources(w, 1, 1);
    begin_session(w, "2025-11-25");
    ask_nothing(w, READ("1", "x:1"));
    assert_string_equal(w->calls[0].target, "x:1");
    assert_int_equal(w->calls[0].call.action, ACTION_READ);
    finish(w, 0, CALL_RESULT, "{'contents':[" ONE "]}");
    expect(w, RESULT("1", "'contents':[" ONE "]"));
}

static void test_s9_modern_read_says_how_long_it_holds(void **state)
{
    struct world *w = *state;
    add_resources(w, 1, 1);
    give(w, MODERN_READ("1", "x:1"));
    finish(w, 0, CALL_RESULT, "{'contents':[" ONE "],'_meta':{'a.b/c':1}}");
    expect(w, RESULT("1", "'resultType':'complete','contents':[" ONE "],'ttlMs':0,"
                          "'cacheScope':'private','_meta':{'a.b/c':1," SERVER "}"));
}

#define TEXT "{'uri':'x:1','mimeType':'a/b','text':'one'"
#define BLOB "{'uri':'x:1/b','blob':'aGk='}"

static void test_s9_several_contents(void **state)
{
    struct world *w = *state;
    add_resources(w, 1, 1);
    w->at_once = "{'contents':[" TEXT ",'_meta':{'a.b/c':1}}," BLOB "]}";
    for (size_t i = 0; i < 4; i++) {
        reopen(w);
        begin_session(w, legacy[i]);
        ask(w, READ("1", "x:1"),
            i < 2 ? RESULT("1", "'contents':[" TEXT "}," BLOB "]")
                  : RESULT("1", "'contents':[" TEXT ",'_meta':{'a.b/c':1}}," BLOB "]"));
    }
}

static void test_s9_unknown_uri(void **state)
{
    struct world *w = *state;
    for (size_t i = 0; i < 4; i++) {
        reopen(w);
        begin_session(w, legacy[i]);
        ask(w, READ("1", "x:9"),
            "{'jsonrpc':'2.0','id':1,'error':{'code':-32002,'message':'there is no such thing as "
            "\\\"x:9\\\"','data':{'uri':'x:9'}}}");
    }
    ask(w, MODERN_READ("2", "x:9"),
        "{'jsonrpc':'2.0','id':2,'error':{'code':-32602,'message':'there is no such thing as "
        "\\\"x:9\\\"','data':{'uri':'x:9'}}}");
}

static void test_s9_plugin_finds_nothing(void **state)
{
    struct world *w = *state;
    add_resources(w, 1, 1);
    begin_session(w, "2025-11-25");
    give(w, READ("1", "x:1"));
    fail_call_with(w, 0, ST_NOT_FOUND, "it is gone");
    expect(w, "{'jsonrpc':'2.0','id':1,'error':{'code':-32002,'message':'it is gone',"
              "'data':{'uri':'x:1'}}}");
    give(w, MODERN_READ("2", "x:1"));
    fail_call_with(w, 1, ST_NOT_FOUND, "it is gone");
    expect(w, "{'jsonrpc':'2.0','id':2,'error':{'code':-32602,'message':'it is gone',"
              "'data':{'uri':'x:1'}}}");
}

static void test_s9_other_failures(void **state)
{
    struct world *w = *state;
    add_resources(w, 1, 1);
    begin_session(w, "2025-11-25");
    give(w, READ("1", "x:1"));
    fail_call_with(w, 0, ST_PROTOCOL, "broken");
    expect(w, ERROR("1", "-32603", "broken"));
    give(w, READ("2", "x:1"));
    fail_call_with(w, 1, ST_BUSY, "busy");
    expect(w, ERROR("2", "-32603", "busy"));
    give(w, READ("3", "x:1"));
    fail_call_with(w, 2, ST_DENIED, "not yours");
    expect(w, ERROR("3", "-32602", "not yours"));
}

static void test_s9_bad_uri(void **state)
{
    struct world *w = *state;
    add_resources(w, 1, 1);
    begin_session(w, "2025-11-25");
    w->refuses = ST_INVALID;
    ask(w, READ("1", "x:1"), ERROR("1", "-32602", "\\\"uri\\\" is no URI to read: the core is out of order"));
    ask(w, MODERN_READ("2", "x:1"),
        ERROR("2", "-32602", "\\\"uri\\\" is no URI to read: the core is out of order"));
    w->refuses = ST_NOMEM;
    ask(w, READ("3", "x:1"), ERROR("3", "-32603", "the core is out of order"));
}

static void test_s9_uri_that_is_no_string(void **state)
{
    static const char *const params[] = {"", "'uri':7", "'uri':null", "'uri':['x:1']"};
    struct world *w = *state;
    char line[200];
    begin_session(w, "2025-11-25");
    for (size_t i = 0; i < 4; i++) {
        snprintf(line, sizeof(line), REQUEST("1", "resources/read", "%s"), params[i]);
        ask(w, line, ERROR("1", "-32602", "resources/read needs \\\"uri\\\", a string"));
    }
}

static void test_s9_escaped_uri(void **state)
{
    struct world *w = *state;
    add_resources(w, 1, 1);
    begin_session(w, "2025-11-25");
    give(w, READ("1", "\\u0078:1"));
    assert_string_equal(w->calls[0].target, "x:1");
    finish(w, 0, CALL_RESULT, "{'contents':[" ONE "]}");
    expect(w, RESULT("1", "'contents':[" ONE "]"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_s4_members_of_resources),
        TEST(test_s4_members_of_templates),
        TEST(test_s9_lists_without_items),
        TEST(test_s9_templates_are_not_resources),
        TEST(test_s7_pages_of_resources),
        TEST(test_s7_cursor_of_another_list),
        TEST(test_s7_each_list_has_its_own_cache),
        TEST(test_s9_read),
        TEST(test_s9_modern_read_says_how_long_it_holds),
        TEST(test_s9_several_contents),
        TEST(test_s9_unknown_uri),
        TEST(test_s9_plugin_finds_nothing),
        TEST(test_s9_other_failures),
        TEST(test_s9_bad_uri),
        TEST(test_s9_uri_that_is_no_string),
        TEST(test_s9_escaped_uri),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("mcp_resources", tests, NULL, NULL);
}
