/* JSON with a line for each member. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/json/pretty.h"

static void expect(struct str text, const char *expected)
{
    struct json_doc *doc;
    struct error err;
    struct buffer out = BUFFER_INIT;
    assert_int_equal(json_parse(text, &doc, &err), ST_OK);
    json_pretty(&out, json_root(doc));
    buffer_add_char(&out, '\0');
    assert_false(buffer_failed(&out));
    assert_string_equal(out.data, expected);
    buffer_clear(&out);
    json_free(doc);
}

static void test_scalars_keep_their_text(void **state)
{
    (void)state;
    expect(STR(" 1.0e2 "), "1.0e2");
    expect(STR("\"\\u0041\\n\""), "\"\\u0041\\n\"");
    expect(STR("null"), "null");
}

static void test_empty_containers_stay_on_the_line(void **state)
{
    (void)state;
    expect(STR("{ }"), "{}");
    expect(STR("[\n]"), "[]");
    expect(STR("[{},[]]"), "[\n  {},\n  []\n]");
}

static void test_levels_are_indented(void **state)
{
    (void)state;
    expect(STR("{\"a\":{\"b\":[1,2]},\"c\":true}"),
           "{\n  \"a\": {\n    \"b\": [\n      1,\n      2\n    ]\n  },\n  \"c\": true\n}");
}

static void test_the_deepest_document(void **state)
{
    (void)state;
    char text[2 * JSON_MAX_DEPTH];
    struct json_doc *doc;
    struct error err;
    struct buffer out = BUFFER_INIT;
    memset(text, '[', JSON_MAX_DEPTH);
    memset(text + JSON_MAX_DEPTH, ']', JSON_MAX_DEPTH);
    assert_int_equal(json_parse((struct str){text, sizeof(text)}, &doc, &err), ST_OK);
    json_pretty(&out, json_root(doc));
    /* 127 levels open and close on lines of their own, the last is "[]": all indentation twice but
     * that of the innermost */
    assert_int_equal(out.len, 2 * JSON_MAX_DEPTH + 2 * (JSON_MAX_DEPTH - 1) +
                                  2 * (JSON_MAX_DEPTH - 1) * (JSON_MAX_DEPTH - 1));
    buffer_clear(&out);
    json_free(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scalars_keep_their_text),
        cmocka_unit_test(test_empty_containers_stay_on_the_line),
        cmocka_unit_test(test_levels_are_indented),
        cmocka_unit_test(test_the_deepest_document),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
