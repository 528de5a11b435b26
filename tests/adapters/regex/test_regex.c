/* Patterns as ECMA-262 has them, and the module that brings PCRE2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "adapters/driven/regex/regex.h"
#include "core/base/str.h"

static const struct regex_port *port;

static int match(const char *pattern, struct str subject)
{
    struct regex *regex;
    struct error err = {0};
    if (port->compile(port->ctx, str_from(pattern), &regex, &err))
        fail_msg("%s: %s", pattern, err.text);
    int rc = port->search(port->ctx, regex, subject, &err);
    port->free(port->ctx, regex);
    return rc;
}

static void assert_refused(const char *pattern, const char *text)
{
    struct regex *regex = NULL;
    struct error err = {0};
    assert_int_equal(port->compile(port->ctx, str_from(pattern), &regex, &err), ST_INVALID);
    assert_string_equal(err.text, text);
    assert_null(regex);
}

static void test_search_is_not_anchored(void **state)
{
    (void)state;
    assert_int_equal(match("b+", STR("abbc")), 1);
    assert_int_equal(match("^b", STR("abbc")), 0);
    assert_int_equal(match("", STR("")), 1);
    assert_int_equal(match("^$", (struct str){NULL, 0}), 1);
    assert_int_equal(match("a\\u0000b", (struct str){"xa\0b", 4}), 1);
}

static void test_dollar_is_the_very_end(void **state)
{
    (void)state;
    assert_int_equal(match("a$", STR("a")), 1);
    assert_int_equal(match("a$", STR("a\n")), 0);
}

static void test_dot_leaves_line_ends_out(void **state)
{
    (void)state;
    assert_int_equal(match("^.$", STR("\xC3\xA9")), 1);
    assert_int_equal(match("^.$", STR("\xF0\x9F\x98\x80")), 1);
    assert_int_equal(match("^.$", STR("\n")), 0);
    assert_int_equal(match("^.$", STR("\r")), 0);
    assert_int_equal(match("^.$", STR("\xE2\x80\xA8")), 0);
    assert_int_equal(match("^[^]$", STR("\n")), 1);
    assert_int_equal(match("^[.]$", STR("x")), 0);
    assert_int_equal(match("^\\.$", STR("x")), 0);
}

static void test_classes_are_ascii_and_spaces_unicode(void **state)
{
    (void)state;
    assert_int_equal(match("^\\d$", STR("7")), 1);
    assert_int_equal(match("^\\d$", STR("\xE0\xA7\xAA")), 0);
    assert_int_equal(match("^\\w$", STR("\xC3\xA9")), 0);
    assert_int_equal(match("^\\W$", STR("\xC3\xA9")), 1);
    assert_int_equal(match("^\\s$", STR("\xC2\xA0")), 1);
    assert_int_equal(match("^[\\s]$", STR("\xEF\xBB\xBF")), 1);
    assert_int_equal(match("^\\S$", STR("\xC2\xA0")), 0);
    assert_int_equal(match("^[\\S]$", STR("\xC2\xA0")), 0);
    assert_int_equal(match("^[[:alpha:]]$", STR("x")), 0);
    assert_int_equal(match("^[[:alpha:]]$", STR("a]")), 1);
}

static void test_unicode_names_and_escapes(void **state)
{
    (void)state;
    assert_int_equal(match("^\\p{Letter}$", STR("\xC3\xA9")), 1);
    assert_int_equal(match("^\\p{General_Category=Decimal_Number}$", STR("\xE0\xA7\xAA")), 1);
    assert_int_equal(match("^\\p{Script=Greek}$", STR("\xCE\xB1")), 1);
    assert_int_equal(match("^\\P{Script=Greek}$", STR("\xCE\xB1")), 0);
    assert_int_equal(match("^\\u00e9$", STR("\xC3\xA9")), 1);
    assert_int_equal(match("^\\u{1F600}$", STR("\xF0\x9F\x98\x80")), 1);
    assert_int_equal(match("^\\x41\\cC$", STR("A\x03")), 1);
    assert_int_equal(match("^(?<y>\\d)\\k<y>$", STR("77")), 1);
    assert_int_equal(match("^a}+$", STR("a}}")), 1);
}

static void test_what_ecma_does_not_have_is_refused(void **state)
{
    (void)state;
    assert_refused("x\\Ay",
                   "pattern \"x\\Ay\": an escape that ECMA-262 does not have at position 1");
    assert_refused("(?>a)", "pattern \"(?>a)\": a group that ECMA-262 does not have at position 0");
    assert_refused("(?R)", "pattern \"(?R)\": a group that ECMA-262 does not have at position 0");
    assert_refused("(?i)a", "pattern \"(?i)a\": a group that ECMA-262 does not have at position 0");
    assert_refused("(*UCP)a", "pattern \"(*UCP)a\": nothing to repeat at position 0");
    assert_refused("a++", "pattern \"a++\": nothing to repeat at position 2");
    assert_refused("a{2,3}+", "pattern \"a{2,3}+\": nothing to repeat at position 6");
    assert_refused("\\", "pattern \"\\\": \\ at the end of the pattern at position 0");
    assert_refused("\\pL", "pattern \"\\pL\": \\p without {name} at position 0");
}

static void test_position_is_that_of_the_given_pattern(void **state)
{
    (void)state;
    assert_refused("\\s\\s(", "pattern \"\\s\\s(\": missing closing parenthesis at position 5");
    assert_refused("..**", "pattern \"..**\": quantifier does not follow a repeatable item at "
                           "position 3");
}

static void test_catastrophe_is_stopped(void **state)
{
    (void)state;
    struct regex *regex;
    struct error err = {0};
    assert_int_equal(port->compile(port->ctx, STR("^(a+)+$"), &regex, &err), ST_OK);
    assert_int_equal(
        port->search(port->ctx, regex, STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"), &err),
        ST_TOO_LARGE);
    assert_string_equal(err.text, "matching it takes more than 200000 steps");
    port->free(port->ctx, regex);
    port->free(port->ctx, NULL);
}

static void test_long_pattern(void **state)
{
    (void)state;
    struct regex *regex = NULL;
    struct error err = {0};
    char *pattern = malloc(70000);
    memset(pattern, 'a', 70000);
    assert_int_equal(port->compile(port->ctx, (struct str){pattern, 70000}, &regex, &err),
                     ST_INVALID);
    assert_string_equal(err.text, "a pattern of 70000 bytes is longer than 65536");
    free(pattern);
}

static void test_missing_module(void **state)
{
    (void)state;
    struct regex_module *module;
    struct regex *regex = NULL;
    struct error err = {0};
    assert_int_equal(regex_module_new("/nowhere", &module, &err), ST_OK);
    const struct regex_port *other = regex_module_port(module);
    assert_int_equal(other->compile(other->ctx, STR("a"), &regex, &err), ST_UNAVAILABLE);
    assert_string_equal(err.text,
                        "module regex cannot be loaded: /nowhere/hexmcp-regex.so: cannot open "
                        "shared object file: No such file or directory");
    regex_module_free(module);
    regex_module_free(NULL);
}

int main(void)
{
    struct regex_module *module;
    struct error err;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_search_is_not_anchored),
        cmocka_unit_test(test_dollar_is_the_very_end),
        cmocka_unit_test(test_dot_leaves_line_ends_out),
        cmocka_unit_test(test_classes_are_ascii_and_spaces_unicode),
        cmocka_unit_test(test_unicode_names_and_escapes),
        cmocka_unit_test(test_what_ecma_does_not_have_is_refused),
        cmocka_unit_test(test_position_is_that_of_the_given_pattern),
        cmocka_unit_test(test_catastrophe_is_stopped),
        cmocka_unit_test(test_long_pattern),
        cmocka_unit_test(test_missing_module),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    if (regex_module_new(TEST_MODULES_DIR, &module, &err))
        return 1;
    port = regex_module_port(module);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    regex_module_free(module);
    return failed;
}
