/* Section 10, with the gates of section 4: prompts/list, prompts/get. */
#include "tests/adapters/mcp/fixture.h"

#include <stdio.h>
#include <string.h>

#define LIST(id, params) REQUEST(id, "prompts/list", params)
#define GET(id, params) REQUEST(id, "prompts/get", params)
#define HELLO "{'role':'user','content':{'type':'text','text':'hello'}}"

static const char *const legacy[] = {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"};

static void test_s4_members_of_prompts(void **state)
{
#define PLAIN "{'name':'a','description':'d','required':true}"
#define TITLED "{'name':'a','title':'A','description':'d','required':true}"
    static const char *const expected[] = {
        "{'name':'p','description':'D','arguments':[" PLAIN "]}",
        "{'name':'p','description':'D','arguments':[" PLAIN "]}",
        "{'name':'p','title':'T','description':'D','arguments':[" TITLED "],'_meta':{'x.y/z':1}}",
        "{'name':'p','title':'T','description':'D','icons':[{'src':'data:,'}],'arguments':[" TITLED
        "],'_meta':{'x.y/z':1}}",
    };
    struct world *w = *state;
    char answer[900];
    add_item(w, ITEM_PROMPT, "p",
             "{'run':'inline','name':'local','title':'T','description':'D','icons':[{'src':"
             "'data:,'}],'arguments':[" TITLED "],'_meta':{'x.y/z':1},'other':1}");
    for (size_t i = 0; i < 4; i++) {
        reopen(w);
        begin_session(w, legacy[i]);
        snprintf(answer, sizeof(answer), RESULT("1", "'prompts':[%s]"), expected[i]);
        ask(w, LIST("1", ""), answer);
    }
    snprintf(answer, sizeof(answer),
             RESULT("2", "'resultType':'complete','ttlMs':60000,'cacheScope':'private',"
                         "'prompts':[%s]," SERVER_META),
             expected[3]);
    ask(w, LIST("2", META), answer);
}

static void test_s10_list_without_prompts(void **state)
{
    struct world *w = *state;
    begin_session(w, "2024-11-05");
    ask(w, LIST("1", ""), RESULT("1", "'prompts':[]"));
}

static void greet(struct world *w)
{
    add_item(w, ITEM_PROMPT, "greet", "{'name':'greet','arguments':[{'name':'person'}]}");
}

static void test_s10_get(void **state)
{
    struct world *w = *state;
    greet(w);
    begin_session(w, "2025-11-25");
    ask_nothing(w, GET("1", "'name':'greet','arguments':{'person':'p'}"));
    assert_int_equal(w->calls[0].call.action, ACTION_RENDER);
    assert_string_equal(w->calls[0].target, "greet");
    assert_string_equal(w->calls[0].arguments, "{\"person\":\"p\"}");
    finish(w, 0, CALL_RESULT, "{'messages':[" HELLO "],'description':'D','other':1}");
    expect(w, RESULT("1", "'description':'D','messages':[" HELLO "]"));
}

static void test_s10_get_without_arguments_and_messages(void **state)
{
    struct world *w = *state;
    greet(w);
    w->at_once = "{'messages':[]}";
    begin_session(w, "2025-11-25");
    ask(w, GET("1", "'name':'greet'"), RESULT("1", "'messages':[]"));
    assert_string_equal(w->calls[0].arguments, "");
}

static void test_s10_modern_get(void **state)
{
    struct world *w = *state;
    greet(w);
    w->at_once = "{'messages':[" HELLO "],'_meta':{'a.b/c':1}}";
    ask(w, GET("1", "'name':'greet'," META),
        RESULT("1", "'resultType':'complete','messages':[" HELLO "],'_meta':{'a.b/c':1," SERVER
                    "}"));
}

static void test_s4_blocks_that_a_revision_does_not_know(void **state)
{
#define MESSAGE(content) "{'role':'user','content':" content "}"
#define AUDIO "{'type':'audio','data':'aGk=','mimeType':'audio/wav'}"
#define AUDIO_NOTE                                                                                 \
    "{'type':'text','text':'[audio audio/wav, 4 characters of base64, which this protocol "        \
    "revision cannot carry]'}"
#define LINK "{'type':'resource_link','uri':'x:1','name':'one'}"
#define LINK_NOTE "{'type':'text','text':'[resource one: x:1]'}"
    struct world *w = *state;
    greet(w);
    w->at_once = "{'messages':[" MESSAGE(AUDIO) "," MESSAGE(LINK) "]}";
    begin_session(w, "2024-11-05");
    ask(w, GET("1", "'name':'greet'"),
        RESULT("1", "'messages':[" MESSAGE(AUDIO_NOTE) "," MESSAGE(LINK_NOTE) "]"));
    reopen(w);
    begin_session(w, "2025-03-26");
    ask(w, GET("1", "'name':'greet'"),
        RESULT("1", "'messages':[" MESSAGE(AUDIO) "," MESSAGE(LINK_NOTE) "]"));
    reopen(w);
    begin_session(w, "2025-06-18");
    ask(w, GET("1", "'name':'greet'"),
        RESULT("1", "'messages':[" MESSAGE(AUDIO) "," MESSAGE(LINK) "]"));
}

static void test_s10_unknown_prompt(void **state)
{
    struct world *w = *state;
    greet(w);
    begin_session(w, "2025-11-25");
    ask(w, GET("1", "'name':'nothing'"),
        ERROR("1", "-32602", "unknown prompt \\\"nothing\\\"; prompts/list names all"));
    ask(w, GET("2", "'name':'gret'"),
        ERROR("2", "-32602", "unknown prompt \\\"gret\\\"; did you mean \\\"greet\\\"?"));
    ask(w, GET("3", "'name':'Great'," META),
        ERROR("3", "-32602", "unknown prompt \\\"Great\\\"; did you mean \\\"greet\\\"?"));
}

static void test_s10_failures(void **state)
{
    static const struct {
        int code;
        const char *rpc;
    } ends[] = {{ST_INVALID, "-32602"},     {ST_NOT_FOUND, "-32602"}, {ST_UNSUPPORTED, "-32602"},
                {ST_DENIED, "-32602"},      {ST_GENERIC, "-32603"},   {ST_PROTOCOL, "-32603"},
                {ST_UNAVAILABLE, "-32603"}, {ST_TIMEOUT, "-32603"}};
    struct world *w = *state;
    char answer[200];
    greet(w);
    begin_session(w, "2025-11-25");
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        give(w, GET("1", "'name':'greet'"));
        fail_call_with(w, i, ends[i].code, "the reason");
        snprintf(answer, sizeof(answer), ERROR("1", "%s", "the reason"), ends[i].rpc);
        expect(w, answer);
    }
}

static void test_s10_malformed_requests(void **state)
{
    struct world *w = *state;
    greet(w);
    begin_session(w, "2025-11-25");
    ask(w, GET("1", ""), ERROR("1", "-32602", "prompts/get needs \\\"name\\\", a string"));
    ask(w, GET("2", "'name':7"), ERROR("2", "-32602", "prompts/get needs \\\"name\\\", a string"));
    ask(w, GET("3", "'name':'greet','arguments':[]"),
        ERROR("3", "-32602", "\\\"arguments\\\" must be an object of strings"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_s4_members_of_prompts),
        TEST(test_s10_list_without_prompts),
        TEST(test_s10_get),
        TEST(test_s10_get_without_arguments_and_messages),
        TEST(test_s10_modern_get),
        TEST(test_s4_blocks_that_a_revision_does_not_know),
        TEST(test_s10_unknown_prompt),
        TEST(test_s10_failures),
        TEST(test_s10_malformed_requests),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("mcp_prompts", tests, NULL, NULL);
}
