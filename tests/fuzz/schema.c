/*
 * A schema on the first line and a value behind it: every answer comes with its reasons, and what
 * fits a schema does not fit its negation.
 */
#include <stdlib.h>

#include "core/schema/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The entry of the regex module, which is linked in here. */
void hexmcp_module_entry(struct regex_port *out);

static void check(bool good)
{
    if (!good)
        abort();
}

static int validate(const struct schema *schema, struct json value)
{
    struct schema_result result = SCHEMA_RESULT_INIT;
    struct buffer text = BUFFER_INIT;
    struct error err;
    int rc = schema_validate(schema, value, &result);
    check((rc == ST_OK) == (result.count == 0));
    for (uint32_t i = 0; i < result.count; i++)
        check(result.faults[i].message.len > 0);
    schema_result_text(&result, &text);
    check((rc == ST_OK) == (text.len == 0));
    check(schema_check(schema, value, &err) == rc);
    buffer_clear(&text);
    schema_result_clear(&result);
    return rc;
}

/* {"not": {"$ref": "#/$defs/s"}} would change what # means; so the schema is only put under `not`
 * if it has no references and names. */
static bool stands_alone(struct str schema)
{
    return !memmem(schema.ptr, schema.len, "$", 1) && !memmem(schema.ptr, schema.len, "\\", 1);
}

static void check_negation(struct str text, const struct schema_options *options, struct json value,
                           int rc)
{
    struct buffer negation = BUFFER_INIT;
    struct schema *schema;
    struct error err;
    buffer_add_str(&negation, STR("{\"not\":"));
    buffer_add_str(&negation, text);
    buffer_add_char(&negation, '}');
    if (schema_compile_with(buffer_str(&negation), options, &schema, &err) == ST_OK) {
        int opposite = validate(schema, value);
        check(rc == ST_TOO_LARGE || opposite == ST_TOO_LARGE ||
              (rc == ST_OK) == (opposite == ST_INVALID));
        schema_free(schema);
    }
    buffer_clear(&negation);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct regex_port regex;
    const char *text = (const char *)data, *end = size ? memchr(text, '\n', size) : NULL;
    struct schema *schema;
    struct json_doc *value;
    struct error err;
    if (!end)
        return 0;
    hexmcp_module_entry(&regex);
    const struct schema_options options = {.regex = &regex, .assert_formats = true};
    struct str schema_text = {text, (size_t)(end - text)};
    struct str value_text = {end + 1, size - schema_text.len - 1};
    if (schema_compile_with(schema_text, &options, &schema, &err)) {
        check(err.text[0] != '\0');
        return 0;
    }
    if (json_parse(value_text, &value, &err) == ST_OK) {
        int rc = validate(schema, json_root(value));
        if (stands_alone(schema_text))
            check_negation(schema_text, &options, json_root(value), rc);
        json_free(value);
    }
    schema_free(schema);
    return 0;
}
