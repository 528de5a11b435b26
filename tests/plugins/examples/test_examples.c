/* The examples in C++, in Rust and around a library, in the fake host. Those that were not built are
 * skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/plugins/support/asserts.h"

static hexmcp_fake_plugin p;

static void begin(const char *id)
{
    char path[600];
    snprintf(path, sizeof(path), "%s/%s/plugin.so", TEST_EXAMPLES_DIR, id);
    if (access(path, R_OK) != 0) {
        print_message("# %s was not built: its compiler or library is missing\n", id);
        skip();
    }
    plugin_load_from(&p, TEST_EXAMPLES_DIR, id, "{}");
}

/* The host does not take the answer: an error, and nothing lost. */
static void refuses_with_the_host(const char *tool, const char *args, int32_t want)
{
    hexmcp_fake_answer a;
    hexmcp_fake_fail(p.fake, HEXMCP_FAKE_COMPLETE, 1, HEXMCP_E_NOMEM);
    hexmcp_fake_run(&p, tool, args, &a);
    assert_int_equal(a.status, want);
    hexmcp_fake_answer_free(&a);
}

static void counts_words_in_cpp(void **state)
{
    (void)state;
    begin("hexmcp.examples.word-count");
    assert_result(&p, "word-count", "{\"text\":\"the cat, The dog\",\"top\":1}",
                  "{\"structuredContent\":{\"different\":3,\"words\":[{\"word\":\"the\","
                  "\"count\":2}]}}");
    assert_result(&p, "word-count", "{\"text\":\"\"}",
                  "{\"structuredContent\":{\"different\":0,\"words\":[]}}");
    assert_result(&p, "word-count", "{\"text\":\"b \\u00fcber a\"}",
                  "{\"structuredContent\":{\"different\":3,\"words\":[{\"word\":\"a\",\"count\":1},"
                  "{\"word\":\"b\",\"count\":1},{\"word\":\"\xc3\xbc" "ber\",\"count\":1}]}}");
    assert_error(&p, "word-count", "{}", HEXMCP_E_INVALID, "`text` must be a text");
    assert_error(&p, "word-count", "{\"text\":\"\",\"top\":1.5}", HEXMCP_E_INVALID,
                 "`top` must be a whole number");
    assert_error(&p, "word-count", "{\"text\":\"\",\"top\":-1}", HEXMCP_E_GENERIC,
                 "unexpected: a negative `top` came through the input schema");
    refuses_with_the_host("word-count", "{\"text\":\"a\"}", HEXMCP_E_NOMEM);
    hexmcp_fake_unload(&p);
}

static void measures_text_in_rust(void **state)
{
    (void)state;
    begin("hexmcp.examples.text-shape");
    assert_result(&p, "text-shape", "{\"text\":\"one\\ntwo and\"}",
                  "{\"structuredContent\":{\"lines\":2,\"characters\":11,\"longestLine\":7,"
                  "\"firstLineReversed\":\"eno\"}}");
    assert_result(&p, "text-shape", "{\"text\":\"\"}",
                  "{\"structuredContent\":{\"lines\":0,\"characters\":0,\"longestLine\":0,"
                  "\"firstLineReversed\":\"\"}}");
    assert_result(&p, "text-shape", "{\"text\":\"\\ud83d\\ude00\\\"\\\\\\t\\u0001\\/\"}",
                  "{\"structuredContent\":{\"lines\":1,\"characters\":6,\"longestLine\":6,"
                  "\"firstLineReversed\":\"/\\u0001\\u0009\\\\\\\"\xf0\x9f\x98\x80\"}}");
    assert_error(&p, "text-shape", "{}", HEXMCP_E_INVALID, "`text` must be a text");
    hexmcp_fake_unload(&p);
}

static void draws_codes(void **state)
{
    hexmcp_fake_answer a;
    char args[3100] = "{\"text\":\"";
    (void)state;
    begin("hexmcp.examples.qr-code");
    hexmcp_fake_run(&p, "qr-code", "{\"text\":\"A\",\"level\":\"L\",\"quiet\":0}", &a);
    assert_int_equal(a.outcome, HEXMCP_RESULT);
    assert_non_null(strstr(a.json, "\"structuredContent\":{\"version\":1,\"size\":21,\"rows\":["
                                   "\"1111111"));
    assert_non_null(strstr(a.json, "{\"content\":[{\"type\":\"text\",\"text\":\" \xe2\x96\x84"));
    hexmcp_fake_answer_free(&a);
    assert_error(&p, "qr-code", "{\"text\":\"\"}", HEXMCP_E_INVALID,
                 "`text` is empty; give at least one character");
    assert_error(&p, "qr-code", "{\"text\":\"a\",\"quiet\":11}", HEXMCP_E_INVALID,
                 "`quiet` must be 0 to 10");
    memset(args + 9, 'x', 2000);
    strcpy(args + 9 + 2000, "\",\"level\":\"H\"}");
    assert_error(&p, "qr-code", args, HEXMCP_E_TOO_LARGE,
                 "the text does not fit into a QR code of this level; shorten it, or take a lower "
                 "level");
    refuses_with_the_host("qr-code", "{\"text\":\"a\"}", HEXMCP_E_NOMEM);
    hexmcp_fake_fail(p.fake, HEXMCP_FAKE_CALL_CANCELLED, 0, HEXMCP_E_CANCELLED);
    hexmcp_fake_run(&p, "qr-code", "{\"text\":\"a\"}", &a);
    assert_int_equal(a.outcome, HEXMCP_CANCELLED);
    hexmcp_fake_answer_free(&a);
    hexmcp_fake_unload(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_words_in_cpp),
        cmocka_unit_test(measures_text_in_rust),
        cmocka_unit_test(draws_codes),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("examples", tests, NULL, NULL);
}
