/* Completion of the arguments of prompts and the variables of templates. */
#include <stdio.h>
#include <string.h>

#include "tests/core/call/fixture.h"

#define BROKEN(what)                                                                               \
    "plugin org.example.test broke its contract: the result of the completion of prompt "          \
    "\"greet\" " what

static int set_up(void **state)
{
    set_up_empty(state);
    add(*state, item_of(ITEM_PROMPT, "greet", "{\"arguments\":[{\"name\":\"person\"}]}"));
    add(*state, item_of(ITEM_TEMPLATE, "x:{id}{?page}", "{}"));
    add(*state, item_of(ITEM_PROMPT, "broken", "{"));
    return 0;
}

static int ask(struct world *w, struct record *r, enum item_kind of, const char *target,
               const char *argument, struct error *err)
{
    *r = (struct record){0};
    return start_call(w, r,
                      (struct wanted){.action = ACTION_COMPLETE,
                                      .of = of,
                                      .target = target,
                                      .arguments = "{\"tone\":\"x\"}",
                                      .argument = argument,
                                      .value = "al"},
                      err);
}

static void refused(struct world *w, enum item_kind of, const char *target, const char *argument,
                    int code, const char *text)
{
    struct record r;
    struct error err;
    assert_int_equal(ask(w, &r, of, target, argument, &err), code);
    assert_int_equal(err.code, code);
    assert_string_equal(err.text, text);
    assert_int_equal(dispatcher_live(w->dispatcher), 0);
}

static void ends(struct world *w, const char *result, const char *broken)
{
    struct record r;
    struct error err;
    assert_int_equal(ask(w, &r, ITEM_PROMPT, "greet", "person", &err), ST_OK);
    complete(w, r.id, result);
    assert_int_equal(r.done, 1);
    assert_int_equal(r.end, broken ? CALL_FAILED : CALL_RESULT);
    assert_string_equal(r.text, broken ? broken : result);
    assert_int_equal(r.code, broken ? ST_PROTOCOL : ST_OK);
}

static void test_what_the_plugin_is_asked(void **state)
{
    struct world *w = *state;
    struct record r;
    struct error err;
    assert_int_equal(ask(w, &r, ITEM_PROMPT, "greet", "person", &err), ST_OK);
    assert_int_equal(w->runs[0].action, ACTION_COMPLETE);
    assert_int_equal(w->runs[0].kind, ITEM_PROMPT);
    expect_text(w->runs[0].name, "greet");
    expect_text(w->runs[0].argument, "person");
    expect_text(w->runs[0].value, "al");
    expect_text(w->runs[0].arguments, "{\"tone\":\"x\"}");
    complete(w, r.id, "{\"values\":[\"alice\"]}");
    assert_int_equal(ask(w, &r, ITEM_TEMPLATE, "x:{id}{?page}", "page", &err), ST_OK);
    assert_int_equal(w->runs[1].kind, ITEM_TEMPLATE);
    expect_text(w->runs[1].name, "x:{id}{?page}");
    expect_text(w->runs[1].argument, "page");
    complete(w, r.id, "{\"values\":[]}");
    assert_int_equal(r.end, CALL_RESULT);
}

static void test_unknown_argument(void **state)
{
    refused(*state, ITEM_PROMPT, "greet", "mood", ST_INVALID,
            "prompt \"greet\" has no argument \"mood\"");
    refused(*state, ITEM_PROMPT, "greet", "persons", ST_INVALID,
            "prompt \"greet\" has no argument \"persons\"; did you mean \"person\"?");
}

static void test_unknown_variable(void **state)
{
    refused(*state, ITEM_TEMPLATE, "x:{id}{?page}", "size", ST_INVALID,
            "resource template \"x:{id}{?page}\" has no variable \"size\"");
}

static void test_unknown_target(void **state)
{
    refused(*state, ITEM_PROMPT, "nobody", "person", ST_NOT_FOUND, "there is no prompt \"nobody\"");
    refused(*state, ITEM_TEMPLATE, "x:{other}", "other", ST_NOT_FOUND,
            "there is no resource template \"x:{other}\"");
    refused(*state, ITEM_TEMPLATE, "greet", "person", ST_NOT_FOUND,
            "there is no resource template \"greet\"");
}

static void test_hidden_target(void **state)
{
    struct item hidden = item_of(ITEM_TEMPLATE, "y:{id}", "{}");
    hidden.callers = STR("[\"alice\"]");
    add(*state, hidden);
    refused(*state, ITEM_TEMPLATE, "y:{id}", "id", ST_NOT_FOUND,
            "there is no resource template \"y:{id}\"");
}

static void test_broken_definition_is_not_the_callers_fault(void **state)
{
    refused(*state, ITEM_PROMPT, "broken", "person", ST_PROTOCOL,
            "the definition of prompt \"broken\" cannot be used: expected a key in quotes at byte 1");
}

/* {"values":["", ...]} */
static void many_values(char text[1000], size_t count)
{
    strcpy(text, "{\"values\":[");
    for (size_t i = 0; i < count; i++)
        strcat(text, i ? ",\"\"" : "\"\"");
    strcat(text, "]}");
}

static void test_a_hundred_values_and_no_more(void **state)
{
    char text[1000];
    many_values(text, 100);
    ends(*state, text, NULL);
    many_values(text, 101);
    ends(*state, text, BROKEN("needs \"values\", at most 100 strings"));
}

static void test_good_results(void **state)
{
    ends(*state, "{\"values\":[]}", NULL);
    ends(*state, "{\"values\":[\"a\"],\"total\":0,\"hasMore\":false}", NULL);
    ends(*state, "{\"values\":[\"a\"],\"total\":9007199254740993,\"hasMore\":true}", NULL);
}

static void test_broken_results(void **state)
{
    static const char *const totals[] = {"-1", "1.5", "\"1\"", "null"};
    static const char *const mores[] = {"1", "null", "\"true\""};
    char text[200];
    ends(*state, "{}", BROKEN("needs \"values\", at most 100 strings"));
    ends(*state, "[]", BROKEN("needs \"values\", at most 100 strings"));
    ends(*state, "{\"values\":{}}", BROKEN("needs \"values\", at most 100 strings"));
    ends(*state, "{\"values\":[\"a\",1]}", BROKEN("has a value that is not a string"));
    for (size_t i = 0; i < 4; i++) {
        snprintf(text, sizeof(text), "{\"values\":[],\"total\":%s}", totals[i]);
        ends(*state, text, BROKEN("has a \"total\" that is not a number of values"));
    }
    for (size_t i = 0; i < 3; i++) {
        snprintf(text, sizeof(text), "{\"values\":[],\"hasMore\":%s}", mores[i]);
        ends(*state, text, BROKEN("has a \"hasMore\" that is not a boolean"));
    }
}

static void test_a_plugin_that_completes_nothing(void **state)
{
    struct world *w = *state;
    struct record r;
    struct error err;
    assert_int_equal(ask(w, &r, ITEM_PROMPT, "greet", "person", &err), ST_OK);
    complete_as(w, r.id, RUN_FAIL, "{\"code\":-5}");
    assert_int_equal(r.end, CALL_FAILED);
    assert_int_equal(r.code, ST_UNSUPPORTED);
    assert_string_equal(
        r.text, "the completion of prompt \"greet\" failed (unsupported) and gave no reason");
}

/* The text that names the template is cut; half a character would break the message. */
static void test_a_long_name_is_cut_at_a_character(void **state)
{
    struct world *w = *state;
    struct record r;
    struct error err;
    for (size_t odd = 0; odd < 2; odd++) {
        char name[320] = "x:{id}", expected[400] = "the completion of resource \"";
        size_t len = strlen(name), cut;
        if (odd)
            name[len++] = '/';
        cut = 224 - (224 - len) % 2;
        while (len < 300) {
            memcpy(name + len, "\xC3\xA9", 2);
            len += 2;
        }
        name[len] = '\0';
        memcpy(expected + strlen(expected), name, cut);
        strcat(expected, "\" failed (internal) and gave no reason");
        publish(w, item_of(ITEM_TEMPLATE, name, "{}"));
        assert_int_equal(ask(w, &r, ITEM_TEMPLATE, name, "id", &err), ST_OK);
        complete_as(w, r.id, RUN_FAIL, "{}");
        assert_string_equal(r.text, expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_the_plugin_is_asked),
        TEST(test_unknown_argument),
        TEST(test_unknown_variable),
        TEST(test_unknown_target),
        TEST(test_hidden_target),
        TEST(test_broken_definition_is_not_the_callers_fault),
        TEST(test_a_hundred_values_and_no_more),
        TEST(test_good_results),
        TEST(test_broken_results),
        TEST(test_a_plugin_that_completes_nothing),
        TEST(test_a_long_name_is_cut_at_a_character),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
