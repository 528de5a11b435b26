/* The limits of one search, each alone: the clock is put off, so that it cannot stand in for the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plugins/tools/regex-matcher/regex.h"

#include "hexmcp/json.h"

/* What the first search gives in `count` times `unit` and `after`. */
static int search(const char *pattern, const char *unit, size_t count, const char *after, hexmcp_error *err)
{
    size_t len = strlen(unit) * count;
    char *text = malloc(len + strlen(after) + 1);
    struct regex regex;
    struct regex_walk walk = {0};
    struct regex_fault fault;
    const PCRE2_SIZE *places;
    assert_non_null(text);
    for (size_t i = 0; i < count; i++)
        memcpy(text + i * strlen(unit), unit, strlen(unit));
    memcpy(text + len, after, strlen(after) + 1);
    assert_int_equal(regex_init(&regex, hexmcp_str_from(pattern), 0, &fault, err), HEXMCP_OK);
    regex.end.tv_sec += 3600;
    int found = regex_next(&regex, hexmcp_str_from(text), &walk, &places, err);
    regex_clear(&regex);
    free(text);
    return found;
}

static void expect_stopped(const char *pattern, const char *unit, size_t count, const char *after,
                           const char *why)
{
    hexmcp_error err;
    assert_int_equal(search(pattern, unit, count, after, &err), HEXMCP_E_TOO_LARGE);
    assert_non_null(strstr(err.text, why));
}

static void test_steps(void **state)
{
    hexmcp_error err;
    (void)state;
    /* Each letter more doubles the steps: 18 take 659,181 and 20 take 2,636,719. */
    assert_int_equal(search("^(a+)+$", "a", 18, "b", &err), 0);
    expect_stopped("^(a+)+$", "a", 20, "b", "stopped after 1000000 steps at one place");
    expect_stopped("(a+)+$", "a", 40, "b", "stopped after 1000000 steps at one place");
    expect_stopped("^(a|a)*$", "a", 40, "b", "stopped after 1000000 steps at one place");
    expect_stopped("^(\\d+|\\d+\\.)*$", "1", 40, "x", "stopped after 1000000 steps at one place");
    /* A pattern can lower the limits, never raise them. */
    expect_stopped("(*LIMIT_MATCH=4000000000)^(a+)+$", "a", 20, "b", "stopped after 1000000 steps at one place");
}

static void test_memory(void **state)
{
    (void)state;
    expect_stopped("^(a|b)*$", "ab", 300000, "c", "stopped at 32 MiB of memory");
    expect_stopped("(*LIMIT_HEAP=4000000)^(a|b)*$", "ab", 300000, "c", "stopped at 32 MiB of memory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_steps), cmocka_unit_test(test_memory)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
