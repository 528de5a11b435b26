#include "core/input/form.h"
#include "core/input/shapes.h"

static int compile(struct json schema, struct schema **out, struct error *err)
{
    const struct schema_options options = {.assert_formats = true};
    return schema_compile_with(json_text(schema), &options, out, err);
}

int form_check_value(struct json schema, struct json value, struct error *err)
{
    struct schema *compiled;
    int rc = compile(schema, &compiled, err);
    if (rc)
        return rc;
    rc = shape_check_by(compiled, value, err);
    schema_free(compiled);
    return rc;
}

static int check_keywords(struct json schema, struct error *err)
{
    struct schema *compiled;
    int rc = compile(schema, &compiled, err);
    if (rc)
        return error_prefix(err, "requestedSchema is no valid schema: ");
    schema_free(compiled);
    return ST_OK;
}

static bool is_new(struct json choices, struct json value)
{
    struct json_iter it = json_iter(choices);
    while (json_next(&it)) {
        struct json other = json_get(it.value, STR("const"));
        if (other.node == value.node)
            return true;
        if (json_same_string(other, value))
            return false;
    }
    return true;
}

static int check_titled(struct json choices, struct error *err)
{
    struct json_iter it = json_iter(choices);
    while (json_next(&it)) {
        struct json value = json_get(it.value, STR("const"));
        if (!is_new(choices, value))
            return error_set(err, ST_INVALID, "has the choice %.*s twice",
                             STR_ARG(json_text(value)));
    }
    return ST_OK;
}

static int check_field(struct json field, struct error *err)
{
    struct json names = json_get(field, STR("enumNames"));
    struct json values = json_get(field, STR("enum"));
    struct json preset = json_get(field, STR("default"));
    if (json_exists(names) && json_count(names) != json_count(values))
        return error_set(err, ST_INVALID, "has %u values in enum but %u in enumNames",
                         json_count(values), json_count(names));
    int rc = check_titled(json_get(field, STR("oneOf")), err);
    if (rc == ST_OK)
        rc = check_titled(json_get(json_get(field, STR("items")), STR("anyOf")), err);
    if (rc || !json_exists(preset))
        return rc;
    rc = form_check_value(field, preset, err);
    if (rc)
        error_prefix(err, "has a default that does not fit it: ");
    return rc;
}

static int check_required(struct json schema, struct error *err)
{
    struct json properties = json_get(schema, STR("properties"));
    struct json_iter it = json_iter(json_get(schema, STR("required")));
    struct buffer scratch = BUFFER_INIT;
    int rc = ST_OK;
    while (rc == ST_OK && json_next(&it)) {
        struct str name;
        if (!json_string(it.value, &scratch, &name))
            rc = error_set(err, ST_NOMEM, "out of memory");
        else if (!json_exists(json_get(properties, name)))
            rc = error_set(err, ST_INVALID,
                           "requestedSchema requires %.*s, which is not among its properties",
                           STR_ARG(json_text(it.value)));
        buffer_clear(&scratch);
    }
    return rc;
}

int form_check(struct json schema, struct error *err)
{
    int rc = check_keywords(schema, err);
    if (rc == ST_OK)
        rc = check_required(schema, err);
    struct json_iter it = json_iter(json_get(schema, STR("properties")));
    while (rc == ST_OK && json_next(&it)) {
        rc = check_field(it.value, err);
        if (rc)
            error_prefix(err, "the field %.*s ", STR_ARG(json_text(it.key)));
    }
    return rc;
}

bool form_has_multiple_choice(struct json schema)
{
    struct json_iter it = json_iter(json_get(schema, STR("properties")));
    while (json_next(&it))
        if (json_is(json_get(it.value, STR("type")), STR("array")))
            return true;
    return false;
}

int form_check_content(struct json schema, struct json content, struct error *err)
{
    int rc = form_check_value(schema, content, err);
    if (rc == ST_INVALID)
        error_prefix(err, "the content does not fit the form: ");
    return rc;
}
