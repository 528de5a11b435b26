/* Times as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_before_1970),
        cmocka_unit_test(test_ends),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
