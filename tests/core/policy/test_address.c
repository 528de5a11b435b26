/* What an IP address is for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/policy/address.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct example {
    const char *text;
    enum address_kind kind;
};

/* The edges of each range, and their neighbours. */
static const struct example examples[] = {
    {"0.0.0.0", ADDRESS_UNSPECIFIED},
    {"0.255.255.255", ADDRESS_UNSPECIFIED},
    {"1.0.0.0", ADDRESS_PUBLIC},
    {"9.255.255.255", ADDRESS_PUBLIC},
    {"10.0.0.0", ADDRESS_PRIVATE},
    {"10.255.255.255", ADDRESS_PRIVATE},
    {"11.0.0.0", ADDRESS_PUBLIC},
    {"100.63.255.255", ADDRESS_PUBLIC},
    {"100.64.0.0", ADDRESS_PRIVATE},
    {"100.100.100.200", ADDRESS_METADATA},
    {"100.127.255.255", ADDRESS_PRIVATE},
    {"100.128.0.0", ADDRESS_PUBLIC},
    {"126.255.255.255", ADDRESS_PUBLIC},
    {"127.0.0.1", ADDRESS_LOOPBACK},
    {"127.255.255.254", ADDRESS_LOOPBACK},
    {"128.0.0.0", ADDRESS_PUBLIC},
    {"168.63.129.16", ADDRESS_METADATA},
    {"168.63.129.17", ADDRESS_PUBLIC},
    {"169.253.255.255", ADDRESS_PUBLIC},
    {"169.254.0.0", ADDRESS_LINK_LOCAL},
    {"169.254.169.254", ADDRESS_METADATA},
    {"169.254.170.2", ADDRESS_METADATA},
    {"169.254.170.23", ADDRESS_METADATA},
    {"169.254.255.255", ADDRESS_LINK_LOCAL},
    {"169.255.0.0", ADDRESS_PUBLIC},
    {"172.15.255.255", ADDRESS_PUBLIC},
    {"172.16.0.0", ADDRESS_PRIVATE},
    {"172.31.255.255", ADDRESS_PRIVATE},
    {"172.32.0.0", ADDRESS_PUBLIC},
    {"192.0.0.0", ADDRESS_RESERVED},
    {"192.0.0.192", ADDRESS_METADATA},
    {"192.0.0.255", ADDRESS_RESERVED},
    {"192.0.1.0", ADDRESS_PUBLIC},
    {"192.0.2.0", ADDRESS_DOCUMENTATION},
    {"192.0.2.255", ADDRESS_DOCUMENTATION},
    {"192.0.3.0", ADDRESS_PUBLIC},
    {"192.88.98.255", ADDRESS_PUBLIC},
    {"192.88.99.1", ADDRESS_TUNNEL},
    {"192.167.255.255", ADDRESS_PUBLIC},
    {"192.168.0.0", ADDRESS_PRIVATE},
    {"192.168.255.255", ADDRESS_PRIVATE},
    {"192.169.0.0", ADDRESS_PUBLIC},
    {"198.17.255.255", ADDRESS_PUBLIC},
    {"198.18.0.0", ADDRESS_BENCHMARK},
    {"198.19.255.255", ADDRESS_BENCHMARK},
    {"198.20.0.0", ADDRESS_PUBLIC},
    {"198.51.100.1", ADDRESS_DOCUMENTATION},
    {"198.51.101.0", ADDRESS_PUBLIC},
    {"203.0.113.255", ADDRESS_DOCUMENTATION},
    {"203.0.114.0", ADDRESS_PUBLIC},
    {"223.255.255.255", ADDRESS_PUBLIC},
    {"224.0.0.1", ADDRESS_MULTICAST},
    {"239.255.255.255", ADDRESS_MULTICAST},
    {"240.0.0.0", ADDRESS_RESERVED},
    {"255.255.255.254", ADDRESS_RESERVED},
    {"255.255.255.255", ADDRESS_MULTICAST},
    {"::", ADDRESS_UNSPECIFIED},
    {"::1", ADDRESS_LOOPBACK},
    {"::2", ADDRESS_TRANSLATED},
    {"::127.0.0.1", ADDRESS_TRANSLATED},
    {"::ffff:127.0.0.1", ADDRESS_TRANSLATED},
    {"::ffff:8.8.8.8", ADDRESS_TRANSLATED},
    {"::ffff:0:8.8.8.8", ADDRESS_TRANSLATED},
    {"64:ff9b::8.8.8.8", ADDRESS_PUBLIC},
    {"64:ff9b::10.0.0.1", ADDRESS_TRANSLATED},
    {"64:ff9b::169.254.169.254", ADDRESS_TRANSLATED},
    {"64:ff9b:1::8.8.8.8", ADDRESS_TRANSLATED},
    {"100::1", ADDRESS_RESERVED},
    {"1fff:ffff::", ADDRESS_RESERVED},
    {"2000::", ADDRESS_PUBLIC},
    {"2001::1", ADDRESS_TUNNEL},
    {"2001:1::1", ADDRESS_RESERVED},
    {"2001:2::1", ADDRESS_BENCHMARK},
    {"2001:2:1::1", ADDRESS_RESERVED},
    {"2001:20::1", ADDRESS_RESERVED},
    {"2001:1ff:ffff::", ADDRESS_RESERVED},
    {"2001:200::", ADDRESS_PUBLIC},
    {"2001:db7:ffff::", ADDRESS_PUBLIC},
    {"2001:db8::1", ADDRESS_DOCUMENTATION},
    {"2001:db9::", ADDRESS_PUBLIC},
    {"2002:7f00:1::", ADDRESS_TUNNEL},
    {"2003::", ADDRESS_PUBLIC},
    {"2606:4700::1111", ADDRESS_PUBLIC},
    {"3ffe:ffff::", ADDRESS_PUBLIC},
    {"3fff::1", ADDRESS_DOCUMENTATION},
    {"3fff:fff:ffff::", ADDRESS_DOCUMENTATION},
    {"3fff:1000::", ADDRESS_PUBLIC},
    {"4000::", ADDRESS_RESERVED},
    {"5f00::1", ADDRESS_RESERVED},
    {"fc00::1", ADDRESS_PRIVATE},
    {"fd00:ec2::254", ADDRESS_METADATA},
    {"fd20:ce::254", ADDRESS_METADATA},
    {"fdff:ffff::", ADDRESS_PRIVATE},
    {"fe00::", ADDRESS_RESERVED},
    {"fe80::1", ADDRESS_LINK_LOCAL},
    {"febf:ffff::", ADDRESS_LINK_LOCAL},
    {"fec0::1", ADDRESS_PRIVATE},
    {"ff02::1", ADDRESS_MULTICAST},
};

static void test_kinds(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(examples); i++) {
        unsigned char bytes[16];
        size_t len;
        assert_true(address_read(str_from(examples[i].text), bytes, &len));
        enum address_kind kind = address_kind(bytes, len);
        if (kind != examples[i].kind)
            fail_msg("%s is %s", examples[i].text, address_kind_name(kind));
        assert_int_equal(address_is_public(bytes, len), kind == ADDRESS_PUBLIC);
    }
    const unsigned char public[16] = {8, 8, 8, 8};
    assert_int_equal(address_kind(public, 5), ADDRESS_RESERVED);
    assert_false(address_is_public(public, 0));
    assert_string_equal(address_kind_name(ADDRESS_LOOPBACK), "a loopback address");
    assert_string_equal(address_kind_name(ADDRESS_RESERVED), "a reserved address");
}

static void assert_bytes(const char *text, const unsigned char *expected, size_t expected_len)
{
    unsigned char bytes[16];
    size_t len;
    assert_true(address_read(str_from(text), bytes, &len));
    assert_int_equal(len, expected_len);
    assert_memory_equal(bytes, expected, len);
}

static void test_read(void **state)
{
    (void)state;
    assert_bytes("192.0.2.255", (unsigned char[]){192, 0, 2, 255}, 4);
    assert_bytes("::", (unsigned char[16]){0}, 16);
    assert_bytes("::1", (unsigned char[16]){[15] = 1}, 16);
    assert_bytes("1::", (unsigned char[16]){0, 1}, 16);
    assert_bytes("1:2:3:4:5:6:7:8",
                 (unsigned char[16]){0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8}, 16);
    assert_bytes("2001:DB8::a:0", (unsigned char[16]){0x20, 1, 0x0d, 0xb8, [13] = 10}, 16);
    assert_bytes("::ffff:192.0.2.1",
                 (unsigned char[16]){[10] = 0xff, [11] = 0xff, 192, 0, 2, 1}, 16);
    assert_bytes("1:2:3:4:5:6:1.2.3.4",
                 (unsigned char[16]){0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 1, 2, 3, 4}, 16);
}

static void test_read_refuses(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",           "127.1",     "0x7f.0.0.1", "0177.0.0.1",  "2130706433", "127.0.0.1.", "1.2.3",
        "1.2.3.4.5",  "1.2.3.256", " 1.2.3.4",   "1.2.3.4 ",    "[::1]",      "::1%lo",     ":::",
        "1::2::3",    "1:2:3",     "1:2:3:4:5:6:7:8:9",         "12345::",    "::1.2.3",    "localhost",
        "\xEF\xBC\x91.2.3.4"};
    unsigned char bytes[16];
    size_t len;
    for (size_t i = 0; i < COUNT(bad); i++)
        if (address_read(str_from(bad[i]), bytes, &len))
            fail_msg("\"%s\" is read as an address", bad[i]);
    assert_false(address_read((struct str){"1.2.3.4\0", 8}, bytes, &len));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_read_refuses),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
