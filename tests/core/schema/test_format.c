/* `format`, when it is asked to check. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/json/writer.h"
#include "tests/core/schema/support.h"

static int check(const char *format, struct str value, struct error *err)
{
    char text[60];
    struct buffer quoted = BUFFER_INIT;
    struct schema *schema;
    struct json_doc *doc;
    const struct schema_options options = {.assert_formats = true};
    snprintf(text, sizeof(text), "{\"format\":\"%s\"}", format);
    assert_int_equal(schema_compile_with(str_from(text), &options, &schema, err), ST_OK);
    json_quote(&quoted, value);
    assert_int_equal(json_parse(buffer_str(&quoted), &doc, err), ST_OK);
    int rc = schema_check(schema, json_root(doc), err);
    json_free(doc);
    schema_free(schema);
    buffer_clear(&quoted);
    return rc;
}

/* Both lists end with NULL. */
static void assert_format(const char *format, const char *const *good, const char *const *bad)
{
    struct error err;
    for (; *good; good++)
        if (check(format, str_from(*good), &err))
            fail_msg("%s %s: %s", format, *good, err.text);
    for (; *bad; bad++)
        if (check(format, str_from(*bad), &err) != ST_INVALID)
            fail_msg("%s takes %s", format, *bad);
}

#define TEXTS(...) (const char *const[]){__VA_ARGS__, NULL}

static void test_dates(void **state)
{
    (void)state;
    assert_format("date", TEXTS("2024-02-29", "2000-02-29", "0000-01-01"),
                  TEXTS("2023-02-29", "1900-02-29", "2024-13-01", "2024-00-01", "2024-04-31",
                        "2024-1-01", "2024-01-01 ", "20240101", "", "2024-01-01T00:00:00Z"));
    assert_format("time",
                  TEXTS("00:00:00Z", "23:59:60Z", "22:59:60-01:00", "08:30:06.283185+00:20"),
                  TEXTS("24:00:00Z", "12:60:00Z", "12:00:60Z", "12:00:00", "12:00:00.Z",
                        "12:00:00+24:00", "12:00:00+0100"));
    assert_format("date-time", TEXTS("2025-12-31T23:59:59Z", "2025-12-31t23:59:59.5z"),
                  TEXTS("2025-12-31 23:59:59Z", "2025-12-31T23:59:59", "2025-02-30T00:00:00Z"));
}

static void test_addresses(void **state)
{
    (void)state;
    assert_format("email", TEXTS("joe@example.com", "a.b+c@x-y.example", "\"j @\\\"e\"@example.com",
                                 "joe@[127.0.0.1]", "joe@[IPv6:::1]"),
                  TEXTS("joe", "@example.com", "joe@", ".a@example.com", "a..b@example.com",
                        "a b@example.com", "joe@-x.example", "joe@x..example", "joe@[300.0.0.1]",
                        "joe@example.com\n", "\"j\"e\"@example.com"));
    assert_format("ipv4", TEXTS("0.0.0.0", "255.255.255.255"),
                  TEXTS("256.0.0.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.4 ", "", "1..2.3"));
    assert_format("ipv6", TEXTS("::", "::1", "1:2:3:4:5:6:7:8", "1::8", "::ffff:1.2.3.4",
                                "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7::"),
                  TEXTS(":", ":1", "1:", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::",
                        "1:2:3:4:5:6:7:1.2.3.4", "::g", "1:2:3:4:5:6:7:8::", ""));
}

static void test_uris(void **state)
{
    (void)state;
    assert_format("uri", TEXTS("http://x.example/a?b=c#d", "urn:a:b", "mailto:a@b.example",
                               "http://u:p@[::1]:80/", "file:///a%20b", "a:"),
                  TEXTS("/a", "//x.example", "x", "", "http://x.example/a b",
                        "http://x.example/%zz", "1http://x.example", "http://x.example/\xC3\xA9",
                        "http://[::g]/",
                        "http://x.example:8a/", "http://[::1", "http://x.example/<a>"));
    assert_format("uuid", TEXTS("2EB8AA08-aa98-11ea-b4aa-73b441d16380"),
                  TEXTS("2eb8aa08aa9811eab4aa73b441d16380", "2eb8aa08-aa98-11ea-b4aa-73b441d1638",
                        "2eb8aa08-aa98-11ea-b4aa-73b441d1638g"));
}

static void test_a_nul_ends_nothing(void **state)
{
    (void)state;
    struct error err;
    assert_int_equal(check("email", STR("joe@example.com\0x"), &err), ST_INVALID);
    assert_int_equal(check("email", STR("jo\0e@example.com"), &err), ST_INVALID);
    assert_int_equal(check("uri", STR("http://x.example/\0"), &err), ST_INVALID);
    assert_int_equal(check("ipv4", STR("1.2.3.4\0"), &err), ST_INVALID);
}

static void test_message_and_unknown_formats(void **state)
{
    (void)state;
    struct error err;
    assert_int_equal(check("email", STR("joe"), &err), ST_INVALID);
    assert_string_equal(err.text, "must be an e-mail address, is \"joe\"");
    assert_int_equal(check("no-such-format", STR("joe"), &err), ST_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_uris),
        cmocka_unit_test(test_a_nul_ends_nothing),
        cmocka_unit_test(test_message_and_unknown_formats),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
