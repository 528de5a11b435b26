/* Arguments of the tools: what is taken, each refusal to the letter, and that the first one counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kit/args.h"

static hexmcp_error err;

static struct args of(const char *json)
{
    memset(&err, 0, sizeof(err));
    return args_begin(hexmcp_str_from(json), &err);
}

/* Ends the arguments, which must have failed so. */
static void failed(struct args *args, int32_t code, const char *text)
{
    assert_int_equal(args_status(args), code);
    assert_string_equal(err.text, text);
    args_end(args);
}

static void fine(struct args *args)
{
    assert_int_equal(args_status(args), HEXMCP_OK);
    args_end(args);
}

static void test_values(void **state)
{
    static const char *const colours[] = {"red", "green", NULL};
    (void)state;
    struct args args = of("{\"t\":\"a\\u00e9\",\"n\":-5,\"d\":0.5,\"b\":true,\"c\":\"green\",\"z\":null,"
                          "\"nul\":\"a\\u0000b\"}");
    assert_string_equal(args_text(&args, "t", 10, NULL), "a\xc3\xa9");
    assert_string_equal(args_needed(&args, "t", 3), "a\xc3\xa9");
    assert_int_equal(args_int(&args, "n", -5, 5, 1), -5);
    assert_true(args_number(&args, "d", 0, 1, 0) == 0.5);
    assert_true(args_bool(&args, "b", false));
    assert_int_equal(args_choice(&args, "c", colours, 0), 1);
    assert_int_equal(args_choice_needed(&args, "c", colours), 1);
    hexmcp_str bytes = args_bytes(&args, "nul", 3);
    assert_int_equal(bytes.len, 3);
    assert_memory_equal(bytes.ptr, "a\0b", 4);
    bytes = args_string_bytes(&args, args_raw(&args, "nul"), "nul", 3, "");
    assert_int_equal(bytes.len, 3);
    assert_memory_equal(bytes.ptr, "a\0b", 4);
    assert_true(args_has(&args, "t"));
    assert_false(args_has(&args, "z"));
    assert_true(args_says(&args, "n", "5"));
    assert_false(args_says(&args, "n", "-5"));
    assert_false(args_says(&args, "z", "0"));
    fine(&args);
}

static void test_fallbacks(void **state)
{
    static const char *const colours[] = {"red", "green", NULL};
    size_t count = 7;
    (void)state;
    struct args args = of("{\"z\":null}");
    assert_null(args_text(&args, "z", 10, NULL));
    assert_string_equal(args_text(&args, "x", 10, "else"), "else");
    assert_int_equal(args_int(&args, "x", 1, 5, 3), 3);
    assert_true(args_number(&args, "x", 0, 1, 0.25) == 0.25);
    assert_true(args_bool(&args, "x", true));
    assert_int_equal(args_choice(&args, "x", colours, 1), 1);
    assert_null(args_bytes(&args, "x", 3).ptr);
    assert_null(args_texts(&args, "x", 3, 3, &count));
    assert_int_equal(count, 0);
    assert_int_equal(args_raw(&args, "x").len, 0);
    fine(&args);
}

static void test_texts(void **state)
{
    size_t count;
    (void)state;
    struct args args = of("{\"many\":[\"a\",\"b\"],\"one\":\"c\",\"none\":[]}");
    const char *const *texts = args_texts(&args, "many", 2, 1, &count);
    assert_int_equal(count, 2);
    assert_string_equal(texts[1], "b");
    texts = args_texts(&args, "one", 1, 1, &count);
    assert_int_equal(count, 1);
    assert_string_equal(texts[0], "c");
    args_texts(&args, "none", 1, 1, &count);
    assert_int_equal(count, 0);
    fine(&args);
    args = of("{\"many\":[\"a\",\"b\"]}");
    args_texts(&args, "many", 1, 1, &count);
    failed(&args, HEXMCP_E_TOO_LARGE, "many has 2 elements, but at most 1 are taken; give fewer");
    args = of("{\"many\":[\"a\",2]}");
    args_texts(&args, "many", 2, 1, &count);
    assert_int_equal(count, 0);
    failed(&args, HEXMCP_E_INVALID, "many is not a text; give a string");
    args = of("{\"many\":{}}");
    args_texts(&args, "many", 2, 1, &count);
    failed(&args, HEXMCP_E_INVALID, "many is not an array of texts; give one");
}

static void test_objects(void **state)
{
    (void)state;
    struct args args = of("{\"options\":{\"size\":\"x\",\"more\":{\"deep\":1}}}");
    struct args options = args_object(&args, "options");
    struct args more = args_object(&options, "more");
    struct args none = args_object(&args, "nothing");
    assert_int_equal(args_int(&more, "deep", 0, 1, 0), 1);
    assert_int_equal(args_int(&none, "deep", 0, 1, 0), 0);
    assert_int_equal(args_int(&options, "size", 0, 9, 4), 4);
    failed(&args, HEXMCP_E_INVALID, "options.size is not a whole number from 0 to 9; correct it");
    args = of("{\"options\":{\"more\":{\"deep\":2}}}");
    options = args_object(&args, "options");
    more = args_object(&options, "more");
    args_int(&more, "deep", 0, 1, 0);
    failed(&args, HEXMCP_E_INVALID, "options.more.deep is not a whole number from 0 to 1; correct it");
    args = of("{\"options\":[]}");
    args_object(&args, "options");
    failed(&args, HEXMCP_E_INVALID, "options is not an object; give an object");
}

static void test_refusals(void **state)
{
    static const char *const colours[] = {"red", "green", NULL};
    (void)state;
    struct args args = of("{\"t\":5}");
    args_text(&args, "t", 10, NULL);
    failed(&args, HEXMCP_E_INVALID, "t is not a text; give a string");
    args = of("{\"t\":\"four\"}");
    args_text(&args, "t", 3, NULL);
    failed(&args, HEXMCP_E_TOO_LARGE, "t has 4 bytes, but at most 3 are taken; shorten it");
    args = of("{\"t\":\"a\\u0000b\"}");
    assert_string_equal(args_text(&args, "t", 3, NULL), "");
    failed(&args, HEXMCP_E_INVALID, "t holds a NUL character; leave it out");
    args = of("{}");
    assert_string_equal(args_needed(&args, "t", 3), "");
    failed(&args, HEXMCP_E_INVALID, "t is missing or empty; give it");
    args = of("{\"d\":1.5}");
    args_number(&args, "d", 0, 1, 0);
    failed(&args, HEXMCP_E_INVALID, "d is not a number from 0 to 1; correct it");
    args = of("{\"b\":\"yes\"}");
    args_bool(&args, "b", false);
    failed(&args, HEXMCP_E_INVALID, "b is neither true nor false; correct it");
    args = of("{\"c\":\"blue\"}");
    args_choice(&args, "c", colours, 0);
    failed(&args, HEXMCP_E_INVALID, "c is unknown; give one of red, green");
    args = of("{\"c\":null}");
    args_choice_needed(&args, "c", colours);
    failed(&args, HEXMCP_E_INVALID, "c is missing; give one of red, green");
    args = of("{\"c\":\"blue\"}");
    args_choice_needed(&args, "c", colours);
    failed(&args, HEXMCP_E_INVALID, "c is unknown; give one of red, green");
}

/* The length that counts is that of the text, however it is written. */
static void test_lengths(void **state)
{
    (void)state;
    struct args args = of("{\"t\":\"\\u0061\\u0000\\u00e9\",\"u\":\"\"}");
    hexmcp_str bytes = args_bytes_or(&args, "t", 4, "cut it");
    assert_int_equal(bytes.len, 4);
    assert_memory_equal(bytes.ptr, "a\0\xc3\xa9", 5);
    bytes = args_bytes(&args, "u", 0);
    assert_int_equal(bytes.len, 0);
    assert_non_null(bytes.ptr);
    args_bytes_or(&args, "t", 3, "cut it");
    failed(&args, HEXMCP_E_TOO_LARGE, "t has 4 bytes, but at most 3 are taken; cut it");
    args = of("{\"t\":\"\\x\"}");
    args_bytes(&args, "t", 1);
    failed(&args, HEXMCP_E_INVALID, "t holds a character that cannot stand here; leave it out");
}

static void test_whole_numbers_by_another_name(void **state)
{
    (void)state;
    struct args args = of("{\"a\":5.0,\"b\":1e3,\"c\":-0.0,\"d\":2.5}");
    assert_int_equal(args_int(&args, "a", 0, 5, 9), 5);
    assert_int_equal(args_int(&args, "b", 0, 1000, 9), 1000);
    assert_int_equal(args_int(&args, "c", 0, 1000, 9), 0);
    assert_int_equal(args_int(&args, "d", 0, 5, 9), 9);
    failed(&args, HEXMCP_E_INVALID, "d is not a whole number from 0 to 5; correct it");
    args = of("{\"big\":1e300}");
    assert_int_equal(args_int(&args, "big", 0, INT64_MAX, 9), 9);
    args_end(&args);
}

static void test_arguments_of_other_operations(void **state)
{
    static const char *const names[] = {"read", "write", "drop", NULL};
    static const struct args_taker takers[] = {{"data", 1 << 1}, {"at", 1 << 0 | 1 << 2}, {NULL, 0}};
    (void)state;
    struct args args = of("{\"at\":1,\"free\":2,\"data\":null}");
    args_refuse(&args, takers, names, 0);
    assert_int_equal(args_status(&args), HEXMCP_OK);
    args_refuse(&args, takers, names, 1);
    failed(&args, HEXMCP_E_INVALID,
           "at is not for write but for read, drop; leave it out, or take another operation");
    args = of("{\"data\":false,\"at\":\"\"}");
    args_refuse(&args, takers, names, 0);
    args_refuse(&args, takers, names, 1);
    assert_int_equal(args_status(&args), HEXMCP_OK);
    args_end(&args);
    args = of("{\"data\":0}");
    args_refuse(&args, takers, names, 2);
    failed(&args, HEXMCP_E_INVALID,
           "data is not for drop but for write; leave it out, or take another operation");
}

static void test_the_first_error_counts(void **state)
{
    (void)state;
    struct args args = of("{\"a\":1,\"b\":\"x\"}");
    args_text(&args, "a", 10, "");
    assert_int_equal(args_int(&args, "b", 0, 1, 0), 0);
    assert_string_equal(args_text(&args, "b", 10, "else"), "else");
    assert_int_equal(args_fail(&args, HEXMCP_E_DENIED, "later"), HEXMCP_E_INVALID);
    failed(&args, HEXMCP_E_INVALID, "a is not a text; give a string");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),   cmocka_unit_test(test_fallbacks),
        cmocka_unit_test(test_texts),    cmocka_unit_test(test_objects),
        cmocka_unit_test(test_refusals), cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_whole_numbers_by_another_name),
        cmocka_unit_test(test_the_first_error_counts),
        cmocka_unit_test(test_arguments_of_other_operations),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
