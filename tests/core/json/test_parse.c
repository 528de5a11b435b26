/* What is JSON, and what is said about what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/json/json.h"

static void assert_valid(struct str text)
{
    struct json_doc *doc;
    struct error err = {0};
    if (json_parse(text, &doc, &err))
        fail_msg("%.*s: %s", STR_ARG(text), err.text);
    json_free(doc);
}

/* The text is copied to the end of a block of its own, so that a sanitizer sees reads beyond it. */
static void assert_refused(struct str text, const char *message)
{
    struct json_doc *doc = NULL;
    struct error err = {0};
    char *copy = malloc(text.len + 1);
    assert_non_null(copy);
    if (text.len)
        memcpy(copy + 1, text.ptr, text.len);
    assert_int_equal(json_parse((struct str){copy + 1, text.len}, &doc, &err), ST_INVALID);
    assert_string_equal(err.text, message);
    assert_null(doc);
    free(copy);
}

static void test_the_place_alone(void **state)
{
    (void)state;
    struct json_doc *doc = NULL;
    struct error err = {0};
    size_t fault = 77;
    assert_int_equal(json_parse_located(STR("[1,"), &doc, &fault, &err), ST_INVALID);
    assert_int_equal(fault, 3);
    assert_string_equal(err.text, "unexpected end");
    assert_int_equal(json_parse_located(STR("{\"a\":1,\"a\":2}"), &doc, &fault, &err), ST_INVALID);
    assert_int_equal(fault, 7);
    assert_string_equal(err.text, "duplicate key");
    assert_int_equal(json_parse_located(STR("[1]"), &doc, &fault, &err), ST_OK);
    assert_int_equal(fault, 7);
    json_free(doc);
}

static void test_scalars(void **state)
{
    (void)state;
    assert_valid(STR("null"));
    assert_valid(STR(" \t\r\n true \n"));
    assert_valid(STR("-0"));
    assert_valid(STR("-0.0e+00"));
    assert_valid(STR("1E400"));
    assert_valid(STR("\"\\ud83d\\ude00 \\u0000 \\\"\\\\\\/\\b\\f\\n\\r\\t\""));
    assert_valid(STR("\"\x7F\xEF\xBF\xBF\xF4\x8F\xBF\xBF\""));
}

static void test_containers(void **state)
{
    (void)state;
    assert_valid(STR("[]"));
    assert_valid(STR("{}"));
    assert_valid(STR("[ ]"));
    assert_valid(STR("{ }"));
    assert_valid(STR("[{},[],{\"a\":{}},[[]]]"));
    assert_valid(STR(" { \"a\" : 1 , \"b\" : [ 1 , 2 ] } "));
}

static void test_ends_too_early(void **state)
{
    (void)state;
    assert_refused(STR(""), "unexpected end at byte 0");
    assert_refused(STR("  "), "unexpected end at byte 2");
    assert_refused(STR("["), "unexpected end at byte 1");
    assert_refused(STR("[1"), "unexpected end at byte 2");
    assert_refused(STR("[1,"), "unexpected end at byte 3");
    assert_refused(STR("{"), "expected a key in quotes at byte 1");
    assert_refused(STR("{\"a\""), "expected ':' at byte 4");
    assert_refused(STR("{\"a\":"), "unexpected end at byte 5");
    assert_refused(STR("{\"a\":1"), "unexpected end at byte 6");
    assert_refused(STR("{\"a\":1,"), "expected a key in quotes at byte 7");
    assert_refused(STR("\"abc"), "string without an end at byte 4");
    assert_refused(STR("\"abc\\"), "unfinished escape at byte 4");
    assert_refused(STR("tru"), "unexpected character at byte 0");
    assert_refused(STR("-"), "malformed number at byte 0");
}

static void test_wrong_characters(void **state)
{
    (void)state;
    assert_refused(STR("x"), "unexpected character at byte 0");
    assert_refused(STR("[1,]"), "unexpected character at byte 3");
    assert_refused(STR("[,1]"), "unexpected character at byte 1");
    assert_refused(STR("[1 2]"), "expected ',' or ']' at byte 3");
    assert_refused(STR("[1}"), "expected ',' or ']' at byte 2");
    assert_refused(STR("{\"a\":1]"), "expected ',' or '}' at byte 6");
    assert_refused(STR("{\"a\" 1}"), "expected ':' at byte 5");
    assert_refused(STR("{\"a\":1,}"), "expected a key in quotes at byte 7");
    assert_refused(STR("{a:1}"), "expected a key in quotes at byte 1");
    assert_refused(STR("{1:1}"), "expected a key in quotes at byte 1");
    assert_refused(STR("1 2"), "unexpected text after the value at byte 2");
    assert_refused(STR("nulll"), "unexpected text after the value at byte 4");
    assert_refused(STR("{}\0"), "unexpected text after the value at byte 2");
    assert_refused(STR("\xEF\xBB\xBF{}"), "unexpected character at byte 0");
    assert_refused(STR("True"), "unexpected character at byte 0");
    assert_refused(STR("NaN"), "unexpected character at byte 0");
    assert_refused(STR("'a'"), "unexpected character at byte 0");
    assert_refused(STR("[1,/**/2]"), "unexpected character at byte 3");
}

static void test_numbers(void **state)
{
    (void)state;
    assert_refused(STR("01"), "malformed number at byte 0");
    assert_refused(STR("-01"), "malformed number at byte 0");
    assert_refused(STR("1."), "malformed number at byte 0");
    assert_refused(STR("[1.e1]"), "malformed number at byte 1");
    assert_refused(STR("1e"), "malformed number at byte 0");
    assert_refused(STR("1e+"), "malformed number at byte 0");
    assert_refused(STR(".5"), "unexpected character at byte 0");
    assert_refused(STR("+1"), "unexpected character at byte 0");
    assert_refused(STR("0x10"), "unexpected text after the value at byte 1");
    assert_refused(STR("-a"), "malformed number at byte 0");
}

static void test_strings(void **state)
{
    (void)state;
    assert_refused(STR("\"a\nb\""), "control character in a string at byte 2");
    assert_refused(STR("\"a\0b\""), "control character in a string at byte 2");
    assert_refused(STR("\"\x1F\""), "control character in a string at byte 1");
    assert_refused(STR("\"\\x41\""), "unknown escape at byte 1");
    assert_refused(STR("\"\\\0\""), "unknown escape at byte 1");
    assert_refused(STR("\"\\u12\""), "escape \\u without four hex digits at byte 1");
    assert_refused(STR("\"\\u12g4\""), "escape \\u without four hex digits at byte 1");
    assert_refused(STR("\"\\u"), "escape \\u without four hex digits at byte 1");
    assert_refused(STR("\"12345678\\q\""), "unknown escape at byte 9");
}

static void test_lone_surrogates(void **state)
{
    (void)state;
    assert_refused(STR("\"\\ud800\""), "lone surrogate in an escape at byte 1");
    assert_refused(STR("\"\\udfff\""), "lone surrogate in an escape at byte 1");
    assert_refused(STR("\"\\ud800\\ud800\""), "lone surrogate in an escape at byte 1");
    assert_refused(STR("\"\\ud800\\n\""), "lone surrogate in an escape at byte 1");
    assert_refused(STR("\"\\udbff\\udb"), "lone surrogate in an escape at byte 1");
    assert_refused(STR("\"\\ud83dx\\ude00\""), "lone surrogate in an escape at byte 1");
}

static void test_utf8(void **state)
{
    (void)state;
    assert_refused(STR("\"\x80\""), "invalid UTF-8 at byte 1");
    assert_refused(STR("\"\xC0\xAF\""), "invalid UTF-8 at byte 1");
    assert_refused(STR("\"\xC1\xBF\""), "invalid UTF-8 at byte 1");
    assert_refused(STR("\"\xE0\x9F\xBF\""), "invalid UTF-8 at byte 1");
    assert_refused(STR("\"\xED\xA0\x80\""), "invalid UTF-8 at byte 1");
    assert_refused(STR("\"\xF0\x8F\xBF\xBF\""), "invalid UTF-8 at byte 1");
    assert_refused(STR("\"\xF4\x90\x80\x80\""), "invalid UTF-8 at byte 1");
    assert_refused(STR("\"\xF5\x80\x80\x80\""), "invalid UTF-8 at byte 1");
    assert_refused(STR("\"\xFF\""), "invalid UTF-8 at byte 1");
    assert_refused(STR("\"abcdefgh\xE2\x82"), "invalid UTF-8 at byte 9");
    assert_refused(STR("\"\xC3\""), "invalid UTF-8 at byte 1");
    assert_refused(STR("\"\xC3"), "invalid UTF-8 at byte 1");
    assert_refused(STR("\"\xF0\x9F\x98"), "invalid UTF-8 at byte 1");
    assert_refused(STR("{\"\xFF\":1}"), "invalid UTF-8 at byte 2");
}

static struct str nested(char *out, size_t depth)
{
    memset(out, '[', depth);
    memset(out + depth, ']', depth);
    return (struct str){out, 2 * depth};
}

static void test_depth(void **state)
{
    (void)state;
    char text[300];
    assert_valid(nested(text, 128));
    assert_refused(nested(text, 129), "nested deeper than 128 levels at byte 128");
    assert_valid(STR("[[[]],[[]]]"));
}

static void test_duplicates_by_pair(void **state)
{
    (void)state;
    assert_refused(STR("{\"a\":1,\"a\":2}"), "duplicate key at byte 7");
    assert_refused(STR("{\"a\":1,\"\\u0061\":2}"), "duplicate key at byte 7");
    assert_refused(STR("{\"\\/\":1,\"b\":{\"a\":1},\"/\":2}"), "duplicate key at byte 20");
    assert_refused(STR("[{\"\":1,\"\":2}]"), "duplicate key at byte 7");
    assert_valid(STR("{\"a\":1,\"A\":2,\"a \":3,\"a\\u0000\":4,\"b\":{\"a\":1}}"));
}

/* `count` keys k0, k1 ...; the last is written as `last`. */
static struct str object_of(char *out, int count, const char *last)
{
    size_t used = 0;
    for (int i = 0; i < count - 1; i++)
        used += (size_t)sprintf(out + used, "%s\"k%d\":[%d]", i ? "," : "{", i, i);
    used += (size_t)sprintf(out + used, ",\"%s\":0}", last);
    return (struct str){out, used};
}

static void test_duplicates_by_sort(void **state)
{
    (void)state;
    char text[400], message[60];
    for (int count = 15; count <= 18; count++) {
        assert_valid(object_of(text, count, "k99"));
        assert_valid(object_of(text, count, "k\\u0000"));
        struct str duplicate = object_of(text, count, "k3");
        size_t at = (size_t)(strstr(text + 30, "\"k3\":0") - text);
        snprintf(message, sizeof(message), "duplicate key at byte %zu", at);
        assert_refused(duplicate, message);
        duplicate = object_of(text, count, "\\u006b3");
        snprintf(message, sizeof(message), "duplicate key at byte %zu",
                 (size_t)(strstr(text, "\"\\u006b3") - text));
        assert_refused(duplicate, message);
    }
}

static void test_too_long(void **state)
{
    (void)state;
    struct json_doc *doc = NULL;
    struct error err = {0};
    assert_int_equal(json_parse((struct str){"", JSON_MAX_BYTES + 1}, &doc, &err), ST_TOO_LARGE);
    assert_string_equal(err.text, "JSON of 1073741825 bytes is longer than 1073741824");
    assert_null(doc);
}

static void test_too_many_values(void **state)
{
    (void)state;
    struct json_doc *doc = NULL;
    struct error err = {0};
    size_t len = 2 * (size_t)JSON_MAX_VALUES + 1;
    char *text = malloc(len);
    assert_non_null(text);
    for (size_t i = 0; i < len; i++)
        text[i] = i % 2 ? '1' : ',';
    text[0] = '[';
    text[len - 1] = ']';
    assert_int_equal(json_parse((struct str){text, len}, &doc, &err), ST_TOO_LARGE);
    assert_string_equal(err.text, "JSON of more than 8388608 values");
    text[2] = '1';
    assert_int_equal(json_parse((struct str){text, len}, &doc, &err), ST_OK);
    assert_int_equal(json_values(json_root(doc)), JSON_MAX_VALUES);
    json_free(doc);
    free(text);
}

static void test_take(void **state)
{
    (void)state;
    struct json_doc *doc;
    struct error err;
    char *text = strdup("[1]");
    assert_int_equal(json_parse_take(text, 3, &doc, &err), ST_OK);
    assert_int_equal(json_count(json_root(doc)), 1);
    json_free(doc);
    doc = NULL;
    assert_int_equal(json_parse_take(strdup("["), 1, &doc, &err), ST_INVALID);
    assert_null(doc);
    json_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_place_alone),
        cmocka_unit_test(test_scalars),
        cmocka_unit_test(test_containers),
        cmocka_unit_test(test_ends_too_early),
        cmocka_unit_test(test_wrong_characters),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_lone_surrogates),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_duplicates_by_pair),
        cmocka_unit_test(test_duplicates_by_sort),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_too_many_values),
        cmocka_unit_test(test_take),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
