/*
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/suffix.h"

#define JPEG " .jpg .jpeg "

static void the_end_of_a_name_counts(void **state)
{
    (void)state;
    assert_true(suffix_fits("a.jpg", JPEG));
    assert_true(suffix_fits("folder.png/a.b.JPEG", JPEG));
    assert_true(suffix_fits(".jpg", JPEG));
    assert_false(suffix_fits("a.jpg.png", JPEG));
    assert_false(suffix_fits("folder.jpg/a", JPEG));
    assert_false(suffix_fits("jpg", JPEG));
    assert_false(suffix_fits("a.", JPEG));
    assert_false(suffix_fits("a.jp", JPEG));
    assert_true(suffix_fits("a.jpg .jpeg", JPEG));
    assert_false(suffix_fits("a.jpg .jpe", JPEG));
    assert_false(suffix_fits("a.longer-than-any", JPEG));
    assert_false(suffix_fits("", JPEG));
}

static void the_first_is_the_usual_one(void **state)
{
    char out[8];
    (void)state;
    assert_string_equal(suffix_first(JPEG, out), ".jpg");
    assert_string_equal(suffix_first(" .webp ", out), ".webp");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_end_of_a_name_counts),
        cmocka_unit_test(the_first_is_the_usual_one),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
