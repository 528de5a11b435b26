/* Hostile schemas and values: the work ends, and what was not decided does not count as fitting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/core/schema/support.h"

static const char *const too_many_steps =
    "cannot be checked: value and schema together need too many steps";

static void repeat(struct buffer *out, const char *what, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        buffer_add_str(out, str_from(what));
}

static void test_reference_to_itself(void **state)
{
    (void)state;
    const char *text = "cannot be checked: more than 1000 schemas within each other; does a $ref "
                       "lead back to itself?";
    assert_fault("{\"$ref\":\"#\"}", "1", text);
    assert_fault("{\"not\":{\"$ref\":\"#\"}}", "1", text);
    assert_fault("{\"anyOf\":[{\"$ref\":\"#\"},{}]}", "1", text);
}

static void test_deepest_value(void **state)
{
    (void)state;
    struct buffer value = BUFFER_INIT;
    repeat(&value, "[", JSON_MAX_DEPTH);
    repeat(&value, "]", JSON_MAX_DEPTH);
    buffer_add_char(&value, '\0');
    assert_fits("{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"anyOf\":[{\"type\":\"array\","
                "\"items\":{\"$ref\":\"#\"}},{\"type\":\"null\"}]}}}",
                value.data);
    buffer_clear(&value);
}

static void test_exponential_alternatives(void **state)
{
    (void)state;
    struct buffer schema = BUFFER_INIT;
    buffer_add_str(&schema, STR("{\"$ref\":\"#/$defs/d0\",\"$defs\":{"));
    for (int i = 0; i < 40; i++) {
        char text[120];
        snprintf(text, sizeof(text),
                 "\"d%d\":{\"oneOf\":[{\"$ref\":\"#/$defs/d%d\"},{\"$ref\":\"#/$defs/d%d\"}]},", i,
                 i + 1, i + 1);
        buffer_add_str(&schema, str_from(text));
    }
    buffer_add_str(&schema, STR("\"d40\":false}}"));
    buffer_add_char(&schema, '\0');
    assert_fault(schema.data, "1", too_many_steps);
    buffer_clear(&schema);
}

static void test_a_bound_is_no_answer_within_not(void **state)
{
    (void)state;
    assert_fault("{\"not\":{\"pattern\":\"slow\"}}", "\"a\"",
                 "cannot be checked against the pattern slow: too many steps");
    assert_fault("{\"if\":{\"pattern\":\"slow\"},\"else\":true}", "\"a\"",
                 "cannot be checked against the pattern slow: too many steps");
    assert_fault("{\"properties\":{\"x\":{\"pattern\":\"slow\"}}}", "{\"x\":\"a\"}",
                 "/x: cannot be checked against the pattern slow: too many steps");
}

static void test_status_of_a_bound(void **state)
{
    (void)state;
    struct schema *schema = compile("{\"$ref\":\"#\"}");
    struct json_doc *value = parse("1");
    struct error err;
    assert_int_equal(schema_check(schema, json_root(value), &err), ST_TOO_LARGE);
    json_free(value);
    schema_free(schema);
}

/* A large value may cost work in proportion to its size. */
static void test_large_values_fit(void **state)
{
    (void)state;
    struct buffer value = BUFFER_INIT;
    buffer_add_str(&value, STR("[0"));
    for (unsigned i = 1; i < 1000000; i++) {
        buffer_add_char(&value, ',');
        buffer_add_u64(&value, i);
    }
    buffer_add_str(&value, STR("]"));
    buffer_add_char(&value, '\0');
    assert_fits("{\"items\":{\"type\":\"integer\",\"minimum\":0},\"uniqueItems\":true}",
                value.data);
    buffer_clear(&value);
}

static void test_many_properties(void **state)
{
    (void)state;
    struct buffer schema = BUFFER_INIT, value = BUFFER_INIT;
    buffer_add_str(&schema, STR("{\"additionalProperties\":false,\"properties\":{\"x\":{}"));
    buffer_add_str(&value, STR("{\"x\":0"));
    for (int i = 0; i < 15000; i++) {
        char text[40];
        snprintf(text, sizeof(text), ",\"property%d\":{}", i);
        buffer_add_str(&schema, str_from(text));
        buffer_add_str(&value, str_from(text));
    }
    buffer_add_str(&schema, STR("}}"));
    buffer_add_str(&value, STR("}"));
    buffer_add_char(&schema, '\0');
    buffer_add_char(&value, '\0');
    assert_fits(schema.data, value.data);
    buffer_clear(&schema);
    buffer_clear(&value);
}

static void test_equal_hashes_run_out_of_steps(void **state)
{
    (void)state;
    /* Members in reverse order are searched one by one. */
    struct buffer value = BUFFER_INIT;
    buffer_add_str(&value, STR("[{"));
    for (int i = 0; i < 9000; i++) {
        char text[40];
        snprintf(text, sizeof(text), "%s\"k%d\":0", i ? "," : "", i);
        buffer_add_str(&value, str_from(text));
    }
    buffer_add_str(&value, STR("},{"));
    for (int i = 8999; i >= 0; i--) {
        char text[40];
        snprintf(text, sizeof(text), "\"k%d\":0%s", i, i ? "," : "");
        buffer_add_str(&value, str_from(text));
    }
    buffer_add_str(&value, STR("}]"));
    buffer_add_char(&value, '\0');
    assert_fault("{\"uniqueItems\":true}", value.data, too_many_steps);
    assert_fault("{\"not\":{\"uniqueItems\":true}}", value.data, too_many_steps);
    buffer_clear(&value);
}

static void test_too_many_subschemas(void **state)
{
    (void)state;
    struct buffer schema = BUFFER_INIT;
    buffer_add_str(&schema, STR("{\"anyOf\":[{}"));
    repeat(&schema, ",{}", SCHEMA_MAX_NODES);
    buffer_add_str(&schema, STR("]}"));
    buffer_add_char(&schema, '\0');
    assert_no_schema(schema.data, ST_TOO_LARGE,
                     "#/anyOf: the schema has more than 20000 subschemas, or memory is short");
    buffer_clear(&schema);
}

static void test_too_many_names(void **state)
{
    (void)state;
    struct buffer schema = BUFFER_INIT;
    buffer_add_str(&schema, STR("{\"$defs\":{"));
    for (unsigned i = 0; i <= SCHEMA_MAX_NAMES; i++) {
        char text[60];
        snprintf(text, sizeof(text), "%s\"a%u\":{\"$anchor\":\"a%u\"}", i ? "," : "", i, i);
        buffer_add_str(&schema, str_from(text));
    }
    buffer_add_str(&schema, STR("}}"));
    buffer_add_char(&schema, '\0');
    assert_no_schema(schema.data, ST_TOO_LARGE, "the schema has more than 2000 $id and anchors");
    buffer_clear(&schema);
}

static void test_long_uris(void **state)
{
    (void)state;
    struct buffer schema = BUFFER_INIT;
    buffer_add_str(&schema, STR("{\"$id\":\"http://"));
    repeat(&schema, "a", 2042);
    buffer_add_str(&schema, STR("\"}"));
    buffer_add_char(&schema, '\0');
    assert_no_schema(schema.data, ST_TOO_LARGE, "an $id is longer than 2048 bytes");
    buffer_reset(&schema, SIZE_MAX);
    buffer_add_str(&schema, STR("{\"$ref\":\"#"));
    repeat(&schema, "/", 2048);
    buffer_add_str(&schema, STR("\"}"));
    buffer_add_char(&schema, '\0');
    assert_no_schema(schema.data, ST_TOO_LARGE, "#/$ref: a reference is longer than 2048 bytes");
    buffer_clear(&schema);
}

static void test_many_references_into_a_large_object(void **state)
{
    (void)state;
    struct buffer schema = BUFFER_INIT;
    char text[60];
    buffer_add_str(&schema, STR("{\"allOf\":[true"));
    repeat(&schema, ",{\"$ref\":\"#/$defs/d9000\"}", 9000);
    buffer_add_str(&schema, STR("],\"$defs\":{\"d\":{}"));
    for (int i = 0; i <= 9000; i++) {
        snprintf(text, sizeof(text), ",\"d%d\":{}", i);
        buffer_add_str(&schema, str_from(text));
    }
    buffer_add_str(&schema, STR("}}"));
    buffer_add_char(&schema, '\0');
    struct schema *compiled = NULL;
    struct error err;
    assert_int_equal(
        schema_compile_text(str_from(schema.data), &plain_regex, &compiled, &err), ST_TOO_LARGE);
    assert_non_null(strstr(err.text, "/$ref: the references need too many steps to follow"));
    assert_null(compiled);
    buffer_clear(&schema);
}

static void test_too_much_text(void **state)
{
    (void)state;
    struct buffer schema = BUFFER_INIT;
    repeat(&schema, " ", 4194305);
    buffer_add_char(&schema, '\0');
    assert_no_schema(schema.data, ST_TOO_LARGE, "the schema has 4194305 bytes, more than 4194304");
    buffer_clear(&schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reference_to_itself),
        cmocka_unit_test(test_deepest_value),
        cmocka_unit_test(test_exponential_alternatives),
        cmocka_unit_test(test_a_bound_is_no_answer_within_not),
        cmocka_unit_test(test_status_of_a_bound),
        cmocka_unit_test(test_large_values_fit),
        cmocka_unit_test(test_many_properties),
        cmocka_unit_test(test_equal_hashes_run_out_of_steps),
        cmocka_unit_test(test_too_many_subschemas),
        cmocka_unit_test(test_too_many_names),
        cmocka_unit_test(test_long_uris),
        cmocka_unit_test(test_many_references_into_a_large_object),
        cmocka_unit_test(test_too_much_text),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
