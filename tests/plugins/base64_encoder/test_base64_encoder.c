/* Text and bytes: RFC 4648's vectors, every way to be wrong, and round trips. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hexmcp/json.h"
#include "tests/plugins/support/asserts.h"

#define TOOL "base64-encoder"

static hexmcp_fake_plugin plugin;

static int load(void **state)
{
    (void)state;
    plugin_load(&plugin, "hexmcp.base64-encoder", "{}");
    hexmcp_fake_offer(plugin.fake, HEXMCP_FILES_1, NULL);
    return 0;
}

static int unload(void **state)
{
    (void)state;
    hexmcp_fake_unload(&plugin);
    return 0;
}

/* RFC 4648, section 10. */
static const struct {
    const char *text;
    const char *base64;
} vectors[] = {{"", ""},
               {"f", "Zg=="},
               {"fo", "Zm8="},
               {"foo", "Zm9v"},
               {"foob", "Zm9vYg=="},
               {"fooba", "Zm9vYmE="},
               {"foobar", "Zm9vYmFy"}};

static void test_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        const char *text = vectors[i].text, *base64 = vectors[i].base64;
        char args[100], expected[300];
        snprintf(args, sizeof(args), "{\"operation\":\"encode\",\"input\":\"%s\"}", text);
        snprintf(expected, sizeof(expected),
                 "{\"structuredContent\":{\"operation\":\"encode\",\"variant\":\"standard\","
                 "\"bytes_in\":%zu,\"bytes_out\":%zu,\"output\":\"%s\",\"binary\":false}}",
                 strlen(text), strlen(base64), base64);
        assert_result(&plugin, TOOL, args, expected);
        snprintf(args, sizeof(args), "{\"operation\":\"decode\",\"input\":\"%s\"}", base64);
        snprintf(expected, sizeof(expected),
                 "{\"structuredContent\":{\"operation\":\"decode\",\"variant\":\"standard\","
                 "\"bytes_in\":%zu,\"bytes_out\":%zu,\"output\":\"%s\",\"binary\":false}}",
                 strlen(base64), strlen(text), text);
        assert_result(&plugin, TOOL, args, expected);
    }
}

/* Compares `output` and `binary` of the call {"operation":...,MORE}. */
static void assert_output(const char *more, const char *output, int binary)
{
    char args[1000];
    hexmcp_fake_answer answer;
    hexmcp_str content, value;
    int flag;
    snprintf(args, sizeof(args), "{\"operation\":%s}", more);
    plugin_run(&plugin, TOOL, args, strlen(args), &answer);
    if (answer.status < 0)
        fail_msg("%s: %s", args, answer.error.text);
    assert_int_equal(hexmcp_json_get(hexmcp_str_from(answer.json), "structuredContent", &content),
                     0);
    assert_int_equal(hexmcp_json_get(content, "output", &value), 0);
    if (!hexmcp_json_equals(value, output))
        fail_msg("%s: %.*s, not %s", args, (int)value.len, value.ptr, output);
    assert_int_equal(hexmcp_json_get(content, "binary", &value), 0);
    assert_int_equal(hexmcp_json_bool(value, &flag), 0);
    assert_int_equal(flag, binary);
    hexmcp_fake_answer_free(&answer);
}

static void test_variants_and_padding(void **state)
{
    (void)state;
    assert_output("\"encode\",\"input\":\"fbff\",\"binary_input\":true", "+/8=", 0);
    assert_output("\"encode\",\"input\":\"FBff\",\"binary_input\":true,\"variant\":\"url-safe\"",
                  "-_8=", 0);
    assert_output("\"encode\",\"input\":\"fbff\",\"binary_input\":true,\"padding\":false", "+/8",
                  0);
    assert_output("\"encode\",\"input\":\"fbff\",\"binary_input\":true,\"padding\":false,"
                  "\"variant\":\"url-safe\"",
                  "-_8", 0);
    assert_output("\"encode\",\"input\":\"\",\"binary_input\":true", "", 0);
    assert_output("\"decode\",\"input\":\"-_8=\",\"variant\":\"url-safe\"", "fbff", 1);
    assert_output("\"decode\",\"input\":\"-_8\",\"variant\":\"url-safe\"", "fbff", 1);
    assert_output("\"decode\",\"input\":\"+/8\",\"padding\":false", "fbff", 1);
    assert_output("\"decode\",\"input\":\"+/8=\",\"padding\":true", "fbff", 1);
}

static void test_text_and_bytes(void **state)
{
    (void)state;
    assert_output("\"encode\",\"input\":\"Gr\\u00fc\\u00dfe \\ud83d\\ude00\"", "R3LDvMOfZSDwn5iA",
                  0);
    assert_output("\"decode\",\"input\":\"R3LDvMOfZSDwn5iA\"", "Gr\u00fc\u00dfe \U0001F600", 0);
    assert_output("\"encode\",\"input\":\"a\\u0000b\"", "YQBi", 0);
    /* not UTF-8: a lone lead byte, an overlong form, a surrogate, above U+10FFFF, cut short */
    assert_output("\"decode\",\"input\":\"w0E=\"", "c341", 1);
    assert_output("\"decode\",\"input\":\"wIA=\"", "c080", 1);
    assert_output("\"decode\",\"input\":\"4ICA\"", "e08080", 1);
    assert_output("\"decode\",\"input\":\"7aCA\"", "eda080", 1);
    assert_output("\"decode\",\"input\":\"9JCAgA==\"", "f4908080", 1);
    assert_output("\"decode\",\"input\":\"4oI=\"", "e282", 1);
    assert_output("\"decode\",\"input\":\"4oJB\"", "e28241", 1);
    assert_output("\"decode\",\"input\":\"gA==\"", "80", 1);
}

static void test_line_breaks(void **state)
{
    (void)state;
    assert_output("\"decode\",\"input\":\"Zm9v\\r\\nYmFy\\n\"", "foobar", 0);
    assert_output("\"decode\",\"input\":\"Zg\\n=\\n=\\n\"", "f", 0);
    assert_output("\"decode\",\"input\":\"Zm9v\",\"line_breaks\":false", "foo", 0);
    assert_output("\"encode\",\"input\":\"foo\",\"line_breaks\":false", "Zm9v", 0);
}

#define DECODE "{\"operation\":\"decode\",\"input\":"
#define NO(variant, position) "input is not " variant " base64 at position " position
#define END(variant, position) "input is not " variant " base64 at its end, position " position ": "

/* What is wrong in a text, and the message. */
static const struct {
    const char *args;
    const char *text;
} broken[] = {
    {DECODE "\"Zm9v!mFy\"}",
     NO("standard", "4 (counted from 0): '!' is not in the alphabet; correct or remove it")},
    {DECODE "\"Zm 9v\"}",
     NO("standard", "2 (counted from 0): byte 0x20 is not in the alphabet; correct or remove it")},
    {DECODE "\"\\u00e9\"}",
     NO("standard", "0 (counted from 0): byte 0xc3 is not in the alphabet; correct or remove it")},
    {DECODE "\"Zm9v\\u0000\"}",
     NO("standard", "4 (counted from 0): byte 0x00 is not in the alphabet; correct or remove it")},
    {DECODE "\"ab_-\"}", NO("standard", "2 (counted from 0): '_' belongs to the url-safe alphabet; "
                                        "give variant url-safe")},
    {DECODE "\"ab+/\",\"variant\":\"url-safe\"}",
     NO("url-safe", "2 (counted from 0): '+' belongs to the standard alphabet; give variant "
                    "standard")},
    {DECODE "\"Zm9v\\nYmFy\",\"line_breaks\":false}",
     NO("standard", "4 (counted from 0): byte 0x0a is a line break; give line_breaks true to pass "
                    "over them")},
    {DECODE "\"Z===\"}",
     NO("standard",
        "1 (counted from 0): '=' cannot be here: padding stands only where two or three "
        "characters end the text")},
    {DECODE "\"=\"}",
     NO("standard",
        "0 (counted from 0): '=' cannot be here: padding stands only where two or three "
        "characters end the text")},
    {DECODE "\"Zm9v=\"}",
     NO("standard",
        "4 (counted from 0): '=' cannot be here: padding stands only where two or three "
        "characters end the text")},
    {DECODE "\"Zm8==\"}",
     NO("standard",
        "4 (counted from 0): '=' cannot be here: padding stands only where two or three "
        "characters end the text")},
    {DECODE "\"Zg==Zg==\"}",
     NO("standard",
        "4 (counted from 0): 'Z' stands behind the padding, which ends the text; decode "
        "what follows by itself")},
    {DECODE "\"Zg==\",\"padding\":false}",
     NO("standard", "2 (counted from 0): '=' is padding; give padding true to ask for it, or leave "
                    "padding out")},
    {DECODE "\"Zh==\"}", NO("standard", "1 (counted from 0): 'h' has bits that stand for no byte; "
                                        "the text was cut or changed")},
    {DECODE "\"Zm9\"}",
     NO("standard", "2 (counted from 0): '9' has bits that stand for no byte; the "
                    "text was cut or changed")},
    {DECODE "\"Zm9vY\"}",
     END("standard", "5") "one character is left over, which makes no byte; the text was cut"},
    {DECODE "\"Zg=\"}",
     END("standard", "3") "the padding is not complete; add = until the length is a multiple of 4, "
                          "or leave padding out and = away"},
    {DECODE "\"Zg\",\"padding\":true,\"variant\":\"url-safe\"}",
     END("url-safe", "2") "the padding is not complete; add = until the length is a multiple of 4, "
                          "or leave padding out and = away"},
    {"{\"operation\":\"encode\",\"input\":\"0g\",\"binary_input\":true}",
     "input is not hex at position 1 of 2; give two hex digits for each byte and nothing else, or "
     "leave binary_input out to encode the text itself"},
    {"{\"operation\":\"encode\",\"input\":\"012\",\"binary_input\":true}",
     "input is not hex at position 3 of 3; give two hex digits for each byte and nothing else, or "
     "leave binary_input out to encode the text itself"},
};

static void test_broken(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
        assert_error(&plugin, TOOL, broken[i].args, HEXMCP_E_INVALID, broken[i].text);
}

static const struct {
    const char *args;
    int32_t code;
    const char *text;
} refused[] = {
    {"{\"input\":\"\"}", HEXMCP_E_INVALID, "operation is missing; give one of encode, decode"},
    {"{\"operation\":\"hex\",\"input\":\"\"}", HEXMCP_E_INVALID,
     "operation is unknown; give one of encode, decode"},
    {"{\"operation\":\"encode\",\"input\":\"\",\"variant\":\"url\"}", HEXMCP_E_INVALID,
     "variant is unknown; give one of standard, url-safe"},
    {"{\"operation\":\"encode\"}", HEXMCP_E_INVALID,
     "there is nothing to work on; give input (the data itself) or path (a file)"},
    {"{\"operation\":\"encode\",\"input\":1}", HEXMCP_E_INVALID,
     "input is not a text; give a string"},
    {"{\"operation\":\"encode\",\"input\":\"\",\"path\":\"x\"}", HEXMCP_E_INVALID,
     "input and path are both given; give one of them"},
    {"{\"operation\":\"encode\",\"input\":\"\",\"padding\":1}", HEXMCP_E_INVALID,
     "padding is neither true nor false; correct it"},
    {"{\"operation\":\"encode\",\"input\":\"\",\"line_breaks\":true}", HEXMCP_E_INVALID,
     "line_breaks is not for encode but for decode; leave it out, or take another operation"},
    {"{\"operation\":\"decode\",\"input\":\"\",\"binary_input\":true}", HEXMCP_E_INVALID,
     "binary_input is not for decode but for encode; leave it out, or take another operation"},
    {"{\"operation\":\"encode\",\"path\":\"x\",\"binary_input\":true}", HEXMCP_E_INVALID,
     "binary_input is for input; leave it out: the bytes of a file are encoded as they are"},
    {"{\"operation\":\"encode\",\"input\":\"\",\"overwrite\":true}", HEXMCP_E_INVALID,
     "overwrite needs target_path, the file to write; give it, or leave overwrite out"},
    {"{\"operation\":\"encode\",\"path\":\"x\"}", HEXMCP_E_DENIED,
     "this server lets no tool read files; the operator allows a folder with --allow-read FOLDER"},
    {"{\"operation\":\"encode\",\"input\":\"\",\"target_path\":\"x\"}", HEXMCP_E_DENIED,
     "this server lets no tool write files; the operator allows a folder with --allow-write FOLDER"},
};

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        assert_error(&plugin, TOOL, refused[i].args, refused[i].code, refused[i].text);
}

/* {"operation":OPERATION,"input":"AAAA..."} with `len` characters. */
static char *long_args(const char *operation, size_t len)
{
    char *args = malloc(len + 100);
    assert_non_null(args);
    int used = snprintf(args, 100, "{\"operation\":\"%s\",\"input\":\"", operation);
    memset(args + used, 'A', len);
    memcpy(args + used + len, "\"}", 3);
    return args;
}

static void test_too_large(void **state)
{
    (void)state;
    char *args = long_args("encode", 10485761);
    assert_error(&plugin, TOOL, args, HEXMCP_E_TOO_LARGE,
                 "input has 10485761 bytes, but at most 10485760 are taken; shorten it, or put it in a "
                 "file and give path");
    free(args);
    args = long_args("encode", 7864321); /* one more would be 10 MiB and 4 bytes of base64 */
    assert_error(&plugin, TOOL, args, HEXMCP_E_TOO_LARGE,
                 "the result has more than the 10485760 bytes that fit in an answer; give "
                 "target_path to write it to a file");
    free(args);
}

/* Encodes the hex digits and decodes what comes; the same must come back. */
static void assert_round_trip(const char *hex, size_t bytes, const char *how)
{
    char args[1500], base64[600];
    hexmcp_fake_answer answer;
    hexmcp_str content, value;
    snprintf(args, sizeof(args),
             "{\"operation\":\"encode\",\"input\":\"%s\",\"binary_input\":true%s}", hex, how);
    plugin_run(&plugin, TOOL, args, strlen(args), &answer);
    assert_int_equal(answer.status, HEXMCP_OK);
    assert_int_equal(hexmcp_json_get(hexmcp_str_from(answer.json), "structuredContent", &content),
                     0);
    assert_int_equal(hexmcp_json_get(content, "output", &value), 0);
    assert_int_equal(hexmcp_json_string(value, base64, sizeof(base64), NULL), 0);
    hexmcp_fake_answer_free(&answer);
    assert_int_equal(strspn(base64, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                    "+/-_="),
                     strlen(base64));
    assert_true(strlen(base64) ==
                (strstr(how, "false") ? (bytes * 4 + 2) / 3 : (bytes + 2) / 3 * 4));
    snprintf(args, sizeof(args), "\"decode\",\"input\":\"%s\"%s", base64, how);
    assert_output(args, hex, 1);
}

static void test_round_trips(void **state)
{
    static const char *const ways[] = {"", ",\"padding\":false", ",\"variant\":\"url-safe\"",
                                       ",\"variant\":\"url-safe\",\"padding\":false"};
    (void)state;
    srand(4648);
    for (size_t i = 0; i < 1200; i++) {
        char hex[700] = "ff"; /* never UTF-8 */
        size_t bytes = 1 + i % 300;
        for (size_t b = 1; b < bytes; b++)
            snprintf(hex + 2 * b, 3, "%02x", (unsigned)rand() & 0xffu);
        assert_round_trip(hex, bytes, ways[i % 4]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),        cmocka_unit_test(test_variants_and_padding),
        cmocka_unit_test(test_text_and_bytes), cmocka_unit_test(test_line_breaks),
        cmocka_unit_test(test_broken),         cmocka_unit_test(test_refused),
        cmocka_unit_test(test_too_large),      cmocka_unit_test(test_round_trips),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, load, unload);
}
