#include "adapters/driving/cli/show/schema_words.h"

#include "adapters/driving/cli/range.h"

/* A chain of $ref that is longer leads in a circle. */
#define REFS_MAX 16

static void add(struct buffer *out, const char *text)
{
    buffer_add_str(out, str_from(text));
}

static void add_decoded(struct buffer *out, struct json value)
{
    if (json_type(value) == JSON_STRING)
        json_decode(value, out);
    else
        json_copy_line(out, json_text(value));
}

/* ---- the type ---- */

static void add_type_of_items(struct buffer *out, struct json schema)
{
    struct json type = json_get(json_get(schema, STR("items")), STR("type"));
    if (json_type(type) != JSON_STRING)
        return;
    add(out, " of ");
    json_decode(type, out);
}

static void add_types(struct buffer *out, struct json types)
{
    struct json_iter it = json_iter(types);
    for (bool more = false; json_next(&it); more = true) {
        add(out, more ? " or " : "");
        json_decode(it.value, out);
    }
}

static void add_type(struct buffer *out, struct json schema)
{
    struct json type = json_get(schema, STR("type"));
    if (json_type(type) == JSON_STRING)
        json_decode(type, out);
    else if (json_type(type) == JSON_ARRAY)
        add_types(out, type);
    else if (json_exists(json_get(schema, STR("enum"))))
        add(out, "a choice");
    else if (json_exists(json_get(schema, STR("const"))))
        add(out, "fixed");
    else if (json_exists(json_get(schema, STR("anyOf"))) ||
             json_exists(json_get(schema, STR("oneOf"))))
        add(out, "one of several");
    else
        add(out, "any value");
    if (json_is(type, STR("array")))
        add_type_of_items(out, schema);
}

/* ---- the limits ---- */

static const struct {
    const char *low, *high, *unit;
} ranges[] = {
    {"minimum", "maximum", ""},
    {"minLength", "maxLength", " character"},
    {"minItems", "maxItems", " item"},
    {"minProperties", "maxProperties", " member"},
};

static const struct {
    const char *key, *words;
} values[] = {
    {"exclusiveMinimum", "more than "},
    {"exclusiveMaximum", "less than "},
    {"multipleOf", "a multiple of "},
    {"format", "format "},
    {"pattern", "matches "},
    {"const", "always "},
};

static void add_limits(struct buffer *out, struct json schema)
{
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        struct json low = json_get(schema, str_from(ranges[i].low));
        struct json high = json_get(schema, str_from(ranges[i].high));
        add(out, json_exists(low) || json_exists(high) ? ", " : "");
        range_put(out, low, high, ranges[i].unit);
    }
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct json value = json_get(schema, str_from(values[i].key));
        if (!json_exists(value))
            continue;
        add(out, ", ");
        add(out, values[i].words);
        add_decoded(out, value);
    }
    bool different = false;
    if (json_bool(json_get(schema, STR("uniqueItems")), &different) && different)
        add(out, ", all different");
}

void schema_words(struct buffer *out, struct json schema, bool required)
{
    struct json preset = json_get(schema, STR("default"));
    add_type(out, schema);
    add(out, required ? ", required" : "");
    add_limits(out, schema);
    if (!json_exists(preset))
        return;
    add(out, ", default ");
    json_copy_line(out, json_text(preset));
}

/* ---- $ref ---- */

/* The next part of a JSON pointer, its escapes undone, into `part`. */
static bool next_part(struct str *pointer, struct buffer *part)
{
    if (!pointer->len || pointer->ptr[0] != '/')
        return false;
    size_t i = 1;
    for (; i < pointer->len && pointer->ptr[i] != '/'; i++) {
        bool escape = pointer->ptr[i] == '~' && i + 1 < pointer->len;
        i += escape;
        buffer_add_char(part, !escape ? pointer->ptr[i] : pointer->ptr[i] == '1' ? '/' : '~');
    }
    *pointer = (struct str){pointer->ptr + i, pointer->len - i};
    return true;
}

static struct json resolve(struct json root, struct str pointer)
{
    struct json at = root;
    struct buffer part = BUFFER_INIT;
    while (next_part(&pointer, &part)) {
        at = json_get(at, buffer_str(&part));
        part.len = 0;
    }
    buffer_clear(&part);
    return pointer.len ? json_none() : at;
}

struct json schema_follow(struct json schema, struct json root)
{
    for (int i = 0; i < REFS_MAX; i++) {
        struct str ref;
        if (!json_plain(json_get(schema, STR("$ref")), &ref) || !str_starts(ref, STR("#")))
            return schema;
        struct json target = resolve(root, (struct str){ref.ptr + 1, ref.len - 1});
        if (!json_exists(target))
            return schema;
        schema = target;
    }
    return schema;
}

bool schema_requires(struct json schema, struct json name)
{
    struct json_iter it = json_iter(json_get(schema, STR("required")));
    while (json_next(&it))
        if (json_same_string(it.value, name))
            return true;
    return false;
}
