/* What a plugin may ask for. */
#include "tests/adapters/mcp/input/support.h"

#include <stdio.h>

#include "core/input/input_check.h"

static void good(const char *request)
{
    char requests[4096];
    struct error err;
    snprintf(requests, sizeof(requests), "{'k':%s}", request);
    struct text t = text_of(requests);
    int rc = input_check(t.root, &err);
    if (rc)
        fail_msg("%s: %s", request, err.text);
    text_free(&t);
}

static void bad_all(const char *requests, const char *message)
{
    struct text t = text_of(requests);
    struct error err;
    assert_int_equal(input_check(t.root, &err), ST_PROTOCOL);
    assert_int_equal(err.code, ST_PROTOCOL);
    assert_message(&err, message);
    text_free(&t);
}

static void bad(const char *request, const char *message)
{
    char requests[4096], whole[700];
    snprintf(requests, sizeof(requests), "{'k':%s}", request);
    snprintf(whole, sizeof(whole), "input request 'k': %s", message);
    bad_all(requests, whole);
}

static void bad_form(const char *field, const char *message)
{
    char request[2048], whole[600];
    snprintf(request, sizeof(request), FORM("'f':%s", ""), field);
    snprintf(whole, sizeof(whole), "elicitation/create: %s", message);
    bad(request, whole);
}

static void good_field(const char *field)
{
    char request[2048];
    snprintf(request, sizeof(request), FORM("'f':%s", ""), field);
    good(request);
}

/* ---- the whole --------------------------------------------------------------------------- */

static void test_none_is_fine(void **state)
{
    (void)state;
    struct error err;
    assert_int_equal(input_check(json_none(), &err), ST_OK);
    struct text t = text_of("{}");
    assert_int_equal(input_check(t.root, &err), ST_OK);
    text_free(&t);
}

static void test_requests_are_an_object(void **state)
{
    (void)state;
    bad_all("[]", "'requests' must be an object");
    bad_all("null", "'requests' must be an object");
}

static void test_at_most_16_requests(void **state)
{
    (void)state;
    char requests[2048];
    int len = snprintf(requests, sizeof(requests), "{'k0':" ROOTS);
    for (int i = 1; i < 16; i++)
        len += snprintf(requests + len, sizeof(requests) - (size_t)len, ",'k%d':" ROOTS, i);
    snprintf(requests + len, sizeof(requests) - (size_t)len, "}");
    struct text t = text_of(requests);
    struct error err;
    assert_int_equal(input_check(t.root, &err), ST_OK);
    text_free(&t);
    snprintf(requests + len, sizeof(requests) - (size_t)len, ",'k16':" ROOTS "}");
    bad_all(requests, "'requests' holds 17 requests; 16 are the most");
}

#define KEY_64 "abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMNOPQRSTUVWXYZ-0123456789"

static void test_keys_are_plain(void **state)
{
    (void)state;
    struct error err;
    struct text t = text_of("{'" KEY_64 "':" ROOTS ",'.':" ROOTS "}");
    assert_int_equal(input_check(t.root, &err), ST_OK);
    text_free(&t);
    bad_all("{'" KEY_64 "x':" ROOTS "}",
            "a key in 'requests' must be 1 to 64 of A-Za-z0-9_.-, is '" KEY_64 "x'");
    bad_all("{'':" ROOTS "}", "a key in 'requests' must be 1 to 64 of A-Za-z0-9_.-, is ''");
    bad_all("{'a b':" ROOTS "}", "a key in 'requests' must be 1 to 64 of A-Za-z0-9_.-, is 'a b'");
    bad_all("{'\\u0061':" ROOTS "}",
            "a key in 'requests' must be 1 to 64 of A-Za-z0-9_.-, is '\\u0061'");
    bad_all("{'\xC3\xA9':" ROOTS "}",
            "a key in 'requests' must be 1 to 64 of A-Za-z0-9_.-, is '\xC3\xA9'");
}

static void test_the_second_request_is_named(void **state)
{
    (void)state;
    bad_all("{'one':" ROOTS ",'two':{'method':'roots/lists'}}",
            "input request 'two': /method: must be 'elicitation/create', 'sampling/createMessage' "
            "or 'roots/list', is 'roots/lists'");
}

static void test_request_members(void **state)
{
    (void)state;
    bad("7", "must be an object, is a number");
    bad("{}", "missing required property 'method'");
    bad("{'method':'ping'}", "/method: must be 'elicitation/create', 'sampling/createMessage' or "
                             "'roots/list', is 'ping'");
    bad("{'method':'roots/list','id':1}", "unknown property 'id'");
    bad("{'method':'roots/list','params':[]}", "/params: must be an object, is an array");
    bad("{'method':'roots/list','optional':1}", "/optional: must be a boolean, is a number");
    good("{'method':'roots/list','optional':true}");
}

static void test_roots(void **state)
{
    (void)state;
    good(ROOTS);
    good("{'method':'roots/list','params':{}}");
    bad("{'method':'roots/list','params':{'_meta':{}}}", "roots/list: unknown property '_meta'");
}

/* ---- forms ------------------------------------------------------------------------------- */

static void test_form_members(void **state)
{
    (void)state;
    good(NAME_FORM);
    good(FORM("", ""));
    good("{'method':'elicitation/create','params':{'mode':'form','message':'m','requestedSchema':"
         "{'$schema':'https://json-schema.org/draft/2020-12/schema','type':'object',"
         "'properties':{}}}}");
    bad("{'method':'elicitation/create'}",
        "elicitation/create: missing required property 'message'; missing required property "
        "'requestedSchema'");
    bad("{'method':'elicitation/create','params':{'mode':'voice'}}",
        "elicitation/create: 'mode' must be 'form' or 'url'");
    bad("{'method':'elicitation/create','params':{'message':'','requestedSchema':{'type':'object',"
        "'properties':{}}}}",
        "elicitation/create: /message: must have at least 1 character, has 0");
    bad("{'method':'elicitation/create','params':{'message':'m','url':'https://a.example/',"
        "'requestedSchema':{'type':'object','properties':{}}}}",
        "elicitation/create: unknown property 'url'");
}

static void test_the_form_is_a_flat_object(void **state)
{
    (void)state;
    bad(FORM("", ",'additionalProperties':false"),
        "elicitation/create: /requestedSchema: unknown property 'additionalProperties'");
    bad("{'method':'elicitation/create','params':{'message':'m','requestedSchema':"
        "{'type':'array','properties':{}}}}",
        "elicitation/create: /requestedSchema/type: must be 'object', is 'array'");
    bad("{'method':'elicitation/create','params':{'message':'m','requestedSchema':"
        "{'type':'object'}}}",
        "elicitation/create: /requestedSchema: missing required property 'properties'");
    bad_form("{'type':'object','properties':{}}",
             "/requestedSchema/properties/f/type: must be 'string', 'number', 'integer', 'boolean' "
             "or 'array', is 'object'");
    bad_form("{}", "/requestedSchema/properties/f: missing required property 'type'");
    bad_form("true", "/requestedSchema/properties/f: must be an object, is a boolean");
}

static void test_fields(void **state)
{
    (void)state;
    good_field("{'type':'string','title':'T','description':'D','minLength':1,'maxLength':11,"
               "'format':'email','default':'a@b.example'}");
    good_field("{'type':'string','format':'uri'}");
    good_field("{'type':'string','format':'date'}");
    good_field("{'type':'string','format':'date-time'}");
    good_field("{'type':'number','minimum':0.5,'maximum':9,'default':1}");
    good_field("{'type':'integer','minimum':0,'default':3}");
    good_field("{'type':'boolean','default':false}");
    bad_form("{'type':'string','format':'password'}",
             "/requestedSchema/properties/f/format: must be 'email', 'uri', 'date' or 'date-time', "
             "is 'password'");
    bad_form("{'type':'string','pattern':'^a'}",
             "/requestedSchema/properties/f: unknown property 'pattern'");
    bad_form("{'type':'string','minimum':1}",
             "/requestedSchema/properties/f: unknown property 'minimum'");
    bad_form("{'type':'number','multipleOf':2}",
             "/requestedSchema/properties/f: unknown property 'multipleOf'");
    bad_form("{'type':'boolean','enum':[true]}",
             "/requestedSchema/properties/f: unknown property 'enum'");
    bad_form("{'type':'string','minLength':-1}",
             "requestedSchema is no valid schema: #/properties/f/minLength: must be a whole number "
             "of at least 0, is a number");
}

static void test_single_choices(void **state)
{
    (void)state;
    good_field("{'type':'string','enum':['a','b'],'default':'b'}");
    good_field("{'type':'string','enum':['a','b'],'enumNames':['A','B']}");
    good_field("{'type':'string','oneOf':[{'const':'a','title':'A'}],'default':'a'}");
    bad_form("{'type':'string','enum':[]}",
             "/requestedSchema/properties/f/enum: must have at least 1 item, has 0");
    bad_form("{'type':'string','enum':['a',1]}",
             "/requestedSchema/properties/f/enum/1: must be a string, is a number");
    bad_form("{'type':'string','enum':['a','b'],'enumNames':['A']}",
             "the field 'f' has 2 values in enum but 1 in enumNames");
    bad_form("{'type':'string','oneOf':[{'const':'a'}]}",
             "/requestedSchema/properties/f/oneOf/0: missing required property 'title'");
    bad_form("{'type':'string','oneOf':[{'const':1,'title':'A'}]}",
             "/requestedSchema/properties/f/oneOf/0/const: must be a string, is a number");
    bad_form("{'type':'string','oneOf':[{'const':'a','title':'A'},{'const':'b','title':'B'},"
             "{'const':'\\u0061','title':'C'}]}",
             "the field 'f' has the choice '\\u0061' twice");
    bad_form("{'type':'string','oneOf':[{'const':'a','title':'A'}],'enum':['a']}",
             "/requestedSchema/properties/f: unknown property 'enum'");
}

static void test_multiple_choices(void **state)
{
    (void)state;
    good_field("{'type':'array','minItems':1,'maxItems':2,'items':{'type':'string',"
               "'enum':['a','b']},'default':['a']}");
    good_field("{'type':'array','items':{'anyOf':[{'const':'a','title':'A'}]}}");
    bad_form("{'type':'array'}",
             "/requestedSchema/properties/f: missing required property 'items'");
    bad_form("{'type':'array','items':{'type':'string'}}",
             "/requestedSchema/properties/f/items: missing required property 'enum'");
    bad_form("{'type':'array','items':{'type':'integer','enum':['1']}}",
             "/requestedSchema/properties/f/items/type: must be 'string', is 'integer'");
    bad_form("{'type':'array','items':{'anyOf':[{'const':'a','title':'A'},"
             "{'const':'a','title':'B'}]}}",
             "the field 'f' has the choice 'a' twice");
}

static void test_defaults_fit(void **state)
{
    (void)state;
    bad_form("{'type':'string','default':5}",
             "the field 'f' has a default that does not fit it: must be a string, is a number");
    bad_form("{'type':'string','format':'email','default':'nobody'}",
             "the field 'f' has a default that does not fit it: must be an e-mail address, is "
             "'nobody'");
    bad_form("{'type':'integer','maximum':3,'default':4}",
             "the field 'f' has a default that does not fit it: must be at most 3, is 4");
    bad_form("{'type':'array','items':{'type':'string','enum':['a']},'default':'a'}",
             "the field 'f' has a default that does not fit it: must be an array, is a string");
}

static void test_required_fields_exist(void **state)
{
    (void)state;
    bad(FORM("'a':{'type':'string'}", ",'required':['a','b']"),
        "elicitation/create: requestedSchema requires 'b', which is not among its properties");
    good(FORM("'a b':{'type':'string'}", ",'required':['\\u0061 b']"));
}

static void test_an_unknown_dialect_is_refused(void **state)
{
    (void)state;
    bad(FORM("", ",'$schema':'https://a.example/schema'"),
        "elicitation/create: requestedSchema is no valid schema: $schema "
        "'https://a.example/schema' is not supported; use "
        "https://json-schema.org/draft/2020-12/schema or http://json-schema.org/draft-07/schema#");
}

/* ---- URLs -------------------------------------------------------------------------------- */

static void test_urls(void **state)
{
    (void)state;
    good(URL("https://login.example/start?x=a@b#f"));
    good(URL("HTTP://localhost:8080/"));
    good(URL("https://[::1]:8080"));
    bad(URL("ftp://a.example/"),
        "elicitation/create: /url: must begin with https:// or http://");
    bad(URL("httpsx://a.example/"),
        "elicitation/create: /url: must begin with https:// or http://");
    bad(URL("https:/a.example/"), "elicitation/create: /url: must name a host");
    bad(URL("javascript:alert(1)"),
        "elicitation/create: /url: must begin with https:// or http://");
    bad(URL("/start"), "elicitation/create: /url: must be a URI with its scheme, is '/start'");
    bad(URL("https://a b.example/"),
        "elicitation/create: /url: must be a URI with its scheme, is 'https://a b.example/'");
    bad(URL("https:///start"), "elicitation/create: /url: must name a host");
    bad(URL("https://:80/"), "elicitation/create: /url: must name a host");
    bad(URL("https://"), "elicitation/create: /url: must name a host");
    bad(URL("https://me:secret@a.example/"),
        "elicitation/create: /url: must not hold a user or a password");
    bad(URL("https://@a.example/"),
        "elicitation/create: /url: must not hold a user or a password");
    bad("{'method':'elicitation/create','params':{'mode':'url','message':'m'}}",
        "elicitation/create: missing required property 'url'");
    bad("{'method':'elicitation/create','params':{'mode':'url','message':'m',"
        "'url':'https://a.example/','wanted':'1'}}",
        "elicitation/create: unknown property 'wanted'");
}

/* ---- sampling ---------------------------------------------------------------------------- */

static void bad_sampling(const char *request, const char *message)
{
    char whole[600];
    snprintf(whole, sizeof(whole), "sampling/createMessage: %s", message);
    bad(request, whole);
}

static void test_sampling_members(void **state)
{
    (void)state;
    good(SAMPLING(USER(TEXT), ""));
    good(SAMPLING(USER(TEXT), ",'systemPrompt':'s','includeContext':'thisServer','temperature':0.5,"
                              "'stopSequences':['x'],'metadata':{},'modelPreferences':{'hints':["
                              "{'name':'n'}],'costPriority':0,'speedPriority':1},'tools':[{"
                              "'name':'t','inputSchema':{'type':'object'}}],'toolChoice':{"
                              "'mode':'auto'}"));
    bad_sampling("{'method':'sampling/createMessage','params':{'messages':[" USER(TEXT) "]}}",
                 "missing required property 'maxTokens'");
    bad_sampling("{'method':'sampling/createMessage','params':{'messages':[" USER(TEXT)
                 "],'maxTokens':0}}", "/maxTokens: must be at least 1, is 0");
    bad_sampling("{'method':'sampling/createMessage','params':{'messages':[" USER(TEXT)
                 "],'maxTokens':1.5}}", "/maxTokens: must be an integer, is 1.5");
    bad_sampling(SAMPLING("", ""), "/messages: must have at least 1 item, has 0");
    bad_sampling(SAMPLING(USER(TEXT), ",'modelPreferences':{'costPriority':2}"),
                 "/modelPreferences/costPriority: must be at most 1, is 2");
    bad_sampling(SAMPLING(USER(TEXT), ",'includeContext':'all'"),
                 "/includeContext: must be 'none', 'thisServer' or 'allServers', is 'all'");
    bad_sampling(SAMPLING(USER(TEXT), ",'tools':[{'name':'t'}]"),
                 "/tools/0: missing required property 'inputSchema'");
    bad_sampling(SAMPLING(USER(TEXT), ",'tools':[{'name':'t','inputSchema':{'type':'array'}}]"),
                 "/tools/0/inputSchema/type: must be 'object', is 'array'");
    bad_sampling(SAMPLING(USER(TEXT), ",'task':{}"), "unknown property 'task'");
}

static void test_sampling_messages(void **state)
{
    (void)state;
    good(SAMPLING(USER(TEXT) "," ASSISTANT("[" TEXT "," AUDIO "]"), ""));
    bad_sampling(SAMPLING("{'role':'system','content':" TEXT "}", ""),
                 "/messages/0/role: must be 'user' or 'assistant', is 'system'");
    bad_sampling(SAMPLING(USER("'hi'"), ""),
                 "/messages/0/content: must be an object, is a string");
    bad_sampling(SAMPLING(USER("[]"), ""),
                 "/messages/0/content: must have at least 1 item, has 0");
    bad_sampling(SAMPLING(USER("{'type':'video'}"), ""),
                 "/messages/0/content/type: must be 'text', 'image', 'audio', 'tool_use' or "
                 "'tool_result', is 'video'");
    bad_sampling(SAMPLING(USER("[{'type':'text'}]"), ""),
                 "/messages/0/content/0: missing required property 'text'");
    bad_sampling(SAMPLING(USER("{'type':'image','data':'AA=='}"), ""),
                 "/messages/0/content: missing required property 'mimeType'");
}

#define ASKED ASSISTANT("[" TEXT "," USE("1") "," USE("2") "]")

static void test_tool_use_is_followed_by_its_results(void **state)
{
    (void)state;
    good(SAMPLING(USER(TEXT) "," ASKED "," USER("[" TOOL_RESULT("2") "," TOOL_RESULT("1") "]"),
                  ""));
    good(SAMPLING(ASSISTANT(USE("1")) "," USER(TOOL_RESULT("1")) "," USER(TEXT), ""));
    bad_sampling(SAMPLING(ASKED, ""),
                 "the last message holds tool_use without a tool_result after it");
    bad_sampling(SAMPLING(ASKED "," USER(TEXT), ""),
                 "/messages/1: must hold one tool_result for each tool_use of the message before, "
                 "with its id");
    bad_sampling(SAMPLING(ASKED "," USER(TOOL_RESULT("1")), ""),
                 "/messages/1: must hold one tool_result for each tool_use of the message before, "
                 "with its id");
    bad_sampling(SAMPLING(ASKED "," USER("[" TOOL_RESULT("1") "," TOOL_RESULT("1") "]"), ""),
                 "/messages/1: must hold one tool_result for each tool_use of the message before, "
                 "with its id");
    bad_sampling(SAMPLING(ASSISTANT(USE("1")) "," USER("[" TOOL_RESULT("1") "," TOOL_RESULT("2")
                                                       "]"), ""),
                 "/messages/1: must hold one tool_result for each tool_use of the message before, "
                 "with its id");
    bad_sampling(SAMPLING(ASSISTANT("[" USE("1") "," USE("1") "]") "," USER(TOOL_RESULT("1")), ""),
                 "/messages/1: must hold one tool_result for each tool_use of the message before, "
                 "with its id");
}

static void test_tool_blocks_stand_where_they_belong(void **state)
{
    (void)state;
    bad_sampling(SAMPLING(USER(TOOL_RESULT("1")), ""),
                 "/messages/0: tool_result without tool_use in the message before");
    bad_sampling(SAMPLING(USER(USE("1")), ""),
                 "/messages/0: only a message of the assistant may hold tool_use");
    bad_sampling(SAMPLING(ASSISTANT(USE("1")) "," ASSISTANT(TOOL_RESULT("1")), ""),
                 "/messages/1: only a message of the user may hold tool_result");
    bad_sampling(SAMPLING(ASSISTANT(USE("1")) "," USER("[" TOOL_RESULT("1") "," TEXT "]"), ""),
                 "/messages/1: a message with tool_result must hold nothing else");
    bad_sampling(SAMPLING(USER("{'type':'tool_use','id':'1','name':'t'}"), ""),
                 "/messages/0/content: missing required property 'input'");
    bad_sampling(SAMPLING(USER("{'type':'tool_result','toolUseId':'1','content':[{'type':"
                               "'tool_use'}]}"), ""),
                 "/messages/0/content/content/0/type: must be 'text', 'image', 'audio', "
                 "'resource_link' or 'resource', is 'tool_use'");
}

static void test_tool_uses_are_bounded(void **state)
{
    (void)state;
    struct buffer text = BUFFER_INIT;
    struct error err;
    buffer_add_str(&text, STR("{'k':" "{'method':'sampling/createMessage','params':{'maxTokens':1,"
                              "'messages':[{'role':'assistant','content':["));
    for (int i = 0; i < 129; i++)
        buffer_add_str(&text, i ? STR("," USE("1")) : STR(USE("1")));
    buffer_add_str(&text, STR("]}]}}}"));
    buffer_add_char(&text, '\0');
    struct text t = text_of(text.data);
    assert_int_equal(input_check(t.root, &err), ST_PROTOCOL);
    assert_message(&err, "input request 'k': sampling/createMessage: /messages/0: more than 128 "
                         "tool_use or tool_result blocks");
    text_free(&t);
    buffer_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_none_is_fine),
        cmocka_unit_test(test_requests_are_an_object),
        cmocka_unit_test(test_at_most_16_requests),
        cmocka_unit_test(test_keys_are_plain),
        cmocka_unit_test(test_the_second_request_is_named),
        cmocka_unit_test(test_request_members),
        cmocka_unit_test(test_roots),
        cmocka_unit_test(test_form_members),
        cmocka_unit_test(test_the_form_is_a_flat_object),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_single_choices),
        cmocka_unit_test(test_multiple_choices),
        cmocka_unit_test(test_defaults_fit),
        cmocka_unit_test(test_required_fields_exist),
        cmocka_unit_test(test_an_unknown_dialect_is_refused),
        cmocka_unit_test(test_urls),
        cmocka_unit_test(test_sampling_members),
        cmocka_unit_test(test_sampling_messages),
        cmocka_unit_test(test_tool_use_is_followed_by_its_results),
        cmocka_unit_test(test_tool_blocks_stand_where_they_belong),
        cmocka_unit_test(test_tool_uses_are_bounded),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
