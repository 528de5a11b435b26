/* Every operation, with text that is more than ASCII. Lengths are grapheme clusters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/plugins/support/asserts.h"

#define TOOL "text-manipulator"

/* One character each: three people with joiners, a flag with tags. */
#define FAMILY "\U0001F469\u200D\U0001F469\u200D\U0001F467"
#define SCOTLAND "\U0001F3F4\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F"

static hexmcp_fake_plugin plugin;

static int load(void **state)
{
    (void)state;
    plugin_load(&plugin, "hexmcp.text-manipulator", "{}");
    return 0;
}

static int unload(void **state)
{
    (void)state;
    hexmcp_fake_unload(&plugin);
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
    {"uppercase", "\"iı İ\"", "{}",
     "\"II İ\"", 4, 4},
    {"lowercase", "\"İI\"", "{}",
     "\"i\u0307i\"", 2, 2},
    {"uppercase", "\"ﬁn ŉ ǰ ΐ\"", "{}",
     "\"FIN ʼN J\u030C Ι\u0308\u0301\"", 8, 10},
    {"lowercase", "\"ΣΑΣ. ΑΣ'Α Σ\"", "{}",
     "\"σας. ασ'α σ\"", 11, 11},
    {"uppercase", "\"e\u0301\"", "{}",
     "\"E\u0301\"", 1, 1},
    {"uppercase", "\"\"", "{}",
     "\"\"", 0, 0},
    {"reverse", "\"a\\r\\nbe\u0301\"", "{}",
     "\"e\u0301b\\r\\na\"", 4, 4},
    {"reverse", "\"\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7\U0001F44D\U0001F3FD\"", "{}",
     "\"\U0001F44D\U0001F3FD\U0001F1EB\U0001F1F7\U0001F1E9\U0001F1EA\"", 3, 3},
    {"reverse", "\"a\\u0000b\"", "{}",
     "\"b\\u0000a\"", 3, 3},
    {"trim", "\"\u00A0\u3000x\u2003\\r\\n\"", "{}",
     "\"x\"", 5, 1},
    {"trim", "\" \\t \"", "{}",
     "\"\"", 3, 0},
    {"replace", "\"Aa\"", "{\"from\": \"a\", \"to\": \"\"}",
     "\"A\"", 2, 1},
    {"replace", "\"日本日\"", "{\"from\": \"日\", \"to\": \"月\"}",
     "\"月本月\"", 3, 3},
    {"substring", "\"ae\u0301" FAMILY "z\"", "{\"start\": 1, \"end\": 3}",
     "\"e\u0301" FAMILY "\"", 4, 2},
    {"substring", "\"abc\"", "{\"end\": 99}",
     "\"abc\"", 3, 3},
    {"substring", "\"\"", "{}",
     "\"\"", 0, 0},
    {"split", "\"a b\"", "{}",
     "[\"a\",\"b\"]", 3, 2},
    {"split", "\"\"", "{}",
     "[\"\"]", 0, 1},
    {"split", "\"\"", "{\"delimiter\": \"\"}",
     "[]", 0, 0},
    {"split", "\"a--b--\"", "{\"delimiter\": \"--\"}",
     "[\"a\",\"b\",\"\"]", 6, 3},
    {"join", "\"a\\r\\nb\\n\\nc\\n\"", "{\"delimiter\": \", \"}",
     "\"a, b, , c\"", 7, 9},
    {"join", "[]", "{}",
     "\"\"", 0, 0},
    {"join", "[\"x\", \"\", \"" FAMILY "\"]", "{\"delimiter\": \"+\"}",
     "\"x++" FAMILY "\"", 3, 4},
    {"snake_case", "\"Don't stop-ME nowÄrger2Go\"", "{}",
     "\"dont_stop_me_now_ärger2_go\"", 25, 26},
    {"snake_case", "\"!!! ...\"", "{}",
     "\"\"", 7, 0},
    {"camel_case", "\"XMLHttpRequest ΟΔΟΣ\"", "{}",
     "\"xmlHttpRequestΟδος\"", 19, 18},
    {"pascal_case", "\"ßen ﬁsch e\u0301tude ǆ\"", "{}",
     "\"SsenFischE\u0301tudeǅ\"", 16, 15},
    {"sanitize", "\"" FAMILY "\u200D \u263A\uFE0F\uFE0F\"", "{}",
     "\"" FAMILY " \u263A\uFE0F\"", 3, 3},
    {"sanitize", "\"" SCOTLAND "\U000E0041x\"", "{}",
     "\"" SCOTLAND "x\"", 2, 2},
    {"sanitize", "\"\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645 a\u200Cb\"", "{}",
     "\"\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645 ab\"", 10, 10},
    {"sanitize", "\"\uFEFFa\u2066b\u2069\u00AD\u200E\u3164\177\302\205\\rc\\r\\n\\u0000\"", "{}",
     "\"abc\\r\\n\"", 14, 4},
    {"truncate", "\"" FAMILY FAMILY FAMILY "\"", "{\"length\": 2}",
     "\"" FAMILY "…\"", 3, 2},
    {"truncate", "\"abcdef\"", "{\"length\": 4, \"suffix\": \"...\"}",
     "\"a...\"", 6, 4},
    {"truncate", "\"abc\"", "{\"length\": 0, \"suffix\": \"\"}",
     "\"\"", 3, 0},
    {"indent", "\"a\\r\\n \\t\\r\\n b\"", "{}",
     "\"    a\\r\\n \\t\\r\\n     b\"", 7, 15},
    {"dedent", "\"\\t a\\r\\n \\t \\r\\n\\t  b\\n\"", "{}",
     "\"a\\r\\n\\r\\n b\\n\"", 13, 6},
    {"dedent", "\"\\ta\\n    b\"", "{}",
     "\"\\ta\\n    b\"", 8, 8},
    {"normalize_whitespace", "\"\u2028a\u00A0\302\205b\u200Bc\"", "{}",
     "\"a b\u200Bc\"", 7, 5},
    {"word_wrap", "\"日本語\u30C6\u30AD\u30B9\u30C8\"", "{\"width\": 6}",
     "\"日本語\\n\u30C6\u30AD\u30B9\\n\u30C8\"", 7, 9},
    {"word_wrap", "\"a\\tb cd\\r\\n  ef  gh ij\\r\\n\"", "{\"width\": 9}",
     "\"a\\tb\\r\\ncd\\r\\n  ef  gh\\r\\nij\\r\\n\"", 19, 19},
    {"word_wrap", "\"    abcdefgh\"", "{\"width\": 8}",
     "\"abcdefgh\"", 12, 8},
    {"word_wrap", "\"ab cdefghij\"", "{\"width\": 5}",
     "\"ab cd\\nefghi\\nj\"", 11, 13},
    {"word_wrap", "\"" FAMILY FAMILY " \U0001F1E9\U0001F1EA\"", "{\"width\": 4}",
     "\"" FAMILY FAMILY "\\n\U0001F1E9\U0001F1EA\"", 4, 4},
};

static void test_operations(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char args[500], expected[500];
        snprintf(args, sizeof(args), "{\"operation\":\"%s\",\"input\":%s,\"options\":%s}",
                 cases[i].operation, cases[i].input, cases[i].options);
        snprintf(expected, sizeof(expected),
                 "{\"structuredContent\":{\"operation\":\"%s\",\"result\":%s,"
                 "\"original_length\":%d,\"result_length\":%d}}",
                 cases[i].operation, cases[i].result, cases[i].original_length,
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
         "options.start 3 is behind options.end 2; positions count characters from 0 and end is "
         "the first one left out"},
        {"{\"operation\":\"substring\",\"input\":\"abc\",\"options\":{\"start\":4}}",
         "options.start 4 is behind the end: input has 3 characters; give a start from 0 to 3"},
        {"{\"operation\":\"truncate\",\"input\":\"abc\",\"options\":{\"length\":1,\"suffix\":"
         "\"...\"}}",
         "options.suffix has 3 characters, but options.length is 1; the suffix counts too: give a "
         "longer length or a shorter suffix"},
        {"{\"operation\":\"uppercase\",\"input\":[\"a\"]}",
         "input of uppercase must be one string; only join takes an array"},
        {"{\"operation\":\"shout\",\"input\":\"a\"}",
         "operation is unknown; give one of uppercase, lowercase, reverse, trim, replace, "
         "substring, split, join, snake_case, camel_case, pascal_case, sanitize, truncate, indent, "
         "dedent, normalize_whitespace, word_wrap"},
        {"{\"input\":\"a\"}", "operation is missing; give one of those in the input schema"},
        {"{\"operation\":7,\"input\":\"a\"}",
         "operation is unknown; give one of uppercase, lowercase, reverse, trim, replace, "
         "substring, split, join, snake_case, camel_case, pascal_case, sanitize, truncate, indent, "
         "dedent, normalize_whitespace, word_wrap"},
        {"{\"operation\":\"trim\"}", "input is missing; give the text to work on"},
        {"{\"operation\":\"trim\",\"input\":null}",
         "input is missing; give the text to work on"},
        {"{\"operation\":\"trim\",\"input\":7}", "input is not a text; give a string"},
        {"{\"operation\":\"trim\",\"input\":\"ab\xFF\"}",
         "input is not UTF-8 at byte 2; give text"},
        {"{\"operation\":\"join\",\"input\":[\"a\",1]}",
         "an element of input is not a text; give a string"},
        {"{\"operation\":\"join\",\"input\":[\"a\",\"\xFF\"]}",
         "an element of input is not a text; give a string"},
        {"{\"operation\":\"trim\",\"input\":\"a\",\"options\":7}",
         "options is not an object; give an object"},
        {"{\"operation\":\"word_wrap\",\"input\":\"a\",\"options\":{\"width\":0}}",
         "options.width is not a whole number from 1 to 10000; correct it"},
        {"{\"operation\":\"indent\",\"input\":\"a\",\"options\":{\"spaces\":1001}}",
         "options.spaces is not a whole number from 0 to 1000; correct it"},
        {"{\"operation\":\"substring\",\"input\":\"a\",\"options\":{\"start\":-1}}",
         "options.start is not a whole number from 0 to 10485760; correct it"},
        {"{\"operation\":\"substring\",\"input\":\"a\",\"options\":{\"end\":0.5}}",
         "options.end is not a whole number from 0 to 10485760; correct it"},
        {"{\"operation\":\"truncate\",\"input\":\"a\",\"options\":{\"length\":\"9\"}}",
         "options.length is not a whole number from 0 to 10485760; correct it"},
    };
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        assert_error(&plugin, TOOL, errors[i].args, HEXMCP_E_INVALID, errors[i].text);
}

/* Arguments made of `head`, `count` times `piece`, and `tail`; the error must be `text`. */
#define TIMES_8(text) text text text text text text text text
#define KIB TIMES_8(TIMES_8("0123456789abcdef"))

static void assert_too_large(const char *head, const char *piece, size_t count, const char *tail,
                             const char *text)
{
    size_t step = strlen(piece);
    size_t start = strlen(head);
    char *args = malloc(start + count * step + strlen(tail) + 1);
    memcpy(args, head, start);
    for (size_t i = 0; i < count; i++)
        memcpy(args + start + i * step, piece, step);
    memcpy(args + start + count * step, tail, strlen(tail) + 1);
    assert_error(&plugin, TOOL, args, HEXMCP_E_TOO_LARGE, text);
    free(args);
}

/* A short call must not make an answer that fills the memory. */
static void test_sizes_are_bounded(void **state)
{
    (void)state;
    assert_too_large("{\"operation\":\"indent\",\"options\":{\"spaces\":1000},\"input\":\"", "x\\n",
                     100000, "\"}",
                     "the result of indent is larger than 10 MiB; give a shorter input or options "
                     "that add less");
    /* Few and long ones: the thread sanitizer walks the whole rest at each memmem. */
    assert_too_large("{\"operation\":\"replace\",\"options\":{\"from\":\"x\",\"to\":\"" KIB
                     "\"},\"input\":\"",
                     "x", 10241, "\"}",
                     "the result of replace is larger than 10 MiB; give a shorter input or options "
                     "that add less");
    assert_too_large("{\"operation\":\"join\",\"options\":{\"delimiter\":\"\"},\"input\":[\"\"",
                     ",\"0123456789abcdef0123456789abcdef\"", 400000, "]}",
                     "the result of join is larger than 10 MiB; give a shorter input or options "
                     "that add less");
    assert_too_large("{\"operation\":\"trim\",\"input\":\"", "x", 10485761, "\"}",
                     "input has 10485761 bytes, but at most 10485760 are taken; cut it and call "
                     "once for each part");
    assert_too_large("{\"operation\":\"split\",\"options\":{\"delimiter\":\"\"},\"input\":\"", "x",
                     1000001, "\"}",
                     "input splits into 1000001 parts, but at most 1000000 are given; cut the "
                     "input or give another options.delimiter");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operations),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_sizes_are_bounded),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, load, unload);
}
