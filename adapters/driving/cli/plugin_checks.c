#include "adapters/driving/cli/plugin_checks.h"

#include "core/json/writer.h"
#include "core/schema/schema.h"

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

struct plugin_checks plugin_checker_functions(struct plugin_checker *checker)
{
    return (struct plugin_checks){checker, check_schema, check_settings};
}
