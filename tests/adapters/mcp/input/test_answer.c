/* What a client may answer. */
#include "tests/adapters/mcp/input/support.h"

#include <stdio.h>

#include "adapters/driving/mcp/input/input_answer.h"

static void good(const char *request, enum revision revision, const char *answer)
{
    struct text r = text_of(request), a = text_of(answer);
    struct error err;
    if (input_answer_check(r.root, revision, a.root, &err))
        fail_msg("%s: %s", answer, err.text);
    text_free(&r);
    text_free(&a);
}

static void bad(const char *request, enum revision revision, const char *answer,
                const char *message)
{
    struct text r = text_of(request), a = text_of(answer);
    struct error err;
    if (input_answer_check(r.root, revision, a.root, &err) != ST_INVALID)
        fail_msg("%s is no fault", answer);
    assert_int_equal(err.code, ST_INVALID);
    assert_message(&err, message);
    text_free(&r);
    text_free(&a);
}

/* ---- elicitation ------------------------------------------------------------------------- */

static void test_actions(void **state)
{
    (void)state;
    good(NAME_FORM, REV_2025_06_18, "{'action':'decline'}");
    good(NAME_FORM, REV_2026_07_28, "{'action':'cancel','content':null}");
    good(NAME_FORM, REV_2026_07_28, "{'action':'decline','content':{'name':7}}");
    good(URL("https://a.example/"), REV_2026_07_28, "{'action':'accept'}");
    good(URL("https://a.example/"), REV_2026_07_28, "{'action':'accept','content':{'x':[1]}}");
    bad(NAME_FORM, REV_2026_07_28, "{}", "missing required property 'action'");
    bad(NAME_FORM, REV_2026_07_28, "{'action':'reject'}",
        "/action: must be 'accept', 'decline' or 'cancel', is 'reject'");
    bad(NAME_FORM, REV_2026_07_28, "[]", "must be an object");
    bad(NAME_FORM, REV_2026_07_28, "null", "must be an object");
}

static void test_accepted_content_fits_the_form(void **state)
{
    (void)state;
    good(NAME_FORM, REV_2026_07_28, "{'action':'accept','content':{'name':'x'}}");
    good(NAME_FORM, REV_2026_07_28, "{'action':'accept','content':{'name':'x','more':true}}");
    good(FORM("'n':{'type':'number'}", ""), REV_2025_06_18,
         "{'action':'accept','content':{'n':1.5}}");
    good(FORM("", ""), REV_2026_07_28, "{'action':'accept'}");
    good(FORM("", ""), REV_2026_07_28, "{'action':'accept','content':null}");
    bad(NAME_FORM, REV_2026_07_28, "{'action':'accept'}",
        "the content does not fit the form: missing required property 'name'");
    bad(NAME_FORM, REV_2026_07_28, "{'action':'accept','content':{'name':7}}",
        "the content does not fit the form: /name: must be a string, is a number");
    bad(NAME_FORM, REV_2026_07_28, "{'action':'accept','content':'x'}",
        "/content: must be an object");
    bad(FORM("'c':{'type':'string','enum':['a','b']}", ""), REV_2026_07_28,
        "{'action':'accept','content':{'c':'z'}}",
        "the content does not fit the form: /c: must be 'a' or 'b', is 'z'");
    bad(FORM("'i':{'type':'integer','maximum':3}", ""), REV_2026_07_28,
        "{'action':'accept','content':{'i':4}}",
        "the content does not fit the form: /i: must be at most 3, is 4");
}

static void test_formats_are_asserted(void **state)
{
    (void)state;
    good(FORM("'m':{'type':'string','format':'email'}", ""), REV_2026_07_28,
         "{'action':'accept','content':{'m':'a@b.example'}}");
    bad(FORM("'m':{'type':'string','format':'email'}", ""), REV_2026_07_28,
        "{'action':'accept','content':{'m':'nobody'}}",
        "the content does not fit the form: /m: must be an e-mail address, is 'nobody'");
    bad(FORM("'d':{'type':'string','format':'date'}", ""), REV_2026_07_28,
        "{'action':'accept','content':{'d':'2026-02-30'}}",
        "the content does not fit the form: /d: must be a date like 2025-12-31, is '2026-02-30'");
}

#define TITLED                                                                                     \
    FORM("'c':{'type':'string','oneOf':[{'const':'a','title':'A'},{'const':'b','title':'B'}]}", "")

static void test_titled_choices_are_answered_by_their_value(void **state)
{
    (void)state;
    for (enum revision revision = REV_2025_06_18; revision < REV_COUNT; revision++) {
        good(TITLED, revision, "{'action':'accept','content':{'c':'b'}}");
        bad(TITLED, revision, "{'action':'accept','content':{'c':'B'}}",
            "the content does not fit the form: /c: fits none of the 2 alternatives: must be 'a', "
            "is 'B' | must be 'b', is 'B'");
    }
}

#define COLOURS                                                                                    \
    FORM("'m':{'type':'array','maxItems':1,'items':{'type':'string','enum':['a','b']}}", "")

static void test_values_are_flat(void **state)
{
    (void)state;
    good(COLOURS, REV_2025_11_25, "{'action':'accept','content':{'m':['a']}}");
    bad(COLOURS, REV_2026_07_28, "{'action':'accept','content':{'m':['a','b']}}",
        "the content does not fit the form: /m: must have at most 1 item, has 2");
    bad(COLOURS, REV_2026_07_28, "{'action':'accept','content':{'m':['z']}}",
        "the content does not fit the form: /m/0: must be 'a' or 'b', is 'z'");
    bad(FORM("", ""), REV_2026_07_28, "{'action':'accept','content':{'x':{}}}",
        "the value of 'x' must be a string, a number, a boolean or an array of strings");
    bad(FORM("", ""), REV_2026_07_28, "{'action':'accept','content':{'x':null}}",
        "the value of 'x' must be a string, a number, a boolean or an array of strings");
    bad(FORM("", ""), REV_2025_11_25, "{'action':'accept','content':{'x':['a',1]}}",
        "the value of 'x' must be a string, a number, a boolean or an array of strings");
    bad(FORM("", ""), REV_2025_06_18, "{'action':'accept','content':{'x':['a']}}",
        "the value of 'x' must be a string, a number or a boolean");
}

/* ---- sampling ---------------------------------------------------------------------------- */

#define ASK SAMPLING(USER(TEXT), "")
#define SAID(content) "{'role':'assistant','content':" content ",'model':'m'}"

static void test_sampling_results(void **state)
{
    (void)state;
    good(ASK, REV_2024_11_05, SAID(TEXT));
    good(ASK, REV_2025_03_26, SAID(AUDIO));
    good(ASK, REV_2025_11_25, SAID("[" TEXT "," USE("1") "]"));
    good(ASK, REV_2026_07_28,
         "{'role':'assistant','content':" USE("1") ",'model':'m','stopReason':'toolUse',"
         "'_meta':{},'more':1}");
    bad(ASK, REV_2026_07_28, "{}",
        "missing required property 'role'; missing required property 'content'; missing required "
        "property 'model'");
    bad(ASK, REV_2026_07_28, "{'role':'system','content':" TEXT ",'model':'m'}",
        "/role: must be 'user' or 'assistant', is 'system'");
    bad(ASK, REV_2026_07_28, "{'role':'assistant','content':" TEXT ",'model':7}",
        "/model: must be a string, is a number");
    bad(ASK, REV_2026_07_28,
        "{'role':'assistant','content':" TEXT ",'model':'m','stopReason':null}",
        "/stopReason: must be a string, is null");
    bad(ASK, REV_2026_07_28, SAID("'hi'"), "/content: must be an object, is a string");
    bad(ASK, REV_2026_07_28, SAID("[{'type':'text'}]"),
        "/content/0: missing required property 'text'");
}

static void test_sampling_results_by_revision(void **state)
{
    (void)state;
    bad(ASK, REV_2025_06_18, SAID("[" TEXT "]"),
        "/content: must be one block in protocol revision 2025-06-18, is an array");
    bad(ASK, REV_2025_06_18, SAID(USE("1")),
        "/content: protocol revision 2025-06-18 has no block of type 'tool_use' here");
    bad(ASK, REV_2024_11_05, SAID(AUDIO),
        "/content: protocol revision 2024-11-05 has no block of type 'audio' here");
}

/* ---- roots ------------------------------------------------------------------------------- */

static void test_roots(void **state)
{
    (void)state;
    good(ROOTS, REV_2024_11_05, "{'roots':[]}");
    good(ROOTS, REV_2026_07_28,
         "{'roots':[{'uri':'file:///home/a','name':'A'},{'uri':'file:///b%20c','_meta':{}}]}");
    bad(ROOTS, REV_2026_07_28, "{}", "missing required property 'roots'");
    bad(ROOTS, REV_2026_07_28, "{'roots':[{'name':'A'}]}",
        "/roots/0: missing required property 'uri'");
    bad(ROOTS, REV_2026_07_28, "{'roots':[{'uri':'file:///a','name':1}]}",
        "/roots/0/name: must be a string, is a number");
    bad(ROOTS, REV_2026_07_28, "{'roots':[{'uri':'file:///a'},{'uri':'https://a.example/'}]}",
        "/roots/1/uri: must begin with file://");
    bad(ROOTS, REV_2026_07_28, "{'roots':[{'uri':'/home/a'}]}",
        "/roots/0/uri: must be a URI with its scheme, is '/home/a'");
}

/* ---- all answers ------------------------------------------------------------------------- */

#define TWO "{'who':" NAME_FORM ",'where':" ROOTS "}"

static void expect_read(const char *asked, const char *responses, int status, const char *wanted)
{
    struct text a = text_of(asked), r = text_of(responses ? responses : "0");
    struct buffer out = BUFFER_INIT;
    struct error err;
    int rc = input_answers_read(a.root, REV_2026_07_28, responses ? r.root : json_none(), &out,
                                &err);
    assert_int_equal(rc, status);
    if (rc == ST_INVALID) {
        assert_int_equal(err.code, ST_INVALID);
        assert_message(&err, wanted);
        assert_int_equal(out.len, 0);
    } else {
        assert_text(buffer_str(&out), wanted);
    }
    buffer_clear(&out);
    text_free(&a);
    text_free(&r);
}

static void test_all_answers(void **state)
{
    (void)state;
    expect_read(TWO,
                "{'where':{'roots':[]},'other':{'x':1},"
                "'who':{'action':'accept','content':{'name':'x'},'_meta':{}}}",
                ST_OK,
                "{'who':{'action':'accept','content':{'name':'x'},'_meta':{}},"
                "'where':{'roots':[]}}");
    expect_read("{}", NULL, ST_OK, "{}");
    expect_read("{}", "{'other':7}", ST_OK, "{}");
}

static void test_content_that_was_not_accepted_is_not_passed_on(void **state)
{
    (void)state;
    expect_read("{'who':" NAME_FORM "}", "{'who':{'action':'decline','content':{'name':7}}}", ST_OK,
                "{'who':{'action':'decline'}}");
    expect_read("{'who':" FORM("", "") "}", "{'who':{'action':'accept','content':null}}", ST_OK,
                "{'who':{'action':'accept'}}");
    expect_read("{'who':" URL("https://a.example/") "}",
                "{'who':{'action':'accept','content':{'token':'x'}}}", ST_OK,
                "{'who':{'action':'accept'}}");
}

static void test_missing_answers_are_asked_for_again(void **state)
{
    (void)state;
    expect_read(TWO, NULL, INPUT_ASK_AGAIN, "");
    expect_read(TWO, "{}", INPUT_ASK_AGAIN, "");
    expect_read(TWO, "{'who':{'action':'cancel'},'wher':{'roots':[]}}", INPUT_ASK_AGAIN, "");
}

static void test_a_wrong_answer_is_named(void **state)
{
    (void)state;
    expect_read(TWO, "[]", ST_INVALID, "'inputResponses' must be an object");
    expect_read(TWO, "null", ST_INVALID, "'inputResponses' must be an object");
    expect_read(TWO, "{'where':7}", ST_INVALID, "inputResponses 'where': must be an object");
    expect_read(TWO, "{'who':{'action':'accept','content':{}},'where':{'roots':[]}}", ST_INVALID,
                "inputResponses 'who': the content does not fit the form: missing required "
                "property 'name'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_actions),
        cmocka_unit_test(test_accepted_content_fits_the_form),
        cmocka_unit_test(test_formats_are_asserted),
        cmocka_unit_test(test_titled_choices_are_answered_by_their_value),
        cmocka_unit_test(test_values_are_flat),
        cmocka_unit_test(test_sampling_results),
        cmocka_unit_test(test_sampling_results_by_revision),
        cmocka_unit_test(test_roots),
        cmocka_unit_test(test_all_answers),
        cmocka_unit_test(test_content_that_was_not_accepted_is_not_passed_on),
        cmocka_unit_test(test_missing_answers_are_asked_for_again),
        cmocka_unit_test(test_a_wrong_answer_is_named),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
