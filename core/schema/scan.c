/* Finds the resources ($id) and anchors of a document, in the places where schemas stand. */
#include "core/schema/node.h"
#include "core/uri/reference.h"

enum holds { HOLDS_SCHEMA, HOLDS_ARRAY, HOLDS_OBJECT };

/* The keywords that hold schemas. `items` and `dependencies` hold several kinds; the walk goes by
 * what it finds. */
static const struct {
    struct str name;
    enum holds holds;
} holders[] = {
    {STR_INIT("$defs"), HOLDS_OBJECT},
    {STR_INIT("definitions"), HOLDS_OBJECT},
    {STR_INIT("properties"), HOLDS_OBJECT},
    {STR_INIT("patternProperties"), HOLDS_OBJECT},
    {STR_INIT("dependentSchemas"), HOLDS_OBJECT},
    {STR_INIT("dependencies"), HOLDS_OBJECT},
    {STR_INIT("allOf"), HOLDS_ARRAY},
    {STR_INIT("anyOf"), HOLDS_ARRAY},
    {STR_INIT("oneOf"), HOLDS_ARRAY},
    {STR_INIT("prefixItems"), HOLDS_ARRAY},
    {STR_INIT("items"), HOLDS_SCHEMA},
    {STR_INIT("additionalItems"), HOLDS_SCHEMA},
    {STR_INIT("additionalProperties"), HOLDS_SCHEMA},
    {STR_INIT("propertyNames"), HOLDS_SCHEMA},
    {STR_INIT("unevaluatedProperties"), HOLDS_SCHEMA},
    {STR_INIT("unevaluatedItems"), HOLDS_SCHEMA},
    {STR_INIT("contains"), HOLDS_SCHEMA},
    {STR_INIT("contentSchema"), HOLDS_SCHEMA},
    {STR_INIT("not"), HOLDS_SCHEMA},
    {STR_INIT("if"), HOLDS_SCHEMA},
    {STR_INIT("then"), HOLDS_SCHEMA},
    {STR_INIT("else"), HOLDS_SCHEMA},
};

static struct resource *add_resource(struct schema *schema, struct document *document,
                                     struct str uri, struct json root)
{
    struct resource *r = arena_alloc(&schema->arena, sizeof(*r));
    schema->name_count++;
    if (!r)
        return NULL;
    *r = (struct resource){
        .next = schema->resources, .uri = uri, .root = root, .document = document};
    schema->resources = r;
    return r;
}

static void add_anchor(struct schema *schema, struct resource *r, struct str name, struct json at,
                       bool dynamic)
{
    struct anchor *anchor = arena_alloc(&schema->arena, sizeof(*anchor));
    schema->name_count++;
    if (!anchor)
        return;
    *anchor = (struct anchor){r->anchors, name, at, NULL, dynamic};
    r->anchors = anchor;
}

/* The resource that `v` begins, or the one around it. */
static struct resource *enter(struct schema *schema, struct resource *around, struct json v)
{
    struct json id = json_get(v, STR("$id"));
    struct document *document = around->document;
    bool old = document->dialect == DIALECT_DRAFT_07;
    if (json_type(id) != JSON_STRING || (old && json_exists(json_get(v, STR("$ref")))))
        return around;
    struct str text = schema_text(schema, id), without, fragment;
    if (old && text.len && text.ptr[0] == '#') {
        add_anchor(schema, around, (struct str){text.ptr + 1, text.len - 1}, v, false);
        return around;
    }
    struct str uri = uri_resolve(&schema->arena, around->uri, text);
    if (!uri.ptr) {
        schema->id_too_long = true;
        return around;
    }
    uri_split(uri, &without, &fragment);
    if (around->root.node == v.node && around->root.doc == v.doc) {
        around->uri = without;
        return around;
    }
    struct resource *own = add_resource(schema, document, without, v);
    return own ? own : around;
}

static void take_anchors(struct schema *schema, struct resource *r, struct json v)
{
    struct json plain = json_get(v, STR("$anchor")), dynamic = json_get(v, STR("$dynamicAnchor"));
    if (json_type(plain) == JSON_STRING)
        add_anchor(schema, r, schema_text(schema, plain), v, false);
    if (json_type(dynamic) == JSON_STRING)
        add_anchor(schema, r, schema_text(schema, dynamic), v, true);
}

/* As deep as the document is nested, which core/json bounds. */
static void walk(struct schema *schema, struct resource *around, struct json v);

static void walk_held(struct schema *schema, struct resource *r, struct json v, enum holds holds)
{
    struct json_iter it = json_iter(v);
    if (holds == HOLDS_SCHEMA && json_type(v) == JSON_OBJECT)
        walk(schema, r, v);
    else
        while (json_next(&it))
            walk(schema, r, it.value);
}

static void walk(struct schema *schema, struct resource *around, struct json v)
{
    if (json_type(v) != JSON_OBJECT || schema->name_count > SCHEMA_MAX_NAMES)
        return;
    struct resource *r = enter(schema, around, v);
    if (r->document->dialect != DIALECT_DRAFT_07)
        take_anchors(schema, r, v);
    struct json_iter it = json_iter(v);
    while (json_next(&it))
        for (size_t i = 0; i < sizeof(holders) / sizeof(holders[0]); i++)
            if (json_is(it.key, holders[i].name))
                walk_held(schema, r, it.value, holders[i].holds);
}

static int check_names(const struct schema *schema, struct error *err)
{
    if (schema->id_too_long)
        return error_set(err, ST_TOO_LARGE, "an $id is longer than %d bytes", URI_REFERENCE_MAX_BYTES);
    if (schema->name_count > SCHEMA_MAX_NAMES)
        return error_set(err, ST_TOO_LARGE, "the schema has more than %u $id and anchors",
                         SCHEMA_MAX_NAMES);
    for (const struct resource *r = schema->resources; r; r = r->next) {
        for (const struct resource *other = r->next; other; other = other->next)
            if (r->uri.len && str_eq(r->uri, other->uri))
                return error_set(err, ST_INVALID, "two schemas have the $id \"%.*s\"",
                                 STR_ARG(r->uri));
        for (const struct anchor *a = r->anchors; a; a = a->next)
            for (const struct anchor *other = a->next; other; other = other->next)
                if (str_eq(a->name, other->name) && a->at.node != other->at.node)
                    return error_set(err, ST_INVALID, "two schemas have the anchor \"%.*s\"",
                                     STR_ARG(a->name));
    }
    return ST_OK;
}

int scan_document(struct schema *schema, struct json_doc *json, struct str uri, bool own,
                  struct resource **out, struct error *err)
{
    struct document *document = arena_alloc(&schema->arena, sizeof(*document));
    if (!document) {
        if (own)
            json_free(json);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    *document = (struct document){.json = json, .uri = uri};
    if (own) {
        document->next = schema->documents;
        schema->documents = document;
    }
    struct json root = json_root(json);
    int rc = dialect_read(schema, root, document, err);
    if (rc)
        return rc;
    struct resource *r = add_resource(schema, document, uri, root);
    if (r) {
        r->found = uri;
        walk(schema, r, root);
    }
    if (!r || schema->arena.failed)
        return error_set(err, ST_NOMEM, "out of memory");
    *out = r;
    return check_names(schema, err);
}

struct resource *scan_resource_of(const struct schema *schema, struct json at)
{
    struct resource *best = NULL;
    for (struct resource *r = schema->resources; r; r = r->next)
        if (json_contains(r->root, at) && (!best || json_contains(best->root, r->root)))
            best = r;
    return best;
}
