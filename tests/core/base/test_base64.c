#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/base64.h"

static void expect(const char *const *texts, bool good)
{
    for (; *texts; texts++)
        if (base64_check(str_from(*texts)) != good)
            fail_msg("\"%s\" must be %s", *texts, good ? "base64" : "refused");
}

static void test_whole_groups(void **state)
{
    static const char *const good[] = {"", "aGkh", "AZaz09+/", "////", NULL};
    static const char *const bad[] = {"a", "aG", "aGk", "aGkha", "aGkhaGk", NULL};
    (void)state;
    expect(good, true);
    expect(bad, false);
}

static void test_padding_at_the_end_alone(void **state)
{
    static const char *const good[] = {"aGk=", "aA==", "aGkhaA==", NULL};
    static const char *const bad[] = {"=",    "====", "a===", "=aaa", "a=aa", "aa=a",
                                      "aA==aGkh", "aGkh=", "aGkh====", NULL};
    (void)state;
    expect(good, true);
    expect(bad, false);
}

static void test_no_other_characters(void **state)
{
    static const char *const bad[] = {"aGk-", "aGk_", "aG k", "aGk\n", "aGk.", "aG\xC3\xA9",
                                      "aGk@", "aGk[", "aGk`", "aGk{", "aGk:", "aGk,", NULL};
    (void)state;
    expect(bad, false);
    assert_false(base64_check((struct str){"a\0aa", 4}));
}

static void test_only_the_text_is_read(void **state)
{
    (void)state;
    assert_true(base64_check((struct str){"aGkh!", 4}));
    assert_true(base64_check((struct str){NULL, 0}));
}

static void test_both_ways(void **state)
{
    static const struct {
        const char *text;
        struct str bytes;
    } cases[] = {
        {"", STR_INIT("")},
        {"aA==", STR_INIT("h")},
        {"aGk=", STR_INIT("hi")},
        {"aGkh", STR_INIT("hi!")},
        {"aGkhaGk=", STR_INIT("hi!hi")},
        {"AP+/f/8=", STR_INIT("\x00\xFF\xBF\x7F\xFF")},
        {"+/+/09Az", STR_INIT("\xFB\xFF\xBF\xD3\xD0\x33")},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buffer out = BUFFER_INIT;
        buffer_add_str(&out, STR("<"));
        assert_true(base64_decode(str_from(cases[i].text), &out));
        assert_int_equal(out.len, cases[i].bytes.len + 1);
        assert_memory_equal(out.data + 1, cases[i].bytes.ptr, cases[i].bytes.len);
        assert_false(base64_decode(STR("aGk"), &out));
        assert_int_equal(out.len, cases[i].bytes.len + 1);
        buffer_clear(&out);
        buffer_add_str(&out, STR("<"));
        base64_encode(cases[i].bytes, &out);
        assert_int_equal(out.len, strlen(cases[i].text) + 1);
        assert_memory_equal(out.data + 1, cases[i].text, out.len - 1);
        buffer_clear(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_groups),
        cmocka_unit_test(test_padding_at_the_end_alone),
        cmocka_unit_test(test_no_other_characters),
        cmocka_unit_test(test_both_ways),
        cmocka_unit_test(test_only_the_text_is_read),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
