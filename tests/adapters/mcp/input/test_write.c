/* What goes to the client, by revision. */
#include "tests/adapters/mcp/input/support.h"

#include <stdio.h>

#include "adapters/driving/mcp/input/input_write.h"

/* The params for a client that declared everything, or a part of it. */
static void expect_params_for(const char *capabilities, const char *request,
                              enum revision revision, const char *wanted)
{
    struct client_abilities abilities = abilities_of(capabilities, revision);
    const struct input_target target = {revision, &abilities};
    const struct input_extra extra = {STR("e-1"), STR("")};
    struct text t = text_of(request);
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    struct str capability;
    struct error err;
    if (input_need(t.root, &target, &capability, &err))
        fail_msg("%s", err.text);
    input_write_params(&w, t.root, &target, &extra);
    assert_text(buffer_str(&out), wanted);
    buffer_clear(&out);
    text_free(&t);
}

static void expect_params(const char *request, enum revision revision, const char *wanted)
{
    expect_params_for(EVERYTHING, request, revision, wanted);
}

static void expect_same(const char *request, enum revision from, const char *wanted)
{
    for (enum revision revision = from; revision < REV_COUNT; revision++)
        expect_params(request, revision, wanted);
}

/* ---- elicitation ------------------------------------------------------------------------- */

static void test_mode_came_with_2025_11_25(void **state)
{
    (void)state;
    expect_params(NAME_FORM, REV_2025_06_18,
                  "{'message':'Who?','requestedSchema':{'type':'object','properties':"
                  "{'name':{'type':'string'}},'required':['name']}}");
    expect_same(NAME_FORM, REV_2025_11_25,
                "{'mode':'form','message':'Who?','requestedSchema':{'type':'object','properties':"
                "{'name':{'type':'string'}},'required':['name']}}");
}

static void test_elicitation_id_is_only_in_2025_11_25(void **state)
{
    (void)state;
    expect_params(URL("https://a.example/"), REV_2025_11_25,
                  "{'mode':'url','message':'Sign in','url':'https://a.example/',"
                  "'elicitationId':'e-1'}");
    expect_params(URL("https://a.example/"), REV_2026_07_28,
                  "{'mode':'url','message':'Sign in','url':'https://a.example/'}");
}

#define TITLED                                                                                     \
    "'c':{'type':'string','title':'T','oneOf':[{'const':'a','title':'A'},"                         \
    "{'const':'b','title':'B'}],'default':'a'}"

static void test_titled_choices_become_enum_names(void **state)
{
    (void)state;
    expect_params(FORM(TITLED, ""), REV_2025_06_18,
                  "{'message':'Who?','requestedSchema':{'type':'object','properties':{"
                  "'c':{'type':'string','title':'T','enum':['a','b'],'enumNames':['A','B']}}}}");
    expect_same(FORM(TITLED, ""), REV_2025_11_25,
                "{'mode':'form','message':'Who?','requestedSchema':{'type':'object','properties':{"
                TITLED "}}}");
}

static void test_defaults_were_only_for_booleans(void **state)
{
    (void)state;
    expect_params(FORM("'s':{'type':'string','default':'x'},'n':{'type':'number','default':1},"
                       "'b':{'type':'boolean','default':true},"
                       "'e':{'type':'string','enum':['x'],'enumNames':['X'],'default':'x'}",
                       ",'$schema':'https://json-schema.org/draft/2020-12/schema'"),
                  REV_2025_06_18,
                  "{'message':'Who?','requestedSchema':{'type':'object','properties':{"
                  "'s':{'type':'string'},'n':{'type':'number'},"
                  "'b':{'type':'boolean','default':true},"
                  "'e':{'type':'string','enum':['x'],'enumNames':['X']}}}}");
}

static void test_a_field_may_be_named_like_a_keyword(void **state)
{
    (void)state;
    expect_params(FORM("'default':{'type':'string'},'oneOf':{'type':'boolean'},"
                       "'properties':{'type':'number'},'$schema':{'type':'string'}", ""),
                  REV_2025_06_18,
                  "{'message':'Who?','requestedSchema':{'type':'object','properties':{"
                  "'default':{'type':'string'},'oneOf':{'type':'boolean'},"
                  "'properties':{'type':'number'},'$schema':{'type':'string'}}}}");
}

static void test_multiple_choices_go_out_as_they_are(void **state)
{
    (void)state;
    expect_same(FORM("'m':{'type':'array','items':{'anyOf':[{'const':'a','title':'A'}]}}", ""),
                REV_2025_11_25,
                "{'mode':'form','message':'Who?','requestedSchema':{'type':'object','properties':{"
                "'m':{'type':'array','items':{'anyOf':[{'const':'a','title':'A'}]}}}}}");
}

static void test_meta_is_the_servers(void **state)
{
    (void)state;
    struct client_abilities abilities = abilities_of(EVERYTHING, REV_2025_11_25);
    const struct input_target target = {REV_2025_11_25, &abilities};
    const struct input_extra extra = {STR(""), STR("{\"a\":1}")};
    struct text t = text_of(ROOTS);
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    input_write_params(&w, t.root, &target, &extra);
    assert_text(buffer_str(&out), "{'_meta':{'a':1}}");
    buffer_clear(&out);
    text_free(&t);
}

/* ---- sampling ---------------------------------------------------------------------------- */

static void test_plain_sampling_is_the_same_everywhere(void **state)
{
    (void)state;
    const char *same = "{'messages':[{'role':'user','content':{'type':'text','text':'hi'}}],"
                       "'maxTokens':9,'systemPrompt':'s','temperature':0.50}";
    expect_same(SAMPLING(USER(TEXT), ",'systemPrompt':'s','temperature':0.50"), REV_2024_11_05,
                same);
}

static void test_several_blocks_become_several_messages(void **state)
{
    (void)state;
    const char *request =
        SAMPLING("{'role':'user','content':[" TEXT "," AUDIO "],'_meta':{}},"
                 ASSISTANT("[" TEXT "]"), "");
    const char *split = "{'messages':[" USER(TEXT) "," USER(AUDIO) "," ASSISTANT(TEXT)
                        "],'maxTokens':9}";
    expect_params(request, REV_2025_03_26, split);
    expect_params(request, REV_2025_06_18, split);
    expect_same(request, REV_2025_11_25,
                "{'messages':[{'role':'user','content':[" TEXT "," AUDIO "],'_meta':{}},"
                ASSISTANT("[" TEXT "]") "],'maxTokens':9}");
}

static void test_blocks_lose_what_a_revision_does_not_know(void **state)
{
    (void)state;
    const char *request = SAMPLING(
        USER("{'type':'text','text':'hi','_meta':{'a':1},'annotations':{'audience':['user'],"
             "'lastModified':'2026-01-01T00:00:00Z'}}"), "");
    expect_params(request, REV_2025_03_26,
                  "{'messages':[" USER("{'type':'text','text':'hi','annotations':{'audience':"
                                       "['user']}}") "],'maxTokens':9}");
    expect_same(request, REV_2025_06_18,
                "{'messages':[" USER("{'type':'text','text':'hi','_meta':{'a':1},'annotations':"
                                     "{'audience':['user'],'lastModified':"
                                     "'2026-01-01T00:00:00Z'}}") "],'maxTokens':9}");
}

static void test_context_needs_the_capability(void **state)
{
    (void)state;
    const char *request = SAMPLING(USER(TEXT), ",'includeContext':'thisServer'");
    const char *without = "{'messages':[" USER(TEXT) "],'maxTokens':9}";
    const char *with = "{'messages':[" USER(TEXT) "],'maxTokens':9,'includeContext':'thisServer'}";
    expect_params(request, REV_2025_06_18, without);
    expect_same(request, REV_2025_11_25, with);
    expect_params_for("{'sampling':{}}", request, REV_2025_11_25, without);
    expect_params_for("{'sampling':{}}", request, REV_2026_07_28, without);
    expect_params_for("{'sampling':{}}", SAMPLING(USER(TEXT), ",'includeContext':'none'"),
                      REV_2025_06_18,
                      "{'messages':[" USER(TEXT) "],'maxTokens':9,'includeContext':'none'}");
}

#define TOOLS                                                                                      \
    ",'tools':[{'name':'t','inputSchema':{'type':'object'},'outputSchema':{'type':'array'}}],"     \
    "'toolChoice':{'mode':'none'}"

static void test_tools_and_their_results(void **state)
{
    (void)state;
    const char *turns = ASSISTANT("[" USE("1") "]") ","
        USER("{'type':'tool_result','toolUseId':'1','content':[],'structuredContent':[1]}");
    char request[2048], wanted[2048];
    snprintf(request, sizeof(request), SAMPLING("%s", TOOLS), turns);
    snprintf(wanted, sizeof(wanted), "{'messages':[%s],'maxTokens':9" TOOLS "}", turns);
    expect_params(request, REV_2026_07_28, wanted);
    expect_params(request, REV_2025_11_25,
                  "{'messages':[" ASSISTANT("[" USE("1") "]") "," USER(TOOL_RESULT("1"))
                  "],'maxTokens':9,'tools':[{'name':'t','inputSchema':{'type':'object'}}],"
                  "'toolChoice':{'mode':'none'}}");
}

/* ---- what a client lacks ----------------------------------------------------------------- */

static void lacking(const char *capabilities, enum revision revision, const char *request,
                    const char *required, const char *message)
{
    struct client_abilities abilities = abilities_of(capabilities, revision);
    const struct input_target target = {revision, &abilities};
    struct text t = text_of(request);
    struct str capability = STR("untouched");
    struct error err;
    assert_int_equal(input_need(t.root, &target, &capability, &err), ST_UNSUPPORTED);
    assert_int_equal(err.code, ST_UNSUPPORTED);
    assert_message(&err, message);
    assert_text(capability, required);
    text_free(&t);
}

static void test_lack_of_a_capability(void **state)
{
    (void)state;
    lacking("{}", REV_2026_07_28, NAME_FORM, "{'elicitation':{}}",
            "needs a form for the user, but the client did not declare the capability elicitation");
    lacking("{'elicitation':{'url':{}}}", REV_2026_07_28, NAME_FORM, "{'elicitation':{'form':{}}}",
            "needs a form for the user, but the client did not declare the capability "
            "elicitation.form");
    lacking("{'elicitation':{}}", REV_2025_11_25, URL("https://a.example/"),
            "{'elicitation':{'url':{}}}",
            "needs the user to open a URL, but the client did not declare the capability "
            "elicitation.url");
    lacking("{}", REV_2024_11_05, SAMPLING(USER(TEXT), ""), "{'sampling':{}}",
            "needs sampling by the client, but the client did not declare the capability "
            "sampling");
    lacking("{}", REV_2025_03_26, ROOTS, "{'roots':{}}",
            "needs the roots of the client, but the client did not declare the capability roots");
}

static void test_lack_of_sampling_with_tools(void **state)
{
    (void)state;
    const char *message = "needs sampling with tools, but the client did "
                          "not declare the capability sampling.tools";
    const char *required = "{'sampling':{'tools':{}}}";
    lacking("{'sampling':{}}", REV_2026_07_28, SAMPLING(USER(TEXT), ",'tools':[]"), required,
            message);
    lacking("{'sampling':{}}", REV_2025_11_25, SAMPLING(USER(TEXT), ",'toolChoice':{}"), required,
            message);
    lacking("{'sampling':{}}", REV_2025_11_25,
            SAMPLING(ASSISTANT(USE("1")) "," USER(TOOL_RESULT("1")), ""), required, message);
    lacking("{}", REV_2026_07_28, SAMPLING(USER(TEXT), ",'tools':[]"), required,
            "needs sampling by the client, but the client did not declare the capability "
            "sampling");
    lacking("{'sampling':{'tools':{}}}", REV_2025_06_18, SAMPLING(USER(TEXT), ",'tools':[]"), "",
            "needs sampling with tools, which protocol revision 2025-06-18 "
            "does not have");
}

static void test_lack_of_the_revision(void **state)
{
    (void)state;
    lacking(EVERYTHING, REV_2025_03_26, NAME_FORM, "",
            "needs a form for the user, which protocol revision 2025-03-26 does not have");
    lacking(EVERYTHING, REV_2025_06_18, URL("https://a.example/"), "",
            "needs the user to open a URL, which protocol revision 2025-06-18 does not have");
    lacking(EVERYTHING, REV_2025_06_18,
            FORM("'m':{'type':'array','items':{'type':'string','enum':['a']}}", ""), "",
            "needs a form with a field of several values, which protocol revision 2025-06-18 does "
            "not have");
    lacking(EVERYTHING, REV_2024_11_05, SAMPLING(USER("[" TEXT "," AUDIO "]"), ""), "",
            "needs audio in sampling, which protocol revision 2024-11-05 does not "
            "have");
}

/* ---- all requests ------------------------------------------------------------------------ */

#define THREE                                                                                      \
    "{'who':" NAME_FORM ",'think':{'method':'sampling/createMessage','optional':true,'params':{"   \
    "'messages':[" USER(TEXT) "],'maxTokens':9}},'where':{'method':'roots/list','params':{}}}"
#define WHO                                                                                        \
    "'who':{'method':'elicitation/create','params':{'mode':'form','message':'Who?',"               \
    "'requestedSchema':{'type':'object','properties':{'name':{'type':'string'}},"                  \
    "'required':['name']}}}"
#define WHERE "'where':{'method':'roots/list'}"

static void expect_all(const char *capabilities, const char *requests, uint32_t count,
                       const char *wanted)
{
    struct client_abilities abilities = abilities_of(capabilities, REV_2026_07_28);
    const struct input_target target = {REV_2026_07_28, &abilities};
    struct text t = text_of(requests);
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    struct str capability;
    struct error err;
    uint32_t covered = 99;
    assert_int_equal(input_need_all(t.root, &target, &covered, &capability, &err), ST_OK);
    assert_int_equal(covered, count);
    input_write_all(&w, t.root, &target);
    assert_text(buffer_str(&out), wanted);
    buffer_clear(&out);
    text_free(&t);
}

static void test_input_requests(void **state)
{
    (void)state;
    expect_all(EVERYTHING, THREE, 3,
               "{" WHO ",'think':" SAMPLING(USER(TEXT), "") "," WHERE "}");
    expect_all("{'elicitation':{},'roots':{}}", THREE, 2, "{" WHO "," WHERE "}");
    expect_all("{}", "{'where':{'method':'roots/list','optional':true}}", 0, "{}");
    expect_all("{}", "{}", 0, "{}");
}

static void test_the_first_required_request_that_is_not_covered(void **state)
{
    (void)state;
    struct client_abilities abilities = abilities_of("{'elicitation':{}}", REV_2026_07_28);
    const struct input_target target = {REV_2026_07_28, &abilities};
    struct text t = text_of(THREE);
    struct str capability;
    struct error err;
    uint32_t covered = 99;
    assert_int_equal(input_need_all(t.root, &target, &covered, &capability, &err), ST_UNSUPPORTED);
    assert_text(capability, "{'roots':{}}");
    assert_message(&err, "input request 'where' needs the roots of the client, but the client did "
                         "not declare the capability roots");
    assert_int_equal(covered, 99);
    text_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mode_came_with_2025_11_25),
        cmocka_unit_test(test_elicitation_id_is_only_in_2025_11_25),
        cmocka_unit_test(test_titled_choices_become_enum_names),
        cmocka_unit_test(test_defaults_were_only_for_booleans),
        cmocka_unit_test(test_a_field_may_be_named_like_a_keyword),
        cmocka_unit_test(test_multiple_choices_go_out_as_they_are),
        cmocka_unit_test(test_meta_is_the_servers),
        cmocka_unit_test(test_plain_sampling_is_the_same_everywhere),
        cmocka_unit_test(test_several_blocks_become_several_messages),
        cmocka_unit_test(test_blocks_lose_what_a_revision_does_not_know),
        cmocka_unit_test(test_context_needs_the_capability),
        cmocka_unit_test(test_tools_and_their_results),
        cmocka_unit_test(test_lack_of_a_capability),
        cmocka_unit_test(test_lack_of_sampling_with_tools),
        cmocka_unit_test(test_lack_of_the_revision),
        cmocka_unit_test(test_input_requests),
        cmocka_unit_test(test_the_first_required_request_that_is_not_covered),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
