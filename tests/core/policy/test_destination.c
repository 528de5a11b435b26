#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/policy/destination.h"

static void keep(struct destinations *d, const char *a, const char *b)
{
    struct str rules[2] = {str_from(a), str_from(b)};
    struct error err;
    assert_int_equal(destinations_copy(rules, b ? 2 : 1, d, &err), ST_OK);
}

static void allows(const struct destinations *d, const char *host, uint16_t port, const char *why)
{
    struct error err = {.code = ST_OK, .text = ""};
    int rc = destinations_allow(d, str_from(host), port, &err);
    assert_string_equal(err.text, why);
    assert_int_equal(rc, why[0] ? ST_DENIED : ST_OK);
}

static void reaches(const struct destinations *d, const char *host, const unsigned char *bytes,
                    size_t len, const char *why)
{
    struct error err = {.code = ST_OK, .text = ""};
    int rc = destinations_reach(d, str_from(host), 80, bytes, len, &err);
    assert_string_equal(err.text, why);
    assert_int_equal(rc, why[0] ? ST_DENIED : ST_OK);
}

static void any_rule_allows(void **state)
{
    struct destinations d;
    (void)state;
    keep(&d, "a.test", "[::1]:8080");
    allows(&d, "a.test", 443, "");
    allows(&d, "::1", 8080, "");
    allows(&d, "[::1]", 8080, "");
    destinations_clear(&d);
    assert_int_equal(d.count, 0);
}

static void who_is_refused_reads_what_to_write(void **state)
{
    struct destinations d;
    (void)state;
    keep(&d, "a.test", NULL);
    allows(&d, "b.test", 80,
           "b.test:80 is not granted; the operator grants it with --allow-host b.test:80 or "
           "\"grants.hosts\", and plugin.json has to ask for it");
    allows(&d, "::1", 80,
           "[::1]:80 is not granted; the operator grants it with --allow-host [::1]:80 or "
           "\"grants.hosts\", and plugin.json has to ask for it");
    allows(&d, "", 80, "there is no host");
    destinations_clear(&d);
    assert_int_equal(destinations_copy(NULL, 0, &d, NULL), ST_OK);
    allows(&d, "a.test", 80,
           "a.test:80 is not granted; the operator grants it with --allow-host a.test:80 or "
           "\"grants.hosts\", and plugin.json has to ask for it");
    destinations_clear(&d);
}

static void an_address_counts_by_itself(void **state)
{
    static const unsigned char public[] = {93, 184, 216, 34}, loopback[] = {127, 0, 0, 1};
    static const unsigned char six[16] = {0xfe, 0x80, [13] = 1, [15] = 0x2a};
    static const unsigned char one[16] = {[15] = 1};
    struct destinations d;
    (void)state;
    keep(&d, "*.test", "127.0.0.1:80");
    reaches(&d, "a.test", public, 4, "");
    reaches(&d, "a.test", loopback, 4, "");
    reaches(&d, "a.test", one, 16,
            "a.test has the address ::1, a loopback address, which a rule must name to permit it: "
            "\"[::1]:80\"");
    reaches(&d, "a.test", six, 16,
            "a.test has the address fe80::1:2a, a link-local address, which a rule must name to permit "
            "it: \"[fe80::1:2a]:80\"");
    reaches(&d, "a.test", six, 8, "the host has an address of another kind than IP");
    destinations_clear(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_rule_allows),
        cmocka_unit_test(who_is_refused_reads_what_to_write),
        cmocka_unit_test(an_address_counts_by_itself),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
