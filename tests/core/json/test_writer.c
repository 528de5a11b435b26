#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/json/writer.h"

static struct buffer out;

static struct json_writer begin(void)
{
    buffer_clear(&out);
    return json_writer(&out);
}

static void assert_written(const char *expected)
{
    assert_false(buffer_failed(&out));
    assert_int_equal(out.len, strlen(expected));
    if (out.len)
        assert_memory_equal(out.data, expected, out.len);
}

static int drop(void **state)
{
    (void)state;
    buffer_clear(&out);
    return 0;
}

static void test_commas(void **state)
{
    (void)state;
    struct json_writer w = begin();
    json_begin_object(&w);
    json_key(&w, STR("a"));
    json_begin_array(&w);
    json_write_null(&w);
    json_write_bool(&w, true);
    json_begin_object(&w);
    json_end_object(&w);
    json_write_bool(&w, false);
    json_end_array(&w);
    json_put_i64(&w, STR("b"), INT64_MIN);
    json_put_bool(&w, STR("c"), true);
    json_put_string(&w, STR("d"), STR(""));
    json_put_raw(&w, STR("e"), STR("[1,\n2]"));
    json_key(&w, STR("f"));
    json_write_u64(&w, UINT64_MAX);
    json_end_object(&w);
    assert_written("{\"a\":[null,true,{},false],\"b\":-9223372036854775808,\"c\":true,\"d\":\"\","
                   "\"e\":[1, 2],\"f\":18446744073709551615}");
}

static void test_strings(void **state)
{
    (void)state;
    struct json_writer w = begin();
    json_write_string(&w, STR("\"\\\b\f\n\r\t\x01\x1F\x7F/\0z"));
    assert_written("\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\x7F/\\u0000z\"");
    w = begin();
    json_write_string(&w, STR("\xC3\xA9 \xF0\x9F\x98\x80"));
    assert_written("\"\xC3\xA9 \xF0\x9F\x98\x80\"");
    w = begin();
    json_write_string(&w, (struct str){NULL, 0});
    assert_written("\"\"");
}

static void test_bad_utf8_becomes_u_fffd(void **state)
{
    (void)state;
    struct json_writer w = begin();
    json_write_string(&w, STR("a\xFFz\xED\xA0\x80\xC3"));
    assert_written("\"a\xEF\xBF\xBDz\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

static void assert_double(double value, const char *expected)
{
    struct json_writer w = begin();
    json_write_double(&w, value);
    assert_written(expected);
}

static void test_doubles(void **state)
{
    (void)state;
    assert_double(0.1, "0.1");
    assert_double(0.1 + 0.2, "0.30000000000000004");
    assert_double(-0.0, "-0");
    assert_double(1e300, "1e+300");
    assert_double(5e-324, "4.94065645841247e-324");
    assert_double(100, "100");
    assert_double(NAN, "null");
    assert_double(INFINITY, "null");
    assert_double(-INFINITY, "null");
}

static void test_members_are_copied_as_written(void **state)
{
    (void)state;
    struct json_doc *doc;
    struct error err;
    assert_int_equal(json_parse(STR("{\"\\u0061\":1.0, \"b\" : [\n]}"), &doc, &err), ST_OK);
    struct json_writer w = begin();
    json_begin_object(&w);
    struct json_iter it = json_iter(json_root(doc));
    while (json_next(&it))
        json_put_member(&w, it.key, it.value);
    it = json_iter(json_root(doc));
    json_next(&it);
    json_next(&it);
    json_key_raw(&w, it.key);
    json_write_null(&w);
    json_end_object(&w);
    assert_written("{\"\\u0061\":1.0,\"b\":[ ],\"b\":null}");
    json_free(doc);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, drop)
    const struct CMUnitTest tests[] = {
        TEST(test_commas),
        TEST(test_strings),
        TEST(test_bad_utf8_becomes_u_fffd),
        TEST(test_doubles),
        TEST(test_members_are_copied_as_written),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
