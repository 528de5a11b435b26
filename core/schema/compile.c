#include <stdlib.h>

#include "core/schema/node.h"

#define BUCKETS 64u

int node_failed(struct error *err)
{
    return error_set(err, ST_TOO_LARGE,
                     "the schema has more than %u subschemas, or memory is short",
                     SCHEMA_MAX_NODES);
}

static uint32_t bucket_of(const struct schema *schema, struct json at)
{
    uintptr_t doc = (uintptr_t)at.doc;
    return (uint32_t)((doc >> 4) * 31 + at.node * 2654435761u) % schema->bucket_count;
}

static bool grow_buckets(struct schema *schema)
{
    uint32_t old_count = schema->bucket_count;
    struct node **old = schema->buckets;
    uint32_t count = old_count ? old_count * 4 : BUCKETS;
    struct node **buckets = arena_alloc(&schema->arena, count * sizeof(*buckets));
    if (!buckets)
        return false;
    schema->buckets = buckets;
    schema->bucket_count = count;
    for (uint32_t i = 0; i < old_count; i++)
        for (struct node *node = old[i], *next; node; node = next) {
            next = node->next_in_bucket;
            uint32_t bucket = bucket_of(schema, node->at);
            node->next_in_bucket = buckets[bucket];
            buckets[bucket] = node;
        }
    return true;
}

struct node *node_find(const struct schema *schema, struct json at)
{
    struct node *node = schema->bucket_count ? schema->buckets[bucket_of(schema, at)] : NULL;
    while (node && !(node->at.doc == at.doc && node->at.node == at.node))
        node = node->next_in_bucket;
    return node;
}

struct node *node_for(struct schema *schema, struct json at)
{
    struct node *node = node_find(schema, at);
    if (node)
        return node;
    if (schema->node_count >= schema->bucket_count * 2 && !grow_buckets(schema))
        return NULL;
    if (schema->node_count >= SCHEMA_MAX_NODES)
        return NULL;
    node = arena_alloc(&schema->arena, sizeof(*node));
    if (!node)
        return NULL;
    uint32_t bucket = bucket_of(schema, at);
    node->at = at;
    node->resource = scan_resource_of(schema, at);
    node->next_in_bucket = schema->buckets[bucket];
    schema->buckets[bucket] = node;
    schema->node_count++;
    node->next_unfinished = schema->unfinished;
    schema->unfinished = node;
    return node;
}

struct str schema_text(struct schema *schema, struct json string)
{
    struct buffer scratch = BUFFER_INIT;
    struct str text = {"", 0};
    if (json_plain(string, &text))
        return text;
    json_decode(string, &scratch);
    if (buffer_failed(&scratch))
        schema->arena.failed = true;
    text = arena_copy(&schema->arena, buffer_str(&scratch));
    buffer_clear(&scratch);
    return text.ptr ? text : (struct str){"", 0};
}

int pattern_compile(struct schema *schema, struct json text, struct pattern *out,
                    struct error *err)
{
    struct buffer scratch = BUFFER_INIT;
    struct regex_entry *entry = arena_alloc(&schema->arena, sizeof(*entry));
    struct str pattern;
    int rc = ST_OK;
    if (!entry || !json_string(text, &scratch, &pattern))
        rc = error_set(err, ST_INVALID, "a pattern must be a string");
    else if (!schema->regex || !schema->regex->compile)
        rc = error_set(err, ST_UNAVAILABLE, "there is nothing here that could match patterns");
    else
        rc = schema->regex->compile(schema->regex->ctx, pattern, &entry->regex, err);
    if (!rc) {
        entry->text = arena_copy(&schema->arena, pattern);
        entry->next = schema->regexes;
        schema->regexes = entry;
        *out = (struct pattern){.regex = entry->regex, .text = entry->text};
    }
    buffer_clear(&scratch);
    return rc;
}

/* Anchors that a $dynamicRef may find in a scope that is only known when a value is checked. */
static int finish_dynamic_anchors(struct schema *schema, struct error *err)
{
    for (struct resource *r = schema->resources; r; r = r->next)
        for (struct anchor *anchor = r->anchors; anchor; anchor = anchor->next) {
            if (!anchor->dynamic || anchor->node)
                continue;
            anchor->node = node_for(schema, anchor->at);
            if (!anchor->node)
                return node_failed(err);
        }
    return ST_OK;
}

static int add_place(const struct schema *schema, const struct node *node, struct str keyword,
                     struct error *err)
{
    struct buffer place = BUFFER_INIT;
    place_of_keyword(&place, schema, node, keyword);
    error_prefix(err, "%.*s: ", STR_ARG(buffer_str(&place)));
    buffer_clear(&place);
    return err->code;
}

static int finish_nodes(struct schema *schema, struct error *err)
{
    while (schema->unfinished) {
        struct node *node = schema->unfinished;
        schema->unfinished = node->next_unfinished;
        struct str keyword = {"", 0};
        int rc = keywords_read(schema, node, &keyword, err);
        if (rc)
            return err ? add_place(schema, node, keyword, err) : rc;
        if (!schema->unfinished) {
            rc = finish_dynamic_anchors(schema, err);
            if (rc)
                return rc;
        }
    }
    return ST_OK;
}

static int compile(struct schema *schema, struct str text, struct error *err)
{
    struct json_doc *json;
    struct resource *resource;
    if (text.len > SCHEMA_MAX_BYTES)
        return error_set(err, ST_TOO_LARGE, "the schema has %zu bytes, more than %zu", text.len,
                         SCHEMA_MAX_BYTES);
    struct str copy = arena_copy(&schema->arena, text);
    if (!copy.ptr)
        return error_set(err, ST_NOMEM, "out of memory");
    int rc = json_parse(copy, &json, err);
    if (rc)
        return rc;
    schema->json = json;
    rc = scan_document(schema, json, STR(""), true, &resource, err);
    if (rc)
        return rc;
    schema->root = node_for(schema, json_root(json));
    rc = schema->root ? finish_nodes(schema, err) : node_failed(err);
    /* A name that could not be copied reads as empty. */
    if (!rc && schema->arena.failed)
        rc = error_set(err, ST_NOMEM, "out of memory");
    return rc;
}

int schema_compile_with(struct str text, const struct schema_options *options, struct schema **out,
                        struct error *err)
{
    struct schema *schema = calloc(1, sizeof(*schema));
    if (!schema)
        return error_set(err, ST_NOMEM, "out of memory");
    schema->regex = options->regex;
    schema->library = options->library;
    schema->assert_formats = options->assert_formats;
    int rc = compile(schema, text, err);
    if (rc) {
        schema_free(schema);
        return rc;
    }
    *out = schema;
    return ST_OK;
}

int schema_compile_text(struct str text, const struct regex_port *regex, struct schema **out,
                        struct error *err)
{
    return schema_compile_with(text, &(struct schema_options){.regex = regex}, out, err);
}

void schema_free(struct schema *schema)
{
    if (!schema)
        return;
    for (struct regex_entry *e = schema->regexes; e; e = e->next)
        schema->regex->free(schema->regex->ctx, e->regex);
    for (struct document *d = schema->documents; d; d = d->next)
        json_free(d->json);
    arena_clear(&schema->arena);
    free(schema);
}
