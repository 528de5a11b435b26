/* Which Host and Origin headers are let in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/origin/origin.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct origin_rules nothing;

static const uint16_t ports[] = {8080, 443};
static const struct origin_rules loopback = {.ports = ports, .port_count = 2};

static const struct str hosts[] = {STR_INIT("mcp.example"), STR_INIT("Tools.Example:9000"),
                                   STR_INIT("[2001:db8::1]"), STR_INIT("192.0.2.7:8080")};
static const struct str origins[] = {STR_INIT("https://app.example"),
                                     STR_INIT("http://dev.example:3000"), STR_INIT("vscode-webview://abc")};
static const struct origin_rules named = {.ports = ports, .port_count = 2,
                                          .hosts = hosts, .host_count = COUNT(hosts),
                                          .origins = origins, .origin_count = COUNT(origins)};

static void assert_host(const struct origin_rules *rules, const char *host, bool expected)
{
    if (origin_host_allowed(rules, str_from(host)) != expected)
        fail_msg("Host: %s is %s", host, expected ? "refused" : "allowed");
}

static void assert_origin(const struct origin_rules *rules, const char *origin, const char *host,
                          bool expected)
{
    if (origin_allowed(rules, str_from(origin), str_from(host)) != expected)
        fail_msg("Origin: %s at %s is %s", origin, host, expected ? "refused" : "allowed");
}

static const char *const bad_hosts[] = {
    "", ":", ":8080", "evil.example", "evil.example:8080", "localhost.evil.example:8080",
    "evil-localhost:8080", "localhost:8081", "localhost:08080", "localhost:80800", "localhost:0",
    "localhost:65536", "localhost:", "localhost:8080:8080", "localhost.:8080", "127.0.0.1.:8080",
    "127.1:8080", "2130706433:8080", "0x7f000001:8080", "0.0.0.0:8080", "127.0.0.2:8080",
    "::1:8080", "[::1:8080", "::1]:8080", "[::]:8080", "[0:0:0:0:0:0:0:1]:8080",
    "[::ffff:127.0.0.1]:8080", "user@localhost:8080", "localhost:8080/", "localhost:8080?a",
    "localhost:8080#a", "localhost:8080,evil.example", "localhost :8080", "localhost\t:8080",
    "http://localhost:8080", "local%68ost:8080", "\xC5\xBFocalhost:8080", "localhost:+8080",
    "localhost:-1", "localhost:18446744073709559696",
};

static void test_empty_rules_deny(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad_hosts); i++)
        assert_host(&nothing, bad_hosts[i], false);
    assert_host(&nothing, "localhost", false);
    assert_host(&nothing, "localhost:8080", false);
    assert_origin(&nothing, "http://localhost:8080", "", false);
    assert_origin(&nothing, "null", "", false);
    assert_origin(&nothing, "", "", false);
}

static void test_loopback_hosts(void **state)
{
    (void)state;
    static const char *const good[] = {"localhost:8080", "LocalHost:8080", "127.0.0.1:8080",
                                       "[::1]:8080", "localhost:443", "localhost"};
    for (size_t i = 0; i < COUNT(good); i++)
        assert_host(&loopback, good[i], true);
    for (size_t i = 0; i < COUNT(bad_hosts); i++)
        assert_host(&loopback, bad_hosts[i], false);
    const struct origin_rules one = {.ports = ports, .port_count = 1};
    assert_host(&one, "localhost", false);
    assert_false(origin_host_allowed(&loopback, (struct str){"localhost:8080\0", 15}));
    assert_false(origin_host_allowed(&loopback, (struct str){"localhost\0x:8080", 16}));
}

static void test_named_hosts(void **state)
{
    (void)state;
    static const char *const good[] = {
        "mcp.example", "MCP.EXAMPLE", "mcp.example:1", "mcp.example:65535", "tools.example:9000",
        "[2001:DB8::1]", "[2001:db8::1]:7", "192.0.2.7:8080", "localhost:8080"};
    static const char *const bad[] = {
        "tools.example", "tools.example:9001", "192.0.2.7", "192.0.2.7:80", "a.mcp.example",
        "mcp.example.evil", "mcp-example", "mcpXexample", "2001:db8::1", "[2001:db8::2]"};
    for (size_t i = 0; i < COUNT(good); i++)
        assert_host(&named, good[i], true);
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_host(&named, bad[i], false);
    for (size_t i = 0; i < COUNT(bad_hosts); i++)
        assert_host(&named, bad_hosts[i], false);
}

static void test_own_origin(void **state)
{
    (void)state;
    assert_origin(&loopback, "http://localhost:8080", "localhost:8080", true);
    assert_origin(&loopback, "https://localhost:8080", "localhost:8080", true);
    assert_origin(&loopback, "http://127.0.0.1:8080", "localhost:8080", true);
    assert_origin(&loopback, "http://[::1]:8080", "", true);
    assert_origin(&loopback, "https://localhost", "127.0.0.1:443", true);
    assert_origin(&loopback, "http://localhost", "localhost:8080", false);
    assert_origin(&loopback, "http://localhost:3000", "localhost:8080", false);
    assert_origin(&loopback, "ftp://localhost:8080", "localhost:8080", false);
    assert_origin(&named, "https://mcp.example", "mcp.example", true);
    assert_origin(&named, "https://mcp.example", "mcp.example:443", true);
    assert_origin(&named, "http://mcp.example:80", "mcp.example", true);
    assert_origin(&named, "https://mcp.example:8443", "mcp.example", false);
    assert_origin(&named, "https://mcp.example", "localhost:8080", false);
}

static void test_named_origins(void **state)
{
    (void)state;
    assert_origin(&named, "https://app.example", "mcp.example", true);
    assert_origin(&named, "HTTPS://APP.example", "mcp.example", true);
    assert_origin(&named, "https://app.example:443", "mcp.example", true);
    assert_origin(&named, "http://dev.example:3000", "", true);
    assert_origin(&named, "vscode-webview://abc", "localhost:8080", true);
    assert_origin(&named, "vscode-webview://abd", "localhost:8080", false);
    assert_origin(&named, "http://app.example", "mcp.example", false);
    assert_origin(&named, "http://dev.example", "mcp.example", false);
    assert_origin(&named, "null", "mcp.example", false);
    const struct str null_entry[] = {STR_INIT("null")};
    const struct origin_rules with_null = {.origins = null_entry, .origin_count = 1};
    assert_origin(&with_null, "null", "mcp.example", true);
    assert_origin(&with_null, "Null", "mcp.example", false);
}

static void test_odd_origins(void **state)
{
    (void)state;
    static const char *const odd[] = {
        "", "null", "*", "http://", "://localhost:8080", "localhost:8080", "//localhost:8080",
        "http:/localhost:8080", "http://localhost:8080/", "http://localhost:8080 ",
        "http://localhost:8080, http://evil.example", "http://localhost:8080@evil.example",
        "http://evil.example/localhost:8080", "http://evil.example#localhost:8080",
        "http://localhost:8080.evil.example", "http://localhost.evil.example:8080",
        "javascript://localhost:8080", "file://", "1http://localhost:8080", "http://evil.example",
        "http://user@localhost:8080", "http://localhost:8080\r\nX: y"};
    for (size_t i = 0; i < COUNT(odd); i++) {
        assert_origin(&loopback, odd[i], "localhost:8080", false);
        assert_origin(&named, odd[i], "mcp.example", false);
    }
}

static void assert_refused(const struct origin_rules *rules, const char *message)
{
    struct error err = {0};
    assert_int_equal(origin_rules_check(rules, &err), ST_CONFIG);
    assert_int_equal(err.code, ST_CONFIG);
    assert_string_equal(err.text, message);
}

static void test_check(void **state)
{
    (void)state;
    struct error err = {0};
    assert_int_equal(origin_rules_check(&nothing, &err), ST_OK);
    assert_int_equal(origin_rules_check(&named, &err), ST_OK);
    const struct str bad_host = STR("http://mcp.example");
    const struct str bad_origin = STR("https://app.example/");
    const struct origin_rules host = {.hosts = &bad_host, .host_count = 1};
    const struct origin_rules origin = {.origins = &bad_origin, .origin_count = 1};
    assert_refused(&host, "\"http://mcp.example\" is no host; write a name or an address (IPv6 in "
                          "brackets), with :PORT if only that port is meant");
    assert_refused(&origin, "\"https://app.example/\" is no origin; write it as browsers do, e.g. "
                            "https://tools.example or http://tools.example:8080");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty_rules_deny), cmocka_unit_test(test_loopback_hosts),
        cmocka_unit_test(test_named_hosts), cmocka_unit_test(test_own_origin),
        cmocka_unit_test(test_named_origins), cmocka_unit_test(test_odd_origins),
        cmocka_unit_test(test_check),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
