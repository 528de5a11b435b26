/* Calls through tool_call, and calls of tools that are not there. */
#include <string.h>

#include "core/call/call.h"
#include "core/toolset/facade.h"
#include "tests/core/call/fixture.h"

static struct tool_set *tools;

static int explain(void *ctx, struct str tool, struct error *err)
{
    (void)ctx;
    if (!str_eq(tool, STR("archive-handler")))
        return ST_NOT_FOUND;
    return error_set(err, ST_UNAVAILABLE, "built without libarchive");
}

static const struct missing_tools missing = {NULL, explain};

static void choose(struct world *w, enum facade_mode facade)
{
    struct tool_set_parts parts = {.registry = w->registry,
                                   .highest_level = TOOL_RESTRICTED,
                                   .profile = STR("none"),
                                   .profiles = STR("{\"none\":{\"include\":[]}}"),
                                   .facade = facade};
    struct error err;
    tool_set_free(tools);
    assert_int_equal(tool_set_new(&parts, &tools, &err), ST_OK);
    w->dispatcher->parts.tools = tools;
}

static int set_up(void **state)
{
    struct error err;
    set_up_empty(state);
    struct world *w = *state;
    assert_int_equal(facade_register(w->registry, &err), ST_OK);
    add(w, item_of(ITEM_TOOL, "t", "{\"inputSchema\":{\"type\":\"object\"}}"));
    w->dispatcher->parts.missing = &missing;
    choose(w, FACADE_AUTO);
    return 0;
}

static int tear_down_all(void **state)
{
    int rc = tear_down(state);
    tool_set_free(tools);
    tools = NULL;
    return rc;
}

static void test_it_is_a_call_of_the_other_tool(void **state)
{
    struct world *w = *state;
    struct record r;
    assert_int_equal(start(w, &r, "tool_call", "{\"name\":\"\\u0074\",\"arguments\":{ \"a\" : 1 }}"), ST_OK);
    expect_text(w->runs[0].name, "t");
    expect_text(w->runs[0].arguments, "{ \"a\" : 1 }");
    assert_int_equal(w->runs[0].plugin, 7);
    assert_int_equal(r.released, 0);
    complete(w, r.id, "{\"content\":[]}");
    assert_int_equal(r.end, CALL_RESULT);
    assert_int_equal(r.released, 1);
    assert_int_equal(start(w, &r, "tool_call", "{\"name\":\"t\"}"), ST_OK);
    expect_text(w->runs[1].arguments, "{}");
    complete(w, r.id, "{\"content\":[]}");
}

static void test_what_names_no_tool_is_refused(void **state)
{
    struct world *w = *state;
    struct record r = {0};
    struct error err;
    assert_int_equal(start_call(w, &r, (struct wanted){.target = "tool_call", .arguments = "{\"name\":\"u\"}"}, &err),
                     ST_NOT_FOUND);
    assert_string_equal(err.text, "there is no tool \"u\"");
    assert_int_equal(start(w, &r, "tool_call", "{}"), ST_OK);
    assert_int_equal(r.end, CALL_TOOL_ERROR);
    assert_string_equal(r.text, "{\"content\":[{\"type\":\"text\",\"text\":\"invalid arguments for tool "
                                "\\\"tool_call\\\": missing required property \\\"name\\\"\"}]}");
    assert_int_equal(w->run_count, 0);
}

/* A hook may call what is not above the level of its call, and tool_call is below all others. */
static void test_hooks_do_not_reach_through_it(void **state)
{
    struct world *w = *state;
    struct record r;
    w->dispatcher->forking = true;
    assert_int_equal(start(w, &r, "tool_call", "{\"name\":\"t\"}"), ST_OK);
    assert_int_equal(w->runs[0].plugin, FACADE_PLUGIN);
    expect_text(w->runs[0].name, "tool_call");
    w->dispatcher->forking = false;
    complete(w, r.id, "{\"content\":[]}");
}

static void test_without_a_facade(void **state)
{
    struct world *w = *state;
    struct record r = {0};
    struct error err;
    choose(w, FACADE_OFF);
    assert_int_equal(start_call(w, &r, (struct wanted){.target = "tool_call", .arguments = "{\"name\":\"t\"}"}, &err),
                     ST_NOT_FOUND);
    assert_string_equal(err.text, "there is no tool \"tool_call\"");
    assert_int_equal(start_call(w, &r, (struct wanted){.target = "t"}, &err), ST_UNAVAILABLE);
    assert_string_equal(err.text, "tool \"t\" is not in the profile \"none\" (setting tools.profile)");
}

static void test_tools_that_are_known_and_not_there(void **state)
{
    struct world *w = *state;
    struct record r = {0};
    struct error err;
    assert_int_equal(start_call(w, &r, (struct wanted){.target = "archive-handler"}, &err), ST_UNAVAILABLE);
    assert_string_equal(err.text, "built without libarchive");
    assert_int_equal(start_call(w, &r, (struct wanted){.target = "other"}, &err), ST_NOT_FOUND);
    assert_string_equal(err.text, "there is no tool \"other\"");
}

#define FORWARD_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FORWARD_TEST(test_it_is_a_call_of_the_other_tool),
        FORWARD_TEST(test_what_names_no_tool_is_refused),
        FORWARD_TEST(test_hooks_do_not_reach_through_it),
        FORWARD_TEST(test_without_a_facade),
        FORWARD_TEST(test_tools_that_are_known_and_not_there),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
