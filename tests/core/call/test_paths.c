/* Calls that open files: what they may open, and how the client's roots get to them. */
#include <stdio.h>
#include <string.h>

#include "tests/core/call/fixture.h"

#define ASK "{\"requests\":{\"roots\":{\"method\":\"roots/list\"}},\"state\":{\"roots\":null}}"
#define ROOTS "[{\"uri\":\"file:///home/sub\"}]"
#define TOLD "{\"roots\":{\"roots\":" ROOTS "}}"
#define WITH_PATH "{\"path\":\"x\"}"

static const struct path_grant granted[] = {
    {STR_INIT("/home"), STR_INIT("/home"), STR_INIT(""), true}};

static int set_up(void **state)
{
    set_up_empty(state);
    struct world *w = *state;
    w->grants = (struct path_grants){granted, 1, false, false, 0};
    struct item tool = item_of(ITEM_TOOL, "t",
                               "{\"inputSchema\":{\"type\":\"object\",\"properties\":{\"path\":"
                               "{\"type\":\"string\"}}},\"run\":{\"pathArguments\":[\"to\","
                               "\"p\\u0061th\"]}}");
    tool.run_inline = true;
    tool.inline_bytes = 4096;
    add(w, tool);
    add(w, item_of(ITEM_TOOL, "plain", "{\"inputSchema\":{\"type\":\"object\"}}"));
    return 0;
}

static void begin(struct world *w, struct record *r, struct wanted what)
{
    struct error err;
    *r = (struct record){0};
    what.target = what.target ? what.target : "t";
    if (start_call(w, r, what, &err))
        fail_msg("%s", err.text);
}

/* "FOLDER|BENEATH" of each grant that the plugin was given with its last call. */
static void was_given(struct world *w, const char *want)
{
    const struct path_grants *paths = w->runs[w->run_count - 1].paths;
    char text[200] = "";
    if (!paths) {
        assert_string_equal("nothing", want);
        return;
    }
    for (size_t i = 0; i < paths->count; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%.*s|%.*s",
                 STR_ARG(paths->at[i].folder), STR_ARG(paths->at[i].beneath));
    assert_string_equal(text, want);
}

static void ended(struct record *r, enum call_end end, const char *text)
{
    assert_int_equal(r->done, 1);
    assert_string_equal(r->text, text);
    assert_int_equal(r->end, end);
}

static void test_a_path_is_needed(void **state)
{
    struct world *w = *state;
    struct record r;
    begin(w, &r, (struct wanted){.arguments = WITH_PATH});
    was_given(w, "/home|");
    assert_false(w->runs[0].on_loop);
    complete(w, r.id, "{\"content\":[]}");
    begin(w, &r, (struct wanted){.arguments = "{}"});
    was_given(w, "nothing");
    assert_true(w->runs[1].on_loop);
    complete(w, r.id, "{\"content\":[]}");
    begin(w, &r, (struct wanted){.arguments = WITH_PATH, .target = "plain"});
    was_given(w, "nothing");
    complete(w, r.id, "{\"content\":[]}");
}

static void test_known_roots_narrow(void **state)
{
    struct world *w = *state;
    struct record r;
    begin(w, &r, (struct wanted){.arguments = WITH_PATH, .roots = ROOTS_KNOWN, .root_list = ROOTS});
    was_given(w, "/home|sub");
    assert_true(w->runs[0].paths->narrowed);
    complete(w, r.id, "{\"content\":[]}");
    begin(w, &r, (struct wanted){.arguments = WITH_PATH, .roots = ROOTS_KNOWN, .root_list = "[]"});
    was_given(w, "");
    complete(w, r.id, "{\"content\":[]}");
}

static void test_unknown_roots_are_asked_for(void **state)
{
    struct world *w = *state;
    struct record r;
    begin(w, &r, (struct wanted){.arguments = WITH_PATH, .roots = ROOTS_UNKNOWN});
    ended(&r, CALL_INPUT_REQUIRED, ASK);
    assert_int_equal(w->run_count, 0);
    begin(w, &r, (struct wanted){.arguments = WITH_PATH, .roots = ROOTS_UNKNOWN,
                                 .state = "{\"roots\":null}", .answers = TOLD});
    was_given(w, "/home|sub");
    assert_false(w->runs[0].resume);
    expect_text(w->runs[0].arguments, WITH_PATH);
    complete(w, r.id, "{\"content\":[]}");
    ended(&r, CALL_RESULT, "{\"content\":[]}");
    assert_int_equal(dispatcher_live(w->dispatcher), 0);
}

static void test_the_plugin_may_ask_too(void **state)
{
    struct world *w = *state;
    struct record r;
    begin(w, &r, (struct wanted){.arguments = WITH_PATH, .roots = ROOTS_UNKNOWN,
                                 .state = "{\"roots\":null}", .answers = TOLD});
    complete_as(w, r.id, RUN_INPUT_REQUIRED, "{\"requests\":{\"k\":{}},\"state\":7}");
    ended(&r, CALL_INPUT_REQUIRED,
          "{\"requests\":{\"k\":{}},\"state\":{\"roots\":" ROOTS ",\"state\":7}}");
    begin(w, &r, (struct wanted){.arguments = WITH_PATH, .roots = ROOTS_UNKNOWN,
                                 .state = "{\"roots\":" ROOTS ",\"state\":7}",
                                 .answers = "{\"k\":1}"});
    was_given(w, "/home|sub");
    assert_true(w->runs[1].resume);
    expect_text(w->runs[1].state, "7");
    expect_text(w->runs[1].answers, "{\"k\":1}");
    complete_as(w, r.id, RUN_INPUT_REQUIRED, "{\"requests\":{\"k\":{}}}");
    ended(&r, CALL_INPUT_REQUIRED,
          "{\"requests\":{\"k\":{}},\"state\":{\"roots\":" ROOTS ",\"state\":null}}");
}

static void test_newer_roots_win_over_those_of_the_state(void **state)
{
    struct world *w = *state;
    struct record r;
    begin(w, &r, (struct wanted){.arguments = WITH_PATH, .roots = ROOTS_KNOWN,
                                 .root_list = "[{\"uri\":\"file:///home/new\"}]",
                                 .state = "{\"roots\":" ROOTS ",\"state\":7}", .answers = "{}"});
    was_given(w, "/home|new");
    expect_text(w->runs[0].state, "7");
    complete(w, r.id, "{\"content\":[]}");
}

static void test_nobody_is_asked_for_nothing(void **state)
{
    struct world *w = *state;
    struct record r;
    begin(w, &r, (struct wanted){.arguments = "{}", .roots = ROOTS_UNKNOWN});
    complete_as(w, r.id, RUN_INPUT_REQUIRED, "{\"state\":7}");
    ended(&r, CALL_INPUT_REQUIRED, "{\"state\":7}");
    begin(w, &r, (struct wanted){.arguments = "{\"path\":1}", .roots = ROOTS_UNKNOWN});
    assert_int_equal(r.end, CALL_TOOL_ERROR); /* bad arguments go first */
    w->grants.count = 0;
    begin(w, &r, (struct wanted){.arguments = WITH_PATH, .roots = ROOTS_UNKNOWN});
    was_given(w, "");
    complete(w, r.id, "{\"content\":[]}");
}

static void test_a_caller_with_its_own_folders(void **state)
{
    struct world *w = *state;
    struct record r;
    static const struct path_grant own[] = {{STR_INIT("/own"), STR_INIT("/own"), STR_INIT(""), false},
                                            {STR_INIT("/home/sub"), STR_INIT("/home/sub"),
                                             STR_INIT(""), true}};
    static const struct path_grants paths = {own, 2, false, false, 0}, none;
    struct caller caller = {.id = STR("local"), .tenant = STR("local"), .paths = &paths};
    begin(w, &r, (struct wanted){.arguments = WITH_PATH, .caller = &caller});
    was_given(w, "/own|/home/sub|");
    complete(w, r.id, "{\"content\":[]}");
    begin(w, &r, (struct wanted){.arguments = WITH_PATH, .caller = &caller, .roots = ROOTS_KNOWN,
                                 .root_list = ROOTS});
    was_given(w, "/home/sub|");
    complete(w, r.id, "{\"content\":[]}");
    caller.paths = &none;
    begin(w, &r, (struct wanted){.arguments = WITH_PATH, .caller = &caller, .roots = ROOTS_UNKNOWN});
    was_given(w, "");
    complete(w, r.id, "{\"content\":[]}");
}

static void test_a_client_that_does_not_tell(void **state)
{
    struct world *w = *state;
    struct record r;
    static const char *const answers[] = {"{}", "{\"roots\":{}}", "{\"roots\":{\"roots\":7}}"};
    for (size_t i = 0; i < 3; i++) {
        begin(w, &r, (struct wanted){.arguments = WITH_PATH, .roots = ROOTS_UNKNOWN,
                                     .state = "{\"roots\":null}", .answers = answers[i]});
        assert_int_equal(r.end, CALL_FAILED);
        assert_string_equal(r.text, "the client did not tell its roots");
    }
    assert_int_equal(w->run_count, 0);
}

static void test_large_arguments(void **state)
{
    struct world *w = *state;
    struct record r;
    char *spaces = large_object(), *text;
    assert_true(asprintf(&text, "{\"path\":\"x\",\"o\":%s}", spaces) > 0);
    begin(w, &r, (struct wanted){.arguments = text, .roots = ROOTS_KNOWN, .root_list = ROOTS});
    run_jobs(w);
    was_given(w, "/home|sub");
    complete(w, r.id, "{\"content\":[]}");
    begin(w, &r, (struct wanted){.arguments = text, .roots = ROOTS_UNKNOWN});
    run_jobs(w);
    ended(&r, CALL_INPUT_REQUIRED, ASK);
    free(text);
    free(spaces);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_path_is_needed),
        TEST(test_known_roots_narrow),
        TEST(test_unknown_roots_are_asked_for),
        TEST(test_the_plugin_may_ask_too),
        TEST(test_newer_roots_win_over_those_of_the_state),
        TEST(test_nobody_is_asked_for_nothing),
        TEST(test_a_caller_with_its_own_folders),
        TEST(test_a_client_that_does_not_tell),
        TEST(test_large_arguments),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
