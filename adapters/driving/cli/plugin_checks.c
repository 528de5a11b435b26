#include "adapters/driving/cli/plugin_checks.h"

#include "core/json/utf8.h"
#include "core/json/writer.h"
#include "core/schema/schema.h"
#include "hexmcp/host/schema.h"

static int check_schema(void *ctx, struct str text, struct error *err)
{
    struct plugin_checker *checker = ctx;
    struct schema *schema;
    int rc = schema_compile_text(text, checker->regex, &schema, err);
    if (!rc)
        schema_free(schema);
    return rc;
}

/* The settings as given, and for each property that is missing the schema's default. */
static void fill_defaults(struct json schema, struct json settings, struct buffer *filled)
{
    struct json_writer w = json_writer(filled);
    json_begin_object(&w);
    struct json_iter it = json_iter(settings);
    while (json_next(&it))
        json_put_member(&w, it.key, it.value);
    it = json_iter(json_get(schema, STR("properties")));
    struct buffer name = BUFFER_INIT;
    while (json_next(&it)) {
        struct json initial = json_get(it.value, STR("default"));
        struct str key;
        if (json_exists(initial) && json_string(it.key, &name, &key) &&
            !json_exists(json_get(settings, key)))
            json_put_member(&w, it.key, initial);
    }
    buffer_clear(&name);
    json_end_object(&w);
}

static int check_against(struct plugin_checker *checker, struct str schema_text, struct json value,
                         struct error *err)
{
    struct schema *schema;
    int rc = schema_compile_text(schema_text, checker->regex, &schema, err);
    if (rc)
        return rc;
    rc = schema_check(schema, value, err);
    schema_free(schema);
    return rc;
}

static int check_settings(void *ctx, struct str schema_text, struct str settings_text,
                          struct buffer *filled, struct error *err)
{
    struct json_doc *schema, *settings;
    int rc = json_parse(schema_text, &schema, err);
    if (rc)
        return rc;
    rc = json_parse(settings_text, &settings, err);
    if (!rc) {
        rc = check_against(ctx, schema_text, json_root(settings), err);
        if (!rc)
            fill_defaults(json_root(schema), json_root(settings), filled);
        json_free(settings);
    }
    json_free(schema);
    return rc;
}

/* A pointer that is too long, without its end. */
static struct str cut(struct str pointer)
{
    size_t len = 0, step = 0;
    if (pointer.len <= HEXMCP_SCHEMA_POINTER_MAX)
        return pointer;
    do {
        len += step;
        step = utf8_sequence(pointer.ptr + len, pointer.ptr + pointer.len);
    } while (step && len + step <= HEXMCP_SCHEMA_POINTER_MAX);
    return (struct str){pointer.ptr, len};
}

static void write_fault(struct json_writer *w, const struct schema_fault *fault)
{
    json_begin_object(w);
    json_put_string(w, STR("instance"), cut(fault->instance));
    json_put_string(w, STR("keyword"), fault->keyword);
    json_put_string(w, STR("schema"), cut(fault->schema));
    json_put_string(w, STR("message"), fault->message);
    json_end_object(w);
}

static void write_result(const struct schema_result *result, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_put_bool(&w, STR("valid"), result->count == 0);
    json_key(&w, STR("faults"));
    json_begin_array(&w);
    for (uint32_t i = 0; i < result->count; i++)
        write_fault(&w, &result->faults[i]);
    json_end_array(&w);
    json_put_bool(&w, STR("more"), result->more);
    json_end_object(&w);
}

static int check_parsed(const struct schema *schema, struct json value, struct buffer *out,
                        struct error *err)
{
    struct schema_result result = SCHEMA_RESULT_INIT;
    struct buffer text = BUFFER_INIT;
    int rc = schema_validate(schema, value, &result);
    if (rc == ST_OK || (rc == ST_INVALID && result.count)) {
        write_result(&result, out);
        rc = ST_OK;
    } else {
        schema_result_text(&result, &text);
        error_set(err, rc, "%.*s", STR_ARG(text.len ? buffer_str(&text) : STR("out of memory")));
        buffer_clear(&text);
    }
    schema_result_clear(&result);
    return rc;
}

static int check_value(void *ctx, struct str schema_text, struct str value_text, bool formats,
                       struct buffer *result, struct error *err)
{
    const struct plugin_checker *checker = ctx;
    const struct schema_options options = {.regex = checker->regex, .assert_formats = formats};
    struct schema *schema;
    struct json_doc *value;
    int rc = schema_compile_with(schema_text, &options, &schema, err);
    if (rc) {
        error_prefix(err, "the schema: ");
        return rc;
    }
    rc = json_parse(value_text, &value, err);
    if (rc) {
        error_prefix(err, "the value: ");
    } else {
        rc = check_parsed(schema, json_root(value), result, err);
        json_free(value);
    }
    schema_free(schema);
    return rc;
}

struct plugin_checks plugin_checker_functions(struct plugin_checker *checker)
{
    return (struct plugin_checks){checker, check_schema, check_settings, check_value};
}
