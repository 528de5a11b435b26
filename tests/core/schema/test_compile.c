/* Schemas that are refused, and how it is said; dialects; references. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/core/schema/support.h"

static void test_wrong_keywords(void **state)
{
    (void)state;
    assert_no_schema("1", ST_INVALID, "#: a schema must be an object or a boolean");
    assert_no_schema("{\"type\":\"int\"}", ST_INVALID,
                     "#/type: must be one of \"null\", \"boolean\", \"integer\", \"number\", "
                     "\"string\", \"array\", \"object\" or an array of them");
    assert_no_schema("{\"properties\":{\"a/b\":{\"minLength\":-1}}}", ST_INVALID,
                     "#/properties/a~1b/minLength: must be a whole number of at least 0, is a "
                     "number");
    assert_no_schema("{\"properties\":{\"a\":7}}", ST_INVALID,
                     "#/properties: \"a\" must be a schema (an object or a boolean), is a number");
    assert_no_schema("{\"required\":\"a\"}", ST_INVALID,
                     "#/required: must be an array of strings, is a string");
    assert_no_schema("{\"required\":[\"a\",\"a\"]}", ST_INVALID,
                     "#/required: must not name a property twice");
    assert_no_schema("{\"allOf\":[]}", ST_INVALID, "#/allOf: must not be empty");
    assert_no_schema("{\"anyOf\":[{},{\"not\":[]}]}", ST_INVALID,
                     "#/anyOf/1/not: must be a schema (an object or a boolean), is an array");
    assert_no_schema("{\"multipleOf\":0}", ST_INVALID, "#/multipleOf: must be a number above 0");
    assert_no_schema("{\"multipleOf\":-2}", ST_INVALID, "#/multipleOf: must be a number above 0");
    assert_no_schema("{\"minimum\":\"1\"}", ST_INVALID, "#/minimum: must be a number, is a string");
    assert_no_schema("{\"items\":[{}]}", ST_INVALID,
                     "#/items: must be a schema (an object or a boolean), is an array");
    assert_no_schema("{\"pattern\":\"(\"}", ST_INVALID,
                     "#/pattern: pattern \"(\": missing ) at position 1");
    assert_no_schema("{\"patternProperties\":{\"(\":{}}}", ST_INVALID,
                     "#/patternProperties: pattern \"(\": missing ) at position 1");
    assert_no_schema("{\"uniqueItems\":1}", ST_INVALID,
                     "#/uniqueItems: must be a boolean, is a number");
    assert_no_schema("{\"title\":1}", ST_INVALID, "#/title: must be a string, is a number");
    assert_no_schema("{\"$defs\":{\"unused\":{\"maxItems\":1.5}}}", ST_INVALID,
                     "#/$defs/unused/maxItems: must be a whole number of at least 0, is a number");
    assert_no_schema("{", ST_INVALID, "expected a key in quotes at byte 1");
}

static void test_references_that_lead_nowhere(void **state)
{
    (void)state;
    assert_no_schema("{\"properties\":{\"a\":{\"$ref\":\"http://x.example/s#/a\"}}}", ST_NOT_FOUND,
                     "#/properties/a/$ref: \"http://x.example/s#/a\" leads nowhere: there is no "
                     "schema \"http://x.example/s\" here, and schemas are never fetched; put it "
                     "below $defs");
    assert_no_schema("{\"$ref\":\"#/$defs/a\"}", ST_NOT_FOUND,
                     "#/$ref: \"#/$defs/a\" leads nowhere: the schema has no such place");
    assert_no_schema("{\"$ref\":\"#a\"}", ST_NOT_FOUND,
                     "#/$ref: \"#a\" leads nowhere: the schema has no such place");
    assert_no_schema("{\"$ref\":\"#/prefixItems/01\",\"prefixItems\":[{},{}]}", ST_NOT_FOUND,
                     "#/$ref: \"#/prefixItems/01\" leads nowhere: the schema has no such place");
    assert_no_schema("{\"$ref\":\"#/title\",\"title\":\"a\"}", ST_INVALID,
                     "#/$ref: \"#/title\" leads to something that is no schema");
    assert_no_schema("{\"$ref\":7}", ST_INVALID, "#/$ref: must be a string, is a number");
}

static void test_names_must_differ(void **state)
{
    (void)state;
    assert_no_schema("{\"$defs\":{\"a\":{\"$anchor\":\"x\"},\"b\":{\"$anchor\":\"x\"}}}",
                     ST_INVALID, "two schemas have the anchor \"x\"");
    assert_no_schema("{\"$defs\":{\"a\":{\"$id\":\"http://e.example/\"},\"b\":{\"$id\":"
                     "\"http://e.example/\"}}}",
                     ST_INVALID, "two schemas have the $id \"http://e.example/\"");
}

static void test_dialects(void **state)
{
    (void)state;
    assert_no_schema("{\"$schema\":\"http://json-schema.org/draft-04/schema#\"}", ST_UNSUPPORTED,
                     "$schema \"http://json-schema.org/draft-04/schema#\" is not supported; use "
                     "https://json-schema.org/draft/2020-12/schema or "
                     "http://json-schema.org/draft-07/schema#");
    assert_fits("{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\"}", "1");
}

#define DRAFT_07 "{\"$schema\":\"http://json-schema.org/draft-07/schema#\","

static void test_draft_07(void **state)
{
    (void)state;
    const char *pair = DRAFT_07 "\"items\":[{\"type\":\"string\"}],\"additionalItems\":false}";
    assert_fits(pair, "[\"a\"]");
    assert_fault(pair, "[1]", "/0: must be a string, is a number");
    assert_fault(pair, "[\"a\",2]", "must have at most 1 item, has 2");
    const char *defined =
        DRAFT_07 "\"$ref\":\"#/definitions/n\",\"minimum\":5,\"definitions\":{\"n\":{\"type\":"
                 "\"number\"}}}";
    assert_fits(defined, "1");
    assert_fault(defined, "\"a\"", "must be a number, is a string");
    const char *depends =
        DRAFT_07 "\"dependencies\":{\"a\":[\"b\"],\"c\":{\"required\":[\"d\"]}}}";
    assert_fits(depends, "{\"a\":1,\"b\":2}");
    assert_fault(depends, "{\"a\":1}", "missing property \"b\", required with \"a\"");
    assert_fault(depends, "{\"c\":1}", "missing required property \"d\"");
    assert_fits(DRAFT_07 "\"definitions\":{\"x\":{\"$id\":\"#n\",\"type\":\"null\"}},"
                         "\"properties\":{\"a\":{\"$ref\":\"#n\"}}}",
                "{\"a\":null}");
    const char *meta = "{\"$ref\":\"http://json-schema.org/draft-07/schema#\"}";
    assert_fits(meta, "{\"items\":[{}],\"dependencies\":{\"a\":[\"b\"]}}");
    assert_fault(meta, "{\"properties\":{\"a\":{\"minLength\":-1}}}",
                 "/properties/a/minLength: must be at least 0, is -1");
    assert_fits(DRAFT_07 "\"prefixItems\":[false],\"unevaluatedItems\":false}", "[1]");
}

static void test_library(void **state)
{
    (void)state;
    struct schema_library *library = schema_library_new();
    const struct schema_options options = {.regex = &plain_regex, .library = library};
    struct schema *schema;
    struct error err;
    assert_int_equal(schema_library_add(library, STR("http://e.example/n.json"),
                                        STR("{\"type\":\"number\"}"), &err),
                     ST_OK);
    assert_int_equal(schema_library_add(library, STR("http://e.example/x"), STR("{"), &err),
                     ST_INVALID);
    struct str text = STR("{\"$id\":\"http://e.example/a/b\",\"$ref\":\"../n.json\"}");
    assert_int_equal(schema_compile_with(text, &options, &schema, &err), ST_OK);
    struct json_doc *value = parse("\"a\"");
    struct schema_result result = SCHEMA_RESULT_INIT;
    assert_int_equal(schema_validate(schema, json_root(value), &result), ST_INVALID);
    assert_string_equal(result.faults[0].schema.ptr, "http://e.example/n.json#/type");
    schema_result_clear(&result);
    json_free(value);
    schema_free(schema);
    schema_library_free(library);
    schema_library_free(NULL);
}

static void test_unknown_vocabulary(void **state)
{
    (void)state;
    struct schema_library *library = schema_library_new();
    const struct schema_options options = {.regex = &plain_regex, .library = library};
    struct schema *schema = NULL;
    struct error err;
    assert_int_equal(
        schema_library_add(library, STR("http://e.example/meta"),
                           STR("{\"$vocabulary\":{\"http://e.example/v\":true}}"), &err),
        ST_OK);
    assert_int_equal(schema_compile_with(STR("{\"$schema\":\"http://e.example/meta\"}"), &options,
                                         &schema, &err),
                     ST_UNSUPPORTED);
    assert_string_equal(err.text, "the vocabulary \"http://e.example/v\" is not supported");
    assert_null(schema);
    schema_library_free(library);
}

static void test_text_may_go_away(void **state)
{
    (void)state;
    char text[] = "{\"properties\":{\"a\":{\"const\":\"x\"}}}";
    struct schema *schema = compile(text);
    memset(text, ' ', sizeof(text) - 1);
    struct json_doc *value = parse("{\"a\":\"y\"}");
    struct error err;
    assert_int_equal(schema_check(schema, json_root(value), &err), ST_INVALID);
    assert_string_equal(err.text, "/a: must be \"x\", is \"y\"");
    json_free(value);
    schema_free(schema);
    schema_free(NULL);
}

static void test_no_regex(void **state)
{
    (void)state;
    struct schema *schema = NULL;
    struct error err;
    assert_int_equal(schema_compile_text(STR("{\"pattern\":\"a\"}"), NULL, &schema, &err),
                     ST_UNAVAILABLE);
    assert_string_equal(err.text, "#/pattern: there is nothing here that could match patterns");
    assert_null(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_keywords),
        cmocka_unit_test(test_references_that_lead_nowhere),
        cmocka_unit_test(test_names_must_differ),
        cmocka_unit_test(test_dialects),
        cmocka_unit_test(test_draft_07),
        cmocka_unit_test(test_library),
        cmocka_unit_test(test_unknown_vocabulary),
        cmocka_unit_test(test_text_may_go_away),
        cmocka_unit_test(test_no_regex),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
