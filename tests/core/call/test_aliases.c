/* Tools and arguments that are called by other names. */
#include <stdio.h>
#include <string.h>

#include "tests/core/call/fixture.h"

static const struct path_grant granted[] = {
    {STR_INIT("/home"), STR_INIT("/home"), STR_INIT(""), true}};

static int set_up(void **state)
{
    set_up_empty(state);
    struct world *w = *state;
    w->grants = (struct path_grants){granted, 1, false, false, 0};
    struct item tool = item_of(
        ITEM_TOOL, "t",
        "{\"inputSchema\":{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
        "\"path\":{\"type\":\"string\"},\"n\":{\"type\":\"integer\"}}},\"run\":{"
        "\"pathArguments\":[\"path\"],\"argumentAliases\":{\"file_path\":\"p\\u0061th\","
        "\"file\":\"path\",\"number\":\"n\",\"kilo\":{\"name\":\"n\","
        "\"times\":1000}}}}");
    tool.aliases = STR("[\"old-t\"]");
    tool.argument_aliases = true;
    add(w, tool);
    return 0;
}

static void refused(struct world *w, const char *arguments, const char *text)
{
    struct record r;
    char want[300];
    assert_int_equal(start(w, &r, "t", arguments), ST_OK);
    assert_int_equal(r.done, 1);
    assert_int_equal(r.end, CALL_TOOL_ERROR);
    snprintf(want, sizeof(want), "{\"content\":[{\"type\":\"text\",\"text\":\"%s\"}]}", text);
    assert_string_equal(r.text, want);
    assert_int_equal(r.released, 1);
    assert_int_equal(w->run_count, 0);
}

static void test_a_tool_has_two_names(void **state)
{
    struct world *w = *state;
    struct record r;
    assert_int_equal(start(w, &r, "old-t", "{\"n\":1}"), ST_OK);
    expect_text(w->runs[0].name, "t");
    expect_text(w->runs[0].arguments, "{\"n\":1}");
    complete(w, r.id, "{\"content\":[]}");
    assert_int_equal(start(w, &r, "older-t", "{}"), ST_NOT_FOUND);
}

static void test_arguments_are_renamed_before_all(void **state)
{
    struct world *w = *state;
    struct record r;
    assert_int_equal(start(w, &r, "t", "{\"number\": 7, \"fil\\u0065\" : \"a\\nb\"}"), ST_OK);
    expect_text(w->runs[0].arguments, "{\"n\":7,\"path\":\"a\\nb\"}");
    assert_non_null(w->runs[0].paths); /* and so it opens files */
    complete(w, r.id, "{\"content\":[]}");
    assert_int_equal(r.released, 1);
    assert_int_equal(start(w, &r, "t", "{\"path\" : \"x\"}"), ST_OK);
    expect_text(w->runs[1].arguments, "{\"path\" : \"x\"}"); /* the very bytes */
    complete(w, r.id, "{\"content\":[]}");
}

static void test_an_argument_comes_once(void **state)
{
    struct world *w = *state;
    refused(w, "{\"path\":\"a\",\"file_path\":\"a\"}",
            "invalid arguments for tool \\\"t\\\": the argument \\\"path\\\" came twice, one time as "
            "\\\"file_path\\\"; give it once");
    refused(w, "{\"file\":\"a\",\"file_path\":\"a\"}",
            "invalid arguments for tool \\\"t\\\": the argument \\\"path\\\" came twice, one time as "
            "\\\"file\\\"; give it once");
}

static void test_units_are_converted(void **state)
{
    static const char *const cases[][2] = {
        {"5", "5000"},         {"0.5", "500"},   {"-1.001", "-1001"},
        {"4.35", "4350"},      {"1e2", "100000"}, {"0", "0"},
        {"1e308", "1e+308"},   {"-0.5", "-500"},
    };
    struct world *w = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct record r;
        char given[64], want[64];
        snprintf(given, sizeof(given), "{\"kilo\":%s}", cases[i][0]);
        snprintf(want, sizeof(want), "{\"n\":%s}", cases[i][1]);
        assert_int_equal(start(w, &r, "t", given), ST_OK);
        expect_text(w->runs[i].arguments, want);
        complete(w, r.id, "{\"content\":[]}");
    }
}

static void test_what_cannot_be_converted_is_refused(void **state)
{
    struct world *w = *state;
    refused(w, "{\"kilo\":\"5\"}",
            "invalid arguments for tool \\\"t\\\": /n: must be an integer, is a string");
    refused(w, "{\"kilo\":0.0005}",
            "invalid arguments for tool \\\"t\\\": /n: must be an integer, is 0.5");
    refused(w, "{\"kilo\":5,\"number\":5}",
            "invalid arguments for tool \\\"t\\\": the argument \\\"n\\\" came twice, one time as "
            "\\\"kilo\\\"; give it once");
}

static void test_they_are_checked_under_their_own_names(void **state)
{
    refused(*state, "{\"number\":\"x\"}",
            "invalid arguments for tool \\\"t\\\": /n: must be an integer, is a string");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_tool_has_two_names),
        TEST(test_arguments_are_renamed_before_all),
        TEST(test_an_argument_comes_once),
        TEST(test_units_are_converted),
        TEST(test_what_cannot_be_converted_is_refused),
        TEST(test_they_are_checked_under_their_own_names),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
