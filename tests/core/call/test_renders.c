/* Prompts and their arguments. */
#include <string.h>

#include "tests/core/call/fixture.h"

#define GREET                                                                                      \
    "{\"name\":\"greet\",\"arguments\":[{\"name\":\"person\",\"required\":true},"                  \
    "{\"name\":\"tone\"},{\"name\":\"t\\u00e9\",\"required\":false}]}"
#define GOOD "{\"messages\":[{\"role\":\"user\",\"content\":{\"type\":\"text\",\"text\":\"hi\"}}]}"

static int set_up(void **state)
{
    set_up_empty(state);
    add(*state, item_of(ITEM_PROMPT, "greet", GREET));
    add(*state, item_of(ITEM_PROMPT, "bare", "{\"name\":\"bare\"}"));
    add(*state, item_of(ITEM_PROMPT, "broken", "{\"name\""));
    return 0;
}

static int render(struct world *w, struct record *r, const char *name, const char *arguments,
                  struct error *err)
{
    *r = (struct record){0};
    return start_call(
        w, r, (struct wanted){.action = ACTION_RENDER, .target = name, .arguments = arguments},
        err);
}

static void fails(struct world *w, const char *name, const char *arguments, int code,
                  const char *text)
{
    struct record r;
    struct error err;
    assert_int_equal(render(w, &r, name, arguments, &err), ST_OK);
    assert_int_equal(r.done, 1);
    assert_int_equal(r.released, 1);
    assert_int_equal(r.end, CALL_FAILED);
    assert_string_equal(r.text, text);
    assert_int_equal(r.code, code);
    assert_int_equal(w->run_count, 0);
}

static void runs(struct world *w, const char *name, const char *arguments, const char *given)
{
    struct record r;
    struct error err;
    int index = w->run_count;
    assert_int_equal(render(w, &r, name, arguments, &err), ST_OK);
    assert_int_equal(w->run_count, index + 1);
    assert_int_equal(w->runs[index].action, ACTION_RENDER);
    assert_int_equal(w->runs[index].kind, ITEM_PROMPT);
    expect_text(w->runs[index].name, name);
    expect_text(w->runs[index].arguments, given);
    complete(w, r.id, GOOD);
    assert_int_equal(r.end, CALL_RESULT);
    assert_string_equal(r.text, GOOD);
}

static void test_arguments_reach_the_plugin_as_sent(void **state)
{
    struct world *w = *state;
    runs(w, "greet", "{ \"person\" : \"\\u0041\" }", "{ \"person\" : \"\\u0041\" }");
    runs(w, "greet", "{\"tone\":\"\",\"person\":\"\",\"t\xC3\xA9\":\"x\"}",
         "{\"tone\":\"\",\"person\":\"\",\"t\xC3\xA9\":\"x\"}");
    runs(w, "bare", NULL, "{}");
    runs(w, "bare", "{}", "{}");
}

static void test_missing_argument(void **state)
{
    const char *text = "prompt \"greet\" needs the argument \"person\", a string";
    fails(*state, "greet", NULL, ST_INVALID, text);
    fails(*state, "greet", "{\"tone\":\"warm\"}", ST_INVALID, text);
}

static void test_unknown_argument(void **state)
{
    fails(*state, "greet", "{\"person\":\"p\",\"volume\":\"x\"}", ST_INVALID,
          "prompt \"greet\" has no argument \"volume\"");
    fails(*state, "bare", "{\"a\":\"x\"}", ST_INVALID, "prompt \"bare\" has no argument \"a\"");
}

static void test_unknown_argument_that_is_nearly_right(void **state)
{
    fails(*state, "greet", "{\"Persn\":\"p\"}", ST_INVALID,
          "prompt \"greet\" has no argument \"Persn\"; did you mean \"person\"?");
    fails(*state, "greet", "{\"person\":\"p\",\"tnoe\":\"x\"}", ST_INVALID,
          "prompt \"greet\" has no argument \"tnoe\"; did you mean \"tone\"?");
}

static void test_argument_that_is_no_string(void **state)
{
    static const char *const arguments[] = {"{\"person\":1}", "{\"person\":null}",
                                            "{\"person\":[\"p\"]}", "{\"person\":{}}"};
    for (size_t i = 0; i < 4; i++)
        fails(*state, "greet", arguments[i], ST_INVALID,
              "argument \"person\" of prompt \"greet\" must be a string");
}

static void test_unknown_prompt(void **state)
{
    struct record r;
    struct error err;
    assert_int_equal(render(*state, &r, "great", NULL, &err), ST_NOT_FOUND);
    assert_string_equal(err.text, "there is no prompt \"great\"");
}

static void test_hidden_prompt(void **state)
{
    struct world *w = *state;
    struct item hidden = item_of(ITEM_PROMPT, "hidden", "{}");
    struct record r;
    struct error err;
    hidden.callers = STR("[\"alice\"]");
    add(w, hidden);
    assert_int_equal(render(w, &r, "hidden", NULL, &err), ST_NOT_FOUND);
    assert_string_equal(err.text, "there is no prompt \"hidden\"");
}

static void test_broken_definition_is_not_the_callers_fault(void **state)
{
    fails(*state, "broken", NULL, ST_PROTOCOL,
          "the definition of prompt \"broken\" cannot be used: expected ':' at byte 7");
}

static void test_large_arguments_leave_the_loop(void **state)
{
    struct world *w = *state;
    struct record r;
    struct error err;
    char *text = large_object();
    assert_int_equal(render(w, &r, "greet", text, &err), ST_OK);
    assert_int_equal(r.done, 0);
    run_jobs(w);
    assert_int_equal(r.code, ST_INVALID);
    assert_string_equal(r.text, "prompt \"greet\" needs the argument \"person\", a string");
    assert_int_equal(render(w, &r, "bare", text, &err), ST_OK);
    run_jobs(w);
    assert_int_equal(w->run_count, 1);
    complete(w, r.id, GOOD);
    assert_int_equal(r.end, CALL_RESULT);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_arguments_reach_the_plugin_as_sent),
        TEST(test_missing_argument),
        TEST(test_unknown_argument),
        TEST(test_unknown_argument_that_is_nearly_right),
        TEST(test_argument_that_is_no_string),
        TEST(test_unknown_prompt),
        TEST(test_hidden_prompt),
        TEST(test_broken_definition_is_not_the_callers_fault),
        TEST(test_large_arguments_leave_the_loop),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
