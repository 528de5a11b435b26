#include "adapters/driving/mcp/input/form_write.h"

static void write_column(struct json_writer *w, struct str name, struct json choices,
                         struct str member)
{
    json_key(w, name);
    json_begin_array(w);
    struct json_iter it = json_iter(choices);
    while (json_next(&it))
        json_write_raw(w, json_text(json_get(it.value, member)));
    json_end_array(w);
}

static void write_member(struct json_writer *w, struct json field, struct json key,
                         struct json value)
{
    if (json_is(key, STR("oneOf"))) {
        write_column(w, STR("enum"), value, STR("const"));
        write_column(w, STR("enumNames"), value, STR("title"));
    } else if (!json_is(key, STR("default")) ||
               json_is(json_get(field, STR("type")), STR("boolean"))) {
        json_put_member(w, key, value);
    }
}

static void write_field(struct json_writer *w, struct json field)
{
    json_begin_object(w);
    struct json_iter it = json_iter(field);
    while (json_next(&it))
        write_member(w, field, it.key, it.value);
    json_end_object(w);
}

static void write_fields(struct json_writer *w, struct json properties)
{
    json_begin_object(w);
    struct json_iter it = json_iter(properties);
    while (json_next(&it)) {
        json_key_raw(w, it.key);
        write_field(w, it.value);
    }
    json_end_object(w);
}

static void write_plain(struct json_writer *w, struct json schema)
{
    json_begin_object(w);
    struct json_iter it = json_iter(schema);
    while (json_next(&it)) {
        if (json_is(it.key, STR("$schema")))
            continue;
        json_key_raw(w, it.key);
        if (json_is(it.key, STR("properties")))
            write_fields(w, it.value);
        else
            json_write_raw(w, json_text(it.value));
    }
    json_end_object(w);
}

void form_write(struct json_writer *w, struct json schema, enum revision revision)
{
    if (revision_has(revision, FEATURE_FORM_CHOICES))
        json_write_raw(w, json_text(schema));
    else
        write_plain(w, schema);
}
