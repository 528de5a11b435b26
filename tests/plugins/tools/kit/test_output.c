/*
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hexmcp/json.h"
#include "kit/output.h"

static void the_first_failure_sticks(void **state)
{
    struct output out = {.limit = 4};
    (void)state;
    assert_string_equal(output_str(&out).ptr, "");
    output_put(&out, hexmcp_str_from("ab"));
    output_putf(&out, "%d", 12);
    output_put(&out, hexmcp_str_from(""));
    assert_int_equal(out.status, HEXMCP_OK);
    output_put(&out, hexmcp_str_from("x"));
    assert_int_equal(out.status, HEXMCP_E_TOO_LARGE);
    assert_null(output_extend(&out, 0));
    assert_true(hexmcp_str_equals(output_str(&out), "ab12"));
    output_clear(&out);
    output_put(&out, hexmcp_str_from("cdef"));
    assert_int_equal(out.status, HEXMCP_OK);
    assert_true(hexmcp_str_equals(output_str(&out), "cdef"));
    output_clear(&out);
}

static void it_grows(void **state)
{
    struct output out = {.limit = 100000};
    (void)state;
    for (int i = 0; i < 100; i++)
        memset(output_extend(&out, 1000), 'a' + i % 26, 1000);
    assert_int_equal(out.len, 100000);
    assert_int_equal(out.ptr[0], 'a');
    assert_int_equal(out.ptr[99999], 'a' + 99 % 26);
    output_clear(&out);
}

static void a_long_printf_text_is_cut(void **state)
{
    struct output out = {.limit = 1000};
    (void)state;
    output_putf(&out, "%100d", 7);
    assert_int_equal(out.len, 63);
    output_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_first_failure_sticks), cmocka_unit_test(it_grows),
                                       cmocka_unit_test(a_long_printf_text_is_cut)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
