/* Section 8, and the gates of section 4 for results: tools/call. */
#include "tests/adapters/mcp/fixture.h"

#include <stdio.h>

#include "core/json/json.h"

/* One call of echo that ends at once with `result`, and its answer. */
static void answer_of(struct world *w, const char *result, const char *answer)
{
    w->at_once = result;
    ask(w, CALL("1", "echo"), answer);
}

static void modern_answer_of(struct world *w, const char *result, const char *answer)
{
    w->at_once = result;
    ask(w, MODERN_CALL("1", "echo"), answer);
}

static void session(struct world *w, const char *revision)
{
    reopen(w);
    begin_session(w, revision);
}

static const char *const legacy[] = {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"};

/* ---- content by revision ----------------------------------------------------------------- */

static void test_s4_text_and_image_in_every_revision(void **state)
{
    static const char content[] =
        "'content':[{'type':'text','text':'a\\nb'},{'type':'image','data':'AA==',"
        "'mimeType':'image/png'}]";
    struct world *w = *state;
    char result[300], answer[300];
    snprintf(result, sizeof(result), "{%s}", content);
    snprintf(answer, sizeof(answer), RESULT("1", "%s"), content);
    for (size_t i = 0; i < 4; i++) {
        session(w, legacy[i]);
        answer_of(w, result, answer);
    }
    snprintf(answer, sizeof(answer), RESULT("1", "'resultType':'complete',%s," SERVER_META),
             content);
    modern_answer_of(w, result, answer);
}

#define AUDIO "{'type':'audio','data':'AAAA','mimeType':'audio/w\\u0061v'}"

static void test_s4_audio_since_2025_03_26(void **state)
{
    struct world *w = *state;
    session(w, "2024-11-05");
    answer_of(w, "{'content':[" AUDIO "]}",
              TEXT_RESULT("1", "[audio audio/wav, 4 characters of base64, which this protocol "
                               "revision cannot carry]"));
    for (size_t i = 1; i < 4; i++) {
        session(w, legacy[i]);
        answer_of(w, "{'content':[" AUDIO "]}", RESULT("1", "'content':[" AUDIO "]"));
    }
}

#define LINK "{'type':'resource_link','uri':'file:///a','name':'A \\'a\\'','title':'T'}"

static void test_s4_resource_link_since_2025_06_18(void **state)
{
    struct world *w = *state;
    for (size_t i = 0; i < 4; i++) {
        session(w, legacy[i]);
        answer_of(w, "{'content':[" LINK "]}",
                  i < 2 ? TEXT_RESULT("1", "[resource A \\'a\\': file:///a]")
                        : RESULT("1", "'content':[" LINK "]"));
    }
}

static void test_s4_icons_of_a_link_since_2025_11_25(void **state)
{
    static const char result[] = "{'content':[{'type':'resource_link','uri':'u:','name':'n',"
                                 "'icons':[{'src':'data:,'}]}]}";
    struct world *w = *state;
    session(w, "2025-06-18");
    answer_of(w, result,
              RESULT("1", "'content':[{'type':'resource_link','uri':'u:','name':'n'}]"));
    session(w, "2025-11-25");
    answer_of(w, result,
              RESULT("1", "'content':[{'type':'resource_link','uri':'u:','name':'n',"
                          "'icons':[{'src':'data:,'}]}]"));
}

static void test_s4_meta_and_last_modified_since_2025_06_18(void **state)
{
    static const char result[] =
        "{'content':[{'type':'resource','resource':{'uri':'u:','text':'t','_meta':{'a':1}},"
        "'annotations':{'audience':['user'],'priority':0.5,'lastModified':'2025-01-12T15:00:58Z'},"
        "'_meta':{'b':2}}]}";
    struct world *w = *state;
    for (size_t i = 0; i < 4; i++) {
        session(w, legacy[i]);
        answer_of(w, result,
                  i < 2 ? RESULT("1", "'content':[{'type':'resource','resource':{'uri':'u:',"
                                      "'text':'t'},'annotations':{'audience':['user'],"
                                      "'priority':0.5}}]")
                        : RESULT("1", "'content':[{'type':'resource','resource':{'uri':'u:',"
                                      "'text':'t','_meta':{'a':1}},'annotations':{'audience':["
                                      "'user'],'priority':0.5,'lastModified':"
                                      "'2025-01-12T15:00:58Z'},'_meta':{'b':2}}]"));
    }
}

static void test_s8_empty_content(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    answer_of(w, "{'content':[]}", RESULT("1", "'content':[]"));
}

static void test_s15_line_breaks_of_a_plugin_do_not_reach_the_wire(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    answer_of(w, "{\n'content':[\r\n{'type':'text',\n'text':'ok'}],'structuredContent':{\n}}",
              RESULT("1", "'content':[  {'type':'text', 'text':'ok'}],'structuredContent':{ }"));
}

/* ---- structuredContent ------------------------------------------------------------------- */

static void test_s4_structured_object_since_2025_06_18(void **state)
{
    static const char result[] =
        "{'content':[{'type':'text','text':'x'}],'structuredContent':{'n':9007199254740993}}";
    struct world *w = *state;
    for (size_t i = 0; i < 4; i++) {
        session(w, legacy[i]);
        answer_of(w, result,
                  i < 2 ? TEXT_RESULT("1", "x")
                        : RESULT("1", "'content':[{'type':'text','text':'x'}],"
                                      "'structuredContent':{'n':9007199254740993}"));
    }
    modern_answer_of(w, result,
                     RESULT("1", "'resultType':'complete','content':[{'type':'text','text':'x'}],"
                                 "'structuredContent':{'n':9007199254740993}," SERVER_META));
}

static void test_s4_structured_value_of_another_type_is_modern(void **state)
{
    static const char *const values[] = {"[1,2]", "7", "'s'", "null", "false"};
    struct world *w = *state;
    char result[200], answer[400];
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        snprintf(result, sizeof(result), "{'content':[],'structuredContent':%s}", values[i]);
        for (size_t k = 0; k < 4; k++) {
            session(w, legacy[k]);
            answer_of(w, result, RESULT("1", "'content':[]"));
        }
        snprintf(answer, sizeof(answer),
                 RESULT("1", "'resultType':'complete','content':[],'structuredContent':%s,"
                             SERVER_META), values[i]);
        modern_answer_of(w, result, answer);
    }
}

static void test_s8_content_is_made_from_structured_content(void **state)
{
    static const char result[] = "{'structuredContent':{'a':[1, '\\u00e9']}}";
    struct world *w = *state;
    session(w, "2024-11-05");
    answer_of(w, result, TEXT_RESULT("1", "{\\'a\\':[1, \\'\\\\u00e9\\']}"));
    session(w, "2025-06-18");
    answer_of(w, result,
              RESULT("1", "'content':[{'type':'text','text':'{\\'a\\':[1, \\'\\\\u00e9\\']}'}],"
                          "'structuredContent':{'a':[1, '\\u00e9']}"));
    modern_answer_of(w, "{'structuredContent':[true]}",
                     RESULT("1", "'resultType':'complete','content':[{'type':'text','text':"
                                 "'[true]'}],'structuredContent':[true]," SERVER_META));
}

/* ---- errors of tools, _meta -------------------------------------------------------------- */

static void test_s8_tool_error_in_every_revision(void **state)
{
    struct world *w = *state;
    for (size_t i = 0; i < 4; i++) {
        session(w, legacy[i]);
        ask_nothing(w, CALL("1", "echo"));
        finish(w, i, CALL_TOOL_ERROR, "{'content':[{'type':'text','text':'b must not be 0'}]}");
        expect(w, RESULT("1", "'content':[{'type':'text','text':'b must not be 0'}],"
                              "'isError':true"));
    }
    ask_nothing(w, MODERN_CALL("1", "echo"));
    finish(w, 4, CALL_TOOL_ERROR, "{'content':[]}");
    expect(w, RESULT("1", "'resultType':'complete','content':[],'isError':true," SERVER_META));
}

static void test_s5_meta_of_a_result_is_merged_with_server_info(void **state)
{
    static const char result[] = "{'content':[],'_meta':{'a/b':{'c':1},'traceparent':'x'}}";
    struct world *w = *state;
    begin_session(w, "2025-06-18");
    answer_of(w, result, RESULT("1", "'content':[],'_meta':{'a/b':{'c':1},'traceparent':'x'}"));
    modern_answer_of(w, result,
                     RESULT("1", "'resultType':'complete','content':[],'_meta':{'a/b':{'c':1},"
                                 "'traceparent':'x'," SERVER "}"));
}

static void test_s5_plugin_cannot_speak_for_the_server(void **state)
{
    modern_answer_of(*state,
                     "{'content':[],'_meta':{'io.modelcontextprotocol/serverInfo':{'name':'x'}}}",
                     RESULT("1", "'resultType':'complete','content':[]," SERVER_META));
}

static void test_s2_call_that_broke(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask_nothing(w, CALL("1", "echo"));
    fail_call(w, 0, "tool \"echo\" took longer than 5 s");
    expect(w, ERROR("1", "-32603", "tool \\'echo\\' took longer than 5 s"));
    ask_nothing(w, MODERN_CALL("1", "echo"));
    fail_call(w, 1, "100% broken");
    expect(w, ERROR("1", "-32603", "100% broken"));
}

static void test_s2_core_that_refuses_a_call(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    w->refuses = ST_BUSY;
    ask(w, CALL("1", "echo"), ERROR("1", "-32603", "the core is out of order"));
}

static void test_s11_call_cancelled_by_the_server(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask_nothing(w, CALL("1", "echo"));
    finish(w, 0, CALL_CANCELLED, "{}");
    expect(w, ERROR("1", "-32603", "the call was cancelled by the server"));
}

/* ---- params ------------------------------------------------------------------------------ */

static void test_s8_arguments_reach_the_tool_untouched(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    w->at_once = GOOD;
    ask(w, REQUEST("1", "tools/call",
                   "'name':'\\u0065cho','arguments':{ 'b':1.0, 'a':'\\/','n':9007199254740993}"),
        TEXT_RESULT("1", "ok"));
    assert_string_equal(w->calls[0].target, "echo");
    assert_string_equal(w->calls[0].arguments,
                        "{ \"b\":1.0, \"a\":\"\\/\",\"n\":9007199254740993}");
}

static void test_s8_missing_arguments_are_none(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    w->at_once = GOOD;
    ask(w, CALL("1", "echo"), TEXT_RESULT("1", "ok"));
    assert_false(json_exists(w->calls[0].call.arguments));
}

static void test_s8_arguments_must_be_an_object(void **state)
{
    static const char *const values[] = {"[]", "null", "'{}'", "1", "true"};
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        char line[200];
        snprintf(line, sizeof(line), REQUEST("1", "tools/call", "'name':'echo','arguments':%s"),
                 values[i]);
        ask(w, line, ERROR("1", "-32602", "\\'arguments\\' must be an object"));
    }
    assert_int_equal(w->call_count, 0);
}

static void test_s8_name_must_be_a_string(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask(w, REQUEST("1", "tools/call", ""),
        ERROR("1", "-32602", "tools/call needs \\'name\\', a string"));
    ask(w, "{'jsonrpc':'2.0','id':1,'method':'tools/call'}",
        ERROR("1", "-32602", "tools/call needs \\'name\\', a string"));
    ask(w, REQUEST("1", "tools/call", "'name':1"),
        ERROR("1", "-32602", "tools/call needs \\'name\\', a string"));
}

static void test_s8_unknown_tool(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask(w, CALL("1", "ehco"),
        ERROR("1", "-32602", "unknown tool \\'ehco\\'; did you mean \\'echo\\'?"));
    ask(w, CALL("2", "weather"),
        ERROR("2", "-32602", "unknown tool \\'weather\\'; tools/list names all"));
    ask(w, CALL("3", "Echo"),
        ERROR("3", "-32602", "unknown tool \\'Echo\\'; did you mean \\'echo\\'?"));
    ask(w, CALL("4", ""), ERROR("4", "-32602", "unknown tool \\'\\'; tools/list names all"));
    ask(w, MODERN_CALL("5", "echoo"),
        ERROR("5", "-32602", "unknown tool \\'echoo\\'; did you mean \\'echo\\'?"));
    assert_int_equal(w->call_count, 0);
}

static void test_s17_task_is_ignored_where_there_are_none(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-06-18");
    w->at_once = GOOD;
    ask(w, REQUEST("1", "tools/call", "'name':'echo','task':{'ttl':60000}"),
        TEXT_RESULT("1", "ok"));
}

/* ---- the context of the call ------------------------------------------------------------- */

static void test_s8_context_of_the_call(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    w->at_once = GOOD;
    ask(w, CALL("1", "echo"), TEXT_RESULT("1", "ok"));
    const struct call_context *context = &w->calls[0].call.context;
    assert_true(str_eq(context->caller->id, w->caller->id));
    assert_true(str_eq(context->caller->tenant, w->caller->tenant));
    assert_int_equal(context->monotonic_ns, w->now_ns);
    assert_int_equal(context->wall_ms, 1700000000000);
    assert_int_equal(context->deadline_ns, 0);
}

#define PARENT "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

static void test_s18_trace_context_reaches_the_call(void **state)
{
    struct world *w = *state;
    w->at_once = GOOD;
    ask(w, REQUEST("1", "tools/call",
                   "'name':'echo','_meta':{" CLAIM ",'traceparent':'" PARENT
                   "','tracestate':'a=1,b=2','baggage':'x=y'}"),
        MODERN_TEXT_RESULT("1", "ok"));
    assert_string_equal(w->calls[0].traceparent, PARENT);
    assert_string_equal(w->calls[0].tracestate, "a=1,b=2");
    begin_session(w, "2025-11-25");
    ask(w, REQUEST("1", "tools/call", "'name':'echo','_meta':{'traceparent':'" PARENT "'}"),
        TEXT_RESULT("1", "ok"));
    assert_string_equal(w->calls[1].traceparent, PARENT);
    assert_string_equal(w->calls[1].tracestate, "");
}

static void test_s18_meta_reaches_the_call(void **state)
{
    struct world *w = *state;
    w->at_once = GOOD;
    begin_session(w, "2025-11-25");
    ask(w, REQUEST("1", "tools/call", "'name':'echo','_meta':{ 'x':'\\u00e9', 'progressToken':7}"),
        TEXT_RESULT("1", "ok"));
    assert_string_equal(w->calls[0].meta, "{ \"x\":\"\\u00e9\", \"progressToken\":7}");
    ask(w, CALL("2", "echo"), TEXT_RESULT("2", "ok"));
    assert_string_equal(w->calls[1].meta, "");
}

static void test_s18_malformed_trace_context_is_ignored(void **state)
{
    static const char *const bad[] = {
        "''", "1", "null",
        "'01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'",
        "'00-00000000000000000000000000000000-b7ad6b7169203331-01'",
        "'00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01'",
        "'00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'",
        "'00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0'",
        "'00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x'",
        "'00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01'",
        "'00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-zz'",
    };
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    w->at_once = GOOD;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char line[300];
        snprintf(line, sizeof(line),
                 REQUEST("1", "tools/call",
                         "'name':'echo','_meta':{'traceparent':%s,'tracestate':'a=1'}"), bad[i]);
        ask(w, line, TEXT_RESULT("1", "ok"));
        assert_string_equal(w->calls[i].traceparent, "");
        assert_string_equal(w->calls[i].tracestate, "");
    }
}

static void test_s18_flags_of_zero_are_a_trace(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    w->at_once = GOOD;
    ask(w, REQUEST("1", "tools/call",
                   "'name':'echo','_meta':{'traceparent':"
                   "'00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'}"),
        TEXT_RESULT("1", "ok"));
    assert_string_equal(w->calls[0].traceparent,
                        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
}

static void test_s4_tool_whose_output_is_no_object_gives_content_alone(void **state)
{
    static const char *const schemas[] = {
        "{\"name\":\"echo\",\"outputSchema\":{\"type\":[\"object\",\"null\"]}}",
        "{\"name\":\"echo\",\"outputSchema\":{\"anyOf\":[{\"type\":\"object\"}]}}",
        "{\"name\":\"echo\",\"outputSchema\":true}",
    };
    static const char result[] = "{'content':[],'structuredContent':{'n':1}}";
    struct world *w = *state;
    for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++) {
        remove_all(w, ITEM_TOOL);
        add_tool(w, "echo", schemas[i]);
        for (size_t k = 0; k < 4; k++) {
            session(w, legacy[k]);
            answer_of(w, result, RESULT("1", "'content':[]"));
        }
        modern_answer_of(w, result, RESULT("1", "'resultType':'complete','content':[],"
                                                "'structuredContent':{'n':1}," SERVER_META));
    }
}

static void test_s4_output_schema_that_changes(void **state)
{
    static const char result[] = "{'content':[],'structuredContent':{'n':1}}";
    static const char open[] = RESULT("1", "'content':[],'structuredContent':{'n':1}");
    struct world *w = *state;
    begin_session(w, "2025-06-18");
    answer_of(w, result, open);
    remove_all(w, ITEM_TOOL);
    add_tool(w, "echo", "{\"name\":\"echo\",\"outputSchema\":{}}");
    answer_of(w, result, RESULT("1", "'content':[]"));
    remove_all(w, ITEM_TOOL);
    add_tool(w, "echo", "{\"name\":\"echo\",\"outputSchema\":{\"type\":\"object\"}}");
    answer_of(w, result, open);
}

#define KEY_64 "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
#define TEN(x) x x x x x x x x x x

static void state_reaches_the_call(struct world *w, const char *text, bool good)
{
    char line[900];
    snprintf(line, sizeof(line),
             REQUEST("1", "tools/call",
                     "'name':'echo','_meta':{'traceparent':'" PARENT "','tracestate':'%s'}"),
             text);
    w->call_count = 0;
    ask(w, line, TEXT_RESULT("1", "ok"));
    assert_string_equal(w->calls[0].traceparent, PARENT);
    assert_string_equal(w->calls[0].tracestate, good ? text : "");
}

static void test_s18_tracestate_is_held_to_its_grammar(void **state)
{
    static const char *const good[] = {
        "a=1", "a=1,b=2", "a=1 , b=2", "a=1,,b=2", "0tenant@sys=x y", "a=1;b", "a_-*/@9=~!", "a=",
        KEY_64 KEY_64 KEY_64 KEY_64 "=v", TEN("a=1,") TEN("a=1,") TEN("a=1,") "a=1,a=1",
    };
    static const char *const bad[] = {
        "a", "=1", "A=1", "a=1=2", "-a=1", "a b=1", "a=\x7f", "a=\xc3\xa9", "a=1,b",
        KEY_64 KEY_64 KEY_64 KEY_64 "k=v", TEN("a=1,") TEN("a=1,") TEN("a=1,") "a=1,a=1,a=1",
        TEN(KEY_64), "a=\\r\\nX-Injected: 1",
    };
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    w->at_once = GOOD;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        state_reaches_the_call(w, good[i], true);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        state_reaches_the_call(w, bad[i], false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_s4_text_and_image_in_every_revision),
        TEST(test_s4_audio_since_2025_03_26),
        TEST(test_s4_resource_link_since_2025_06_18),
        TEST(test_s4_icons_of_a_link_since_2025_11_25),
        TEST(test_s4_meta_and_last_modified_since_2025_06_18),
        TEST(test_s8_empty_content),
        TEST(test_s15_line_breaks_of_a_plugin_do_not_reach_the_wire),
        TEST(test_s4_structured_object_since_2025_06_18),
        TEST(test_s4_structured_value_of_another_type_is_modern),
        TEST(test_s8_content_is_made_from_structured_content),
        TEST(test_s8_tool_error_in_every_revision),
        TEST(test_s5_meta_of_a_result_is_merged_with_server_info),
        TEST(test_s5_plugin_cannot_speak_for_the_server),
        TEST(test_s2_call_that_broke),
        TEST(test_s2_core_that_refuses_a_call),
        TEST(test_s11_call_cancelled_by_the_server),
        TEST(test_s8_arguments_reach_the_tool_untouched),
        TEST(test_s8_missing_arguments_are_none),
        TEST(test_s8_arguments_must_be_an_object),
        TEST(test_s8_name_must_be_a_string),
        TEST(test_s8_unknown_tool),
        TEST(test_s17_task_is_ignored_where_there_are_none),
        TEST(test_s8_context_of_the_call),
        TEST(test_s18_trace_context_reaches_the_call),
        TEST(test_s18_meta_reaches_the_call),
        TEST(test_s18_malformed_trace_context_is_ignored),
        TEST(test_s18_flags_of_zero_are_a_trace),
        TEST(test_s4_tool_whose_output_is_no_object_gives_content_alone),
        TEST(test_s4_output_schema_that_changes),
        TEST(test_s18_tracestate_is_held_to_its_grammar),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("mcp_calls", tests, NULL, NULL);
}
