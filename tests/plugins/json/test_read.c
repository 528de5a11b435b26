#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hexmcp/json/read.h"

#define S(text) hexmcp_str_from(text)

static void assert_slice(hexmcp_str found, const char *expected)
{
    if (found.len != strlen(expected) || memcmp(found.ptr, expected, found.len) != 0)
        fail_msg("%.*s, expected %s", (int)found.len, found.ptr, expected);
}

static void makes_slices(void **state)
{
    (void)state;
    assert_int_equal(S("abc").len, 3);
    assert_int_equal(hexmcp_str_from(NULL).len, 0);
}

static void tells_types(void **state)
{
    (void)state;
    assert_int_equal(hexmcp_json_type(S(" {}")), HEXMCP_JSON_OBJECT);
    assert_int_equal(hexmcp_json_type(S("\n[]")), HEXMCP_JSON_ARRAY);
    assert_int_equal(hexmcp_json_type(S("\"\"")), HEXMCP_JSON_STRING);
    assert_int_equal(hexmcp_json_type(S("-1")), HEXMCP_JSON_NUMBER);
    assert_int_equal(hexmcp_json_type(S("0")), HEXMCP_JSON_NUMBER);
    assert_int_equal(hexmcp_json_type(S("true")), HEXMCP_JSON_BOOL);
    assert_int_equal(hexmcp_json_type(S("false")), HEXMCP_JSON_BOOL);
    assert_int_equal(hexmcp_json_type(S("null")), HEXMCP_JSON_NULL);
    assert_int_equal(hexmcp_json_type(S("+1")), HEXMCP_JSON_INVALID);
    assert_int_equal(hexmcp_json_type(S("  ")), HEXMCP_JSON_INVALID);
    assert_int_equal(hexmcp_json_type(S(NULL)), HEXMCP_JSON_INVALID);
}

static void gets_members(void **state)
{
    hexmcp_str object = S(" { \"a\" : 1 , \"b\":\"}\\\"\" ,\"c\":[{\"a\":2},\"]\"], \"\":null,"
                          "\"d\":{} } ");
    hexmcp_str value = S("");
    (void)state;
    assert_int_equal(hexmcp_json_get(object, "a", &value), HEXMCP_OK);
    assert_slice(value, "1");
    assert_int_equal(hexmcp_json_get(object, "b", &value), HEXMCP_OK);
    assert_slice(value, "\"}\\\"\"");
    assert_int_equal(hexmcp_json_get(object, "c", &value), HEXMCP_OK);
    assert_slice(value, "[{\"a\":2},\"]\"]");
    assert_int_equal(hexmcp_json_get(object, "", &value), HEXMCP_OK);
    assert_slice(value, "null");
    assert_int_equal(hexmcp_json_get(object, "d", &value), HEXMCP_OK);
    assert_slice(value, "{}");
    assert_int_equal(hexmcp_json_get(object, "x", &value), HEXMCP_E_NOT_FOUND);
    assert_slice(value, "{}"); /* written only on success */
    assert_int_equal(hexmcp_json_get(S("{}"), "a", &value), HEXMCP_E_NOT_FOUND);
    assert_int_equal(hexmcp_json_get(S("[1]"), "a", &value), HEXMCP_E_INVALID);
    assert_int_equal(hexmcp_json_get(S("\"a\""), "a", &value), HEXMCP_E_INVALID);
    assert_int_equal(hexmcp_json_get(S(NULL), "a", &value), HEXMCP_E_INVALID);
}

static void compares_keys_decoded(void **state)
{
    hexmcp_str object = S("{\"\\u0061\\\"\":1,\"\\ud83d\\ude00\":2,\"n\\u0000\":3,\"t\\t\\/\":4}");
    hexmcp_str value = S("");
    (void)state;
    assert_int_equal(hexmcp_json_get(object, "a\"", &value), HEXMCP_OK);
    assert_slice(value, "1");
    assert_int_equal(hexmcp_json_get(object, "\xf0\x9f\x98\x80", &value), HEXMCP_OK);
    assert_slice(value, "2");
    assert_int_equal(hexmcp_json_get(object, "n", &value), HEXMCP_E_NOT_FOUND);
    assert_int_equal(hexmcp_json_get(object, "t\t/", &value), HEXMCP_OK);
    assert_slice(value, "4");
    assert_int_equal(hexmcp_json_get(object, "\xf0\x9f\x98", &value), HEXMCP_E_NOT_FOUND);
}

static void first_of_two_equal_keys_counts(void **state)
{
    hexmcp_str value = S("");
    (void)state;
    assert_int_equal(hexmcp_json_get(S("{\"a\":1,\"\\u0061\":2}"), "a", &value), HEXMCP_OK);
    assert_slice(value, "1");
}

static void broken_objects_are_told(void **state)
{
    static const char *const broken[] = {
        "{",         "{\"a\"",    "{\"a\":",      "{\"b\":1",  "{\"b\":1,", "{\"b\" 1}", "{b:1}",
        "{\"b\":[1", "{\"b\":\"", "{\"b\":1]",    "{,\"b\":1}", "{\"b\":}",  "{\"b\\",
        "{\"b\":1 2}",
    };
    hexmcp_str value;
    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
        if (hexmcp_json_get(S(broken[i]), "x", &value) != HEXMCP_E_INVALID)
            fail_msg("%s was taken", broken[i]);
}

static void iterates_arrays(void **state)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(S(" [1, [2,\"]\"] ,{\"a\":[]},null ] "));
    hexmcp_str key = S("kept"), value = S("");
    (void)state;
    assert_int_equal(hexmcp_json_next(&it, &key, &value), 1);
    assert_slice(value, "1");
    assert_slice(key, "");
    assert_int_equal(hexmcp_json_next(&it, NULL, &value), 1);
    assert_slice(value, "[2,\"]\"]");
    assert_int_equal(hexmcp_json_next(&it, NULL, NULL), 1);
    assert_int_equal(hexmcp_json_next(&it, NULL, &value), 1);
    assert_slice(value, "null");
    assert_int_equal(hexmcp_json_next(&it, NULL, &value), 0);
    assert_int_equal(hexmcp_json_next(&it, NULL, &value), 0);
    assert_int_equal(it.status, HEXMCP_OK);
    it = hexmcp_json_iter_begin(S("[]"));
    assert_int_equal(hexmcp_json_next(&it, NULL, &value), 0);
    assert_int_equal(it.status, HEXMCP_OK);
}

static void iterates_objects(void **state)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(S("{\"a\":1,\"b\":{\"c\":2}}"));
    hexmcp_str key = S(""), value = S("");
    (void)state;
    assert_int_equal(hexmcp_json_next(&it, &key, &value), 1);
    assert_slice(key, "\"a\"");
    assert_true(hexmcp_json_equals(key, "a"));
    assert_int_equal(hexmcp_json_next(&it, &key, &value), 1);
    assert_slice(key, "\"b\"");
    assert_slice(value, "{\"c\":2}");
    assert_int_equal(hexmcp_json_next(&it, &key, &value), 0);
    assert_int_equal(it.status, HEXMCP_OK);
}

static void iteration_ends_at_what_is_broken(void **state)
{
    static const char *const broken[] = {"[1,2", "[1 2]", "[1,", "[", "1", "", "[1}", "[\"a]"};
    hexmcp_str value;
    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        hexmcp_json_iter it = hexmcp_json_iter_begin(S(broken[i]));
        while (hexmcp_json_next(&it, NULL, &value))
            ;
        assert_int_equal(hexmcp_json_next(&it, NULL, &value), 0);
        if (it.status != HEXMCP_E_INVALID)
            fail_msg("%s was taken", broken[i]);
    }
}

static void compares_strings(void **state)
{
    (void)state;
    assert_true(hexmcp_json_equals(S(" \"abc\" "), "abc"));
    assert_true(hexmcp_json_equals(S("\"\\u00e9\""), "\xc3\xa9"));
    assert_true(hexmcp_json_equals(S("\"\""), ""));
    assert_false(hexmcp_json_equals(S("\"abc\""), "ab"));
    assert_false(hexmcp_json_equals(S("\"ab\""), "abc"));
    assert_false(hexmcp_json_equals(S("\"ab\\u0000\""), "ab"));
    assert_false(hexmcp_json_equals(S("abc"), "abc"));
    assert_false(hexmcp_json_equals(S("\"abc"), "abc"));
    assert_false(hexmcp_json_equals(S("\"\\x\""), "x"));
}

static void check_string(const char *raw, const char *expected, size_t expected_len)
{
    char buf[64];
    size_t len;
    assert_int_equal(hexmcp_json_string(S(raw), buf, sizeof(buf), &len), HEXMCP_OK);
    assert_int_equal(len, expected_len);
    assert_memory_equal(buf, expected, expected_len + 1);
}

static void decodes_strings(void **state)
{
    (void)state;
    check_string("\"\"", "", 0);
    check_string(" \"plain\" ", "plain", 5);
    check_string("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8);
    check_string("\"\\u0041\\u00e9\\u20AC\"", "A\xc3\xa9\xe2\x82\xac", 6);
    check_string("\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80", 4);
    check_string("\"\\udbff\\udfff\"", "\xf4\x8f\xbf\xbf", 4);
    check_string("\"a\\u0000b\"", "a\0b", 3);
    check_string("\"\\ud83dx\"", "\xef\xbf\xbdx", 4);
    check_string("\"\\ude00\"", "\xef\xbf\xbd", 3);
    check_string("\"\\ud83d\\u0041\"", "\xef\xbf\xbd" "A", 4);
    check_string("\"\\ud83d\\ud83d\\ude00\"", "\xef\xbf\xbd\xf0\x9f\x98\x80", 7);
}

static void refuses_broken_strings(void **state)
{
    static const char *const broken[] = {"",         "x",          "\"",        "\"a",
                                         "\"\\",     "\"\\\"",     "\"\\q\"",   "\"\\u12\"",
                                         "\"\\u12g4\"", "\"\\ud83d\\u", "\"\\u123", "1"};
    char buf[16] = "kept";
    size_t len = 77;
    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
        if (hexmcp_json_string(S(broken[i]), buf, sizeof(buf), &len) != HEXMCP_E_INVALID)
            fail_msg("%s was taken", broken[i]);
    assert_int_equal(len, 77);
}

static void tells_the_size_needed(void **state)
{
    char buf[8];
    size_t len = 0;
    (void)state;
    assert_int_equal(hexmcp_json_string(S("\"abcdefg\""), buf, 8, &len), HEXMCP_OK);
    assert_string_equal(buf, "abcdefg");
    assert_int_equal(hexmcp_json_string(S("\"abcdefg\""), buf, 7, &len), HEXMCP_E_TOO_LARGE);
    assert_int_equal(len, 7);
    assert_string_equal(buf, "");
    assert_int_equal(hexmcp_json_string(S("\"\\u20ac\\u20ac\""), NULL, 0, &len),
                     HEXMCP_E_TOO_LARGE);
    assert_int_equal(len, 6);
    assert_int_equal(hexmcp_json_string(S("\"\\u20aca\""), buf, 3, &len), HEXMCP_E_TOO_LARGE);
    assert_int_equal(len, 4);
    assert_int_equal(hexmcp_json_string(S("\"ab\""), buf, 2, NULL), HEXMCP_E_TOO_LARGE);
}

static void refuses_nul_where_nobody_could_tell(void **state)
{
    char buf[8], *text;
    (void)state;
    assert_int_equal(hexmcp_json_string(S("\"a\\u0000\""), buf, 8, NULL), HEXMCP_E_INVALID);
    assert_int_equal(hexmcp_json_string_dup(S("\"a\\u0000\""), &text, NULL), HEXMCP_E_INVALID);
    assert_int_equal(hexmcp_json_string(S("\"a\""), buf, 8, NULL), HEXMCP_OK);
}

static void duplicates_strings(void **state)
{
    char *text = NULL;
    size_t len;
    (void)state;
    assert_int_equal(hexmcp_json_string_dup(S("\"a\\u0000\\u20ac\""), &text, &len), HEXMCP_OK);
    assert_int_equal(len, 5);
    assert_memory_equal(text, "a\0\xe2\x82\xac", 6);
    free(text);
    assert_int_equal(hexmcp_json_string_dup(S("\"\""), &text, NULL), HEXMCP_OK);
    assert_string_equal(text, "");
    free(text);
    assert_int_equal(hexmcp_json_string_dup(S("1"), &text, NULL), HEXMCP_E_INVALID);
}

static void reads_booleans(void **state)
{
    int value = 7;
    (void)state;
    assert_int_equal(hexmcp_json_bool(S("true"), &value), HEXMCP_OK);
    assert_int_equal(value, 1);
    assert_int_equal(hexmcp_json_bool(S(" false\n"), &value), HEXMCP_OK);
    assert_int_equal(value, 0);
    assert_int_equal(hexmcp_json_bool(S("truth"), &value), HEXMCP_E_INVALID);
    assert_int_equal(hexmcp_json_bool(S("1"), &value), HEXMCP_E_INVALID);
    assert_int_equal(hexmcp_json_bool(S(""), &value), HEXMCP_E_INVALID);
}

static void check_int(const char *text, int64_t expected)
{
    int64_t value = 99;
    if (hexmcp_json_int64(S(text), &value) != HEXMCP_OK)
        fail_msg("%s was refused", text);
    assert_true(value == expected);
}

static void check_no_int(const char *text, int32_t status)
{
    int64_t value = 99;
    if (hexmcp_json_int64(S(text), &value) != status)
        fail_msg("%s", text);
    assert_true(value == 99);
}

static void reads_whole_numbers(void **state)
{
    (void)state;
    check_int("0", 0);
    check_int("-0", 0);
    check_int("0.000e5", 0);
    check_int("0e999999999999", 0);
    check_int(" 42 ", 42);
    check_int("-17", -17);
    check_int("100.0", 100);
    check_int("1e2", 100);
    check_int("1.50E+1", 15);
    check_int("1500e-2", 15);
    check_int("9007199254740993", INT64_C(9007199254740993));
    check_int("9223372036854775807", INT64_MAX);
    check_int("-9223372036854775808", INT64_MIN);
    check_no_int("9223372036854775808", HEXMCP_E_TOO_LARGE);
    check_no_int("-9223372036854775809", HEXMCP_E_TOO_LARGE);
    check_no_int("99999999999999999999", HEXMCP_E_TOO_LARGE);
    check_no_int("1e19", HEXMCP_E_TOO_LARGE);
    check_no_int("1e999999999999", HEXMCP_E_TOO_LARGE);
    check_no_int("1.5", HEXMCP_E_INVALID);
    check_no_int("1e-1", HEXMCP_E_INVALID);
    check_no_int("1e-999999999999", HEXMCP_E_INVALID);
}

static void refuses_what_is_no_number(void **state)
{
    static const char *const bad[] = {"", "-", "+1", "1.", ".5", "1e", "1e+", "1x", "0x1",
                                      "--1", "1 2", "\"1\"", "true", "NaN", "1.e1", "e1"};
    double d = 99;
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        check_no_int(bad[i], HEXMCP_E_INVALID);
        if (hexmcp_json_double(S(bad[i]), &d) != HEXMCP_E_INVALID)
            fail_msg("%s was taken", bad[i]);
    }
    assert_true(d == 99);
}

static void check_double(const char *text, double expected)
{
    double value;
    if (hexmcp_json_double(S(text), &value) != HEXMCP_OK)
        fail_msg("%s was refused", text);
    assert_memory_equal(&value, &expected, sizeof(value));
}

static void reads_doubles(void **state)
{
    double value = 99;
    (void)state;
    check_double("0", 0.0);
    check_double("-0.0", -0.0);
    check_double("0.1", 0.1);
    check_double("-1.5e3", -1500.0);
    check_double("1e22", 1e22);
    check_double("1.7976931348623157e308", 1.7976931348623157e308);
    check_double("5e-324", 5e-324);
    check_double("1e-999999999999", 0.0);
    check_double("0e999999999999", 0.0);
    check_double("9007199254740993", 9007199254740992.0);
    assert_int_equal(hexmcp_json_double(S("1e309"), &value), HEXMCP_E_TOO_LARGE);
    assert_int_equal(hexmcp_json_double(S("-1e999999999999"), &value), HEXMCP_E_TOO_LARGE);
    assert_true(value == 99);
}

/* 2^53 + 1 lies halfway; one digit far behind decides. */
static void rounds_by_every_digit(void **state)
{
    char text[2100] = "9007199254740993.";
    size_t len = strlen(text);
    (void)state;
    memset(text + len, '0', 2000);
    check_double(text, 9007199254740992.0);
    text[len + 1999] = '1';
    check_double(text, 9007199254740994.0);
}

static void reads_numbers_of_any_length(void **state)
{
    char text[3100] = "0.";
    (void)state;
    memset(text + 2, '0', 2999);
    strcpy(text + 3001, "1e3000");
    check_double(text, 1.0);
    check_int(text, 1);
    memset(text, '1', 3000);
    strcpy(text + 3000, "e-2999");
    check_double(text, 1.1111111111111112);
}

static void reads_doubles_in_every_locale(void **state)
{
    (void)state;
    if (!setlocale(LC_NUMERIC, "de_DE.UTF-8") && !setlocale(LC_NUMERIC, "fr_FR.UTF-8"))
        print_message("# no locale with a comma here; read in C alone\n");
    check_double("1.5", 1.5);
    setlocale(LC_NUMERIC, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_slices),
        cmocka_unit_test(tells_types),
        cmocka_unit_test(gets_members),
        cmocka_unit_test(compares_keys_decoded),
        cmocka_unit_test(first_of_two_equal_keys_counts),
        cmocka_unit_test(broken_objects_are_told),
        cmocka_unit_test(iterates_arrays),
        cmocka_unit_test(iterates_objects),
        cmocka_unit_test(iteration_ends_at_what_is_broken),
        cmocka_unit_test(compares_strings),
        cmocka_unit_test(decodes_strings),
        cmocka_unit_test(refuses_broken_strings),
        cmocka_unit_test(tells_the_size_needed),
        cmocka_unit_test(refuses_nul_where_nobody_could_tell),
        cmocka_unit_test(duplicates_strings),
        cmocka_unit_test(reads_booleans),
        cmocka_unit_test(reads_whole_numbers),
        cmocka_unit_test(refuses_what_is_no_number),
        cmocka_unit_test(reads_doubles),
        cmocka_unit_test(rounds_by_every_digit),
        cmocka_unit_test(reads_numbers_of_any_length),
        cmocka_unit_test(reads_doubles_in_every_locale),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("json-read", tests, NULL, NULL);
}
