#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hexmcp/json.h"
#include "hexmcp/test/fake_host.h"

#define S(text) hexmcp_str_from(text)

static hexmcp_json_writer w;

static int begin(void **state)
{
    (void)state;
    hexmcp_json_writer_init(&w);
    return 0;
}

static int end(void **state)
{
    (void)state;
    hexmcp_json_writer_free(&w);
    return 0;
}

static void assert_text(const char *expected)
{
    assert_int_equal(hexmcp_json_writer_status(&w), HEXMCP_OK);
    hexmcp_str text = hexmcp_json_writer_text(&w);
    assert_int_equal(text.len, strlen(expected));
    assert_string_equal(text.ptr, expected);
}

static void puts_commas(void **state)
{
    (void)state;
    hexmcp_json_begin_array(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_end_object(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_text(&w, "a", "x");
    hexmcp_json_put_int64(&w, "b", -1);
    hexmcp_json_put_bool(&w, "c", 2);
    hexmcp_json_put_raw(&w, "d", S("[ ]"));
    hexmcp_json_key(&w, "e");
    hexmcp_json_begin_array(&w);
    hexmcp_json_write_null(&w);
    hexmcp_json_write_bool(&w, 0);
    hexmcp_json_end_array(&w);
    hexmcp_json_end_object(&w);
    hexmcp_json_write_uint64(&w, UINT64_MAX);
    hexmcp_json_write_int64(&w, INT64_MIN);
    hexmcp_json_end_array(&w);
    assert_text("[{},{\"a\":\"x\",\"b\":-1,\"c\":true,\"d\":[ ],\"e\":[null,false]},"
                "18446744073709551615,-9223372036854775808]");
}

static void escapes(void **state)
{
    (void)state;
    hexmcp_json_write_string(&w, (hexmcp_str){"\"\\/\b\f\n\r\t\x01\x1f\x7f\0z", 13});
    assert_text("\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\\u0000z\"");
}

static void escapes_keys(void **state)
{
    (void)state;
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_text(&w, "a\"\n", "");
    hexmcp_json_end_object(&w);
    assert_text("{\"a\\\"\\n\":\"\"}");
}

static void check_utf8(const char *text, const char *expected)
{
    hexmcp_json_writer_free(&w);
    hexmcp_json_write_text(&w, text);
    assert_text(expected);
}

static void replaces_what_is_not_utf8(void **state)
{
    (void)state;
    check_utf8("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
    check_utf8("a\xff" "b", "\"a\xef\xbf\xbd" "b\"");
    check_utf8("\xc3", "\"\xef\xbf\xbd\"");
    check_utf8("\xc3(", "\"\xef\xbf\xbd(\"");
    check_utf8("\xc0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\"");
    check_utf8("\xe0\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
    check_utf8("\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
    check_utf8("\xf0\x80\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
    check_utf8("\xf4\x90\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
    check_utf8("\xf5", "\"\xef\xbf\xbd\"");
    check_utf8("\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\"");
    check_utf8("\x80", "\"\xef\xbf\xbd\"");
}

static void check_double(double value, const char *expected)
{
    hexmcp_json_writer_free(&w);
    hexmcp_json_write_double(&w, value);
    assert_text(expected);
}

static void writes_doubles(void **state)
{
    (void)state;
    check_double(0, "0");
    check_double(-0.0, "-0");
    check_double(3, "3");
    check_double(0.1, "0.1");
    check_double(0.1 + 0.2, "0.30000000000000004");
    check_double(1.0 / 3, "0.3333333333333333");
    check_double(1e22, "1e+22");
    check_double(-1.5e-7, "-1.5e-07");
    check_double(1.7976931348623157e308, "1.7976931348623157e+308");
    check_double(5e-324, "4.94065645841247e-324");
    check_double((double)NAN, "null");
    check_double((double)INFINITY, "null");
    check_double(-(double)INFINITY, "null");
}

static void puts_a_point_in_every_locale(void **state)
{
    char comma[] = "-1,5e+07", long_sign[] = "1\xd9\xab" "5", whole[] = "15";
    (void)state;
    hexmcp_json_point_(comma);
    assert_string_equal(comma, "-1.5e+07");
    hexmcp_json_point_(long_sign);
    assert_string_equal(long_sign, "1.5");
    hexmcp_json_point_(whole);
    assert_string_equal(whole, "15");
}

static void grows(void **state)
{
    (void)state;
    hexmcp_json_begin_array(&w);
    for (int i = 0; i < 10000; i++)
        hexmcp_json_write_int64(&w, i % 10);
    hexmcp_json_end_array(&w);
    assert_int_equal(hexmcp_json_writer_text(&w).len, 20001);
    hexmcp_json_iter it = hexmcp_json_iter_begin(hexmcp_json_writer_text(&w));
    hexmcp_str value;
    int64_t number, count = 0;
    while (hexmcp_json_next(&it, NULL, &value)) {
        assert_int_equal(hexmcp_json_int64(value, &number), HEXMCP_OK);
        assert_int_equal(number, count++ % 10);
    }
    assert_int_equal(count, 10000);
}

static void writes_into_a_given_buffer(void **state)
{
    char buf[6];
    (void)state;
    hexmcp_json_writer_init_fixed(&w, buf, sizeof(buf));
    hexmcp_json_write_text(&w, "abc");
    assert_text("\"abc\"");
    assert_ptr_equal(hexmcp_json_writer_text(&w).ptr, buf);
    assert_null(hexmcp_json_writer_take(&w, NULL));
    hexmcp_json_writer_init_fixed(&w, buf, sizeof(buf));
    hexmcp_json_write_text(&w, "abcd");
    assert_int_equal(hexmcp_json_writer_status(&w), HEXMCP_E_TOO_LARGE);
    assert_int_equal(hexmcp_json_writer_text(&w).len, 0);
    hexmcp_json_writer_init_fixed(&w, NULL, 0);
    hexmcp_json_write_null(&w);
    assert_int_equal(hexmcp_json_writer_status(&w), HEXMCP_E_TOO_LARGE);
}

static void hands_the_text_over(void **state)
{
    size_t len;
    char *text;
    (void)state;
    assert_null(hexmcp_json_writer_take(&w, &len));
    hexmcp_json_write_text(&w, "x");
    text = hexmcp_json_writer_take(&w, &len);
    assert_string_equal(text, "\"x\"");
    assert_int_equal(len, 3);
    free(text);
    hexmcp_json_write_null(&w);
    assert_text("null");
}

static void check_misuse(void)
{
    assert_int_equal(hexmcp_json_writer_status(&w), HEXMCP_E_INVALID);
    assert_int_equal(hexmcp_json_writer_text(&w).len, 0);
    hexmcp_json_writer_free(&w);
}

static void misuse_is_told(void **state)
{
    (void)state;
    check_misuse(); /* nothing written */
    hexmcp_json_begin_object(&w);
    check_misuse(); /* not ended */
    hexmcp_json_end_object(&w);
    check_misuse(); /* not begun */
    hexmcp_json_begin_array(&w);
    hexmcp_json_end_object(&w);
    check_misuse();
    hexmcp_json_begin_object(&w);
    hexmcp_json_write_null(&w);
    hexmcp_json_end_object(&w);
    check_misuse(); /* a value without a key */
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "a");
    hexmcp_json_end_object(&w);
    check_misuse(); /* a key without a value */
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "a");
    hexmcp_json_key(&w, "b");
    hexmcp_json_write_null(&w);
    hexmcp_json_end_object(&w);
    check_misuse();
    hexmcp_json_begin_array(&w);
    hexmcp_json_key(&w, "a");
    hexmcp_json_end_array(&w);
    check_misuse(); /* a key in an array */
    hexmcp_json_write_null(&w);
    hexmcp_json_write_null(&w);
    check_misuse(); /* two values */
    hexmcp_json_write_raw(&w, S(""));
    check_misuse();
}

static void nests_sixty_four_deep(void **state)
{
    (void)state;
    for (int i = 0; i < 64; i++)
        hexmcp_json_begin_array(&w);
    for (int i = 0; i < 64; i++)
        hexmcp_json_end_array(&w);
    assert_int_equal(hexmcp_json_writer_text(&w).len, 128);
    hexmcp_json_writer_free(&w);
    for (int i = 0; i < 65; i++)
        hexmcp_json_begin_array(&w);
    assert_int_equal(hexmcp_json_writer_status(&w), HEXMCP_E_TOO_LARGE);
}

static void fills_errors(void **state)
{
    hexmcp_error err = {sizeof(err), 0, ""};
    char expected[HEXMCP_ERROR_TEXT];
    char text[600];
    (void)state;
    assert_int_equal(hexmcp_fail(&err, HEXMCP_E_DENIED, "%s is %d", "x", 7), HEXMCP_E_DENIED);
    assert_int_equal(err.code, HEXMCP_E_DENIED);
    assert_string_equal(err.text, "x is 7");
    assert_int_equal(hexmcp_fail(NULL, HEXMCP_E_BUSY, "lost"), HEXMCP_E_BUSY);
    memset(text, 'a', 478);
    strcpy(text + 478, "\xc3\xa9"); /* its second byte does not fit */
    hexmcp_fail(&err, HEXMCP_E_GENERIC, "%s", text);
    memset(expected, 'a', 478);
    expected[478] = '\0';
    assert_string_equal(err.text, expected);
    strcpy(text + 477, "\xc3\xa9zzz");
    hexmcp_fail(&err, HEXMCP_E_GENERIC, "%s", text);
    strcpy(expected + 477, "\xc3\xa9");
    assert_string_equal(err.text, expected);
}

static void assert_completed(hexmcp_fake *fake, hexmcp_call call, int32_t status,
                             uint32_t outcome, const char *json)
{
    hexmcp_error none = {sizeof(none), 0, ""};
    hexmcp_fake_answer answer;
    hexmcp_fake_close(fake, call, status, &none, &answer);
    assert_int_equal(answer.outcome, outcome);
    assert_string_equal(answer.json, json);
    hexmcp_fake_answer_free(&answer);
}

static void completes_calls(void **state)
{
    hexmcp_fake *fake = hexmcp_fake_new();
    const hexmcp_host *host = hexmcp_fake_host(fake);
    hexmcp_call call = hexmcp_fake_open(fake);
    (void)state;
    assert_completed(fake, call, hexmcp_complete_text(host, call, HEXMCP_TOOL_ERROR, S("a\"b")),
                     HEXMCP_TOOL_ERROR, "{\"content\":[{\"type\":\"text\",\"text\":\"a\\\"b\"}]}");
    call = hexmcp_fake_open(fake);
    assert_completed(fake, call, hexmcp_complete_structured(host, call, S("{\"a\":1}")),
                     HEXMCP_RESULT, "{\"structuredContent\":{\"a\":1}}");
    call = hexmcp_fake_open(fake);
    assert_completed(fake, call, hexmcp_complete_fail(host, call, HEXMCP_E_DENIED, "no \"x\""),
                     HEXMCP_FAIL, "{\"code\":-6,\"message\":\"no \\\"x\\\"\"}");
    call = hexmcp_fake_open(fake);
    assert_completed(fake, call, hexmcp_complete_structured(host, call, S("")), HEXMCP_FAIL,
                     "{\"code\":-1,\"message\":\"the result is not one JSON value\"}");
    call = hexmcp_fake_open(fake);
    hexmcp_fake_give_up(fake, call);
    assert_int_equal(hexmcp_complete_text(host, call, HEXMCP_RESULT, S("late")), HEXMCP_OK);
    hexmcp_fake_free(fake);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(puts_commas),
        TEST(escapes),
        TEST(escapes_keys),
        TEST(replaces_what_is_not_utf8),
        TEST(writes_doubles),
        TEST(puts_a_point_in_every_locale),
        TEST(grows),
        TEST(writes_into_a_given_buffer),
        TEST(hands_the_text_over),
        TEST(misuse_is_told),
        TEST(nests_sixty_four_deep),
        TEST(fills_errors),
        TEST(completes_calls),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("json-write", tests, NULL, NULL);
}
