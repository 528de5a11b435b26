/* Every operation, and patterns that must be stopped. Places are code points, and bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hexmcp/json.h"
#include "tests/plugins/support/asserts.h"

#define TOOL "regex-matcher"

static hexmcp_fake_plugin plugin;

static int load(void **state)
{
    (void)state;
    plugin_load(&plugin, "hexmcp.regex-matcher", "{}");
    return 0;
}

static int unload(void **state)
{
    (void)state;
    hexmcp_fake_unload(&plugin);
    return 0;
}

/* `rest` is what the result holds behind the operation. */
static void check(const char *operation, const char *arguments, const char *rest)
{
    char args[1000], expected[2000];
    snprintf(args, sizeof(args), "{\"operation\":\"%s\",%s}", operation, arguments);
    snprintf(expected, sizeof(expected), "{\"structuredContent\":{\"operation\":\"%s\",%s}}",
             operation, rest);
    assert_result(&plugin, TOOL, args, expected);
}

static void test_is_match(void **state)
{
    (void)state;
    assert_result(&plugin, TOOL, "{\"pattern\":\"b+\",\"input\":\"abc\"}",
                  "{\"structuredContent\":{\"operation\":\"is_match\",\"matched\":true}}");
    check("is_match", "\"pattern\":\"^b\",\"input\":\"abc\"", "\"matched\":false");
    check("is_match", "\"pattern\":\"^$\",\"input\":\"\"", "\"matched\":true");
    check("is_match", "\"pattern\":\"\\\\bÄ\\\\w$\",\"input\":\"der äß\"", "\"matched\":false");
    check("is_match", "\"pattern\":\"\\\\bÄ\\\\w$\",\"input\":\"der äß\",\"flags\":\"i\"",
          "\"matched\":true");
    check("is_match", "\"pattern\":\"^b$\",\"input\":\"a\\nb\\nc\",\"flags\":\"m\"", "\"matched\":true");
    check("is_match", "\"pattern\":\"a.c\",\"input\":\"a\\nc\"", "\"matched\":false");
    check("is_match", "\"pattern\":\"a.c\",\"input\":\"a\\nc\",\"flags\":\"s\"", "\"matched\":true");
    check("is_match", "\"pattern\":\"a b # note\\n c\",\"input\":\"abc\",\"flags\":\"xi\"",
          "\"matched\":true");
    check("is_match", "\"pattern\":\"a\\u0000b\",\"input\":\"xa\\u0000b\"", "\"matched\":true");
    check("is_match", "\"pattern\":\"^[[:upper:]]\\\\p{Greek}+$\",\"input\":\"Éλ\"",
          "\"matched\":true");
}

static void test_find(void **state)
{
    (void)state;
    check("find", "\"pattern\":\"(?<key>\\\\w+)=(\\\\d+)?\",\"input\":\"€ é= b=2\"",
          "\"matches\":[{\"start\":2,\"end\":4,\"byte_start\":4,\"byte_end\":7,\"text\":\"é=\","
          "\"groups\":[\"é\",null],\"names\":{\"key\":\"é\"}}],\"matched\":true");
    check("find", "\"pattern\":\"x\",\"input\":\"abc\"", "\"matches\":[],\"matched\":false");
}

static void test_find_all(void **state)
{
    (void)state;
    check("find_all", "\"pattern\":\"[a-z]\",\"input\":\"a1b\"",
          "\"matches\":[{\"start\":0,\"end\":1,\"byte_start\":0,\"byte_end\":1,\"text\":\"a\","
          "\"groups\":[],\"names\":{}},{\"start\":2,\"end\":3,\"byte_start\":2,\"byte_end\":3,"
          "\"text\":\"b\",\"groups\":[],\"names\":{}}],\"matched\":true,\"match_count\":2,"
          "\"truncated\":false");
    check("find_all", "\"pattern\":\"a\",\"input\":\"aaa\",\"limit\":1",
          "\"matches\":[{\"start\":0,\"end\":1,\"byte_start\":0,\"byte_end\":1,\"text\":\"a\","
          "\"groups\":[],\"names\":{}}],\"matched\":true,\"match_count\":1,\"truncated\":true");
    check("find_all", "\"pattern\":\"z\",\"input\":\"aaa\"",
          "\"matches\":[],\"matched\":false,\"match_count\":0,\"truncated\":false");
}

/* Behind an empty match the search goes on by a whole character, or with what begins there. */
static void test_empty_matches(void **state)
{
    (void)state;
    check("find_all", "\"pattern\":\"é?\",\"input\":\"€é\"",
          "\"matches\":[{\"start\":0,\"end\":0,\"byte_start\":0,\"byte_end\":0,\"text\":\"\","
          "\"groups\":[],\"names\":{}},{\"start\":1,\"end\":2,\"byte_start\":3,\"byte_end\":5,"
          "\"text\":\"é\",\"groups\":[],\"names\":{}},{\"start\":2,\"end\":2,\"byte_start\":5,"
          "\"byte_end\":5,\"text\":\"\",\"groups\":[],\"names\":{}}],\"matched\":true,"
          "\"match_count\":3,\"truncated\":false");
    check("replace", "\"pattern\":\"(?m)^\",\"input\":\"a\\nb\",\"replacement\":\"> \"",
          "\"result\":\"> a\\n> b\",\"replacement_count\":2,\"truncated\":false");
    check("find_all", "\"pattern\":\"(*ANYCRLF)(?m)$\",\"input\":\"a\\r\\n\"",
          "\"matches\":[{\"start\":1,\"end\":1,\"byte_start\":1,\"byte_end\":1,\"text\":\"\","
          "\"groups\":[],\"names\":{}},{\"start\":3,\"end\":3,\"byte_start\":3,\"byte_end\":3,"
          "\"text\":\"\",\"groups\":[],\"names\":{}}],\"matched\":true,\"match_count\":2,"
          "\"truncated\":false");
}

static void test_captures(void **state)
{
    (void)state;
    check("captures", "\"pattern\":\"(?<year>\\\\d{4})-(\\\\d\\\\d)(x)?\",\"input\":\"am 2024-05\"",
          "\"matched\":true,\"captures\":[{\"group\":0,\"matched\":true,\"start\":3,\"end\":10,"
          "\"byte_start\":3,\"byte_end\":10,\"text\":\"2024-05\"},{\"group\":1,\"name\":\"year\","
          "\"matched\":true,\"start\":3,\"end\":7,\"byte_start\":3,\"byte_end\":7,\"text\":\"2024\"},"
          "{\"group\":2,\"matched\":true,\"start\":8,\"end\":10,\"byte_start\":8,\"byte_end\":10,"
          "\"text\":\"05\"},{\"group\":3,\"matched\":false}]");
    check("captures", "\"pattern\":\"x\",\"input\":\"\"", "\"matched\":false,\"captures\":[]");
}

/* Of two groups with one name, the one that took part counts. */
static void test_a_name_twice(void **state)
{
    (void)state;
    check("find", "\"pattern\":\"(?J)(?<n>a)|(?<n>b)\",\"input\":\"b\"",
          "\"matches\":[{\"start\":0,\"end\":1,\"byte_start\":0,\"byte_end\":1,\"text\":\"b\","
          "\"groups\":[null,\"b\"],\"names\":{\"n\":\"b\"}}],\"matched\":true");
    check("validate", "\"pattern\":\"(?J)(?<n>a)|(?<n>b)\"",
          "\"valid\":true,\"group_count\":2,\"group_names\":[\"n\"]");
}

static void test_replace(void **state)
{
    (void)state;
    check("replace", "\"pattern\":\"(\\\\w+) (?<b>\\\\w+)\",\"input\":\"x y, z ü\","
                     "\"replacement\":\"${b}$1 $0 $$ \\\\1 ${1}0\"",
          "\"result\":\"yx x y $ \\\\1 x0, üz z ü $ \\\\1 z0\",\"replacement_count\":2,"
          "\"truncated\":false");
    check("replace", "\"pattern\":\"a(b)?\",\"input\":\"aab\",\"replacement\":\"[$1]\"",
          "\"result\":\"[][b]\",\"replacement_count\":2,\"truncated\":false");
    check("replace", "\"pattern\":\"a\",\"input\":\"aaa\",\"replacement\":\"\",\"limit\":2",
          "\"result\":\"a\",\"replacement_count\":2,\"truncated\":true");
    check("replace", "\"pattern\":\"a\",\"input\":\"aaa\",\"replacement\":\"b\",\"limit\":3",
          "\"result\":\"bbb\",\"replacement_count\":3,\"truncated\":false");
    check("replace", "\"pattern\":\"x\",\"input\":\"\",\"replacement\":\"b\"",
          "\"result\":\"\",\"replacement_count\":0,\"truncated\":false");
}

static void test_split(void **state)
{
    (void)state;
    check("split", "\"pattern\":\"[,;]\\\\s*\",\"input\":\"a, b;c,\"",
          "\"parts\":[\"a\",\"b\",\"c\",\"\"],\"part_count\":4,\"truncated\":false");
    check("split", "\"pattern\":\"\",\"input\":\"né\"",
          "\"parts\":[\"n\",\"é\"],\"part_count\":2,\"truncated\":false");
    check("split", "\"pattern\":\",?\",\"input\":\"a,b\"",
          "\"parts\":[\"a\",\"b\"],\"part_count\":2,\"truncated\":false");
    check("split", "\"pattern\":\",\",\"input\":\"a,b,c\",\"limit\":2",
          "\"parts\":[\"a\",\"b,c\"],\"part_count\":2,\"truncated\":true");
    check("split", "\"pattern\":\",\",\"input\":\"a,b\",\"limit\":2",
          "\"parts\":[\"a\",\"b\"],\"part_count\":2,\"truncated\":false");
    check("split", "\"pattern\":\",\",\"input\":\"\"",
          "\"parts\":[\"\"],\"part_count\":1,\"truncated\":false");
}

static void test_validate(void **state)
{
    (void)state;
    check("validate", "\"pattern\":\"(?<b>x)(?<a>y)(z)\"",
          "\"valid\":true,\"group_count\":3,\"group_names\":[\"a\",\"b\"]");
    check("validate", "\"pattern\":\"\"", "\"valid\":true,\"group_count\":0,\"group_names\":[]");
    check("validate", "\"pattern\":\"é(a\"",
          "\"valid\":false,\"error\":\"missing closing parenthesis\",\"error_position\":3");
    check("validate", "\"pattern\":\"((ab){1000}){1000}\"",
          "\"valid\":false,\"error\":\"regular expression is too large\",\"error_position\":18");
}

#define EXPECT(code, args, text) assert_error(&plugin, TOOL, args, code, text)

static void test_wrong_arguments(void **state)
{
    (void)state;
    EXPECT(HEXMCP_E_INVALID, "{}", "pattern is missing; give a regular expression");
    EXPECT(HEXMCP_E_INVALID, "{\"pattern\":\"a\"}",
           "is_match needs input: the text to search; only validate does without");
    EXPECT(HEXMCP_E_INVALID, "{\"pattern\":\"a\",\"input\":\"\",\"operation\":\"grep\"}",
           "operation is unknown; give one of is_match, find, find_all, captures, replace, split, "
           "validate");
    EXPECT(HEXMCP_E_INVALID, "{\"pattern\":\"a\",\"input\":\"\",\"flags\":\"ig\"}",
           "flags has a letter other than i, m, s and x; there is no g: use find_all, and replace "
           "works on all matches");
    EXPECT(HEXMCP_E_INVALID, "{\"pattern\":\"a\",\"input\":\"ab\xFF\"}",
           "input is not UTF-8 at byte 2; give text");
    EXPECT(HEXMCP_E_INVALID, "{\"pattern\":\"a\",\"input\":7}", "input is not a text; give a string");
    EXPECT(HEXMCP_E_INVALID, "{\"pattern\":\"a\",\"input\":\"\",\"limit\":0}",
           "limit is not a whole number from 1 to 10000; correct it");
    EXPECT(HEXMCP_E_INVALID, "{\"pattern\":\"a\",\"input\":\"\",\"operation\":\"replace\"}",
           "replace needs replacement; give \"\" to delete the matches");
    EXPECT(HEXMCP_E_INVALID, "{\"pattern\":\"a\\\\\",\"input\":\"\"}",
           "pattern is wrong at character 2: \\ at end of pattern; correct it, \\ before a special "
           "character makes it literal");
    EXPECT(HEXMCP_E_INVALID, "{\"pattern\":\"\\\\C\",\"input\":\"\"}",
           "pattern is wrong at character 2: using \\C is disabled by the application; correct it, "
           "\\ before a special character makes it literal");
}

static void test_wrong_replacements(void **state)
{
    (void)state;
    EXPECT(HEXMCP_E_INVALID,
           "{\"pattern\":\"a\",\"input\":\"a\",\"operation\":\"replace\",\"replacement\":\"é${x}\"}",
           "replacement is wrong at character 5: unknown substring; write $1, ${1} or ${name} for a "
           "group of the pattern, $0 for the match and $$ for a dollar sign");
    EXPECT(HEXMCP_E_INVALID,
           "{\"pattern\":\"a\",\"input\":\"a\",\"operation\":\"replace\",\"replacement\":\"5$\"}",
           "replacement is wrong at character 2: invalid replacement string; write $1, ${1} or "
           "${name} for a group of the pattern, $0 for the match and $$ for a dollar sign");
}

/* Puts `unit` `count` times between the other two; to be freed. */
static char *repeated(const char *before, const char *unit, size_t count, const char *after)
{
    size_t unit_len = strlen(unit);
    char *text = malloc(strlen(before) + unit_len * count + strlen(after) + 1);
    assert_non_null(text);
    char *at = stpcpy(text, before);
    for (size_t i = 0; i < count; i++)
        at = stpcpy(at, unit);
    strcpy(at, after);
    return text;
}

static void expect_large(const char *before, const char *unit, size_t count, const char *after,
                         const char *text)
{
    char *args = repeated(before, unit, count, after);
    EXPECT(HEXMCP_E_TOO_LARGE, args, text);
    free(args);
}

#define STEPS                                                                                      \
    "the search was stopped after 1000000 steps at one place: the pattern tries too many ways to " \
    "match; do not nest repeats as in (a+)+, or make them possessive (a++) or atomic (?>...)"
#define TIME                                                                                       \
    "the search was stopped after 100 ms of processor time; make the pattern more exact (begin it " \
    "with literal text, replace .* by what may stand there) or give a shorter input"
#define HEAP                                                                                       \
    "the search was stopped at 32 MiB of memory: the pattern keeps too many ways to go back; use "  \
    "possessive repeats such as (?:...)*+, or give a shorter input"

#define BACKWARDS                                                                                  \
    "the search failed: match with end before start or start moved backwards is not supported "     \
    "(PCRE2 error -60); change the pattern"

/* Stopped by the limit of `text`; or, where the processor is slow, by that of time. */
static void expect_stopped(const char *before, const char *unit, size_t count, const char *after,
                           const char *text)
{
    char *args = repeated(before, unit, count, after);
    hexmcp_fake_answer answer;
    plugin_run(&plugin, TOOL, args, strlen(args), &answer);
    assert_int_equal(answer.status, HEXMCP_E_TOO_LARGE);
    if (strcmp(answer.error.text, TIME) != 0)
        assert_string_equal(answer.error.text, text);
    hexmcp_fake_answer_free(&answer);
    free(args);
}

static void test_patterns_that_are_stopped(void **state)
{
    (void)state;
    expect_stopped("{\"pattern\":\"^(a+)+$\",\"input\":\"", "a", 40, "b\"}", STEPS);
    expect_stopped("{\"operation\":\"replace\",\"replacement\":\"\",\"pattern\":\"^(a|a)*$\","
                   "\"input\":\"", "a", 40, "b\"}", STEPS);
    expect_stopped("{\"pattern\":\"^(a|b)*$\",\"input\":\"", "ab", 300000, "c\"}", HEAP);
    /* No single place takes many steps. */
    expect_stopped("{\"pattern\":\"(?s)(?=(.*))[^a]\",\"input\":\"", "a", 1000000, "\"}", TIME);
    expect_stopped("{\"operation\":\"split\",\"pattern\":\"a(?=[a-z]*$)\",\"limit\":10000,"
                   "\"input\":\"", "a", 900000, "\"}", TIME);
}

/* A group that is called from a lookahead may still move the beginning of the match behind its end. */
static void test_a_match_that_ends_before_it_begins(void **state)
{
    static const char *const operations[] = {"is_match", "find", "find_all", "captures", "split"};
    (void)state;
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        char args[200];
        snprintf(args, sizeof(args), "{\"operation\":\"%s\",\"pattern\":\"(?(DEFINE)(b\\\\K))a(?=(?1))\","
                 "\"input\":\"ab\"}", operations[i]);
        assert_error(&plugin, TOOL, args, HEXMCP_E_INVALID, BACKWARDS);
    }
}

static void test_sizes(void **state)
{
    (void)state;
    expect_large("{\"input\":\"\",\"pattern\":\"", "a", 10001, "\"}",
                 "pattern has 10001 bytes, but at most 10000 are taken; shorten it");
    expect_large("{\"pattern\":\"a\",\"input\":\"", "aaaaaaaaaaaaaaaa", 655361, "\"}",
                 "input has 10485776 bytes, but at most 10485760 are taken; cut it and call once "
                 "for each part");
    expect_stopped("{\"operation\":\"replace\",\"pattern\":\"(?s).+\",\"replacement\":\"$0$0$0\","
                 "\"input\":\"", "a", 4000000, "\"}",
                 "the result of replace is larger than 10 MiB; give a shorter input, a shorter "
                 "replacement or a lower limit");
    expect_stopped("{\"operation\":\"find\",\"pattern\":\"(?s)((.+))\",\"input\":\"", "a", 4000000,
                 "\"}",
                 "the texts of the matches are larger than 10 MiB together; give a lower limit, a "
                 "shorter input or fewer groups");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_is_match),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_find_all),
        cmocka_unit_test(test_empty_matches),
        cmocka_unit_test(test_captures),
        cmocka_unit_test(test_a_name_twice),
        cmocka_unit_test(test_replace),
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_validate),
        cmocka_unit_test(test_wrong_arguments),
        cmocka_unit_test(test_wrong_replacements),
        cmocka_unit_test(test_patterns_that_are_stopped),
        cmocka_unit_test(test_a_match_that_ends_before_it_begins),
        cmocka_unit_test(test_sizes),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("regex_matcher", tests, load, unload);
}
