/* Reads the keywords of one schema into its node. One row a keyword. */
#include <stdlib.h>

#include "core/json/equal.h"
#include "core/json/number.h"
#include "core/schema/node.h"

struct reading {
    struct schema *schema;
    struct node *node;
    struct str *keyword; /* at hand */
    struct error *err;
};

typedef int read_fn(struct reading *r, struct json value, size_t offset);

#define FIELD(type, offset) (*(type *)(void *)((char *)r->node + (offset)))

static const char *const type_names[] = {"nothing",  "null",     "a boolean", "a number",
                                         "a string", "an array", "an object"};

static int wrong(struct reading *r, struct json v, const char *what)
{
    return error_set(r->err, ST_INVALID, "must be %s, is %s", what, type_names[json_type(v)]);
}

static bool is_schema(struct json v)
{
    return json_type(v) == JSON_OBJECT || json_type(v) == JSON_BOOL;
}

static int read_schema(struct reading *r, struct json v, size_t offset)
{
    if (!is_schema(v))
        return wrong(r, v, "a schema (an object or a boolean)");
    struct node *node = node_for(r->schema, v);
    FIELD(struct node *, offset) = node;
    return node ? ST_OK : node_failed(r->err);
}

static int read_list(struct reading *r, struct json v, size_t offset)
{
    struct node_list *list = &FIELD(struct node_list, offset);
    if (json_type(v) != JSON_ARRAY)
        return wrong(r, v, "an array of schemas");
    if (json_count(v) == 0)
        return error_set(r->err, ST_INVALID, "must not be empty");
    list->items = arena_alloc(&r->schema->arena, json_count(v) * sizeof(*list->items));
    struct json_iter it = json_iter(v);
    while (list->items && json_next(&it)) {
        if (!is_schema(it.value))
            return wrong(r, it.value, "an array of schemas (objects or booleans)");
        struct node *node = node_for(r->schema, it.value);
        if (!node)
            return node_failed(r->err);
        list->items[list->count++] = node;
    }
    return list->items ? ST_OK : node_failed(r->err);
}

static int read_count(struct reading *r, struct json v, size_t offset)
{
    int64_t count;
    if (json_type(v) == JSON_NUMBER && number_is_integer(v) && json_text(v).ptr[0] != '-') {
        /* A count beyond every length stands for the largest. */
        FIELD(int64_t, offset) = number_count(v, &count) ? count : INT64_MAX;
        return ST_OK;
    }
    return wrong(r, v, "a whole number of at least 0");
}

static bool is_zero(struct str number)
{
    for (size_t i = 0; i < number.len && (number.ptr[i] | 0x20) != 'e'; i++)
        if (number.ptr[i] >= '1' && number.ptr[i] <= '9')
            return false;
    return true;
}

static int read_number(struct reading *r, struct json v, size_t offset)
{
    if (json_type(v) != JSON_NUMBER)
        return wrong(r, v, "a number");
    FIELD(struct json, offset) = v;
    r->node->has_number = true;
    return ST_OK;
}

static int read_multiple(struct reading *r, struct json v, size_t offset)
{
    int rc = read_number(r, v, offset);
    if (rc)
        return rc;
    if (is_zero(json_text(v)) || json_text(v).ptr[0] == '-')
        return error_set(r->err, ST_INVALID, "must be a number above 0");
    if (!number_is_unit(v))
        return error_set(r->err, ST_INVALID, "must have at most %d digits", NUMBER_UNIT_DIGITS);
    return ST_OK;
}

static int read_value(struct reading *r, struct json v, size_t offset)
{
    FIELD(struct json, offset) = v;
    return ST_OK;
}

static int compare_choices(const void *a, const void *b)
{
    uint64_t x = ((const struct choice *)a)->hash, y = ((const struct choice *)b)->hash;
    return x < y ? -1 : x > y;
}

static int read_enum(struct reading *r, struct json v, size_t offset)
{
    struct node *node = r->node;
    (void)offset;
    if (json_type(v) != JSON_ARRAY)
        return wrong(r, v, "an array of values");
    node->choice_list = v;
    node->choices = arena_alloc(&r->schema->arena, (json_count(v) + 1) * sizeof(*node->choices));
    if (!node->choices)
        return node_failed(r->err);
    struct json_iter it = json_iter(v);
    while (json_next(&it))
        node->choices[node->choice_count++] = (struct choice){json_hash(it.value), it.value};
    if (node->choice_count > ENUM_IN_ORDER)
        qsort(node->choices, node->choice_count, sizeof(*node->choices), compare_choices);
    return ST_OK;
}

static unsigned type_bit(struct json v)
{
    static const struct {
        struct str name;
        unsigned bit;
    } types[] = {
        {STR_INIT("null"), TYPE_NULL},       {STR_INIT("boolean"), TYPE_BOOLEAN},
        {STR_INIT("integer"), TYPE_INTEGER}, {STR_INIT("number"), TYPE_NUMBER | TYPE_INTEGER},
        {STR_INIT("string"), TYPE_STRING},   {STR_INIT("array"), TYPE_ARRAY},
        {STR_INIT("object"), TYPE_OBJECT},
    };
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (json_is(v, types[i].name))
            return types[i].bit;
    return 0;
}

static int read_type(struct reading *r, struct json v, size_t offset)
{
    (void)offset;
    struct json_iter it = json_iter(v);
    bool good = json_type(v) == JSON_STRING ? type_bit(v) != 0
                                            : json_type(v) == JSON_ARRAY && json_count(v) > 0;
    r->node->types = type_bit(v);
    while (good && json_type(v) == JSON_ARRAY && json_next(&it)) {
        unsigned bit = type_bit(it.value);
        good = bit != 0;
        r->node->types |= bit;
    }
    return good ? ST_OK
                : error_set(r->err, ST_INVALID,
                            "must be one of \"null\", \"boolean\", \"integer\", \"number\", "
                            "\"string\", \"array\", \"object\" or an array of them");
}

static int read_bool(struct reading *r, struct json v, size_t offset)
{
    return json_bool(v, &FIELD(bool, offset)) ? ST_OK : wrong(r, v, "a boolean");
}

static int read_pattern(struct reading *r, struct json v, size_t offset)
{
    (void)offset;
    if (json_type(v) != JSON_STRING)
        return wrong(r, v, "a string");
    r->node->pattern = arena_alloc(&r->schema->arena, sizeof(struct pattern));
    return r->node->pattern ? pattern_compile(r->schema, v, r->node->pattern, r->err)
                            : node_failed(r->err);
}

static int read_patterns(struct reading *r, struct json v, size_t offset)
{
    (void)offset;
    struct node *node = r->node;
    if (json_type(v) != JSON_OBJECT)
        return wrong(r, v, "an object of schemas");
    node->patterns = arena_alloc(&r->schema->arena, (json_count(v) + 1) * sizeof(struct pattern));
    if (!node->patterns)
        return node_failed(r->err);
    struct json_iter it = json_iter(v);
    while (json_next(&it)) {
        struct pattern *pattern = &node->patterns[node->pattern_count];
        int rc = pattern_compile(r->schema, it.key, pattern, r->err);
        if (rc)
            return rc;
        if (!is_schema(it.value))
            return wrong(r, it.value, "an object of schemas (objects or booleans)");
        pattern->node = node_for(r->schema, it.value);
        if (!pattern->node)
            return node_failed(r->err);
        node->pattern_count++;
    }
    return ST_OK;
}

static bool are_strings(struct json v)
{
    struct json_iter it = json_iter(v);
    bool good = json_type(v) == JSON_ARRAY;
    while (good && json_next(&it))
        good = json_type(it.value) == JSON_STRING;
    return good;
}

/* dependentSchemas, dependentRequired and the older dependencies, which may hold either. */
static int read_dependencies(struct reading *r, struct json v, size_t kinds)
{
    struct node *node = r->node;
    struct json_iter it = json_iter(v);
    if (json_type(v) != JSON_OBJECT)
        return wrong(r, v, "an object");
    size_t total = node->dependency_count + json_count(v);
    struct dependency *all = arena_alloc(&r->schema->arena, (total + 1) * sizeof(*all));
    if (!all)
        return node_failed(r->err);
    if (node->dependency_count)
        memcpy(all, node->dependencies, node->dependency_count * sizeof(*all));
    node->dependencies = all;
    while (json_next(&it)) {
        struct dependency *d = &all[node->dependency_count++];
        d->keyword = *r->keyword;
        d->name = schema_text(r->schema, it.key);
        if ((kinds & 1) && is_schema(it.value)) {
            d->node = node_for(r->schema, it.value);
            if (!d->node)
                return node_failed(r->err);
        } else if ((kinds & 2) && are_strings(it.value)) {
            d->required = it.value;
        } else {
            return wrong(r, it.value,
                         kinds == 1 ? "an object of schemas" : "an object of arrays of strings");
        }
    }
    return ST_OK;
}

static int read_reference(struct reading *r, struct json v, size_t offset)
{
    struct json at;
    if (json_type(v) != JSON_STRING)
        return wrong(r, v, "a string");
    struct anchor *anchor;
    int rc = resolve_reference(r->schema, r->node->resource, v, &at, &anchor, r->err);
    if (rc)
        return rc;
    if (!is_schema(at))
        return error_set(r->err, ST_INVALID, "%.*s leads to something that is no schema",
                         STR_ARG(json_text(v)));
    struct node *target = node_for(r->schema, at);
    FIELD(struct node *, offset) = target;
    if (target && anchor && anchor->dynamic && offset == offsetof(struct node, dynamic_ref))
        r->node->dynamic_name = anchor->name;
    return target ? ST_OK : node_failed(r->err);
}

/* Schemas that are only there to be referred to must be right all the same. */
static int read_definitions(struct reading *r, struct json v, size_t offset)
{
    struct json_iter it = json_iter(v);
    (void)offset;
    if (json_type(v) != JSON_OBJECT)
        return wrong(r, v, "an object of schemas");
    while (json_next(&it)) {
        if (!is_schema(it.value))
            return wrong(r, it.value, "an object of schemas (objects or booleans)");
        if (!node_for(r->schema, it.value))
            return node_failed(r->err);
    }
    return ST_OK;
}

static int read_format(struct reading *r, struct json v, size_t offset)
{
    (void)offset;
    if (json_type(v) != JSON_STRING)
        return wrong(r, v, "a string");
    if (r->schema->assert_formats || r->node->resource->document->assert_formats)
        r->node->format = format_find(schema_text(r->schema, v));
    return ST_OK;
}

/* Keywords that say something to people or to the compiler, and check nothing. */
static int read_string(struct reading *r, struct json v, size_t offset)
{
    (void)offset;
    return json_type(v) == JSON_STRING ? ST_OK : wrong(r, v, "a string");
}

enum { BOTH = 3, NEW = 1, OLD = 2 };

#define AT(member) offsetof(struct node, member)

static const struct keyword {
    struct str name;
    read_fn *read;
    size_t offset; /* of the member that it fills, or a number for the reader */
    unsigned dialects;
    bool validation; /* of the validation vocabulary */
} keywords[] = {
    {STR_INIT("$ref"), read_reference, AT(ref), BOTH, false},
    {STR_INIT("$dynamicRef"), read_reference, AT(dynamic_ref), NEW, false},
    {STR_INIT("type"), read_type, 0, BOTH, true},
    {STR_INIT("const"), read_value, AT(constant), BOTH, true},
    {STR_INIT("enum"), read_enum, 0, BOTH, true},
    {STR_INIT("minimum"), read_number, AT(minimum), BOTH, true},
    {STR_INIT("maximum"), read_number, AT(maximum), BOTH, true},
    {STR_INIT("exclusiveMinimum"), read_number, AT(exclusive_minimum), BOTH, true},
    {STR_INIT("exclusiveMaximum"), read_number, AT(exclusive_maximum), BOTH, true},
    {STR_INIT("multipleOf"), read_multiple, AT(multiple_of), BOTH, true},
    {STR_INIT("minLength"), read_count, AT(length.low), BOTH, true},
    {STR_INIT("maxLength"), read_count, AT(length.high), BOTH, true},
    {STR_INIT("minItems"), read_count, AT(items_count.low), BOTH, true},
    {STR_INIT("maxItems"), read_count, AT(items_count.high), BOTH, true},
    {STR_INIT("minProperties"), read_count, AT(members_count.low), BOTH, true},
    {STR_INIT("maxProperties"), read_count, AT(members_count.high), BOTH, true},
    {STR_INIT("minContains"), read_count, AT(contains_count.low), NEW, true},
    {STR_INIT("maxContains"), read_count, AT(contains_count.high), NEW, true},
    {STR_INIT("pattern"), read_pattern, 0, BOTH, true},
    {STR_INIT("uniqueItems"), read_bool, AT(unique), BOTH, true},
    {STR_INIT("dependentRequired"), read_dependencies, 2, NEW, true},
    {STR_INIT("dependentSchemas"), read_dependencies, 1, NEW, false},
    {STR_INIT("dependencies"), read_dependencies, 3, OLD, false},
    {STR_INIT("patternProperties"), read_patterns, 0, BOTH, false},
    {STR_INIT("additionalProperties"), read_schema, AT(additional), BOTH, false},
    {STR_INIT("propertyNames"), read_schema, AT(property_names), BOTH, false},
    {STR_INIT("unevaluatedProperties"), read_schema, AT(unevaluated_properties), NEW, false},
    {STR_INIT("unevaluatedItems"), read_schema, AT(unevaluated_items), NEW, false},
    {STR_INIT("prefixItems"), read_list, AT(prefix), NEW, false},
    {STR_INIT("items"), read_schema, AT(items), NEW, false},
    {STR_INIT("contains"), read_schema, AT(contains), BOTH, false},
    {STR_INIT("allOf"), read_list, AT(all_of), BOTH, false},
    {STR_INIT("anyOf"), read_list, AT(any_of), BOTH, false},
    {STR_INIT("oneOf"), read_list, AT(one_of), BOTH, false},
    {STR_INIT("not"), read_schema, AT(not_), BOTH, false},
    {STR_INIT("if"), read_schema, AT(if_), BOTH, false},
    {STR_INIT("then"), read_schema, AT(then_), BOTH, false},
    {STR_INIT("else"), read_schema, AT(else_), BOTH, false},
    {STR_INIT("format"), read_format, 0, BOTH, false},
    {STR_INIT("contentSchema"), read_schema, AT(content), NEW, false},
    {STR_INIT("$defs"), read_definitions, 0, NEW, false},
    {STR_INIT("definitions"), read_definitions, 0, BOTH, false},
    {STR_INIT("$id"), read_string, 0, BOTH, false},
    {STR_INIT("$schema"), read_string, 0, BOTH, false},
    {STR_INIT("$anchor"), read_string, 0, NEW, false},
    {STR_INIT("$dynamicAnchor"), read_string, 0, NEW, false},
    {STR_INIT("$comment"), read_string, 0, BOTH, false},
    {STR_INIT("title"), read_string, 0, BOTH, false},
    {STR_INIT("description"), read_string, 0, BOTH, false},
};

/* ---- properties and required, which share one table -------------------------------------- */

static int compare_properties(const void *a, const void *b)
{
    return property_order(((const struct property *)a)->name, ((const struct property *)b)->name);
}

static struct property *add_property(struct node *node, struct str name)
{
    struct property *p = &node->properties[node->property_count++];
    *p = (struct property){.name = name};
    return p;
}

/* Makes one of neighbours with the same name. */
static void merge_properties(struct node *node)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < node->property_count; i++) {
        struct property *p = &node->properties[i];
        struct property *last = kept ? &node->properties[kept - 1] : NULL;
        if (last && str_eq(last->name, p->name)) {
            last->node = last->node ? last->node : p->node;
            last->required = last->required || p->required;
        } else {
            node->properties[kept++] = *p;
        }
    }
    node->property_count = kept;
}

static int read_property_schemas(struct reading *r, struct json v)
{
    struct json_iter it = json_iter(v);
    *r->keyword = STR("properties");
    if (json_exists(v) && json_type(v) != JSON_OBJECT)
        return wrong(r, v, "an object of schemas");
    while (json_next(&it)) {
        if (!is_schema(it.value))
            return error_set(r->err, ST_INVALID,
                             "%.*s must be a schema (an object or a boolean), is %s",
                             STR_ARG(json_text(it.key)), type_names[json_type(it.value)]);
        struct node *child = node_for(r->schema, it.value);
        if (!child)
            return node_failed(r->err);
        add_property(r->node, schema_text(r->schema, it.key))->node = child;
    }
    return ST_OK;
}

/* The names that are really required, each once, in the order of the schema. */
static int keep_required(struct reading *r, struct json v)
{
    struct node *node = r->node;
    uint32_t count = 0;
    for (uint32_t i = 0; i < node->property_count; i++)
        count += node->properties[i].required;
    if (count != json_count(v))
        return error_set(r->err, ST_INVALID, "must not name a property twice");
    node->required = arena_alloc(&r->schema->arena, (count + 1) * sizeof(*node->required));
    if (!node->required)
        return node_failed(r->err);
    struct json_iter it = json_iter(v);
    while (json_next(&it))
        node->required[node->required_count++] = schema_text(r->schema, it.value);
    return ST_OK;
}

static int read_properties(struct reading *r, struct json properties, struct json required)
{
    struct node *node = r->node;
    size_t most = (size_t)json_count(properties) + json_count(required);
    node->properties = arena_alloc(&r->schema->arena, (most + 1) * sizeof(*node->properties));
    if (!node->properties)
        return node_failed(r->err);
    int rc = read_property_schemas(r, properties);
    if (rc)
        return rc;
    *r->keyword = STR("required");
    if (json_exists(required) && !are_strings(required))
        return wrong(r, required, "an array of strings");
    struct json_iter it = json_iter(required);
    while (json_next(&it))
        add_property(node, schema_text(r->schema, it.value))->required = true;
    qsort(node->properties, node->property_count, sizeof(*node->properties), compare_properties);
    merge_properties(node);
    return keep_required(r, required);
}

/* ---- the whole schema --------------------------------------------------------------------- */

/* In draft-07 `items` may be an array, and `additionalItems` is for what comes after it. */
static int read_old_items(struct reading *r, struct json at)
{
    struct json items = json_get(at, STR("items")), more = json_get(at, STR("additionalItems"));
    *r->keyword = STR("items");
    if (json_type(items) == JSON_ARRAY) {
        int rc = json_count(items) ? read_list(r, items, AT(prefix)) : ST_OK;
        if (!rc && json_exists(more)) {
            *r->keyword = STR("additionalItems");
            rc = read_schema(r, more, AT(items));
        }
        return rc;
    }
    return json_exists(items) ? read_schema(r, items, AT(items)) : ST_OK;
}

static int read_keyword(struct reading *r, struct json key, struct json value)
{
    const struct document *document = r->node->resource->document;
    unsigned dialect = document->dialect == DIALECT_DRAFT_07 ? OLD : NEW;
    for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
        const struct keyword *k = &keywords[i];
        if (!json_is(key, k->name))
            continue;
        if (!(k->dialects & dialect) || (k->validation && document->no_validation))
            return ST_OK;
        *r->keyword = k->name;
        return k->read(r, value, k->offset);
    }
    return ST_OK;
}

static void note_kinds(struct node *n)
{
    n->has_object = n->property_count || n->pattern_count || n->additional || n->property_names ||
                    n->dependency_count || n->members_count.low >= 0 || n->members_count.high >= 0;
    n->has_array = n->prefix.count || n->items || n->contains || n->unique ||
                   n->items_count.low >= 0 || n->items_count.high >= 0;
    n->has_string = n->pattern || n->format || n->length.low >= 0 || n->length.high >= 0;
    n->has_equal = json_exists(n->constant) || json_exists(n->choice_list);
    n->has_in_place = n->ref || n->dynamic_ref || n->all_of.count || n->any_of.count ||
                      n->one_of.count || n->not_ || n->if_;
    n->wants_marks = n->unevaluated_properties || n->unevaluated_items;
}

static int read_object(struct reading *r)
{
    struct json at = r->node->at;
    bool old = r->node->resource->document->dialect == DIALECT_DRAFT_07;
    struct json ref = json_get(at, STR("$ref"));
    /* In draft-07 nothing beside $ref counts. */
    if (old && json_exists(ref)) {
        *r->keyword = STR("$ref");
        return read_reference(r, ref, AT(ref));
    }
    struct json_iter it = json_iter(at);
    int rc = ST_OK;
    while (!rc && json_next(&it))
        rc = read_keyword(r, it.key, it.value);
    if (!rc && old)
        rc = read_old_items(r, at);
    if (!rc)
        rc = read_properties(r, json_get(at, STR("properties")),
                             r->node->resource->document->no_validation
                                 ? json_none()
                                 : json_get(at, STR("required")));
    return rc;
}

int keywords_read(struct schema *schema, struct node *node, struct str *keyword, struct error *err)
{
    struct reading r = {schema, node, keyword, err};
    bool truth;
    if (json_bool(node->at, &truth)) {
        node->kind = truth ? NODE_ALWAYS : NODE_NEVER;
        return ST_OK;
    }
    if (json_type(node->at) != JSON_OBJECT)
        return error_set(err, ST_INVALID, "a schema must be an object or a boolean");
    const struct bounds none = {-1, -1};
    node->length = node->items_count = node->members_count = node->contains_count = none;
    int rc = read_object(&r);
    if (!rc)
        note_kinds(node);
    return rc;
}
