/* Exact numbers and equality. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/json/equal.h"
#include "core/json/number.h"

static struct json_doc *parse(const char *text)
{
    struct json_doc *doc;
    struct error err;
    if (json_parse(str_from(text), &doc, &err))
        fail_msg("%s: %s", text, err.text);
    return doc;
}

static void assert_order(const char *a, const char *b, int expected)
{
    struct json_doc *x = parse(a), *y = parse(b);
    int order = number_compare(json_root(x), json_root(y));
    int back = number_compare(json_root(y), json_root(x));
    if ((order > 0) - (order < 0) != expected || (back > 0) - (back < 0) != -expected)
        fail_msg("%s and %s: %d, %d", a, b, order, back);
    if (expected == 0)
        assert_true(number_hash(json_root(x)) == number_hash(json_root(y)));
    json_free(x);
    json_free(y);
}

static void test_compare(void **state)
{
    (void)state;
    assert_order("1", "2", -1);
    assert_order("-1", "1", -1);
    assert_order("-2", "-1", -1);
    assert_order("0", "-0", 0);
    assert_order("0.000", "0e5", 0);
    assert_order("1", "1.0", 0);
    assert_order("100", "1e2", 0);
    assert_order("0.001", "1e-3", 0);
    assert_order("1.50", "15e-1", 0);
    assert_order("120.0e-1", "12", 0);
    assert_order("9007199254740993", "9007199254740992", 1);
    assert_order("0.1", "0.10000000000000000000000000001", -1);
    assert_order("9", "10", -1);
    assert_order("99", "100", -1);
    assert_order("0.5", "0", 1);
    assert_order("-0.5", "0", -1);
    assert_order("1e-400000000", "0", 1);
    assert_order("1e400000000", "1e400000001", -1);
    assert_order("1e400000000", "10e399999999", 0);
    assert_order("-1e400000000", "1e-400000000", -1);
    assert_order("1e10000000000000", "1e100000000000000", -1);
    assert_order("1e99999999999999999999999", "1e9", 1);
    assert_order("1e-99999999999999999999999", "1e-9", -1);
}

static void assert_integer(const char *text, bool expected)
{
    struct json_doc *doc = parse(text);
    if (number_is_integer(json_root(doc)) != expected)
        fail_msg("%s", text);
    json_free(doc);
}

static void test_integers(void **state)
{
    (void)state;
    assert_integer("3", true);
    assert_integer("3.0", true);
    assert_integer("1e3", true);
    assert_integer("30e-1", true);
    assert_integer("0.0e-5", true);
    assert_integer("1.5e1", true);
    assert_integer("1e400000000", true);
    assert_integer("1.5", false);
    assert_integer("1e-1", false);
    assert_integer("1e-400000000", false);
}

static void assert_multiple(const char *value, const char *unit, bool expected)
{
    struct json_doc *v = parse(value), *u = parse(unit);
    assert_true(number_is_unit(json_root(u)));
    if (number_is_multiple(json_root(v), json_root(u)) != expected)
        fail_msg("%s of %s", value, unit);
    json_free(v);
    json_free(u);
}

static void test_multiples(void **state)
{
    (void)state;
    assert_multiple("0", "7", true);
    assert_multiple("-14", "7", true);
    assert_multiple("15", "7", false);
    assert_multiple("19.99", "0.01", true);
    assert_multiple("0.0075", "0.0001", true);
    assert_multiple("0.00751", "0.0001", false);
    assert_multiple("4.35", "0.01", true);
    assert_multiple("1e308", "0.5", true);
    assert_multiple("1e400000000", "3", false);
    assert_multiple("3e400000000", "3", true);
    assert_multiple("1e-400000000", "1", false);
    assert_multiple("1000", "8", true);
    assert_multiple("100", "8", false);
    assert_multiple("9007199254740993", "2", false);
    assert_multiple("100", "1e3", false);
    assert_multiple("5000", "1e3", true);
    assert_multiple("999999999999999998", "999999999999999999", false);
}

static void test_multiples_of_long_units(void **state)
{
    (void)state;
    assert_multiple("12345678901234567890123", "12345678901234567890123", true);
    assert_multiple("37037036703703703670369", "12345678901234567890123", true);
    assert_multiple("37037036703703703670370", "12345678901234567890123", false);
    assert_multiple("12345678901234567890123e5", "1234567890.1234567890123", true);
    /* 2^70: only enough zeros bring it in. */
    assert_multiple("1e70", "1180591620717411303424", true);
    assert_multiple("1e69", "1180591620717411303424", false);
    assert_multiple("1e400000000", "1180591620717411303424", true);
    assert_multiple("1e400000000", "1180591620717411303427", false);
}

static void assert_unit(const char *text, bool expected)
{
    struct json_doc *doc = parse(text);
    assert_int_equal(number_is_unit(json_root(doc)), expected);
    json_free(doc);
}

static void test_units(void **state)
{
    (void)state;
    char digits[300] = "";
    assert_unit("0", false);
    assert_unit("0.0", false);
    assert_unit("-1", false);
    assert_unit("1e-400000000", true);
    memset(digits, '7', 256);
    assert_unit(digits, true);
    memset(digits, '7', 257);
    assert_unit(digits, false);
    memset(digits + 256, '0', 40);
    assert_unit(digits, true);
}

static void test_counts(void **state)
{
    (void)state;
    int64_t n = -1;
    struct json_doc *doc = parse("[5,5.0,50e-1,0,1e17,1e18,1.5,-1]");
    struct json v = json_root(doc);
    for (uint32_t i = 0; i < 3; i++)
        assert_true(number_count(json_at(v, i), &n) && n == 5);
    assert_true(number_count(json_at(v, 3), &n) && n == 0);
    assert_true(number_count(json_at(v, 4), &n) && n == 100000000000000000);
    for (uint32_t i = 5; i < 8; i++)
        assert_false(number_count(json_at(v, i), &n));
    json_free(doc);
}

static void assert_equal_values(const char *a, const char *b, bool expected)
{
    struct json_doc *x = parse(a), *y = parse(b);
    uint64_t steps = 1000;
    if (json_equal(json_root(x), json_root(y), &steps) != expected)
        fail_msg("%s and %s", a, b);
    if (expected)
        assert_true(json_hash(json_root(x)) == json_hash(json_root(y)));
    assert_true(steps > 0);
    json_free(x);
    json_free(y);
}

static void test_equality(void **state)
{
    (void)state;
    assert_equal_values("null", "null", true);
    assert_equal_values("true", "true", true);
    assert_equal_values("true", "false", false);
    assert_equal_values("0", "false", false);
    assert_equal_values("1", "1.0", true);
    assert_equal_values("1", "\"1\"", false);
    assert_equal_values("\"\\u0061\"", "\"a\"", true);
    assert_equal_values("[1,2]", "[1.0,2]", true);
    assert_equal_values("[1,2]", "[2,1]", false);
    assert_equal_values("[1]", "[1,1]", false);
    assert_equal_values("{\"a\":1,\"b\":[{}]}", "{\"b\":[{}],\"\\u0061\":1e0}", true);
    assert_equal_values("{\"a\":1}", "{\"b\":1}", false);
    assert_equal_values("{\"a\":1,\"b\":2,\"c\":3}", "{\"c\":3,\"d\":2,\"a\":1}", false);
    assert_equal_values("{}", "[]", false);
}

static void test_equality_runs_out_of_steps(void **state)
{
    (void)state;
    struct json_doc *doc = parse("[[1,2,3],[1,2,3]]");
    uint64_t steps = 3;
    assert_false(json_equal(json_at(json_root(doc), 0), json_at(json_root(doc), 1), &steps));
    assert_int_equal(steps, 0);
    steps = 5;
    assert_true(json_equal(json_at(json_root(doc), 0), json_at(json_root(doc), 1), &steps));
    assert_int_equal(steps, 1);
    json_free(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_multiples),
        cmocka_unit_test(test_multiples_of_long_units),
        cmocka_unit_test(test_units),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_equality),
        cmocka_unit_test(test_equality_runs_out_of_steps),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
