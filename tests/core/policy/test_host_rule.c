/* Which hosts a rule allows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/policy/address.h"
#include "core/policy/host_rule.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void assert_allows(const char *rule, const char *host, uint16_t port, bool expected)
{
    if (host_rule_allows(str_from(rule), str_from(host), port) != expected)
        fail_msg("\"%s\" %s %s port %d", rule, expected ? "refuses" : "allows", host, port);
}

static void assert_reaches(const char *rule, const char *host, uint16_t port, const char *address,
                           bool expected)
{
    unsigned char bytes[16];
    size_t len;
    assert_true(address_read(str_from(address), bytes, &len));
    if (host_rule_reaches(str_from(rule), str_from(host), port, bytes, len) != expected)
        fail_msg("\"%s\" %s %s at %s", rule, expected ? "refuses" : "allows", host, address);
}

static void assert_mistake(const char *rule, const char *expected)
{
    struct error err = {0};
    if (host_rule_valid(str_from(rule), &err))
        fail_msg("\"%s\" is a rule", rule);
    assert_int_equal(err.code, ST_INVALID);
    assert_string_equal(err.text, expected);
}

static void test_valid(void **state)
{
    (void)state;
    static const char *const good[] = {
        "*", "*:*", "*:8443", "a", "localhost:3000", "example.org", "EXAMPLE.org:65535", "*.example.org",
        "*.example.org:*", "~example.org", "~example.org:1", "xn--bcher-kva.example", "_dmarc.example.org",
        "127.0.0.1:9000", "[::1]:8080", "[2001:db8::1]", "[::ffff:1.2.3.4]:*", "3com.example", "a--b.example",
        "1.2.3.example", "0xabc.example"};
    for (size_t i = 0; i < COUNT(good); i++) {
        struct error err = {0};
        if (!host_rule_valid(str_from(good[i]), &err))
            fail_msg("%s", err.text);
    }
}

#define ELSE                                                                                       \
    "write a name, an IPv4 address of four decimal numbers, or an IPv6 address in brackets, with " \
    ":PORT if it is another than 80 and 443"

static void test_mistakes(void **state)
{
    (void)state;
    static const char *const other[] = {
        ":80", "example.org:", "example.org:0", "example.org:080", "example.org:65536",
        "example.org:443:443", "-a.example", "a-.example", "a..example", ".example", "a b.example",
        "exam%70le.org", "[::1", "[1.2.3.4]", "[::1%lo]:80", "[example.org]", "~[::1]", "~1.2.3.4",
        "~~a.example", "127.1", "127.1:80", "0x7f.1", "0x7f000001", "2130706433", "0177.0.0.1", "1.2.3.4.5",
        "1.2.3.0x", "example.0", "1.2.3.256", "a?b", "example.org#"};
    char expected[ERROR_TEXT_SIZE];
    for (size_t i = 0; i < COUNT(other); i++) {
        snprintf(expected, sizeof(expected), "\"%s\" is no rule for hosts; " ELSE, other[i]);
        assert_mistake(other[i], expected);
    }
    assert_mistake("", "a rule for hosts is empty; \"*\" is every public host");
    assert_mistake("b\xC3\xBC" "cher.example", "\"b\xC3\xBC" "cher.example\" is no rule for hosts; "
                   "write an international name in its ASCII form, xn--...");
    assert_mistake("https://example.org", "\"https://example.org\" is no rule for hosts; write the "
                   "host alone, without a scheme, a path or a mask");
    assert_mistake("10.0.0.0/8", "\"10.0.0.0/8\" is no rule for hosts; write the host alone, "
                   "without a scheme, a path or a mask");
    assert_mistake("me@example.org", "\"me@example.org\" is no rule for hosts; write the host alone, "
                   "without a user");
    assert_mistake("::1", "\"::1\" is no rule for hosts; write an IPv6 address in brackets: [::1]");
    assert_mistake("example.org.", "\"example.org.\" is no rule for hosts; leave out the dot at the end");
    assert_mistake("a.*.example", "\"a.*.example\" is no rule for hosts; \"*\" stands alone, or as "
                   "\"*.\" before a name, or as \":*\" for every port");
    assert_mistake("*example.org", "\"*example.org\" is no rule for hosts; \"*\" stands alone, or as "
                   "\"*.\" before a name, or as \":*\" for every port");
    char longest[HOST_RULE_MAX + 2];
    memset(longest, 'a', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = 0;
    assert_mistake(longest, "a rule for hosts has 301 bytes; the limit is 300");
    assert_false(host_rule_valid((struct str){"a.example\0", 10}, NULL));
}

static void test_lengths(void **state)
{
    (void)state;
    char name[300];
    memset(name, 'a', sizeof(name));
    assert_true(host_rule_valid((struct str){name, 63}, NULL));
    assert_false(host_rule_valid((struct str){name, 64}, NULL));
    for (size_t i = 1; i < sizeof(name); i += 2)
        name[i] = '.';
    assert_true(host_rule_valid((struct str){name, 253}, NULL));
    assert_false(host_rule_valid((struct str){name, 255}, NULL));
}

static void test_names(void **state)
{
    (void)state;
    assert_allows("example.org", "example.org", 443, true);
    assert_allows("example.org", "EXAMPLE.ORG", 80, true);
    assert_allows("Example.Org", "example.org.", 443, true);
    assert_allows("example.org", "example.org", 8443, false);
    assert_allows("example.org", "example.org", 0, false);
    assert_allows("example.org:8443", "example.org", 8443, true);
    assert_allows("example.org:8443", "example.org", 443, false);
    assert_allows("example.org:*", "example.org", 22, true);
    assert_allows("example.org:*", "example.org", 0, false);
    static const char *const other[] = {
        "", ".", "example.org..", "a.example.org", "example.com", "example.org.evil.example", "xexample.org",
        "example.or", "example", "example.org:443", "user@example.org", " example.org", "example.org/",
        "ex\xC3\xA4mple.org", "example\xE3\x80\x82org", "[example.org]"};
    for (size_t i = 0; i < COUNT(other); i++)
        assert_allows("example.org:*", other[i], 443, false);
    assert_false(host_rule_allows(STR("example.org"), (struct str){"example.org\0", 12}, 443));
    assert_false(host_rule_allows(STR("example.org."), STR("example.org"), 443));
    assert_false(host_rule_allows(STR(""), STR("example.org"), 443));
}

static void test_below(void **state)
{
    (void)state;
    assert_allows("*.example.org", "a.example.org", 443, true);
    assert_allows("*.example.org", "a.b.EXAMPLE.org.", 80, true);
    assert_allows("*.example.org", "a.example.org", 8443, false);
    assert_allows("*.example.org:8443", "a.example.org", 8443, true);
    assert_allows("*.example.org", "example.org", 443, false);
    assert_allows("*.example.org", ".example.org", 443, false);
    assert_allows("*.example.org", "aexample.org", 443, false);
    assert_allows("*.example.org", "a.example.org.evil.example", 443, false);
}

static const char *const numbers[] = {
    "127.1", "0x7f.1", "2130706433", "0x7f000001", "017700000001", "0177.0.0.1", "127.0.0.1.", "127.1.",
    "1.2.3.4.5", "1.2.3", "a.1", "a.0x1", "0x", "\xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x97.0.0.1"};

static void test_every(void **state)
{
    (void)state;
    assert_allows("*", "example.org", 443, true);
    assert_allows("*", "a.b.c.example", 80, true);
    assert_allows("*", "example.org", 22, false);
    assert_allows("*:*", "example.org", 22, true);
    assert_allows("*", "8.8.8.8", 443, true);
    assert_allows("*", "[2606:4700::1111]", 443, true);
    static const char *const local[] = {
        "localhost", "LOCALHOST.", "a.localhost", "printer", "nas.local", "nas.lan", "a.home.arpa",
        "db.internal", "host.localdomain", "127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "[::1]",
        "::ffff:8.8.8.8", "192.0.2.1", "fe80::1", "0.0.0.0"};
    for (size_t i = 0; i < COUNT(local); i++)
        assert_allows("*:*", local[i], 443, false);
    for (size_t i = 0; i < COUNT(numbers); i++) {
        assert_allows("*:*", numbers[i], 443, false);
        assert_allows(numbers[i], numbers[i], 443, false);
    }
}

static void test_addresses(void **state)
{
    (void)state;
    assert_allows("127.0.0.1:9000", "127.0.0.1", 9000, true);
    assert_allows("127.0.0.1:9000", "127.0.0.1", 80, false);
    assert_allows("127.0.0.1:9000", "localhost", 9000, false);
    assert_allows("127.0.0.1:9000", "::ffff:127.0.0.1", 9000, false);
    assert_allows("127.0.0.1:9000", "[127.0.0.1]", 9000, false);
    assert_allows("[::1]:8080", "::1", 8080, true);
    assert_allows("[::1]:8080", "[0:0:0:0:0:0:0:1]", 8080, true);
    assert_allows("[::1]:8080", "[::2]", 8080, false);
    assert_allows("[::1]:8080", "::1%lo", 8080, false);
    for (size_t i = 0; i < COUNT(numbers); i++)
        assert_allows("127.0.0.1:*", numbers[i], 443, false);
}

static void test_reaches(void **state)
{
    (void)state;
    assert_reaches("example.org", "example.org", 443, "93.184.216.34", true);
    assert_reaches("example.org", "example.org", 443, "2606:4700::1111", true);
    assert_reaches("example.org", "other.example", 443, "93.184.216.34", false);
    assert_reaches("example.org", "example.org", 22, "93.184.216.34", false);
    assert_reaches("example.org", "example.org", 443, "10.0.0.1", true);
    assert_reaches("example.org", "example.org", 443, "fd12::1", true);
    assert_reaches("~example.org", "example.org", 443, "93.184.216.34", true);
    assert_reaches("~example.org", "example.org", 443, "10.0.0.1", false);
    static const char *const special[] = {"127.0.0.1", "::1", "169.254.1.1", "169.254.169.254",
                                          "224.0.0.1", "0.0.0.0", "::ffff:10.0.0.1", "2002:a00::1",
                                          "192.0.2.1", "fe80::1", "64:ff9b::10.0.0.1"};
    for (size_t i = 0; i < COUNT(special); i++) {
        assert_reaches("example.org", "example.org", 443, special[i], false);
        assert_reaches("*.example.org", "a.example.org", 443, special[i], false);
        assert_reaches("*", "example.org", 443, special[i], false);
    }
    assert_reaches("*.example.org", "a.example.org", 443, "10.0.0.1", false);
    assert_reaches("*", "example.org", 443, "192.168.1.1", false);
    assert_reaches("*", "example.org", 443, "1.1.1.1", true);
    assert_reaches("localhost:3000", "localhost", 3000, "127.0.0.1", true);
    assert_reaches("localhost:3000", "localhost", 3000, "::1", true);
    assert_reaches("app.localhost:3000", "app.localhost", 3000, "127.0.0.1", true);
    assert_reaches("localhost:3000", "localhost", 3000, "169.254.169.254", false);
    assert_reaches("169.254.169.254", "169.254.169.254", 80, "169.254.169.254", true);
    assert_reaches("127.0.0.1:9000", "127.0.0.1", 9000, "127.0.0.1", true);
    assert_reaches("127.0.0.1:9000", "127.0.0.1", 9000, "127.0.0.2", false);
    assert_reaches("[::1]:9000", "::1", 9000, "127.0.0.1", false);
}

/* `met` NULL: nothing. The order of the two makes no difference. */
static void assert_meet(const char *a, const char *b, const char *met)
{
    for (int i = 0; i < 2; i++) {
        struct buffer out = BUFFER_INIT;
        bool found = host_rule_meet(str_from(i ? b : a), str_from(i ? a : b), &out);
        buffer_add_char(&out, 0);
        assert_int_equal(found, met != NULL);
        assert_string_equal(out.data, met ? met : "");
        buffer_clear(&out);
    }
}

static void test_meet(void **state)
{
    (void)state;
    assert_meet("*", "*", "*");
    assert_meet("*:*", "*:8443", "*:8443");
    assert_meet("*", "*:8443", NULL);
    assert_meet("*", "*:443", "*:443");
    assert_meet("*", "*.example.org", "*.example.org");
    assert_meet("*", "example.org:443", "~example.org:443");
    assert_meet("*:*", "example.org", "~example.org");
    assert_meet("*:*", "example.org:*", "~example.org:*");
    assert_meet("*", "localhost", NULL);
    assert_meet("*", "*.local", NULL);
    assert_meet("*", "8.8.8.8", "8.8.8.8");
    assert_meet("*", "10.0.0.1", NULL);
    assert_meet("*.example.org", "a.example.org", "~a.example.org");
    assert_meet("*.example.org", "example.org", NULL);
    assert_meet("*.example.org", "*.a.example.org", "*.a.example.org");
    assert_meet("*.example.org", "*.EXAMPLE.org:80", "*.example.org:80");
    assert_meet("*.example.org", "*.example.com", NULL);
    assert_meet("example.org", "example.org", "example.org");
    assert_meet("example.org", "example.com", NULL);
    assert_meet("example.org", "~example.org", "~example.org");
    assert_meet("127.0.0.1:9000", "127.0.0.1:*", "127.0.0.1:9000");
    assert_meet("[::1]:9000", "[0::1]:*", "[0:0:0:0:0:0:0:1]:9000");
    assert_meet("127.0.0.1:9000", "localhost:9000", NULL);
}

static void assert_covers(const char *wide, const char *narrow, bool expected)
{
    if (host_rule_covers(str_from(wide), str_from(narrow)) != expected)
        fail_msg("\"%s\" %s \"%s\"", wide, expected ? "does not cover" : "covers", narrow);
}

static void test_covers(void **state)
{
    (void)state;
    assert_covers("*", "*", true);
    assert_covers("*:*", "*", true);
    assert_covers("*", "*:*", false);
    assert_covers("*", "*.example.org", true);
    assert_covers("*", "~example.org", true);
    assert_covers("*", "example.org", false);
    assert_covers("example.org", "~example.org", true);
    assert_covers("~example.org", "example.org", false);
    assert_covers("example.org", "EXAMPLE.org:443", true);
    assert_covers("example.org:443", "example.org", false);
    assert_covers("example.org:*", "example.org", true);
    assert_covers("*.example.org", "*.a.example.org", true);
    assert_covers("*.a.example.org", "*.example.org", false);
    assert_covers("*.example.org", "example.org", false);
    assert_covers("[::1]", "[0:0::1]:80", true);
    assert_covers("[::1]", "127.0.0.1", false);
    assert_covers("*:*", "127.0.0.1", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid),     cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_lengths),   cmocka_unit_test(test_names),
        cmocka_unit_test(test_below),     cmocka_unit_test(test_every),
        cmocka_unit_test(test_addresses), cmocka_unit_test(test_reaches),
        cmocka_unit_test(test_meet),      cmocka_unit_test(test_covers),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
