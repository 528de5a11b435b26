/* Grants in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/policy/grants_text.h"

static struct json_doc *parse(const char *text)
{
    struct json_doc *doc;
    assert_int_equal(json_parse(str_from(text), &doc, NULL), ST_OK);
    return doc;
}

static void assert_text(const char *grants, const char *expected)
{
    struct json_doc *doc = parse(grants);
    struct buffer out = BUFFER_INIT;
    grants_describe(json_root(doc), STR("  - "), &out);
    buffer_add_char(&out, 0);
    assert_string_equal(out.data, expected);
    buffer_clear(&out);
    json_free(doc);
}

static void test_describe(void **state)
{
    (void)state;
    assert_text("{}", "  - nothing beyond itself\n");
    assert_text("{\"hosts\":[],\"paths\":[]}", "  - nothing beyond itself\n");
    assert_text("{\"memoryMiB\":256,\"processes\":4,\"cpuSeconds\":60,\"system\":[\"fonts\",\"locales\"],"
                "\"env\":[\"LANG\"],\"programs\":[\"git\"],\"hosts\":[\"a.example\",\"b.example:22\",\"[::1]\"],"
                "\"secrets\":[\"s\",{\"name\":\"t\",\"reveal\":true},\"u\"],\"paths\":[\"read\"]}",
                "  - read files in folders that you grant\n"
                "  - connect to a.example, b.example:22 and [::1]\n"
                "  - start the program git\n"
                "  - see the environment variable LANG\n"
                "  - send these secrets without seeing them: s, u\n"
                "  - see the value of these secrets: t\n"
                "  - read public files of the system: fonts and locales\n"
                "  - use up to 256 MiB of memory\n"
                "  - use up to 60 s of processor time for one call\n"
                "  - run up to 4 programs at once\n");
    assert_text("{\"paths\":[\"read\",\"write\",\"direct\"],\"hosts\":[\"*\"],\"env\":[\"A\",\"B\"],"
                "\"programs\":[\"git\",\"/usr/bin/python3\"]}",
                "  - read and change files in folders that you grant, and open them itself, by path\n"
                "  - connect to every public host of the network, by *\n"
                "  - start the programs git and /usr/bin/python3, and with that any other program\n"
                "  - see the environment variables A and B\n");
    assert_text("{\"secrets\":[\"*\"]}",
                "  - send these secrets without seeing them: *, which is all that grants.secrets names\n");
}

static void assert_difference(const char *before, const char *after, const char *expected)
{
    struct json_doc *a = parse(before), *b = parse(after);
    struct buffer out = BUFFER_INIT;
    grants_differ(json_root(a), json_root(b), &out);
    buffer_add_char(&out, 0);
    assert_string_equal(out.data, expected);
    buffer_clear(&out);
    json_free(a);
    json_free(b);
}

static void test_differ(void **state)
{
    (void)state;
    assert_difference("{}", "{}", "");
    assert_difference("{\"hosts\":[\"a\",\"b\"],\"env\":[]}", "{\"hosts\":[\"b\",\"\\u0061\"]}", "");
    assert_difference("{\"programs\":[\"git\",\"ls\"]}", "{\"hosts\":[\"api.example.org\"],\"programs\":[\"ls\"]}",
                      "+ hosts: api.example.org\n- programs: git\n");
    assert_difference("{\"paths\":[\"read\"],\"memoryMiB\":64,\"processes\":1}",
                      "{\"paths\":[\"read\",\"write\"],\"memoryMiB\":128,\"processes\":1,\"cpuSeconds\":1}",
                      "+ paths: write\n- memoryMiB: 64\n+ memoryMiB: 128\n+ cpuSeconds: 1\n");
    assert_difference("{\"secrets\":[\"t\"]}", "{\"secrets\":[{\"name\":\"t\",\"reveal\":true}]}",
                      "- secrets: t\n+ secrets: t (its value)\n");
    assert_difference("{\"secrets\":[\"t\"]}", "{\"secrets\":[{\"name\":\"t\",\"reveal\":false}]}", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_describe),
        cmocka_unit_test(test_differ),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
