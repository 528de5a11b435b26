/* Base64, percent coding and UTF-8 of the tools. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "hexmcp/json.h"
#include "kit/encode.h"

static bool good(const char *text)
{
    return is_utf8(hexmcp_str_from(text));
}

static void what_is_utf8(void **state)
{
    (void)state;
    assert_true(good(""));
    assert_true(good("plain"));
    assert_true(good("\xc2\x80 \xdf\xbf \xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"));
}

static void what_is_none(void **state)
{
    static const char *const bad[] = {"\x80", "\xc1\xbf", "\xc3", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xe2\x82",
                                      "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",
                                      /* many that begin nothing */
                                      "\x9c\x9c\x9c\x9c\x9c\x9c\x9c\x9c\x9c\x9c\x9c\x9c"};
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_false(good(bad[i]));
}

static void where_it_ends(void **state)
{
    (void)state;
    assert_int_equal(utf8_good((hexmcp_str){NULL, 0}), 0);
    assert_int_equal(utf8_good(hexmcp_str_from("a\xe2\x82\xac")), 4);
    assert_int_equal(utf8_good(hexmcp_str_from("a\xe2\x82\xac\xe2\x82")), 4);
    assert_int_equal(utf8_good(hexmcp_str_from("ab\xff" "c")), 2);
}

static void cutting(void **state)
{
    hexmcp_str text = hexmcp_str_from("a\xe2\x82\xac" "b");
    static const size_t kept[] = {0, 1, 1, 1, 4, 5, 5};
    (void)state;
    for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
        assert_int_equal(utf8_cut(text, i), kept[i]);
}

static void codings(void **state)
{
    struct bytes out = {0};
    (void)state;
    assert_true(encode_base64(&out, "\0\xff\x10", 3) && encode_base64(&out, "a", 1));
    assert_string_equal(out.ptr, "AP8QYQ==");
    bytes_free(&out);
    assert_true(decode_base64(&out, hexmcp_str_from("AP8Q\r\n YQ==")));
    assert_int_equal(out.len, 4);
    assert_memory_equal(out.ptr, "\0\xff\x10" "a", 4);
    bytes_free(&out);
    assert_false(decode_base64(&out, hexmcp_str_from("A?==")));
    bytes_free(&out);
    assert_true(encode_percent(&out, hexmcp_str_from("a~b/\xc3\xbc")));
    assert_string_equal(out.ptr, "a~b%2F%C3%BC");
    bytes_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_utf8), cmocka_unit_test(what_is_none),
                                       cmocka_unit_test(where_it_ends),
                                       cmocka_unit_test(cutting), cmocka_unit_test(codings)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
