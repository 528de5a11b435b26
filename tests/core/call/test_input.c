/* Calls that ask for input, and how they go on. */
#include <string.h>

#include "tests/core/call/fixture.h"

#define WANTED "{\"requests\":{\"k\":{\"method\":\"elicitation/create\"}},\"state\":{\"n\":1}}"
#define BROKEN(what) "plugin org.example.test broke its contract: the result of " what

static int set_up(void **state)
{
    set_up_empty(state);
    add(*state, item_of(ITEM_TOOL, "t",
                        "{\"inputSchema\":{\"type\":\"object\"},\"outputSchema\":{\"type\":"
                        "\"object\",\"required\":[\"sum\"]}}"));
    add(*state, item_of(ITEM_RESOURCE, "x:1", "{}"));
    add(*state, item_of(ITEM_TEMPLATE, "y:{id}", "{}"));
    add(*state, item_of(ITEM_PROMPT, "p", "{\"arguments\":[{\"name\":\"a\"}]}"));
    return 0;
}

static const struct wanted wanted[] = {
    {.action = ACTION_CALL, .target = "t", .arguments = "{\"a\":\"1\"}"},
    {.action = ACTION_READ, .target = "x:1"},
    {.action = ACTION_READ, .target = "y:7"},
    {.action = ACTION_RENDER, .target = "p", .arguments = "{\"a\":\"1\"}"},
};

static void begin(struct world *w, struct record *r, struct wanted what)
{
    struct error err;
    *r = (struct record){0};
    if (start_call(w, r, what, &err))
        fail_msg("%s", err.text);
}

static void test_each_action_may_ask(void **state)
{
    struct world *w = *state;
    struct record r;
    for (size_t i = 0; i < 4; i++) {
        begin(w, &r, wanted[i]);
        assert_false(w->runs[i].resume);
        complete_as(w, r.id, RUN_INPUT_REQUIRED, WANTED);
        assert_int_equal(r.end, CALL_INPUT_REQUIRED);
        assert_string_equal(r.text, WANTED);
        assert_int_equal(r.released, 1);
    }
    assert_int_equal(dispatcher_live(w->dispatcher), 0);
}

static void test_each_action_goes_on_with_copies(void **state)
{
    static const char *const given[] = {"{\"a\":\"1\"}", "{}", "{\"id\":\"7\"}", "{\"a\":\"1\"}"};
    static const char *const names[] = {"t", "x:1", "y:7", "p"};
    struct world *w = *state;
    struct record r;
    for (size_t i = 0; i < 4; i++) {
        struct wanted again = wanted[i];
        again.state = "{\"n\":1}";
        again.answers = "{\"k\":{\"action\":\"accept\"}}";
        begin(w, &r, again);
        assert_true(w->runs[i].resume);
        expect_text(w->runs[i].name, names[i]);
        expect_text(w->runs[i].arguments, given[i]);
        expect_text(w->runs[i].state, "{\"n\":1}");
        expect_text(w->runs[i].answers, "{\"k\":{\"action\":\"accept\"}}");
        complete_as(w, r.id, RUN_INPUT_REQUIRED, "{\"state\":null}");
        assert_int_equal(r.end, CALL_INPUT_REQUIRED);
        assert_string_equal(r.text, "{\"state\":null}");
    }
}

static void test_a_plugin_that_gave_no_state_gets_null(void **state)
{
    struct world *w = *state;
    struct record r;
    struct wanted again = wanted[0];
    again.answers = "{}";
    begin(w, &r, again);
    expect_text(w->runs[0].state, "null");
    complete(w, r.id, "{\"structuredContent\":{\"sum\":1}}");
}

static void test_a_call_that_waited_goes_on_with_copies(void **state)
{
    struct world *w = *state;
    struct record r[3];
    struct wanted again = wanted[0];
    again.state = "[2]";
    again.answers = "{}";
    for (int i = 0; i < 3; i++)
        begin(w, &r[i], again);
    assert_int_equal(w->run_count, 2);
    complete(w, r[0].id, "{\"structuredContent\":{\"sum\":1}}");
    assert_int_equal(w->run_count, 3);
    assert_true(w->runs[2].resume);
    expect_text(w->runs[2].state, "[2]");
    expect_text(w->runs[2].answers, "{}");
    complete(w, r[1].id, "{\"structuredContent\":{\"sum\":1}}");
    complete(w, r[2].id, "{\"structuredContent\":{\"sum\":1}}");
    assert_int_equal(r[2].end, CALL_RESULT);
}

static void test_the_arguments_are_checked_again(void **state)
{
    struct world *w = *state;
    struct record r;
    begin(w, &r,
          (struct wanted){.action = ACTION_RENDER, .target = "p", .arguments = "{\"a\":2}",
                          .state = "1", .answers = "{}"});
    assert_int_equal(r.code, ST_INVALID);
    assert_string_equal(r.text, "argument \"a\" of prompt \"p\" must be a string");
    assert_int_equal(w->run_count, 0);
}

static void ends(struct world *w, struct wanted what, const char *json, const char *text)
{
    struct record r;
    begin(w, &r, what);
    complete_as(w, r.id, RUN_INPUT_REQUIRED, json);
    assert_int_equal(r.end, CALL_FAILED);
    assert_int_equal(r.code, ST_PROTOCOL);
    assert_string_equal(r.text, text);
}

static void test_broken_requests(void **state)
{
    struct world *w = *state;
    ends(w, wanted[0], "{\"requests\":[]}",
         BROKEN("tool \"t\" asks for input with \"requests\" that is not an object"));
    ends(w, wanted[1], "{}",
         BROKEN("resource \"x:1\" asks for input with neither \"requests\" nor \"state\""));
    ends(w, wanted[2], "{\"requests\":{}}",
         BROKEN("resource \"y:7\" asks for input with neither \"requests\" nor \"state\""));
    ends(w, wanted[3], "7",
         BROKEN("prompt \"p\" asks for input with neither \"requests\" nor \"state\""));
    ends(w, wanted[3], "{\"requests\"",
         "plugin org.example.test broke its contract: prompt \"p\" returned broken JSON: "
         "expected ':' at byte 11");
}

static void test_a_completion_cannot_ask(void **state)
{
    ends(*state,
         (struct wanted){.action = ACTION_COMPLETE, .of = ITEM_TEMPLATE, .target = "y:{id}",
                         .argument = "id", .value = ""},
         WANTED,
         BROKEN("the completion of resource \"y:{id}\" asks for input, which a completion cannot"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_each_action_may_ask),
        TEST(test_each_action_goes_on_with_copies),
        TEST(test_a_plugin_that_gave_no_state_gets_null),
        TEST(test_a_call_that_waited_goes_on_with_copies),
        TEST(test_the_arguments_are_checked_again),
        TEST(test_broken_requests),
        TEST(test_a_completion_cannot_ask),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
