/* What is read out of a document. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/json/json.h"

static struct json_doc *doc;

static struct json parse(struct str text)
{
    struct error err;
    json_free(doc);
    doc = NULL;
    if (json_parse(text, &doc, &err))
        fail_msg("%.*s: %s", STR_ARG(text), err.text);
    return json_root(doc);
}

static int drop(void **state)
{
    (void)state;
    json_free(doc);
    doc = NULL;
    return 0;
}

static void assert_text(struct str text, const char *expected)
{
    assert_int_equal(text.len, strlen(expected));
    assert_memory_equal(text.ptr, expected, text.len);
}

static void test_types_and_texts(void **state)
{
    (void)state;
    struct json v = parse(STR(" [null, true ,1.50,\"a\\n\",[ ],{\"k\" : {} }]"));
    static const char *const texts[] = {"null", "true", "1.50", "\"a\\n\"", "[ ]", "{\"k\" : {} }"};
    for (uint32_t i = 0; i < 6; i++) {
        assert_int_equal(json_type(json_at(v, i)), (int)JSON_NULL + (int)i);
        assert_text(json_text(json_at(v, i)), texts[i]);
    }
    assert_int_equal(json_count(v), 6);
    assert_int_equal(json_values(v), 9);
    assert_false(json_exists(json_at(v, 6)));
    assert_false(json_exists(json_at(json_at(v, 5), 0)));
}

static void test_nothing(void **state)
{
    (void)state;
    struct json none = json_none();
    struct buffer out = BUFFER_INIT;
    struct str text = {"x", 1};
    bool truth = true;
    int64_t whole = 7;
    double real = 7;
    assert_int_equal(json_type(none), JSON_NONE);
    assert_int_equal(json_count(none), 0);
    assert_int_equal(json_values(none), 0);
    assert_int_equal(json_length(none), 0);
    assert_text(json_text(none), "");
    assert_false(json_exists(json_get(none, STR("a"))));
    assert_false(json_exists(json_at(none, 0)));
    struct json_iter it = json_iter(none);
    assert_false(json_next(&it));
    assert_false(json_is(none, STR("")));
    assert_false(json_same_string(none, none));
    assert_false(json_plain(none, &text));
    assert_false(json_string(none, &out, &text));
    assert_false(json_bool(none, &truth));
    assert_false(json_int64(none, &whole));
    assert_false(json_double(none, &real));
    assert_false(json_is_integer_text(none));
    assert_false(json_contains(none, none));
    json_decode(none, &out);
    assert_int_equal(out.len, 0);
    assert_true(truth && whole == 7 && real == 7.0);
    assert_text(text, "x");
}

static void test_members(void **state)
{
    (void)state;
    struct json v = parse(STR("{\"a\":{\"b\":1},\"\\u0062\":2,\"c\\u0000d\":3,\"\":4}"));
    assert_text(json_text(json_get(v, STR("a"))), "{\"b\":1}");
    assert_text(json_text(json_get(v, STR("b"))), "2");
    assert_text(json_text(json_get(v, STR("c\0d"))), "3");
    assert_text(json_text(json_get(v, STR(""))), "4");
    assert_false(json_exists(json_get(v, STR("c"))));
    assert_false(json_exists(json_get(v, STR("bb"))));
    struct json_iter it = json_iter(v);
    static const char *const keys[] = {"\"a\"", "\"\\u0062\"", "\"c\\u0000d\"", "\"\""};
    for (int i = 0; i < 4; i++) {
        assert_true(json_next(&it));
        assert_text(json_text(it.key), keys[i]);
    }
    assert_false(json_next(&it));
    assert_false(json_next(&it));
    it = json_iter(parse(STR("[5]")));
    assert_true(json_next(&it));
    assert_false(json_exists(it.key));
    assert_text(json_text(it.value), "5");
}

static void test_strings(void **state)
{
    (void)state;
    struct json v = parse(STR("[\"plain\",\"\\u0000x\",\"\\\"\\\\\\/\\b\\f\\n\\r\\t\","
                              "\"\\ud83d\\ude00\\u00E9\\u20ac\"]"));
    struct buffer out = BUFFER_INIT, scratch = BUFFER_INIT;
    struct str text;
    assert_true(json_plain(json_at(v, 0), &text));
    assert_text(text, "plain");
    assert_false(json_plain(json_at(v, 1), &text));
    assert_true(json_string(json_at(v, 1), &scratch, &text));
    assert_int_equal(text.len, 2);
    assert_memory_equal(text.ptr, "\0x", 2);
    json_decode(json_at(v, 2), &out);
    buffer_add_char(&out, '|');
    json_decode(json_at(v, 3), &out);
    assert_text(buffer_str(&out), "\"\\/\b\f\n\r\t|\xF0\x9F\x98\x80\xC3\xA9\xE2\x82\xAC");
    assert_int_equal(json_length(json_at(v, 0)), 5);
    assert_int_equal(json_length(json_at(v, 1)), 2);
    assert_int_equal(json_length(json_at(v, 3)), 3);
    assert_true(json_is(json_at(v, 1), STR("\0x")));
    assert_false(json_is(json_at(v, 1), STR("\0")));
    assert_false(json_is(json_at(v, 1), STR("\0xy")));
    buffer_clear(&out);
    buffer_clear(&scratch);
}

static void test_same_string(void **state)
{
    (void)state;
    struct json v = parse(STR("[\"\\u00e9a\",\"\xC3\xA9\\u0061\",\"\xC3\xA9\",\"\\u00e9a\",1]"));
    assert_true(json_same_string(json_at(v, 0), json_at(v, 1)));
    assert_true(json_same_string(json_at(v, 0), json_at(v, 3)));
    assert_false(json_same_string(json_at(v, 0), json_at(v, 2)));
    assert_false(json_same_string(json_at(v, 4), json_at(v, 4)));
}

static void test_whole_numbers(void **state)
{
    (void)state;
    struct json v = parse(STR("[9007199254740993,9223372036854775807,-9223372036854775808,"
                              "9223372036854775808,-9223372036854775809,1.0,1e3,-0,"
                              "99999999999999999999999999]"));
    int64_t n = 0;
    assert_true(json_int64(json_at(v, 0), &n) && n == 9007199254740993);
    assert_true(json_int64(json_at(v, 1), &n) && n == INT64_MAX);
    assert_true(json_int64(json_at(v, 2), &n) && n == INT64_MIN);
    for (uint32_t i = 3; i <= 6; i++)
        assert_false(json_int64(json_at(v, i), &n));
    assert_true(n == INT64_MIN);
    assert_true(json_int64(json_at(v, 7), &n) && n == 0);
    assert_false(json_int64(json_at(v, 8), &n));
    assert_true(json_is_integer_text(json_at(v, 8)));
    assert_false(json_is_integer_text(json_at(v, 5)));
    assert_false(json_is_integer_text(json_at(v, 6)));
}

static void test_doubles(void **state)
{
    (void)state;
    struct json v = parse(STR("[0.1,-2.5e-3,1e400,"
                              "0.10000000000000000000000000000000000000000000000000000000000000001,"
                              "\"1\"]"));
    double d = 0;
    assert_true(json_double(json_at(v, 0), &d) && d == 0.1);
    assert_true(json_double(json_at(v, 1), &d) && d == -0.0025);
    assert_true(json_double(json_at(v, 2), &d) && d > 1.7e308);
    assert_true(json_double(json_at(v, 3), &d) && d == 0.1);
    assert_false(json_double(json_at(v, 4), &d));
}

static void test_contains(void **state)
{
    (void)state;
    struct json v = parse(STR("[[1,[2]],3]"));
    struct json inner = json_at(v, 0), deep = json_at(json_at(inner, 1), 0);
    assert_true(json_contains(v, deep));
    assert_true(json_contains(inner, deep));
    assert_true(json_contains(deep, deep));
    assert_false(json_contains(deep, inner));
    assert_false(json_contains(inner, json_at(v, 1)));
}

static void test_more_than_the_inline_nodes(void **state)
{
    (void)state;
    char text[4000] = "[0";
    for (int i = 1; i < 500; i++)
        sprintf(text + strlen(text), ",%d", i);
    strcat(text, "]");
    struct json v = parse(str_from(text));
    int64_t n;
    for (uint32_t i = 0; i < 500; i++)
        assert_true(json_int64(json_at(v, i), &n) && n == (int64_t)i);
}

static void test_copy_line(void **state)
{
    (void)state;
    struct buffer out = BUFFER_INIT;
    buffer_add_str(&out, STR("a\nb"));
    json_copy_line(&out, STR("{\n\"k\":\r\n1}\n"));
    assert_text(buffer_str(&out), "a\nb{ \"k\":  1} ");
    json_copy_line(&out, STR(""));
    assert_int_equal(out.len, 14);
    buffer_clear(&out);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, drop)
    const struct CMUnitTest tests[] = {
        TEST(test_types_and_texts),
        TEST(test_nothing),
        TEST(test_members),
        TEST(test_strings),
        TEST(test_same_string),
        TEST(test_whole_numbers),
        TEST(test_doubles),
        TEST(test_contains),
        TEST(test_more_than_the_inline_nodes),
        TEST(test_copy_line),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
