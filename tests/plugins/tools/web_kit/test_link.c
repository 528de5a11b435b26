/* Addresses as they stand in pages: made whole, mended, refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "web-kit/link.h"

static void same(char *got, const char *expected)
{
    if (expected)
        assert_non_null(got);
    if (got && expected)
        assert_string_equal(got, expected);
    if (!expected)
        assert_null(got);
    free(got);
}

static void resolves(const char *ref, const char *expected)
{
    same(link_resolve("http://e.example/a/b?c#d", ref, strlen(ref)), expected);
}

static void test_resolve(void **state)
{
    (void)state;
    resolves("x", "http://e.example/a/x");
    resolves("../x/./y", "http://e.example/x/y");
    resolves("../../../x", "http://e.example/x");
    resolves("/x?y#z", "http://e.example/x?y#z");
    resolves("//h.example", "http://h.example/");
    resolves("?q", "http://e.example/a/b?q");
    resolves("#f", "http://e.example/a/b?c#f");
    resolves("", "http://e.example/a/b?c");
    resolves("HTTPS://H.Example:8443/X", "https://h.example:8443/X");
    resolves("mailto:a@b.example", "mailto:a@b.example");
}

static void test_mended(void **state)
{
    (void)state;
    resolves("  x y\n", "http://e.example/a/x%20y");
    resolves("x\n\ty", "http://e.example/a/xy");
    resolves("\\x\\y", "http://e.example/x/y");
    resolves("/f\xC3\xBC|{}", "http://e.example/f%C3%BC%7C%7B%7D");
    resolves("/100%/%zz/%41", "http://e.example/100%25/%25zz/A");
    resolves("/a[1]#b#c", "http://e.example/a%5B1%5D#b%23c");
    resolves("http://[::1]:9/x[", "http://[0000:0000:0000:0000:0000:0000:0000:0001]:9/x%5B");
    resolves("http://[::1", NULL);
    resolves("http://a b/", "http://a%20b/");
}

static void test_clean(void **state)
{
    (void)state;
    same(link_clean("http://E.example"), "http://e.example/");
    same(link_clean("https://e.example?x"), "https://e.example/?x");
    same(link_clean("e.example/x"), NULL);
    same(link_clean("/x"), NULL);
    same(link_clean(""), NULL);
    assert_true(link_is_web("http://e.example/"));
    assert_false(link_is_web("http:///x"));
    assert_false(link_is_web("ftp://e.example/"));
    assert_false(link_is_web("http://u:p@e.example/"));
    assert_true(link_is_web("http://e.example/@x"));
}

static void test_parts(void **state)
{
    (void)state;
    same(link_origin("https://e.example:8443/a?b"), "https://e.example:8443");
    same(link_path("https://e.example/a?b#c"), "/a?b");
    same(link_path("https://e.example?b"), "/?b");
    same(link_path("https://e.example"), "/");
    assert_true(link_same_host("http://E.example/a", "https://e.example/b"));
    assert_false(link_same_host("http://e.example/a", "http://e.example:81/"));
    assert_false(link_same_host("http://e.example.org/", "http://e.example/"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_resolve), cmocka_unit_test(test_mended),
                                       cmocka_unit_test(test_clean), cmocka_unit_test(test_parts)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
