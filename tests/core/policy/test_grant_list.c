/* Lists of names in grants. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/policy/grant_list.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void assert_valid(enum grant_list list, const char *entry, const char *message)
{
    struct error err = {0};
    bool valid = grant_valid(list, str_from(entry), &err);
    if (valid != (message == NULL))
        fail_msg("%s: \"%s\": %s", grant_list_name(list), entry, err.text);
    assert_string_equal(err.text, message ? message : "");
}

static void test_valid(void **state)
{
    (void)state;
    static const struct {
        enum grant_list list;
        const char *entry;
    } good[] = {
        {GRANT_HOSTS, "*.example.org:*"}, {GRANT_ENV, "_a9"}, {GRANT_ENV, "*"},
        {GRANT_PROGRAMS, "x86_64-linux-gnu-g++-12.1"}, {GRANT_PROGRAMS, "/opt/a b/c"},
        {GRANT_PROGRAMS, "*"}, {GRANT_SECRETS, "0.a_B-"}, {GRANT_SECRETS, "*"}};
    for (size_t i = 0; i < COUNT(good); i++)
        assert_valid(good[i].list, good[i].entry, NULL);
    assert_valid(GRANT_HOSTS, "", "a rule for hosts is empty; \"*\" is every public host");
    static const char *const variables[] = {"", "9a", "a-b", "a=", "**", "\xC3\xA9"};
    static const char *const programs[] = {"", "-x", ".x", "./x", "a/b", "/", "/a/", "//a", "/a/./b",
                                           "/a/../b", "/a\nb", "a b", "a;b", "~/x", "$x"};
    static const char *const secrets[] = {"", ".a", "-a", "_a", "a b", "a/b"};
    char text[300];
    for (size_t i = 0; i < COUNT(variables); i++) {
        snprintf(text, sizeof(text), "\"%s\" is no name of an environment variable: letters, digits "
                 "and _, at most 255", variables[i]);
        assert_valid(GRANT_ENV, variables[i], text);
    }
    for (size_t i = 0; i < COUNT(programs); i++) {
        snprintf(text, sizeof(text), "\"%s\" is no program: write a name without \"/\", such as "
                 "\"git\", or an absolute path without \".\" and \"..\"", programs[i]);
        assert_valid(GRANT_PROGRAMS, programs[i], text);
    }
    for (size_t i = 0; i < COUNT(secrets); i++) {
        snprintf(text, sizeof(text), "\"%s\" is no name of a secret: letters, digits, \".\", \"_\" and "
                 "\"-\", at most 64", secrets[i]);
        assert_valid(GRANT_SECRETS, secrets[i], text);
    }
    char longest[257];
    memset(longest, 'a', sizeof(longest));
    assert_true(grant_valid(GRANT_ENV, (struct str){longest, 255}, NULL));
    assert_false(grant_valid(GRANT_ENV, (struct str){longest, 256}, NULL));
    assert_true(grant_valid(GRANT_SECRETS, (struct str){longest, 64}, NULL));
    assert_false(grant_valid(GRANT_SECRETS, (struct str){longest, 65}, NULL));
    assert_true(grant_valid(GRANT_PROGRAMS, (struct str){longest, 255}, NULL));
    assert_false(grant_valid(GRANT_PROGRAMS, (struct str){longest, 256}, NULL));
    assert_false(grant_valid(GRANT_PROGRAMS, (struct str){"a\0b", 3}, NULL));
    assert_false(grant_valid(GRANT_PROGRAMS, (struct str){"/a\0b", 4}, NULL));
}

static void assert_cut(enum grant_list list, const char *asked, const char *granted,
                       const char *expected)
{
    struct json_doc *a, *g;
    struct buffer out = BUFFER_INIT;
    assert_int_equal(json_parse(str_from(asked), &a, NULL), ST_OK);
    assert_int_equal(json_parse(str_from(granted), &g, NULL), ST_OK);
    grant_cut(list, json_root(a), json_root(g), &out);
    assert_false(buffer_failed(&out));
    buffer_add_char(&out, 0);
    assert_string_equal(out.data, expected);
    buffer_clear(&out);
    json_free(a);
    json_free(g);
}

static void test_cut(void **state)
{
    (void)state;
    assert_cut(GRANT_HOSTS, "[\"a.example\",\"b.example\"]", "[]", "[]");
    assert_cut(GRANT_HOSTS, "[]", "[\"*\"]", "[]");
    assert_cut(GRANT_HOSTS, "[\"b.example\",\"a.example\"]", "[\"a.example:443\",\"b.example\"]",
               "[\"b.example\",\"a.example:443\"]");
    assert_cut(GRANT_HOSTS, "[\"*\"]", "[\"localhost:3000\",\"a.example\"]",
               "[\"localhost:3000\",\"a.example\"]");
    assert_cut(GRANT_HOSTS, "[\"*:*\"]", "[\"*\"]", "[\"*\"]");
    assert_cut(GRANT_HOSTS, "[\"*.example\"]", "[\"a.example\",\"*.b.example\",\"a.test\"]",
               "[\"~a.example\",\"*.b.example\"]");
    assert_cut(GRANT_HOSTS, "[\"a.example\"]", "[\"*\",\"*.example\"]", "[\"~a.example\"]");
    assert_cut(GRANT_PROGRAMS, "[\"git\",\"/bin/sh\"]", "[\"git\",\"sh\"]", "[\"git\"]");
    assert_cut(GRANT_PROGRAMS, "[\"git\",\"/bin/sh\"]", "[\"*\"]", "[\"git\",\"/bin/sh\"]");
    assert_cut(GRANT_PROGRAMS, "[\"*\",\"git\"]", "[\"*\",\"git\",\"make\"]", "[\"git\",\"make\"]");
    assert_cut(GRANT_ENV, "[\"LANG\",\"HOME\"]", "[\"HOME\",\"PATH\"]", "[\"HOME\"]");
    assert_cut(GRANT_SECRETS, "[\"a\",{\"name\":\"b\",\"reveal\":true}]", "[\"b\"]",
               "[{\"name\":\"b\",\"reveal\":true}]");
    assert_cut(GRANT_SECRETS, "[\"a\"]", "[\"*\"]", "[\"a\"]");
    assert_cut(GRANT_SECRETS, "[\"*\"]", "[\"b\",\"*\",\"a\"]", "[\"b\",\"a\"]");
    assert_cut(GRANT_SECRETS, "[\"*\"]", "[\"*\"]", "[]");
    assert_cut(GRANT_SECRETS, "[{\"name\":\"*\",\"reveal\":true}]", "[\"a\"]", "[\"a\"]");
}

/* `faulty` NULL: all of `fewer` is allowed. */
static void assert_narrow(enum grant_list list, const char *granted, const char *fewer,
                          const char *expected, const char *faulty)
{
    struct json_doc *g, *f;
    struct json fault = json_none();
    struct buffer out = BUFFER_INIT;
    assert_int_equal(json_parse(str_from(granted), &g, NULL), ST_OK);
    assert_int_equal(json_parse(str_from(fewer), &f, NULL), ST_OK);
    assert_int_equal(grant_narrow(list, json_root(g), json_root(f), &out, &fault), faulty == NULL);
    buffer_add_char(&out, 0);
    if (faulty)
        assert_true(json_is(fault, str_from(faulty)));
    else
        assert_string_equal(out.data, expected);
    buffer_clear(&out);
    json_free(g);
    json_free(f);
}

static void test_narrow(void **state)
{
    (void)state;
    assert_narrow(GRANT_HOSTS, "[\"*\"]", "[]", "[]", NULL);
    assert_narrow(GRANT_HOSTS, "[\"*\"]", "[\"a.example\"]", "[\"~a.example\"]", NULL);
    assert_narrow(GRANT_HOSTS, "[\"a.example\"]", "[\"*\"]", "[\"~a.example\"]", NULL);
    assert_narrow(GRANT_HOSTS, "[\"*\"]", "[\"a.example\",\"localhost\"]", NULL, "localhost");
    assert_narrow(GRANT_HOSTS, "[]", "[\"a.example\"]", NULL, "a.example");
    assert_narrow(GRANT_PROGRAMS, "[\"git\",\"make\"]", "[\"make\"]", "[\"make\"]", NULL);
    assert_narrow(GRANT_PROGRAMS, "[\"git\"]", "[\"*\"]", NULL, "*");
    assert_narrow(GRANT_PROGRAMS, "[\"*\"]", "[\"git\",\"*\"]", "[\"git\",\"*\"]", NULL);
    assert_narrow(GRANT_ENV, "[\"LANG\"]", "[\"LANG\",\"HOME\"]", NULL, "HOME");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_narrow),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
