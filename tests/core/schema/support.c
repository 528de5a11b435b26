#include "tests/core/schema/support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

struct regex {
    char *text;
    size_t len;
};

static int plain_compile(void *ctx, struct str pattern, struct regex **out, struct error *err)
{
    (void)ctx;
    if (str_eq(pattern, STR("(")))
        return error_set(err, ST_INVALID, "pattern \"(\": missing ) at position 1");
    *out = malloc(sizeof(**out));
    (*out)->text = malloc(pattern.len + 1);
    memcpy((*out)->text, pattern.ptr, pattern.len);
    (*out)->len = pattern.len;
    return ST_OK;
}

static int plain_search(void *ctx, const struct regex *regex, struct str subject, struct error *err)
{
    (void)ctx;
    if (str_eq((struct str){regex->text, regex->len}, STR("slow")))
        return error_set(err, ST_TOO_LARGE, "too many steps");
    return regex->len == 0 || memmem(subject.ptr, subject.len, regex->text, regex->len) != NULL;
}

static void plain_free(void *ctx, struct regex *regex)
{
    (void)ctx;
    free(regex->text);
    free(regex);
}

const struct regex_port plain_regex = {NULL, plain_compile, plain_search, plain_free};

struct json_doc *parse(const char *text)
{
    struct json_doc *doc;
    struct error err;
    if (json_parse(str_from(text), &doc, &err))
        fail_msg("%s: %s", text, err.text);
    return doc;
}

struct schema *compile(const char *text)
{
    struct schema *schema;
    struct error err;
    if (schema_compile_text(str_from(text), &plain_regex, &schema, &err))
        fail_msg("%s: %s", text, err.text);
    return schema;
}

static int validate(const char *schema_text, const char *value_text, struct buffer *text)
{
    struct schema *schema = compile(schema_text);
    struct json_doc *value = parse(value_text);
    struct schema_result result = SCHEMA_RESULT_INIT;
    int rc = schema_validate(schema, json_root(value), &result);
    schema_result_text(&result, text);
    buffer_add_char(text, '\0');
    schema_result_clear(&result);
    json_free(value);
    schema_free(schema);
    return rc;
}

void assert_fits(const char *schema, const char *value)
{
    struct buffer text = BUFFER_INIT;
    int rc = validate(schema, value, &text);
    if (rc)
        fail_msg("%s does not fit %s: %s", value, schema, text.data);
    assert_string_equal(text.data, "");
    buffer_clear(&text);
}

char *fault_text(const char *schema, const char *value)
{
    struct buffer text = BUFFER_INIT;
    assert_int_not_equal(validate(schema, value, &text), ST_OK);
    return buffer_take(&text, NULL);
}

void assert_fault(const char *schema, const char *value, const char *text)
{
    char *faults = fault_text(schema, value);
    assert_string_equal(faults, text);
    free(faults);
}

void assert_no_schema(const char *schema, int status, const char *text)
{
    struct schema *compiled = NULL;
    struct error err = {0};
    assert_int_equal(schema_compile_text(str_from(schema), &plain_regex, &compiled, &err), status);
    assert_string_equal(err.text, text);
    assert_null(compiled);
}
