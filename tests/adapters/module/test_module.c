/* Modules that must not be loaded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/driven/module/module.h"

static void assert_refused(const char *name, const char *format)
{
    char text[ERROR_TEXT_SIZE];
    module_entry *entry = NULL;
    struct error err;
    snprintf(text, sizeof(text), format, TEST_MODULES_DIR);
    assert_int_equal(module_open(TEST_MODULES_DIR, name, &entry, &err), ST_UNAVAILABLE);
    assert_string_equal(err.text, text);
    assert_null(entry);
}

static void test_of_another_build(void **state)
{
    (void)state;
    assert_refused("stale",
                   "%s/hexmcp-stale.so belongs to another build of hexmcp; install both together");
}

static void test_without_a_build_id(void **state)
{
    (void)state;
    assert_refused("foreign", "%s/hexmcp-foreign.so belongs to another build of hexmcp; install "
                              "both together");
}

static void test_without_an_entry(void **state)
{
    (void)state;
    assert_refused("empty", "%s/hexmcp-empty.so has no entry");
}

static void test_path_too_long(void **state)
{
    (void)state;
    char folder[5000];
    module_entry *entry = NULL;
    struct error err;
    memset(folder, 'a', sizeof(folder) - 1);
    folder[sizeof(folder) - 1] = '\0';
    assert_int_equal(module_open(folder, "regex", &entry, &err), ST_UNAVAILABLE);
    assert_string_equal(err.text, "the path of module regex is too long");
    assert_null(entry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of_another_build),
        cmocka_unit_test(test_without_a_build_id),
        cmocka_unit_test(test_without_an_entry),
        cmocka_unit_test(test_path_too_long),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
