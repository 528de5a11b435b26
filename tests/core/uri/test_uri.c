/* What uri_check lets pass, and its messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/uri/uri.h"

static void assert_good(struct str uri)
{
    struct error err;
    if (uri_check(uri, &err) != ST_OK)
        fail_msg("%.*s: %s", STR_ARG(uri), err.text);
    assert_true(uri_is_valid(uri));
}

static void assert_bad(struct str uri, int code, const char *message)
{
    struct error err = {0};
    assert_int_equal(uri_check(uri, &err), code);
    assert_string_equal(err.text, message);
    assert_int_equal(uri_check(uri, NULL), code);
}

static void test_good(void **state)
{
    (void)state;
    static const char *const good[] = {
        "a:", "urn:a:b", "mailto:a@b.example", "ui://calculator/view", "x+y-1.z://a",
        "http://u:p@[::1]:80/a;b=c?d=e/?#f/?", "http://[::ffff:1.2.3.4]/", "http://x:/",
        "https://x.example/../a/%2e%2E/%2F%00", "file:///", "file:/a", "FILE://LocalHost/a%20b",
        "file:///a/..b/.../b..", "file:///a/?..#..", "db://%C3%A9/%FF",
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_good(str_from(good[i]));
}

static void test_characters(void **state)
{
    (void)state;
    assert_bad(STR("a:b c"), ST_INVALID, "the URI has a character at byte 3 that must be escaped; "
                                         "write it as %20");
    assert_bad(STR("a:\\"), ST_INVALID, "the URI has a character at byte 2 that must be escaped; "
                                        "write it as %5C");
    assert_bad(STR("a:\0"), ST_INVALID, "the URI has a character at byte 2 that must be escaped; "
                                        "write it as %00");
    assert_bad(STR("\na:"), ST_INVALID, "the URI has a character at byte 0 that must be escaped; "
                                        "write it as %0A");
    assert_bad(STR("a:\xC3\xA9"), ST_INVALID, "the URI has a character at byte 2 that must be "
                                              "escaped; write it as %C3");
    static const char escape[] = "the URI has a '%' without two hexadecimal digits at byte 3; write "
                                 "a plain '%' as %25";
    assert_bad(STR("a:b%"), ST_INVALID, escape);
    assert_bad(STR("a:b%2"), ST_INVALID, escape);
    assert_bad(STR("a:b%2g"), ST_INVALID, escape);
    assert_bad(STR("a:b%%20"), ST_INVALID, escape);
}

static void test_structure(void **state)
{
    (void)state;
    static const char scheme[] = "the URI does not begin with a scheme like file: or https:; "
                                 "relative references are not allowed";
    assert_bad(STR(""), ST_INVALID, scheme);
    assert_bad((struct str){NULL, 0}, ST_INVALID, scheme);
    assert_bad(STR("a"), ST_INVALID, scheme);
    assert_bad(STR(":a"), ST_INVALID, scheme);
    assert_bad(STR("/a:b"), ST_INVALID, scheme);
    assert_bad(STR("//x.example/a"), ST_INVALID, scheme);
    assert_bad(STR("1a:b"), ST_INVALID, scheme);
    assert_bad(STR("a_b:c"), ST_INVALID, scheme);
    static const char host[] = "the host or port of the URI is malformed (RFC 3986, section 3)";
    assert_bad(STR("a://b:c"), ST_INVALID, host);
    assert_bad(STR("a://[::1"), ST_INVALID, host);
    assert_bad(STR("a://[::g]/"), ST_INVALID, host);
    assert_bad(STR("a://[]/"), ST_INVALID, host);
    assert_bad(STR("a://[::1]b"), ST_INVALID, host);
    assert_bad(STR("a://b@c@d"), ST_INVALID, host);
    assert_bad(STR("a:b[c]"), ST_INVALID, "the path of the URI is malformed (RFC 3986, section 3)");
    assert_bad(STR("a:b?[c]"), ST_INVALID,
               "the query of the URI is malformed (RFC 3986, section 3)");
    assert_bad(STR("a:b#c#d"), ST_INVALID,
               "the fragment of the URI is malformed (RFC 3986, section 3)");
}

static void test_file_hosts_and_paths(void **state)
{
    (void)state;
    assert_bad(STR("file://server/a"), ST_INVALID,
               "the file URI names the host \"server\"; only files of this machine can be named, as "
               "file:///path");
    assert_bad(STR("file://localhost:80/a"), ST_INVALID,
               "the file URI names the host \"localhost:80\"; only files of this machine can be "
               "named, as file:///path");
    assert_bad(STR("file://../a"), ST_INVALID,
               "the file URI names the host \"..\"; only files of this machine can be named, as "
               "file:///path");
    static const char relative[] = "the file URI has no absolute path; write it as file:///path";
    assert_bad(STR("file:a/b"), ST_INVALID, relative);
    assert_bad(STR("file:"), ST_INVALID, relative);
    assert_bad(STR("file://"), ST_INVALID, relative);
    assert_bad(STR("FILE:?a"), ST_INVALID, relative);
}

static void test_file_traversal(void **state)
{
    (void)state;
    static const char *const segments[] = {".",   "..",     "%2e",    "%2E", "%2e%2E",
                                           ".%2e", "%2e."};
    static const char *const shapes[] = {"file:///%s", "file:/a/%s/b", "file://localhost/a/%s",
                                         "fIlE:///%s?q"};
    for (size_t i = 0; i < sizeof(segments) / sizeof(segments[0]); i++) {
        for (size_t k = 0; k < sizeof(shapes) / sizeof(shapes[0]); k++) {
            char uri[100], message[200];
            snprintf(message, sizeof(message),
                     "the path of the file URI has a segment \"%s\"; name the file without \".\" "
                     "and \"..\"",
                     segments[i]);
            const char *hole = strstr(shapes[k], "%s");
            snprintf(uri, sizeof(uri), "%.*s%s%s", (int)(hole - shapes[k]), shapes[k], segments[i],
                     hole + 2);
            assert_bad(str_from(uri), ST_INVALID, message);
        }
    }
    static const char slash[] = "the path of the file URI holds an escaped slash (%2F); no file "
                                "name can hold it";
    assert_bad(STR("file:///a%2fb"), ST_INVALID, slash);
    assert_bad(STR("file:///a/..%2F..%2Fetc"), ST_INVALID, slash);
    assert_bad(STR("file:///a%00.txt"), ST_INVALID, "the path of the file URI holds an escaped NUL "
                                                    "(%00); no file name can hold it");
}

static void test_length(void **state)
{
    (void)state;
    static char text[URI_MAX_BYTES + 1];
    memset(text, 'a', sizeof(text));
    memcpy(text, "file:///", 8);
    assert_good((struct str){text, URI_MAX_BYTES});
    assert_bad((struct str){text, sizeof(text)}, ST_TOO_LARGE,
               "the URI has 8193 bytes; at most 8192 are allowed");
    assert_true(uri_is_valid((struct str){text, sizeof(text)}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_characters),
        cmocka_unit_test(test_structure),
        cmocka_unit_test(test_file_hosts_and_paths),
        cmocka_unit_test(test_file_traversal),
        cmocka_unit_test(test_length),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
