/* One field of a form: how it is asked, and what typed lines mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapters/driving/cli/call/field.h"

static struct json_doc *parse(const char *text)
{
    struct json_doc *doc;
    struct error err;
    if (json_parse(str_from(text), &doc, &err))
        fail_msg("%s: %s", text, err.text);
    return doc;
}

/* ---- asked ---- */

static void expect_question(const char *field, bool required, const char *current,
                            const char *question)
{
    struct json_doc *doc = parse(field), *name = parse("\"key\"");
    struct buffer out = BUFFER_INIT;
    field_ask(&out, json_root(name), json_root(doc), required, str_from(current));
    buffer_add_char(&out, '\0');
    assert_string_equal(out.data, question);
    buffer_clear(&out);
    json_free(name);
    json_free(doc);
}

static void test_questions(void **state)
{
    (void)state;
    expect_question("{\"type\":\"string\"}", false, "", "key: ");
    expect_question("{\"type\":\"string\",\"title\":\"T\"}", true, "", "T (required): ");
    expect_question("{\"type\":\"string\",\"description\":\"What it is.\"}", true, "\"a\\nb\"",
                    "What it is.\nkey [a\nb]: ");
    expect_question("{\"type\":\"string\",\"format\":\"email\",\"maxLength\":1}", false, "",
                    "key (email, at most 1 character): ");
    expect_question("{\"type\":\"string\",\"minLength\":2}", false, "",
                    "key (at least 2 characters): ");
    expect_question("{\"type\":\"number\",\"minimum\":-1.5}", false, "2",
                    "key (number, at least -1.5) [2]: ");
    expect_question("{\"type\":\"integer\",\"minimum\":1,\"maximum\":3}", true, "",
                    "key (whole number, 1 to 3, required): ");
    expect_question("{\"type\":\"boolean\"}", true, "false", "key (y or n) [n]: ");
}

static void test_questions_of_choices(void **state)
{
    (void)state;
    expect_question("{\"type\":\"string\",\"enum\":[\"a\",\"b\"]}", false, "\"b\"",
                    "  1. a\n  2. b\nkey (one of them) [b]: ");
    expect_question("{\"type\":\"string\",\"enum\":[\"a\",\"b\"],\"enumNames\":[\"A!\",\"B!\"]}",
                    false, "\"b\"", "  1. A!\n  2. B!\nkey (one of them) [B!]: ");
    expect_question("{\"type\":\"string\",\"oneOf\":[{\"const\":\"a\",\"title\":\"A!\"}]}", true, "",
                    "  1. A!\nkey (one of them, required): ");
    expect_question("{\"type\":\"array\",\"minItems\":1,\"maxItems\":2,\"items\":{\"anyOf\":"
                    "[{\"const\":\"a\",\"title\":\"A!\"},{\"const\":\"b\",\"title\":\"B!\"}]}}",
                    false, "[\"b\",\"a\"]",
                    "  1. A!\n  2. B!\nkey (1 to 2 choices, with commas between) [B!, A!]: ");
    expect_question("{\"type\":\"array\",\"items\":{\"type\":\"string\",\"enum\":[\"a\"]}}", false,
                    "[]", "  1. a\nkey (with commas between) []: ");
}

/* ---- typed ---- */

/* `json`: the value; NULL: refused with `complaint`. */
static void expect_typed(const char *field, const char *line, const char *json,
                         const char *complaint)
{
    struct json_doc *doc = parse(field);
    struct buffer out = BUFFER_INIT;
    struct error err;
    int rc = field_read(json_root(doc), str_from(line), &out, &err);
    if (json) {
        assert_int_equal(rc, ST_OK);
        buffer_add_char(&out, '\0');
        assert_string_equal(out.data, json);
    } else {
        assert_int_equal(rc, ST_INVALID);
        assert_string_equal(err.text, complaint);
        assert_int_equal(out.len, 0);
    }
    buffer_clear(&out);
    json_free(doc);
}

static void test_texts(void **state)
{
    static const char any[] = "{\"type\":\"string\"}";
    static const char date[] = "{\"type\":\"string\",\"format\":\"date\"}";
    (void)state;
    expect_typed(any, " a \"b\" ", "\" a \\\"b\\\" \"", NULL);
    expect_typed(any, "5", "\"5\"", NULL);
    expect_typed(any, "\xFF", "\"\xEF\xBF\xBD\"", NULL);
    expect_typed(date, "2026-02-28", "\"2026-02-28\"", NULL);
    expect_typed(date, "2026-02-30", NULL, "must be a date like 2025-12-31, is \"2026-02-30\"");
    expect_typed("{\"type\":\"string\",\"minLength\":3}", "ab", NULL,
                 "must have at least 3 characters, has 2");
}

static void test_numbers_and_booleans(void **state)
{
    static const char whole[] = "{\"type\":\"integer\",\"maximum\":9}";
    static const char boolean[] = "{\"type\":\"boolean\"}";
    (void)state;
    expect_typed(whole, " 7 ", "7", NULL);
    expect_typed(whole, "10", NULL, "must be at most 9, is 10");
    expect_typed(whole, "1.5", NULL, "must be an integer, is 1.5");
    expect_typed(whole, "true", NULL, "\"true\" is no number");
    expect_typed(whole, "+1", NULL, "\"+1\" is no number");
    expect_typed("{\"type\":\"number\"}", "-1.5e3", "-1.5e3", NULL);
    expect_typed(boolean, "yes ", "true", NULL);
    expect_typed(boolean, "N", "false", NULL);
    expect_typed(boolean, "1", NULL, "answer y or n");
}

static void test_choices(void **state)
{
    static const char digits[] = "{\"type\":\"string\",\"enum\":[\"3\",\"1\",\"x\"]}";
    static const char titled[] = "{\"type\":\"string\",\"oneOf\":[{\"const\":\"a\",\"title\":"
                                 "\"First\"},{\"const\":\"b\",\"title\":\"a\"}]}";
    (void)state;
    /* a value goes before a title, a title before a number */
    expect_typed(digits, "1", "\"1\"", NULL);
    expect_typed(digits, "2", "\"1\"", NULL);
    expect_typed(digits, "4", NULL, "\"4\" is none of the choices; type a number from 1 to 3");
    expect_typed(digits, "0", NULL, "\"0\" is none of the choices; type a number from 1 to 3");
    expect_typed(digits, "99999999999999999999", NULL,
                 "\"99999999999999999999\" is none of the choices; type a number from 1 to 3");
    expect_typed(titled, "a", "\"a\"", NULL);
    expect_typed(titled, "First", "\"a\"", NULL);
    expect_typed(titled, "2", "\"b\"", NULL);
}

static void test_several_choices(void **state)
{
    static const char some[] = "{\"type\":\"array\",\"maxItems\":2,\"items\":{\"type\":\"string\","
                               "\"enum\":[\"a\",\"b\",\"c\"]}}";
    (void)state;
    expect_typed(some, "c, 1", "[\"c\",\"a\"]", NULL);
    expect_typed(some, "b", "[\"b\"]", NULL);
    expect_typed(some, "a,d", NULL, "\"d\" is none of the choices; type a number from 1 to 3");
    expect_typed(some, "a,,b", NULL, "\"\" is none of the choices; type a number from 1 to 3");
    expect_typed(some, "1,2,3", NULL, "must have at most 2 items, has 3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_questions),
        cmocka_unit_test(test_questions_of_choices),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_numbers_and_booleans),
        cmocka_unit_test(test_choices),
        cmocka_unit_test(test_several_choices),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
