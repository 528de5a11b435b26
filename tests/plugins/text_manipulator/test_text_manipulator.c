/* Every operation, with text that is more than ASCII. Lengths are grapheme clusters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/plugins/support/loader.h"

#define TOOL "text-manipulator"

static struct loaded_plugin plugin;

static int load(void **state)
{
    (void)state;
    plugin_load(&plugin, "hexmcp.text-manipulator", "{}");
    return 0;
}

static int unload(void **state)
{
    (void)state;
    plugin_unload(&plugin);
    return 0;
}

/* Input, options and result are JSON. */
static const struct {
    const char *operation;
    const char *input;
    const char *options;
    const char *result;
    int original_length;
    int result_length;
} cases[] = {
    {"uppercase", "\"grüße\"", "{}",
     "\"GRÜSSE\"", 5, 6},
    {"lowercase", "\"ÀÉ ΑΣ\"", "{}",
     "\"àé ας\"", 5, 5},
    {"reverse", "\"a👩‍👩‍👧éb\"", "{}",
     "\"bé👩‍👩‍👧a\"", 4, 4},
    {"reverse", "\"\"", "{}",
     "\"\"", 0, 0},
    {"trim", "\" \\t x y \\n\"", "{}",
     "\"x y\"", 8, 3},
    {"replace", "\"a.b.a\"", "{\"from\": \"a\", \"to\": \"cc\"}",
     "\"cc.b.cc\"", 5, 7},
    {"replace", "\"aaa\"", "{\"from\": \"aa\"}",
     "\"a\"", 3, 1},
    {"substring", "\"0é👍3\"", "{\"start\": 1, \"end\": 3}",
     "\"é👍\"", 4, 2},
    {"substring", "\"abc\"", "{\"start\": 3}",
     "\"\"", 3, 0},
    {"split", "\"a,b,,c\"", "{\"delimiter\": \",\"}",
     "[\"a\",\"b\",\"\",\"c\"]", 6, 4},
    {"split", "\"né\"", "{\"delimiter\": \"\"}",
     "[\"n\",\"é\"]", 2, 2},
    {"join", "[\"a\", \"b\", \"c\"]", "{\"delimiter\": \"-\"}",
     "\"a-b-c\"", 3, 5},
    {"snake_case", "\"HTTPServer fooBar\"", "{}",
     "\"http_server_foo_bar\"", 17, 19},
    {"camel_case", "\"hello big world\"", "{}",
     "\"helloBigWorld\"", 15, 13},
    {"pascal_case", "\"hello-big_world\"", "{}",
     "\"HelloBigWorld\"", 15, 13},
    {"sanitize", "\"a\\u202eb\\u200bc\\u0007d\\te\"", "{}",
     "\"abcd\\te\"", 9, 6},
    {"truncate", "\"abcdefgh\"", "{\"length\": 5}",
     "\"abcd…\"", 8, 5},
    {"truncate", "\"abc\"", "{\"length\": 3}",
     "\"abc\"", 3, 3},
    {"indent", "\"a\\n\\nb\"", "{\"spaces\": 2}",
     "\"  a\\n\\n  b\"", 4, 8},
    {"dedent", "\"  a\\n    b\\n  c\"", "{}",
     "\"a\\n  b\\nc\"", 13, 7},
    {"normalize_whitespace", "\"  a \\t\\r\\n b \"", "{}",
     "\"a b\"", 9, 3},
    {"word_wrap", "\"the quick brown fox\"", "{\"width\": 10}",
     "\"the quick\\nbrown fox\"", 19, 19},
};

static void test_operations(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char args[500], expected[500];
        snprintf(args, sizeof(args), "{\"operation\":\"%s\",\"input\":%s,\"options\":%s}",
                 cases[i].operation, cases[i].input, cases[i].options);
        snprintf(expected, sizeof(expected),
                 "{\"structuredContent\":{\"result\":%s,\"operation\":\"%s\","
                 "\"original_length\":%d,\"result_length\":%d}}",
                 cases[i].result, cases[i].operation, cases[i].original_length,
                 cases[i].result_length);
        assert_result(&plugin, TOOL, args, expected);
    }
}

static void test_errors(void **state)
{
    (void)state;
    static const struct {
        const char *args;
        const char *text;
    } errors[] = {
        {"{\"operation\":\"replace\",\"input\":\"x\"}",
         "replace needs options.from: the text to look for, not empty"},
        {"{\"operation\":\"substring\",\"input\":\"x\",\"options\":{\"start\":3,\"end\":2}}",
         "options.start 3 is behind options.end 2; positions count characters from 0 and end is the "
         "first one left out"},
        {"{\"operation\":\"substring\",\"input\":\"abc\",\"options\":{\"start\":4}}",
         "options.start 4 is behind the end: input has 3 characters; give a start from 0 to 3"},
        {"{\"operation\":\"truncate\",\"input\":\"abc\",\"options\":{\"length\":1,\"suffix\":"
         "\"...\"}}",
         "options.suffix has 3 characters, but options.length is 1; the suffix counts too: give a "
         "longer length or a shorter suffix"},
        {"{\"operation\":\"uppercase\",\"input\":[\"a\"]}",
         "input of uppercase must be one string; only join takes an array"},
    };
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        assert_error(&plugin, TOOL, errors[i].args, HEXMCP_E_INVALID, errors[i].text);
}

/* A short call must not make an answer that fills the memory. */
static void test_results_are_bounded(void **state)
{
    (void)state;
    size_t len = 200000;
    char *args = malloc(len * 2 + 300);
    int used = snprintf(args, 100, "{\"operation\":\"indent\",\"options\":{\"spaces\":1000},"
                                   "\"input\":\"");
    for (size_t i = 0; i < len; i++) {
        memcpy(args + used, i % 2 ? "\\n" : "x", i % 2 ? 2 : 1);
        used += i % 2 ? 2 : 1;
    }
    memcpy(args + used, "\"}", 3);
    assert_error(&plugin, TOOL, args, HEXMCP_E_TOO_LARGE,
                 "the result of indent is larger than 10 MiB; give a shorter input or options that "
                 "add less");
    free(args);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operations),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_results_are_bounded),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, load, unload);
}
