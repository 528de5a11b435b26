/* robots.txt by RFC 9309: groups, the longest rule, wildcards, percent-encoding, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "web-kit/robots.h"

static bool allowed(const char *text, const char *path)
{
    struct robots *r = robots_new(text, strlen(text), "hexmcp");
    assert_non_null(r);
    bool allow = robots_allow(r, path);
    robots_free(r);
    return allow;
}

static void test_groups(void **state)
{
    (void)state;
    static const char text[] = "Disallow: /before\n"
                               "User-agent: other\nUser-agent: HexMCP/2.0\nDisallow: /both\n\n"
                               "User-agent: *\nDisallow: /\n"
                               "user-agent: hexmcp\r\ndisallow : /again # why\r\n";
    assert_true(allowed(text, "/before"));
    assert_false(allowed(text, "/both"));
    assert_false(allowed(text, "/again"));
    assert_true(allowed(text, "/any"));
    assert_false(allowed("User-agent: *\nDisallow: /\n", "/any"));
    assert_true(allowed("User-agent: *\nDisallow: /\nUser-agent: hexmcp\nAllow: /x\n", "/any"));
    assert_true(allowed("User-agent: hexmcp-more\nDisallow: /\n", "/any"));
    assert_true(allowed("", "/any"));
    assert_true(allowed("<html>not found</html>", "/any"));
    assert_false(allowed("\xEF\xBB\xBFUser-agent: *\rDisallow: /a", "/a"));
}

static void test_longest(void **state)
{
    (void)state;
    static const char text[] = "User-agent: *\nAllow: /p\nDisallow: /\nDisallow: /page\nAllow: /page\n"
                               "Disallow: /page/x\nDisallow:\n";
    assert_true(allowed(text, "/p1"));
    assert_false(allowed(text, "/other"));
    assert_true(allowed(text, "/page"));
    assert_false(allowed(text, "/page/x"));
    assert_true(allowed("User-agent: *\nDisallow:\n", "/any"));
    assert_true(allowed("User-agent: *\nDisallow: /\n", "/robots.txt"));
}

static void test_wildcards(void **state)
{
    (void)state;
    static const char text[] = "User-agent: *\nDisallow: /*.gif$\nDisallow: /a*b*c\nDisallow: /end$\n"
                               "Disallow: /q?*x=1\n";
    assert_false(allowed(text, "/x/y.gif"));
    assert_true(allowed(text, "/x/y.gif?z"));
    assert_false(allowed(text, "/a1b2c3"));
    assert_true(allowed(text, "/a1c2b"));
    assert_false(allowed(text, "/end"));
    assert_true(allowed(text, "/end/"));
    assert_false(allowed(text, "/q?y=2&x=1"));
    assert_true(allowed(text, "/q?y=2"));
}

static void test_encoding(void **state)
{
    (void)state;
    static const char text[] = "User-agent: *\nDisallow: /f%c3%bc\nDisallow: /%7Ejoe\nDisallow: /b\xC3\xA4r\n"
                               "Disallow: /a%2Fb\n";
    assert_false(allowed(text, "/f\xC3\xBC"));
    assert_false(allowed(text, "/f%C3%BC"));
    assert_false(allowed(text, "/~joe"));
    assert_false(allowed(text, "/b%C3%A4r"));
    assert_false(allowed(text, "/a%2fb"));
    assert_true(allowed(text, "/a/b"));
}

static bool lets(const char *text, const char *agent, const char *path)
{
    struct robots *r = robots_new(text, strlen(text), agent);
    assert_non_null(r);
    bool allow = robots_allow(r, path);
    robots_free(r);
    return allow;
}

/* RFC 9309, 5.1 and 5.2. */
static void test_examples(void **state)
{
    (void)state;
    static const char simple[] = "User-Agent: *\nDisallow: *.gif$\nDisallow: /example/\nAllow: /publications/\n\n"
                                 "User-Agent: foobot\nDisallow:/\nAllow:/example/page.html\n"
                                 "Allow:/example/allowed.gif\n\n"
                                 "User-Agent: barbot\nUser-Agent: bazbot\nDisallow: /example/page.html\n\n"
                                 "User-Agent: quxbot\n";
    static const char longest[] = "User-Agent: foobot\nAllow: /example/page/\n"
                                  "Disallow: /example/page/disallowed.gif\n";
    assert_false(lets(simple, "hexmcp", "/x.gif"));
    assert_true(lets(simple, "hexmcp", "/x.gif?y"));
    assert_false(lets(simple, "hexmcp", "/example/page.html"));
    assert_true(lets(simple, "hexmcp", "/publications/x"));
    assert_false(lets(simple, "foobot", "/publications/x"));
    assert_true(lets(simple, "FooBot", "/example/page.html"));
    assert_true(lets(simple, "foobot", "/example/allowed.gif"));
    assert_false(lets(simple, "barbot", "/example/page.html"));
    assert_false(lets(simple, "bazbot", "/example/page.html"));
    assert_true(lets(simple, "bazbot", "/example/x.gif"));
    assert_true(lets(simple, "quxbot", "/example/x.gif"));
    assert_true(lets(longest, "foobot", "/example/page/"));
    assert_false(lets(longest, "foobot", "/example/page/disallowed.gif"));
}

/* RFC 9309, 2.2.1 to 2.2.4. */
static void test_rules(void **state)
{
    (void)state;
    static const char merged[] = "User-agent: hexmcp\nDisallow: /foo\nDisallow: /bar\n\n"
                                 "User-agent: other\nDisallow: /x\n\nUser-agent: hexmcp\nDisallow: /baz\n";
    static const char other_records[] = "User-agent: first\nSitemap: https://e.example/\nCrawl-delay: 7\nHost: x\n"
                                        "User-agent: hexmcp\nDisallow: /both\n";
    assert_false(allowed(merged, "/foo"));
    assert_false(allowed(merged, "/baz"));
    assert_true(allowed(merged, "/x"));
    assert_false(lets(other_records, "first", "/both"));
    assert_false(lets(other_records, "hexmcp", "/both"));
    assert_true(allowed("User-agent: *bot\nDisallow: /\n", "/any"));
    assert_false(allowed("User-agent: * # all\nDisallow: /\n", "/any"));
    assert_true(allowed("User-agent: *\nDisallow: /Case\n", "/case"));
    assert_false(allowed("USER-AGENT: *\nDISALLOW: /case\n", "/case"));
    assert_false(allowed("User-agent: *\nDisallow: /file-with-a-%2A.html\n", "/file-with-a-*.html"));
    assert_true(allowed("User-agent: *\nDisallow: /file-with-a-%2A.html\n", "/file-with-a-x.html"));
    assert_false(allowed("User-agent: *\nDisallow: /foo-%24\n", "/foo-$"));
    assert_true(allowed("User-agent: *\nDisallow: /foo-%24\n", "/foo-"));
    assert_false(allowed("User-agent: *\nDisallow: /a$b\n", "/a$b"));
    assert_false(allowed("User-agent: *\nDisallow: /this/*/exactly\n", "/this/path/exactly"));
    assert_true(allowed("User-agent: *\nDisallow: /this/path/exactly$\n", "/this/path/exactly/not"));
    assert_false(allowed("User-agent: *\nDisallow: /foo/bar/\xE3\x83\x84\n", "/foo/bar/%E3%83%84"));
    assert_false(allowed("User-agent: *\nDisallow: /foo/bar/%e3%83%84\n", "/foo/bar/\xE3\x83\x84"));
    assert_false(allowed("User-agent: *\nDisallow: /foo/bar/%62%61%7A\n", "/foo/bar/baz"));
    assert_true(allowed("User-agent: *\nDisallow: /foo%2Fbar\n", "/foo/bar"));
}

static void test_others(void **state)
{
    (void)state;
    static const char text[] = "Sitemap: https://e.example/1#x\nUser-agent: *\nCrawl-delay: 2.5\n"
                               "sitemap:https://e.example/2\nCrawl-delay: -1\nSitemap:\n";
    struct robots *r = robots_new(text, strlen(text), "hexmcp");
    assert_string_equal(robots_sitemap(r, 0), "https://e.example/1#x");
    assert_string_equal(robots_sitemap(r, 1), "https://e.example/2");
    assert_null(robots_sitemap(r, 2));
    assert_true(robots_delay(r) == 2.5);
    robots_free(r);
}

static void test_limits(void **state)
{
    (void)state;
    size_t size = ROBOTS_BYTES + 100;
    char *text = malloc(size + 1);
    assert_non_null(text);
    memset(text, '#', size);
    memcpy(text, "User-agent: *\n", 14);
    text[ROBOTS_BYTES - 1] = '\n';
    memcpy(text + ROBOTS_BYTES, "Disallow: /late", 16);
    assert_true(allowed(text, "/late"));
    memcpy(text + ROBOTS_BYTES - 101, "\nDisallow: /late\n", 17);
    assert_false(allowed(text, "/late"));
    free(text);
    char hostile[4096] = "User-agent: *\nDisallow: /";
    for (int i = 0; i < 900; i++)
        memcpy(hostile + 25 + 2 * i, "a*", 3);
    strncat(hostile, "b\n", 3);
    char path[4000];
    memset(path, 'a', sizeof(path) - 1);
    path[0] = '/';
    path[sizeof(path) - 1] = '\0';
    assert_true(allowed(hostile, path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups),   cmocka_unit_test(test_longest), cmocka_unit_test(test_wildcards),
        cmocka_unit_test(test_encoding), cmocka_unit_test(test_others),  cmocka_unit_test(test_limits),
        cmocka_unit_test(test_examples), cmocka_unit_test(test_rules)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
