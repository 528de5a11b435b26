/* Section 12: a call that asks the client for input, in both eras. */
#include <stdio.h>
#include <string.h>

#include "tests/adapters/mcp/fixture.h"

#define NAME_FORM                                                                                  \
    "'message':'Who?','requestedSchema':{'type':'object','properties':{'name':{'type':'string'}}," \
    "'required':['name']}"
#define ASK_NAME "'name':{'method':'elicitation/create','params':{" NAME_FORM "}}"
#define ASK_ROOTS "'roots':{'method':'roots/list'}"
#define WANTED(requests) "{'requests':{" requests "},'state':{'step':1}}"

#define CAPABLE(capabilities)                                                                      \
    "'_meta':{'io.modelcontextprotocol/protocolVersion':'2026-07-28',"                             \
    "'io.modelcontextprotocol/clientCapabilities':{" capabilities "}}"
#define MODERN(id, more, capabilities)                                                             \
    REQUEST(id, "tools/call", "'name':'echo','arguments':{'a':1}," more CAPABLE(capabilities))
#define FORM "'elicitation':{}"

#define DENIED "was not made by this server for this request, or was changed"

/* ---- the modern era ---------------------------------------------------------------------- */

/* Expects an input_required result and takes its state into `state`. */
static void expect_input(struct world *w, const char *id, const char *requests, char state[2000])
{
    char answer[4000];
    assert_int_equal(w->sent_count, w->read + 1);
    const char *at = strstr(w->sent[w->read], "\"requestState\":\"");
    assert_non_null(at);
    snprintf(state, 2000, "%.*s", (int)strcspn(at + 16, "\""), at + 16);
    snprintf(answer, sizeof(answer),
             "{'jsonrpc':'2.0','id':%s,'result':{'resultType':'input_required',%s'requestState':"
             "'%s'," SERVER_META "}}",
             id, requests, state);
    expect(w, answer);
}

#define INPUTS(requests) "'inputRequests':{" requests "},"
#define MODERN_ASK_NAME                                                                            \
    "'name':{'method':'elicitation/create','params':{'mode':'form'," NAME_FORM "}}"

static void give_answer(struct world *w, const char *id, const char *state, const char *responses)
{
    char line[4000];
    snprintf(line, sizeof(line), MODERN("%s", "'requestState':'%s',%s", FORM), id, state,
             responses);
    give(w, line);
}

static void first_round(struct world *w, char state[2000])
{
    ask_nothing(w, MODERN("1", "", FORM));
    finish(w, 0, CALL_INPUT_REQUIRED, WANTED(ASK_NAME));
    expect_input(w, "1", INPUTS(MODERN_ASK_NAME), state);
}

#define NAMED "'inputResponses':{'name':{'action':'accept','content':{'name':'Ada'}}},"

static void test_s12_modern_round_trip(void **state)
{
    struct world *w = *state;
    char sealed[2000];
    first_round(w, sealed);
    give_answer(w, "2", sealed, NAMED);
    expect_nothing(w);
    assert_int_equal(w->call_count, 2);
    assert_true(w->calls[1].call.resume);
    assert_string_equal(w->calls[1].state, "{\"step\":1}");
    assert_string_equal(w->calls[1].answers,
                        "{\"name\":{\"action\":\"accept\",\"content\":{\"name\":\"Ada\"}}}");
    assert_string_equal(w->calls[1].arguments, "{\"a\":1}");
    finish(w, 1, CALL_RESULT, GOOD);
    expect(w, MODERN_TEXT_RESULT("2", "ok"));
}

static void test_s12_decline_reaches_the_plugin(void **state)
{
    struct world *w = *state;
    char sealed[2000];
    first_round(w, sealed);
    give_answer(w, "2", sealed, "'inputResponses':{'name':{'action':'decline'}},");
    assert_string_equal(w->calls[1].answers, "{\"name\":{\"action\":\"decline\"}}");
    finish(w, 1, CALL_RESULT, GOOD);
    expect(w, MODERN_TEXT_RESULT("2", "ok"));
}

static void test_s12_states_differ_between_rounds(void **state)
{
    struct world *w = *state;
    char first[2000], second[2000];
    first_round(w, first);
    give_answer(w, "2", first, NAMED);
    finish(w, 1, CALL_INPUT_REQUIRED, WANTED(ASK_NAME));
    expect_input(w, "2", INPUTS(MODERN_ASK_NAME), second);
    assert_string_not_equal(first, second);
}

static void test_s12_missing_answers_are_asked_again(void **state)
{
    struct world *w = *state;
    char sealed[2000], again[2000];
    first_round(w, sealed);
    give_answer(w, "2", sealed, "");
    expect_input(w, "2", INPUTS(MODERN_ASK_NAME), again);
    give_answer(w, "3", again, "'inputResponses':{'other':{'action':'accept'}},");
    expect_input(w, "3", INPUTS(MODERN_ASK_NAME), again);
    assert_int_equal(w->call_count, 1);
    give_answer(w, "4", again, NAMED);
    finish(w, 1, CALL_RESULT, GOOD);
    expect(w, MODERN_TEXT_RESULT("4", "ok"));
}

static void test_s12_answers_are_held_to_the_form(void **state)
{
    struct world *w = *state;
    char sealed[2000];
    first_round(w, sealed);
    give_answer(w, "2", sealed,
                "'inputResponses':{'name':{'action':'accept','content':{'name':7}}},");
    assert_non_null(strstr(w->sent[w->read], "\"code\":-32602,"));
    assert_non_null(strstr(w->sent[w->read], "name"));
    w->read++;
    give_answer(w, "3", sealed, "'inputResponses':[],");
    expect(w, ERROR("3", "-32602", "\\'inputResponses\\' must be an object"));
    assert_int_equal(w->call_count, 1);
    /* A wrong answer does not use the state up. */
    give_answer(w, "4", sealed, NAMED);
    finish(w, 1, CALL_RESULT, GOOD);
    expect(w, MODERN_TEXT_RESULT("4", "ok"));
}

static void test_s12_early_answers_are_taken(void **state)
{
    struct world *w = *state;
    char sealed[2000];
    ask_nothing(w, MODERN("1", NAMED, FORM));
    assert_false(w->calls[0].call.resume);
    finish(w, 0, CALL_INPUT_REQUIRED, WANTED(ASK_NAME));
    expect_nothing(w);
    assert_true(w->calls[1].call.resume);
    assert_string_equal(w->calls[1].state, "{\"step\":1}");
    assert_string_equal(w->calls[1].answers,
                        "{\"name\":{\"action\":\"accept\",\"content\":{\"name\":\"Ada\"}}}");
    /* Once: what the plugin asks next is a question. */
    finish(w, 1, CALL_INPUT_REQUIRED, WANTED(ASK_NAME));
    expect_input(w, "1", INPUTS(MODERN_ASK_NAME), sealed);
    give_answer(w, "2", sealed, NAMED);
    finish(w, 2, CALL_RESULT, GOOD);
    expect(w, MODERN_TEXT_RESULT("2", "ok"));
}

static void test_s12_early_answers_are_held_to_the_form(void **state)
{
    struct world *w = *state;
    char sealed[2000];
    ask_nothing(w, MODERN("1", "'inputResponses':{'name':12345},", FORM));
    finish(w, 0, CALL_INPUT_REQUIRED, WANTED(ASK_NAME));
    expect(w, ERROR("1", "-32602", "inputResponses \\'name\\': must be an object"));
    ask_nothing(w, MODERN("2", "'inputResponses':{'other':{'action':'accept'}},", FORM));
    finish(w, 1, CALL_INPUT_REQUIRED, WANTED(ASK_NAME));
    expect_input(w, "2", INPUTS(MODERN_ASK_NAME), sealed);
    ask_nothing(w, MODERN("3", "'inputResponses':{},", FORM));
    finish(w, 2, CALL_RESULT, GOOD);
    expect(w, MODERN_TEXT_RESULT("3", "ok"));
    assert_int_equal(w->call_count, 3);
}

static void test_s12_replayed_state_is_refused(void **state)
{
    struct world *w = *state;
    char sealed[2000];
    first_round(w, sealed);
    give_answer(w, "2", sealed, NAMED);
    finish(w, 1, CALL_RESULT, GOOD);
    expect(w, MODERN_TEXT_RESULT("2", "ok"));
    give_answer(w, "3", sealed, NAMED);
    expect(w, ERROR("3", "-32602", "\\'requestState\\' was used already; begin again"));
    assert_int_equal(w->call_count, 2);
}

static void test_s12_used_state_is_not_asked_again(void **state)
{
    struct world *w = *state;
    char sealed[2000];
    first_round(w, sealed);
    give_answer(w, "2", sealed, NAMED);
    finish(w, 1, CALL_RESULT, GOOD);
    expect(w, MODERN_TEXT_RESULT("2", "ok"));
    give_answer(w, "3", sealed, "");
    expect(w, ERROR("3", "-32602", "\\'requestState\\' was used already; begin again"));
    expect_nothing(w);
}

static void test_s12_asking_again_replaces_the_state(void **state)
{
    struct world *w = *state;
    char sealed[2000], again[2000];
    first_round(w, sealed);
    give_answer(w, "2", sealed, "");
    expect_input(w, "2", INPUTS(MODERN_ASK_NAME), again);
    give_answer(w, "3", sealed, NAMED);
    expect(w, ERROR("3", "-32602", "\\'requestState\\' was used already; begin again"));
    assert_int_equal(w->call_count, 1);
    give_answer(w, "4", again, NAMED);
    finish(w, 1, CALL_RESULT, GOOD);
    expect(w, MODERN_TEXT_RESULT("4", "ok"));
}

static void test_s12_forged_state_is_refused(void **state)
{
    struct world *w = *state;
    char sealed[2000], forged[2100];
    first_round(w, sealed);
    size_t len = strlen(sealed);
    for (size_t i = 0; i < len; i += 7) {
        strcpy(forged, sealed);
        forged[i] = forged[i] == 'A' ? 'B' : 'A';
        give_answer(w, "2", forged, NAMED);
        expect(w, ERROR("2", "-32602", "\\'requestState\\' " DENIED));
    }
    snprintf(forged, sizeof(forged), "%sA", sealed);
    give_answer(w, "3", forged, NAMED);
    expect(w, ERROR("3", "-32602", "\\'requestState\\' " DENIED));
    give(w, MODERN("4", "'requestState':7,", FORM));
    expect(w, ERROR("4", "-32602", "\\'requestState\\' must be a string"));
    assert_int_equal(w->call_count, 1);
}

static void test_s12_expired_state_is_refused(void **state)
{
    struct world *w = *state;
    char sealed[2000];
    first_round(w, sealed);
    w->wall_ms += 3600000;
    give_answer(w, "2", sealed, NAMED);
    expect(w, ERROR("2", "-32602", "\\'requestState\\' has expired; begin again"));
}

static void test_s12_state_of_another_request_is_refused(void **state)
{
    struct world *w = *state;
    char sealed[2000], line[3000];
    add_tool(w, "other", "{'name':'other','inputSchema':{'type':'object'}}");
    first_round(w, sealed);
    snprintf(line, sizeof(line),
             REQUEST("2", "tools/call", "'name':'echo','arguments':{'a':2},'requestState':'%s',"
                                        CAPABLE(FORM)), sealed);
    ask(w, line, ERROR("2", "-32602", "\\'requestState\\' " DENIED));
    snprintf(line, sizeof(line),
             REQUEST("3", "tools/call", "'name':'other','arguments':{'a':1},'requestState':'%s',"
                                        CAPABLE(FORM)), sealed);
    ask(w, line, ERROR("3", "-32602", "\\'requestState\\' " DENIED));
    static const struct caller somebody_else = {.id = STR_INIT("key-2"), .tenant = STR_INIT("local"),
                                         .authenticated = true};
    w->caller = &somebody_else;
    reopen(w);
    give_answer(w, "4", sealed, NAMED);
    expect(w, ERROR("4", "-32602", "\\'requestState\\' " DENIED));
    assert_int_equal(w->call_count, 1);
}

static void test_s12_undeclared_capability(void **state)
{
    struct world *w = *state;
    ask_nothing(w, MODERN("1", "", ""));
    finish(w, 0, CALL_INPUT_REQUIRED, WANTED(ASK_NAME));
    assert_non_null(strstr(w->sent[w->read], "\"code\":-32021,"));
    assert_non_null(
        strstr(w->sent[w->read], "\"data\":{\"requiredCapabilities\":{\"elicitation\":{}}}"));
    w->read++;
    expect_nothing(w);
}

static void test_s12_optional_requests_are_left_out(void **state)
{
    struct world *w = *state;
    char sealed[2000];
    ask_nothing(w, MODERN("1", "", FORM));
    finish(w, 0, CALL_INPUT_REQUIRED,
           WANTED(ASK_NAME ",'roots':{'method':'roots/list','optional':true}"));
    expect_input(w, "1", INPUTS(MODERN_ASK_NAME), sealed);
    /* With nothing left to ask the plugin goes on at once. */
    ask_nothing(w, MODERN("2", "", FORM));
    finish(w, 1, CALL_INPUT_REQUIRED, WANTED("'r':{'method':'roots/list','optional':true}"));
    expect_nothing(w);
    assert_string_equal(w->calls[2].answers, "{}");
    finish(w, 2, CALL_RESULT, GOOD);
    expect(w, MODERN_TEXT_RESULT("2", "ok"));
}

static void test_s12_state_alone(void **state)
{
    struct world *w = *state;
    char sealed[2000];
    ask_nothing(w, MODERN("1", "", ""));
    finish(w, 0, CALL_INPUT_REQUIRED, "{'state':[1]}");
    expect_input(w, "1", "", sealed);
    give_answer(w, "2", sealed, "");
    assert_string_equal(w->calls[1].state, "[1]");
    assert_string_equal(w->calls[1].answers, "{}");
    finish(w, 1, CALL_RESULT, GOOD);
    expect(w, MODERN_TEXT_RESULT("2", "ok"));
}

static void test_s12_asking_without_end_is_stopped(void **state)
{
    struct world *w = *state;
    begin_session(w, "2025-11-25");
    ask_nothing(w, CALL("1", "echo"));
    for (size_t i = 0; i < 32; i++)
        finish(w, i, CALL_INPUT_REQUIRED, "{'state':1}");
    finish(w, 32, CALL_INPUT_REQUIRED, "{'state':1}");
    expect(w, ERROR("1", "-32603", "the plugin asked for input 32 times and was stopped"));
    assert_int_equal(w->call_count, 33);
}

/* ---- the handshake era ------------------------------------------------------------------- */

#define OURS(number, method, params)                                                               \
    "{'jsonrpc':'2.0','id':'hexmcp-" number "','method':'" method "','params':{" params "}}"
#define ANSWER(number, result)                                                                     \
    "{'jsonrpc':'2.0','id':'hexmcp-" number "','result':{" result "}}"
#define REFUSAL(number)                                                                            \
    "{'jsonrpc':'2.0','id':'hexmcp-" number "','error':{'code':-1,'message':'not now'}}"
#define CANCELLED(number, reason)                                                                  \
    "{'jsonrpc':'2.0','method':'notifications/cancelled','params':{'requestId':'hexmcp-" number    \
    "','reason':'" reason "'}}"
#define TOOL_ERROR(id, text)                                                                       \
    RESULT(id, "'content':[{'type':'text','text':'" text "'}],'isError':true")

/* The next message, which is the server's own: not a notification for the sink. */
static void expect_ours(struct world *w, const char *message)
{
    assert_true(w->read < w->sent_count);
    assert_int_equal(w->kinds[w->read], MESSAGE_ANSWER);
    char text[4000];
    snprintf(text, sizeof(text), "%s", message);
    for (char *at = text; *at; at++)
        *at = *at == '\'' ? '"' : *at;
    assert_string_equal(w->sent[w->read++], text);
}

static void start_legacy(struct world *w, const char *capabilities, const char *wanted)
{
    begin_session_with(w, "2025-11-25", capabilities);
    ask_nothing(w, CALL("1", "echo"));
    finish(w, 0, CALL_INPUT_REQUIRED, wanted);
}

static void test_s12_legacy_elicitation(void **state)
{
    struct world *w = *state;
    start_legacy(w, FORM, WANTED(ASK_NAME));
    expect_ours(w, OURS("1", "elicitation/create", "'mode':'form'," NAME_FORM));
    expect_nothing(w);
    ask_nothing(w, ANSWER("1", "'action':'accept','content':{'name':'Ada'}"));
    assert_string_equal(w->calls[1].state, "{\"step\":1}");
    assert_string_equal(w->calls[1].answers,
                        "{\"name\":{\"action\":\"accept\",\"content\":{\"name\":\"Ada\"}}}");
    finish(w, 1, CALL_RESULT, GOOD);
    expect(w, TEXT_RESULT("1", "ok"));
}

static void test_s12_legacy_requests_of_one_round(void **state)
{
    struct world *w = *state;
    start_legacy(w, FORM ",'roots':{}", WANTED(ASK_NAME "," ASK_ROOTS));
    expect_ours(w, OURS("1", "elicitation/create", "'mode':'form'," NAME_FORM));
    expect_ours(w, OURS("2", "roots/list", ""));
    ask_nothing(w, ANSWER("2", "'roots':[{'uri':'file:///home/ada'}]"));
    assert_int_equal(w->call_count, 1);
    /* Twice the same, and one to nothing: ignored. */
    ask_nothing(w, ANSWER("2", "'roots':[]"));
    ask_nothing(w, ANSWER("9", "'roots':[]"));
    ask_nothing(w, ANSWER("1", "'action':'cancel'"));
    assert_string_equal(w->calls[1].answers,
                        "{\"roots\":{\"roots\":[{\"uri\":\"file:///home/ada\"}]},"
                        "\"name\":{\"action\":\"cancel\"}}");
    finish(w, 1, CALL_RESULT, GOOD);
    expect(w, TEXT_RESULT("1", "ok"));
}

static void test_s12_legacy_client_without_the_capability(void **state)
{
    struct world *w = *state;
    start_legacy(w, "", WANTED(ASK_NAME));
    assert_non_null(strstr(w->sent[w->read], "\"isError\":true"));
    assert_non_null(strstr(w->sent[w->read], "elicitation"));
    w->read++;
    expect_nothing(w);
}

static void test_s12_legacy_refusal(void **state)
{
    struct world *w = *state;
    start_legacy(w, FORM ",'roots':{}", WANTED(ASK_NAME "," ASK_ROOTS));
    w->read += 2;
    give(w, REFUSAL("2"));
    expect_ours(w, CANCELLED("1", "another request of the same call failed"));
    expect(w, TOOL_ERROR("1", "the client refused roots/list: not now"));
    expect_nothing(w);
}

static void test_s12_legacy_wrong_answer(void **state)
{
    struct world *w = *state;
    start_legacy(w, FORM, WANTED(ASK_NAME));
    w->read++;
    give(w, ANSWER("1", "'action':'maybe'"));
    assert_non_null(strstr(w->sent[w->read], "\"isError\":true"));
    w->read++;
    assert_int_equal(w->call_count, 1);
}

static void test_s12_legacy_timeout(void **state)
{
    struct world *w = *state;
    start_legacy(w, FORM, WANTED(ASK_NAME));
    w->read++;
    pass(w, 59999);
    expect_nothing(w);
    pass(w, 1);
    expect_ours(w, CANCELLED("1", "no answer came in time"));
    expect(w, TOOL_ERROR("1", "the client did not answer elicitation/create in time"));
    ask_nothing(w, ANSWER("1", "'action':'decline'"));
}

static void test_s11_cancelled_call_takes_its_question_back(void **state)
{
    struct world *w = *state;
    start_legacy(w, FORM, WANTED(ASK_NAME));
    w->read++;
    give(w, CANCEL("1"));
    expect_ours(w, CANCELLED("1", "the call that asked has ended"));
    expect_nothing(w);
    ask_nothing(w, ANSWER("1", "'action':'decline'"));
}

#define TRACE "'traceparent':'00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'"

static void test_s18_questions_carry_the_trace(void **state)
{
    struct world *w = *state;
    begin_session_with(w, "2025-11-25", FORM);
    ask_nothing(w, REQUEST("1", "tools/call", "'name':'echo','_meta':{" TRACE ",'x':1,'tracestate':"
                                              "'a=b'}"));
    finish(w, 0, CALL_INPUT_REQUIRED, WANTED(ASK_NAME));
    expect_ours(w, OURS("1", "elicitation/create", "'mode':'form'," NAME_FORM ",'_meta':{" TRACE
                                                   ",'tracestate':'a=b'}"));
}

static void test_s12_ids_are_never_used_again(void **state)
{
    struct world *w = *state;
    start_legacy(w, FORM, WANTED(ASK_NAME));
    w->read++;
    ask_nothing(w, ANSWER("1", "'action':'decline'"));
    finish(w, 1, CALL_INPUT_REQUIRED, WANTED(ASK_NAME));
    expect_ours(w, OURS("2", "elicitation/create", "'mode':'form'," NAME_FORM));
}

static void test_s12_url_mode_of_2025_11_25(void **state)
{
    struct world *w = *state;
    start_legacy(w, "'elicitation':{'url':{}}",
                 "{'requests':{'u':{'method':'elicitation/create','params':{'mode':'url',"
                 "'message':'Open','url':'https://a.example/x','elicitationId':'e1'}}}}");
    expect_ours(w, OURS("1", "elicitation/create",
                        "'mode':'url','message':'Open','url':'https://a.example/x',"
                        "'elicitationId':'e1'"));
    changes_tell(w->changes, CHANGE_ELICITATION, STR("other"));
    expect_nothing(w);
    changes_tell(w->changes, CHANGE_ELICITATION, STR("e1"));
    expect(w, "{'jsonrpc':'2.0','method':'notifications/elicitation/complete','params':{"
              "'elicitationId':'e1'}}");
    changes_tell(w->changes, CHANGE_ELICITATION, STR("e1"));
    expect_nothing(w);
}

static void test_s12_an_id_used_twice_is_complete_once(void **state)
{
    struct world *w = *state;
#define TO_URL                                                                                     \
    "'method':'elicitation/create','params':{'mode':'url','message':'Open',"                       \
    "'url':'https://a.example/x','elicitationId':'e1'}"
    start_legacy(w, "'elicitation':{'url':{}}",
                 "{'requests':{'u':{" TO_URL "},'v':{" TO_URL "}}}");
    w->read += 2;
    changes_tell(w->changes, CHANGE_ELICITATION, STR("e1"));
    expect(w, "{'jsonrpc':'2.0','method':'notifications/elicitation/complete','params':{"
              "'elicitationId':'e1'}}");
    expect_nothing(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_s12_modern_round_trip),
        TEST(test_s12_decline_reaches_the_plugin),
        TEST(test_s12_states_differ_between_rounds),
        TEST(test_s12_missing_answers_are_asked_again),
        TEST(test_s12_answers_are_held_to_the_form),
        TEST(test_s12_early_answers_are_taken),
        TEST(test_s12_early_answers_are_held_to_the_form),
        TEST(test_s12_replayed_state_is_refused),
        TEST(test_s12_used_state_is_not_asked_again),
        TEST(test_s12_asking_again_replaces_the_state),
        TEST(test_s12_forged_state_is_refused),
        TEST(test_s12_expired_state_is_refused),
        TEST(test_s12_state_of_another_request_is_refused),
        TEST(test_s12_undeclared_capability),
        TEST(test_s12_optional_requests_are_left_out),
        TEST(test_s12_state_alone),
        TEST(test_s12_asking_without_end_is_stopped),
        TEST(test_s12_legacy_elicitation),
        TEST(test_s12_legacy_requests_of_one_round),
        TEST(test_s12_legacy_client_without_the_capability),
        TEST(test_s12_legacy_refusal),
        TEST(test_s12_legacy_wrong_answer),
        TEST(test_s12_legacy_timeout),
        TEST(test_s11_cancelled_call_takes_its_question_back),
        TEST(test_s18_questions_carry_the_trace),
        TEST(test_s12_ids_are_never_used_again),
        TEST(test_s12_url_mode_of_2025_11_25),
        TEST(test_s12_an_id_used_twice_is_complete_once),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("mcp_asking", tests, NULL, NULL);
}
