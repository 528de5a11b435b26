/* What a person or a model reads when a value does not fit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/core/schema/support.h"

static void test_types(void **state)
{
    (void)state;
    assert_fits("{\"type\":\"integer\"}", "3");
    assert_fits("{\"type\":\"integer\"}", "3.0");
    assert_fits("{\"type\":\"integer\"}", "1e400000000");
    assert_fault("{\"properties\":{\"count\":{\"type\":\"integer\"}}}", "{\"count\":\"3\"}",
                 "/count: must be an integer, is a string");
    assert_fault("{\"type\":\"integer\"}", "1.5", "must be an integer, is 1.5");
    assert_fault("{\"type\":\"integer\"}", "1e-400000000", "must be an integer, is 1e-400000000");
    assert_fault("{\"type\":[\"string\",\"null\"]}", "3", "must be null or a string, is a number");
    assert_fault("{\"type\":[\"array\",\"string\",\"null\"]}", "true",
                 "must be null, a string or an array, is a boolean");
    assert_fault("{\"type\":[\"integer\",\"number\"]}", "null", "must be a number, is null");
    assert_fault("{\"type\":\"object\"}", "[]", "must be an object, is an array");
    assert_fault("false", "1", "is not allowed");
    assert_fault("{\"properties\":{\"x\":false}}", "{\"x\":1}", "/x: is not allowed");
}

static void test_objects(void **state)
{
    (void)state;
    const char *closed = "{\"properties\":{\"input\":{},\"output\":{}},\"required\":[\"input\"],"
                         "\"additionalProperties\":false}";
    assert_fits(closed, "{\"input\":1}");
    assert_fits(closed, "{\"inp\\u0075t\":1}");
    assert_fault(closed, "{}", "missing required property \"input\"");
    assert_fault(closed, "{\"inptu\":1,\"input\":2}",
                 "unknown property \"inptu\" (did you mean \"input\"?)");
    assert_fault(closed, "{\"input\":2,\"zzz\":1}", "unknown property \"zzz\"");
    assert_fault(closed, "{\"inptu\":1}",
                 "unknown property \"inptu\" (did you mean \"input\"?); missing required property "
                 "\"input\"");
    assert_fault("{\"minProperties\":1}", "{}", "must have at least 1 property, has 0");
    assert_fault("{\"maxProperties\":1}", "{\"a\":1,\"b\":2}",
                 "must have at most 1 property, has 2");
    assert_fault("{\"propertyNames\":{\"maxLength\":2}}", "{\"abc\":1}",
                 "property name \"abc\" must have at most 2 characters, has 3");
    assert_fault("{\"dependentRequired\":{\"a\":[\"b\"]}}", "{\"a\":1}",
                 "missing property \"b\", required with \"a\"");
    assert_fault("{\"properties\":{\"a\":{}},\"unevaluatedProperties\":false}", "{\"a\":1,\"b\":2}",
                 "unknown property \"b\"");
    assert_fault("{\"additionalProperties\":{\"type\":\"string\"}}", "{\"a/b~c\":1}",
                 "/a~1b~0c: must be a string, is a number");
}

static void test_required_of_many_come_in_the_order_of_the_schema(void **state)
{
    (void)state;
    assert_fault("{\"required\":[\"zebra\",\"ape\",\"lion\"]}", "{\"lion\":1}",
                 "missing required property \"zebra\"; missing required property \"ape\"");
}

static void test_arrays(void **state)
{
    (void)state;
    assert_fault("{\"items\":{\"type\":\"string\"}}", "[\"a\",2]",
                 "/1: must be a string, is a number");
    assert_fault("{\"minItems\":2}", "[1]", "must have at least 2 items, has 1");
    assert_fault("{\"maxItems\":1}", "[1,2]", "must have at most 1 item, has 2");
    assert_fault("{\"uniqueItems\":true}", "[1,{\"a\":1,\"b\":2},{\"b\":2.0,\"a\":1e0}]",
                 "items must differ, 1 and 2 are equal");
    assert_fault("{\"uniqueItems\":true}", "[0,1,2,3,4,5,6,7,8,9,\"a\",\"\\u0061\"]",
                 "items must differ, 10 and 11 are equal");
    assert_fault("{\"contains\":{\"type\":\"string\"}}", "[1]",
                 "must have at least 1 item that fits \"contains\", has 0");
    assert_fault("{\"contains\":{\"type\":\"string\"},\"maxContains\":1}", "[\"a\",\"b\"]",
                 "must have at most 1 item that fits \"contains\", has 2");
    assert_fault("{\"prefixItems\":[{}],\"items\":false}", "[1,2,3]",
                 "must have at most 1 item, has 3");
    assert_fault("{\"items\":false}", "[1]", "must be empty, has 1 item");
    assert_fault("{\"prefixItems\":[{}],\"unevaluatedItems\":false}", "[1,2]",
                 "unexpected item 1");
}

static void test_numbers(void **state)
{
    (void)state;
    assert_fault("{\"minimum\":1}", "0", "must be at least 1, is 0");
    assert_fault("{\"maximum\":9007199254740992}", "9007199254740993",
                 "must be at most 9007199254740992, is 9007199254740993");
    assert_fault("{\"exclusiveMinimum\":0}", "0.0", "must be more than 0, is 0.0");
    assert_fault("{\"exclusiveMaximum\":1e3}", "1000", "must be less than 1e3, is 1000");
    assert_fits("{\"multipleOf\":0.01}", "19.99");
    assert_fault("{\"multipleOf\":0.01}", "0.015", "must be a multiple of 0.01, is 0.015");
}

static void test_strings(void **state)
{
    (void)state;
    assert_fits("{\"maxLength\":1}", "\"\\ud83d\\ude00\"");
    assert_fault("{\"minLength\":1}", "\"\"", "must have at least 1 character, has 0");
    assert_fault("{\"maxLength\":2}", "\"abc\"", "must have at most 2 characters, has 3");
    assert_fault("{\"pattern\":\"needle\"}", "\"hay\"",
                 "must match the pattern needle, is \"hay\"");
    assert_fits("{\"format\":\"date\"}", "\"no date\"");
}

static void test_equality(void **state)
{
    (void)state;
    assert_fits("{\"enum\":[1,\"a\"]}", "1.0");
    assert_fault("{\"enum\":[\"a\",\"b\",3]}", "\"c\"", "must be \"a\", \"b\" or 3, is \"c\"");
    assert_fault("{\"enum\":[]}", "1", "must be nothing (the enum is empty), is 1");
    assert_fault("{\"const\":\"a\"}", "{\"a\":1}", "must be \"a\", is an object");
    assert_fault("{\"const\":{\"a\":1}}", "{\"a\":2}",
                 "must be exactly what the schema says, is an object");
    assert_fits("{\"const\":{\"a\":[1,2]}}", "{\"a\":[1.0,20e-1]}");
}

static void test_long_enum_is_cut(void **state)
{
    (void)state;
    struct buffer schema = BUFFER_INIT;
    buffer_add_str(&schema, STR("{\"enum\":["));
    for (unsigned i = 0; i < 1000; i++) {
        buffer_add_str(&schema, i ? STR(",") : STR(""));
        buffer_add_u64(&schema, i);
    }
    buffer_add_str(&schema, STR("]}"));
    buffer_add_char(&schema, '\0');
    assert_fits(schema.data, "999");
    char *text = fault_text(schema.data, "1000");
    assert_non_null(strstr(text, "must be 0, 1, 2, "));
    assert_non_null(strstr(text, ", ..., is 1000"));
    assert_true(strlen(text) < 400);
    free(text);
    buffer_clear(&schema);
}

static void test_alternatives(void **state)
{
    (void)state;
    /* None takes the type. */
    assert_fault("{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", "1",
                 "must be null or a string, is a number");
    /* One does: it is the one that was meant. */
    assert_fault("{\"anyOf\":[{\"type\":\"string\"},{\"$ref\":\"#/$defs/o\"}],\"$defs\":{\"o\":"
                 "{\"type\":\"object\",\"required\":[\"x\"]}}}",
                 "{}", "missing required property \"x\"");
    assert_fault("{\"oneOf\":[{\"minimum\":5},{\"multipleOf\":2}]}", "3",
                 "fits none of the 2 alternatives: must be at least 5, is 3 | must be a multiple "
                 "of 2, is 3");
    assert_fault("{\"oneOf\":[{},{\"type\":\"string\"},{\"type\":\"number\"}]}", "3",
                 "must fit exactly one of the 3 alternatives, fits number 1 and number 3");
    assert_fault("{\"anyOf\":[false,false]}", "3", "fits none of the 2 alternatives");
    assert_fault("{\"not\":{\"type\":\"string\"}}", "\"a\"",
                 "must not fit the schema under \"not\"");
    assert_fault("{\"if\":{\"type\":\"string\"},\"then\":{\"minLength\":2},\"else\":false}",
                 "\"a\"", "must have at least 2 characters, has 1");
}

static void test_places(void **state)
{
    (void)state;
    struct schema *schema = compile("{\"properties\":{\"a\":{\"items\":{\"$ref\":\"#/$defs/n\"}}},"
                                    "\"$defs\":{\"n\":{\"type\":\"integer\"}}}");
    struct json_doc *value = parse("{\"a\":[1,\"x\"]}");
    struct schema_result result = SCHEMA_RESULT_INIT;
    assert_int_equal(schema_validate(schema, json_root(value), &result), ST_INVALID);
    assert_int_equal(result.count, 1);
    assert_string_equal(result.faults[0].instance.ptr, "/a/1");
    assert_string_equal(result.faults[0].keyword.ptr, "type");
    assert_string_equal(result.faults[0].schema.ptr, "#/$defs/n/type");
    assert_string_equal(result.faults[0].message.ptr, "must be an integer, is a string");
    assert_false(result.more);
    schema_result_clear(&result);
    json_free(value);
    schema_free(schema);
}

static void test_place_in_a_metaschema(void **state)
{
    (void)state;
    struct schema *schema =
        compile("{\"$ref\":\"https://json-schema.org/draft/2020-12/schema\"}");
    struct json_doc *value = parse("{\"minLength\":-1}");
    struct schema_result result = SCHEMA_RESULT_INIT;
    assert_int_equal(schema_validate(schema, json_root(value), &result), ST_INVALID);
    assert_string_equal(result.faults[0].instance.ptr, "/minLength");
    assert_string_equal(result.faults[0].message.ptr, "must be at least 0, is -1");
    assert_true(str_starts(result.faults[0].schema,
                           STR("https://json-schema.org/draft/2020-12/meta/validation#/")));
    schema_result_clear(&result);
    json_free(value);
    schema_free(schema);
}

static void test_sixteen_faults_are_told(void **state)
{
    (void)state;
    struct schema *schema = compile("{\"items\":{\"type\":\"string\"}}");
    struct json_doc *value = parse("[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]");
    struct schema_result result = SCHEMA_RESULT_INIT;
    struct buffer text = BUFFER_INIT;
    assert_int_equal(schema_validate(schema, json_root(value), &result), ST_INVALID);
    assert_int_equal(result.count, 16);
    assert_true(result.more);
    assert_string_equal(result.faults[15].instance.ptr, "/15");
    schema_result_text(&result, &text);
    assert_true(str_ends(buffer_str(&text), STR("is a number; and more")));
    buffer_clear(&text);
    schema_result_clear(&result);
    json_free(value);
    schema_free(schema);
}

static void test_long_values_are_cut_at_a_character(void **state)
{
    (void)state;
    char value[300] = "\"", expected[200];
    for (int i = 0; i < 50; i++)
        strcat(value, "\xC3\xA9");
    strcat(value, "\"");
    /* A quote and 32 letters of two bytes: one byte over 64, at the end of a character. */
    snprintf(expected, sizeof(expected), "must be 1, is %.65s...", value);
    assert_fault("{\"const\":1}", value, expected);
}

static void test_nothing_is_an_empty_object(void **state)
{
    (void)state;
    struct schema *schema = compile("{\"type\":\"object\",\"required\":[\"a\"]}");
    struct error err;
    assert_int_equal(schema_check(schema, json_none(), &err), ST_INVALID);
    assert_string_equal(err.text, "missing required property \"a\"");
    schema_free(schema);
    schema = compile("{\"type\":\"object\"}");
    assert_int_equal(schema_check(schema, json_none(), &err), ST_OK);
    schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_objects),
        cmocka_unit_test(test_required_of_many_come_in_the_order_of_the_schema),
        cmocka_unit_test(test_arrays),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_equality),
        cmocka_unit_test(test_long_enum_is_cut),
        cmocka_unit_test(test_alternatives),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_place_in_a_metaschema),
        cmocka_unit_test(test_sixteen_faults_are_told),
        cmocka_unit_test(test_long_values_are_cut_at_a_character),
        cmocka_unit_test(test_nothing_is_an_empty_object),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
