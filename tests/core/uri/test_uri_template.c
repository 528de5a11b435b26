/* What makes a template good, and its variables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/uri/uri_template.h"

static void assert_good(const char *text)
{
    struct error err;
    if (uri_template_check(str_from(text), &err) != ST_OK)
        fail_msg("%s: %s", text, err.text);
}

static void assert_bad(struct str text, int code, const char *message)
{
    struct error err = {0};
    struct str name = STR("untouched");
    assert_int_equal(uri_template_check(text, &err), code);
    assert_int_equal(err.code, code);
    assert_string_equal(err.text, message);
    assert_int_equal(uri_template_check(text, NULL), code);
    assert_false(uri_template_variable(text, 0, &name));
    assert_true(str_eq(name, STR("untouched")));
    assert_false(uri_template_has(text, STR("a")));
}

static void test_good(void **state)
{
    (void)state;
    static const char *const good[] = {
        "", "a:b", "file:///{+path}", "{a}", "{a,b}", "{+a}", "{#a}", "{.a}", "{/a}", "{;a}",
        "{?a,b:3,c*}", "{&a}", "{a:1}", "{a:9999}", "{a_1.b%20c}", "{9}", "%2f'\xC3\xA9{a}",
        "{a}{/b}", "{a}{/b}{/c}", "{/a}{/b*}", "{a}{;b}{?c}{&d}{#e}", "{+a}{?b}{#c}", "{+a}{#b}",
        "{a}-{b}", "{a}.{b}x{c}", "{;a}/b", "{;a}?{b}", "{?a}&b={c}", "{?a}#{b}", "{/a*}{?b}",
        "{+a}?{b}", "{.a*}{/b}",
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_good(good[i]);
    struct error err;
    assert_int_equal(uri_template_check((struct str){NULL, 0}, &err), ST_OK);
}

#define MALFORMED "the URI template is malformed at byte "
#define NAME ": a name of a variable (letters, digits, '_', and '.' between them) must stand here"
#define LENGTH ": behind ':' a length from 1 to 9999 must stand"
#define ODD ": this may not stand in an expression"
#define ESCAPE ": a character that may not stand in a URI; escape it as %XX"
#define RESERVED ": this operator is reserved; the operators are + # . / ; ? &"

static void test_malformed(void **state)
{
    (void)state;
    assert_bad(STR("a{"), ST_INVALID, MALFORMED "2: '{' is not closed");
    assert_bad(STR("a{b"), ST_INVALID, MALFORMED "3: '{' is not closed");
    assert_bad(STR("a}b"), ST_INVALID, MALFORMED "1: '}' without '{'");
    assert_bad(STR("{a}}"), ST_INVALID, MALFORMED "3: '}' without '{'");
    assert_bad(STR("{}"), ST_INVALID, MALFORMED "1" NAME);
    assert_bad(STR("{?}"), ST_INVALID, MALFORMED "2" NAME);
    assert_bad(STR("{a,}"), ST_INVALID, MALFORMED "3" NAME);
    assert_bad(STR("{?a,"), ST_INVALID, MALFORMED "4" NAME);
    assert_bad(STR("{.}"), ST_INVALID, MALFORMED "2" NAME);
    assert_bad(STR("{a.}"), ST_INVALID, MALFORMED "3" NAME);
    assert_bad(STR("{a..b}"), ST_INVALID, MALFORMED "3" NAME);
    assert_bad(STR("{$a}"), ST_INVALID, MALFORMED "1" NAME);
    assert_bad(STR("{\0}"), ST_INVALID, MALFORMED "1" NAME);
    assert_bad(STR("{%4}"), ST_INVALID, MALFORMED "1" NAME);
    assert_bad(STR("{{a}}"), ST_INVALID, MALFORMED "1" NAME);
    assert_bad(STR("{=a}"), ST_INVALID, MALFORMED "1" RESERVED);
    assert_bad(STR("{|a}"), ST_INVALID, MALFORMED "1" RESERVED);
    assert_bad(STR("{a b}"), ST_INVALID, MALFORMED "2" ODD);
    assert_bad(STR("{a-b}"), ST_INVALID, MALFORMED "2" ODD);
    assert_bad(STR("{\xC3\xA9}"), ST_INVALID, MALFORMED "1" NAME);
    assert_bad(STR("{a*:3}"), ST_INVALID, MALFORMED "3" ODD);
    assert_bad(STR("{a:3*}"), ST_INVALID, MALFORMED "4" ODD);
    assert_bad(STR("{a:12345}"), ST_INVALID, MALFORMED "7" ODD);
    assert_bad(STR("{a:0}"), ST_INVALID, MALFORMED "3" LENGTH);
    assert_bad(STR("{a:}"), ST_INVALID, MALFORMED "3" LENGTH);
    assert_bad(STR("{a:-1}"), ST_INVALID, MALFORMED "3" LENGTH);
    assert_bad(STR("a b"), ST_INVALID, MALFORMED "1" ESCAPE);
    assert_bad(STR("a\\"), ST_INVALID, MALFORMED "1" ESCAPE);
    assert_bad(STR("a\0b"), ST_INVALID, MALFORMED "1" ESCAPE);
    assert_bad(STR("a\xC3"), ST_INVALID, MALFORMED "1" ESCAPE);
    assert_bad(STR("\xED\xA0\x80"), ST_INVALID, MALFORMED "0" ESCAPE);
    assert_good("%C3%A9{a}%F0%9F%98%80");
    assert_bad(STR("{a}%BD{b}"), ST_INVALID, MALFORMED "3: escapes that are no UTF-8");
    assert_bad(STR("%41%E2%82"), ST_INVALID, MALFORMED "3: escapes that are no UTF-8");
    assert_bad(STR("%C3x%A9"), ST_INVALID, MALFORMED "0: escapes that are no UTF-8");
    assert_bad(STR("a%2"), ST_INVALID,
               MALFORMED "1: '%' without two hexadecimal digits; write a plain '%' as %25");
}

static void test_twice(void **state)
{
    (void)state;
    const char *twice = "the URI template names the variable \"a\" twice; give each its own name";
    assert_bad(STR("{a}/{a}"), ST_INVALID, twice);
    assert_bad(STR("{/a:1,a}"), ST_INVALID, twice);
}

static void assert_ambiguous(const char *text, int at, const char *rest)
{
    char message[400];
    snprintf(message, sizeof(message), "the URI template is ambiguous at byte %d: %s", at, rest);
    assert_bad(str_from(text), ST_INVALID, message);
}

static void test_ambiguous(void **state)
{
    (void)state;
    const char *ab = "nothing tells where \"a\" ends and \"b\" begins; put a literal between them";
    assert_ambiguous("x{a}{b}", 4, ab);
    assert_ambiguous("{a}{+b}", 3, ab);
    assert_ambiguous("{a}{.b}", 3, ab);
    assert_ambiguous("{+a}{/b}", 4, ab);
    assert_ambiguous("{+a}{;b}", 4, ab);
    assert_ambiguous("{+a}{&b}", 4, ab);
    assert_ambiguous("{#a}{?b}", 4, ab);
    assert_ambiguous("{/a*}{/b}", 5, ab);
    assert_ambiguous("{/c,a}{/b}", 6, ab);
    assert_ambiguous("{?a}{b}", 4, ab);
    assert_ambiguous("{?a}{?b}", 4, ab);
    assert_ambiguous("{?a}{;b}", 4, ab);
    /* {?c} may be absent. */
    assert_ambiguous("{a}{?c}{b}", 7, ab);
    const char *query = "a value of \"a\" could go on with the text there; begin it with '&' or '#'";
    assert_ambiguous("{?a}b", 4, query);
    assert_ambiguous("{&a}/b", 4, query);
    assert_ambiguous("{?a}%20", 4, query);
    assert_ambiguous("{?a}\xC3\xA9", 4, query);
    assert_ambiguous("{;a}.b", 4,
                     "a value of \"a\" could go on with the text there; begin it with '/' or '?'");
}

static void test_limits(void **state)
{
    (void)state;
    static char text[URI_TEMPLATE_MAX_BYTES + 1];
    memset(text, 'a', sizeof(text));
    struct error err;
    assert_int_equal(uri_template_check((struct str){text, URI_TEMPLATE_MAX_BYTES}, &err), ST_OK);
    assert_bad((struct str){text, sizeof(text)}, ST_TOO_LARGE,
               "the URI template has 2049 bytes; at most 2048 are allowed");
    struct buffer many = BUFFER_INIT;
    for (unsigned i = 0; i < URI_TEMPLATE_MAX_VARIABLES; i++) {
        buffer_add_str(&many, STR("/{v"));
        buffer_add_u64(&many, i);
        buffer_add_char(&many, '}');
    }
    buffer_add_char(&many, '/');
    assert_int_equal(uri_template_check(buffer_str(&many), &err), ST_OK);
    buffer_add_str(&many, STR("{v}/"));
    assert_bad(buffer_str(&many), ST_TOO_LARGE, "the URI template has more than 32 variables");
    buffer_clear(&many);
}

static void test_variables(void **state)
{
    (void)state;
    struct str text = STR("x/{a.b}{?c*,d:3}&e{#f}"), name;
    static const char *const names[] = {"a.b", "c", "d", "f"};
    for (size_t i = 0; i < 4; i++) {
        assert_true(uri_template_variable(text, i, &name));
        assert_true(str_eq(name, str_from(names[i])));
        assert_true(uri_template_has(text, name));
    }
    assert_false(uri_template_variable(text, 4, &name));
    assert_false(uri_template_has(text, STR("e")));
    assert_false(uri_template_has(text, STR("a")));
    assert_false(uri_template_has(text, STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),      cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_twice),     cmocka_unit_test(test_ambiguous),
        cmocka_unit_test(test_limits),    cmocka_unit_test(test_variables),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
