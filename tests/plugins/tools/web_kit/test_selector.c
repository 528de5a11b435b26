/* Which selectors are let through to the library. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "web-kit/selector.h"

static void test_good(void **state)
{
    (void)state;
    static const char *const good[] = {
        "a", "*", "#a", ".a-b", "a.b#c", "a , b", " a > b + c ~ d e ", "[x]", "[ x = y ]", "[x^='a b' i]",
        "[x|=\"y\"]", ":first-child", "li:nth-child( 2n + 1 )", ":nth-of-type(-n+3)", ":nth-child(odd)",
        ":not(a, b)", ":has(> a)", ":not(:has(:matches(a)))", "a:FIRST-CHILD", "\xC3\xA9", "_x", "-x",
        "a>b", "*.c", ":nth-last-child(3)"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        if (!selector_is_good(good[i]))
            fail_msg("%s was refused", good[i]);
}

static void test_bad(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", " ", "a,", ",a", "a,,b", "a >", "> a", "a > > b", "a:", "a::before", ":contains(x)", ":dir(ltr)",
        ":lang(en)", ":is(a)", ":not()", ":not(> a)", ":not(a", "a)", "[a", "[a=]", "[a='x]", "[1]", "#1", ".",
        "1", "a\\62", "a|b", "a || b", ":nth-child()", ":nth-child(x)", ":nth-child(2 of a)",
        ":nth-child(1234567)", ":not(:not(:not(:not(:not(a)))))", "a b c d e f g h i j", "a{}", "a;", "@x",
        ":first-child(1)", ":not", "a/*x*/", "[x='a\\'b']"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (selector_is_good(bad[i]))
            fail_msg("%s was let through", bad[i]);
    char longest[SELECTOR_LONGEST + 2];
    memset(longest, 'a', sizeof(longest) - 1);
    longest[SELECTOR_LONGEST + 1] = '\0';
    assert_false(selector_is_good(longest));
    longest[SELECTOR_LONGEST] = '\0';
    assert_true(selector_is_good(longest));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_good), cmocka_unit_test(test_bad)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
