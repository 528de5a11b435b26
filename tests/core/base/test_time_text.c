/* Times as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/str.h"
#include "core/base/time_text.h"

static void assert_time(int64_t wall_ms, const char *expected)
{
    char text[TIME_TEXT_SIZE];
    time_text(wall_ms, text);
    assert_string_equal(text, expected);
}

static void test_times(void **state)
{
    (void)state;
    assert_time(0, "1970-01-01T00:00:00.000Z");
    assert_time(1795255200000, "2026-11-21T10:00:00.000Z");
    assert_time(951782399999, "2000-02-28T23:59:59.999Z");
    assert_time(951782400000, "2000-02-29T00:00:00.000Z");
    assert_time(951868800000, "2000-03-01T00:00:00.000Z");
    assert_time(4107542399000, "2100-02-28T23:59:59.000Z");
    assert_time(4107542400000, "2100-03-01T00:00:00.000Z");
    assert_time(1735689599001, "2024-12-31T23:59:59.001Z");
}

static void test_before_1970(void **state)
{
    (void)state;
    assert_time(-1, "1969-12-31T23:59:59.999Z");
    assert_time(-86400000, "1969-12-31T00:00:00.000Z");
    assert_time(-86400001, "1969-12-30T23:59:59.999Z");
    assert_time(-62135596800000, "0001-01-01T00:00:00.000Z");
    assert_time(-62162035200001, "0000-02-29T23:59:59.999Z");
}

static void test_ends(void **state)
{
    (void)state;
    assert_time(-62167219200000, "0000-01-01T00:00:00.000Z");
    assert_time(-62167219200001, "0000-01-01T00:00:00.000Z");
    assert_time(INT64_MIN, "0000-01-01T00:00:00.000Z");
    assert_time(253402300799999, "9999-12-31T23:59:59.999Z");
    assert_time(253402300800000, "9999-12-31T23:59:59.999Z");
    assert_time(INT64_MAX, "9999-12-31T23:59:59.999Z");
}

static void test_parse(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {
        {"1970-01-01T00:00:00.000Z", 0},
        {"2026-01-01T00:00:00.123Z", 1767225600123},
        {"2024-02-29T23:59:59Z", 1709251199000},
        {"1969-12-31T23:59:59.9Z", -100},
        {"2000-03-01T00:00:00.123456789Z", 951868800123},
    };
    static const char *const bad[] = {
        "", "2026-01-01", "2026-01-01T00:00:00.000", "2026-01-01T00:00:00.Z",
        "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2023-02-29T00:00:00Z",
        "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z",
        "2026-01-01t00:00:00Z", "2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00ZZ",
        "2026-01-01T00:00:00.0123456789Z", "+026-01-01T00:00:00Z"};
    char text[TIME_TEXT_SIZE];
    int64_t ms = 7;
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(time_parse(str_from(good[i].text), &ms));
        assert_int_equal(ms, good[i].ms);
    }
    ms = 7;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(time_parse(str_from(bad[i]), &ms));
    assert_int_equal(ms, 7);
    for (int64_t at = -4000000000000; at < 9000000000000; at += INT64_C(86399999) * 37) {
        time_text(at, text);
        assert_true(time_parse(str_from(text), &ms));
        assert_int_equal(ms, at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_before_1970),
        cmocka_unit_test(test_ends), cmocka_unit_test(test_parse),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
