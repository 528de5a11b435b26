/* Section 10: completion/complete. */
#include "tests/adapters/mcp/fixture.h"

#include <stdio.h>
#include <string.h>

#define COMPLETE(id, params) REQUEST(id, "completion/complete", params)
#define PROMPT "'ref':{'type':'ref/prompt','name':'greet'}"
#define TEMPLATE "'ref':{'type':'ref/resource','uri':'x:{id}'}"
#define ARGUMENT "'argument':{'name':'person','value':'al'}"
#define CONTEXT "'context':{'arguments':{'tone':'warm'}}"
#define NONE "'completion':{'values':[],'total':0,'hasMore':false}"
#define BAD_REF                                                                                    \
    "completion/complete needs \\\"ref\\\": {\\\"type\\\":\\\"ref/prompt\\\",\\\"name\\\"} or "    \
    "{\\\"type\\\":\\\"ref/resource\\\",\\\"uri\\\"}"
#define BAD_ARGUMENT                                                                               \
    "completion/complete needs \\\"argument\\\": {\\\"name\\\",\\\"value\\\"}, strings"
#define BAD_CONTEXT "\\\"context\\\" must be {\\\"arguments\\\": an object of strings}"

static int set_up(void **state)
{
    int rc = world_setup(state);
    add_item(*state, ITEM_PROMPT, "greet", "{'name':'greet','arguments':[{'name':'person'}]}");
    add_item(*state, ITEM_TEMPLATE, "x:{id}", "{'name':'t'}");
    return rc;
}

static void test_s10_argument_of_a_prompt(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask_nothing(w, COMPLETE("1", PROMPT "," ARGUMENT));
    assert_int_equal(w->calls[0].call.action, ACTION_COMPLETE);
    assert_int_equal(w->calls[0].call.of, ITEM_PROMPT);
    assert_string_equal(w->calls[0].target, "greet");
    assert_string_equal(w->calls[0].argument, "person");
    assert_string_equal(w->calls[0].value, "al");
    assert_string_equal(w->calls[0].arguments, "");
    finish(w, 0, CALL_RESULT, "{'other':1,'hasMore':true,'values':['alice','albert'],'total':7}");
    expect(w, RESULT("1", "'completion':{'values':['alice','albert'],'hasMore':true,'total':7}"));
}

static void test_s10_variable_of_a_template(void **state)
{
    struct world *w = *state;
    give(w, COMPLETE("1", TEMPLATE ",'argument':{'name':'id','value':''}," META));
    assert_int_equal(w->calls[0].call.of, ITEM_TEMPLATE);
    assert_string_equal(w->calls[0].target, "x:{id}");
    assert_string_equal(w->calls[0].argument, "id");
    assert_string_equal(w->calls[0].value, "");
    finish(w, 0, CALL_RESULT, "{'values':[]}");
    expect(w, RESULT("1", "'resultType':'complete','completion':{'values':[]}," SERVER_META));
}

static void test_s4_context_since_2025_06_18(void **state)
{
    static const char *const revisions[] = {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"};
    struct world *w = *state;
    w->at_once = "{'values':[]}";
    for (size_t i = 0; i < 4; i++) {
        reopen(w);
        begin_session(w, revisions[i]);
        ask(w, COMPLETE("1", PROMPT "," ARGUMENT "," CONTEXT),
            RESULT("1", "'completion':{'values':[]}"));
        assert_string_equal(w->calls[i].arguments, i < 2 ? "" : "{\"tone\":\"warm\"}");
    }
    ask(w, COMPLETE("2", PROMPT "," ARGUMENT "," CONTEXT "," META),
        RESULT("2", "'resultType':'complete','completion':{'values':[]}," SERVER_META));
    assert_string_equal(w->calls[4].arguments, "{\"tone\":\"warm\"}");
}

static void test_s10_bad_context(void **state)
{
    static const char *const contexts[] = {"7", "null", "[]", "{'arguments':[]}",
                                           "{'arguments':{'a':1}}"};
    struct world *w = *state;
    char line[400];
    w->at_once = "{'values':[]}";
    begin_session(w, "2025-06-18");
    for (size_t i = 0; i < 5; i++) {
        snprintf(line, sizeof(line), COMPLETE("1", PROMPT "," ARGUMENT ",'context':%s"),
                 contexts[i]);
        ask(w, line, ERROR("1", "-32602", BAD_CONTEXT));
    }
    ask(w, COMPLETE("1", PROMPT "," ARGUMENT ",'context':{}"),
        RESULT("1", "'completion':{'values':[]}"));
}

static void test_s10_older_clients_have_no_context_to_get_wrong(void **state)
{
    struct world *w = *state;
    w->at_once = "{'values':[]}";
    begin_session(w, "2025-03-26");
    ask(w, COMPLETE("1", PROMPT "," ARGUMENT ",'context':7"),
        RESULT("1", "'completion':{'values':[]}"));
}

static void test_s10_bad_ref(void **state)
{
    static const char *const refs[] = {
        "7", "{}", "{'type':'ref/tool','name':'echo'}", "{'type':'ref/prompt','uri':'greet'}",
        "{'type':'ref/prompt','name':7}", "{'type':'ref/resource','name':'x:{id}'}"};
    struct world *w = *state;
    char line[400];
    begin_session(w, "2025-11-25");
    for (size_t i = 0; i < 6; i++) {
        snprintf(line, sizeof(line), COMPLETE("1", "'ref':%s," ARGUMENT), refs[i]);
        ask(w, line, ERROR("1", "-32602", BAD_REF));
    }
    ask(w, COMPLETE("1", ARGUMENT), ERROR("1", "-32602", BAD_REF));
}

static void test_s10_bad_argument(void **state)
{
    static const char *const arguments[] = {"7", "{}", "{'name':'person'}", "{'value':'al'}",
                                            "{'name':1,'value':'al'}",
                                            "{'name':'person','value':null}"};
    struct world *w = *state;
    char line[400];
    begin_session(w, "2025-11-25");
    for (size_t i = 0; i < 6; i++) {
        snprintf(line, sizeof(line), COMPLETE("1", PROMPT ",'argument':%s"), arguments[i]);
        ask(w, line, ERROR("1", "-32602", BAD_ARGUMENT));
    }
    ask(w, COMPLETE("1", PROMPT), ERROR("1", "-32602", BAD_ARGUMENT));
}

static void test_s10_unknown_target(void **state)
{
    struct world *w = *state;
    const char *answer =
        ERROR("1", "-32602", "there is no such thing as \\\"nothing\\\"");
    begin_session(w, "2025-11-25");
    ask(w, COMPLETE("1", "'ref':{'type':'ref/prompt','name':'nothing'}," ARGUMENT), answer);
    ask(w, COMPLETE("1", "'ref':{'type':'ref/resource','uri':'nothing'}," ARGUMENT), answer);
}

static void test_s10_unknown_argument(void **state)
{
    struct world *w = *state;
    w->refuses = ST_INVALID;
    begin_session(w, "2025-11-25");
    ask(w, COMPLETE("1", PROMPT "," ARGUMENT), ERROR("1", "-32602", "the core is out of order"));
    w->refuses = ST_PROTOCOL;
    ask(w, COMPLETE("2", PROMPT "," ARGUMENT), ERROR("2", "-32603", "the core is out of order"));
}

static void test_s10_plugin_without_completion(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    give(w, COMPLETE("1", PROMPT "," ARGUMENT));
    fail_call_with(w, 0, ST_UNSUPPORTED, "it completes nothing");
    expect(w, RESULT("1", NONE));
    give(w, COMPLETE("2", PROMPT "," ARGUMENT "," META));
    fail_call_with(w, 1, ST_UNSUPPORTED, "it completes nothing");
    expect(w, RESULT("2", "'resultType':'complete'," NONE "," SERVER_META));
}

static void test_s10_failures(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    give(w, COMPLETE("1", PROMPT "," ARGUMENT));
    fail_call_with(w, 0, ST_INVALID, "wrong");
    expect(w, ERROR("1", "-32602", "wrong"));
    give(w, COMPLETE("2", PROMPT "," ARGUMENT));
    fail_call_with(w, 1, ST_TIMEOUT, "late");
    expect(w, ERROR("2", "-32603", "late"));
}

#define COMPLETION(function) cmocka_unit_test_setup_teardown(function, set_up, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        COMPLETION(test_s10_argument_of_a_prompt),
        COMPLETION(test_s10_variable_of_a_template),
        COMPLETION(test_s4_context_since_2025_06_18),
        COMPLETION(test_s10_bad_context),
        COMPLETION(test_s10_older_clients_have_no_context_to_get_wrong),
        COMPLETION(test_s10_bad_ref),
        COMPLETION(test_s10_bad_argument),
        COMPLETION(test_s10_unknown_target),
        COMPLETION(test_s10_unknown_argument),
        COMPLETION(test_s10_plugin_without_completion),
        COMPLETION(test_s10_failures),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("mcp_completion", tests, NULL, NULL);
}
