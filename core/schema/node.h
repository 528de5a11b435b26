/* Inside of core/schema: the compiled form. */
#pragma once

#include "core/base/arena.h"
#include "core/schema/schema.h"

enum dialect { DIALECT_2020_12, DIALECT_DRAFT_07 };

/* A text that holds schemas. */
struct document {
    struct document *next;
    struct json_doc *json;
    enum dialect dialect;
    bool no_validation; /* its metaschema leaves the validation vocabulary out */
};

struct anchor {
    struct anchor *next;
    struct str name;
    struct json at;
    bool dynamic;
};

/* A schema with a URI of its own, and the anchors in it. */
struct resource {
    struct resource *next;
    struct str uri; /* absolute as far as known, without fragment */
    struct json root;
    struct document *document;
    struct anchor *anchors;
};

/* Types as bits. */
enum {
    TYPE_NULL = 1,
    TYPE_BOOLEAN = 2,
    TYPE_INTEGER = 4,
    TYPE_NUMBER = 8,
    TYPE_STRING = 16,
    TYPE_ARRAY = 32,
    TYPE_OBJECT = 64,
};

struct node;

struct node_list {
    struct node **items;
    uint32_t count;
};

/* A name in `properties` or `required`. */
struct property {
    struct str name;
    struct node *node; /* NULL: only required */
    bool required;
};

/* What stands under a name, for members that are there. */
struct dependency {
    struct str name;
    struct node *node;    /* dependentSchemas */
    struct json required; /* dependentRequired: an array of strings */
};

struct pattern {
    struct regex *regex;
    struct str text;
    struct node *node; /* NULL for `pattern` */
};

/* Lower and upper bound of a count; -1: none. */
struct bounds {
    int64_t low;
    int64_t high;
};

struct node {
    struct json at; /* in its document */
    struct resource *resource;
    struct node *next_unfinished;
    struct node *next_in_bucket;
    enum { NODE_SCHEMA, NODE_ALWAYS, NODE_NEVER } kind;

    struct node *ref;
    struct node *dynamic_ref; /* where it leads without a dynamic scope */
    struct str dynamic_name;  /* empty: it behaves as ref */

    unsigned types; /* 0: every type */
    struct json constant;
    struct json choices; /* enum */

    struct json minimum, maximum, exclusive_minimum, exclusive_maximum, multiple_of;
    struct bounds length, items_count, members_count, contains_count;
    struct pattern *pattern;

    struct property *properties; /* sorted by name */
    uint32_t property_count;
    uint32_t required_count;
    struct pattern *patterns;
    uint32_t pattern_count;
    struct dependency *dependencies;
    uint32_t dependency_count;
    struct node *additional, *property_names, *unevaluated_properties;

    struct node_list prefix;
    struct node *items, *contains, *unevaluated_items;
    bool unique;

    struct node_list all_of, any_of, one_of;
    struct node *not_, *if_, *then_, *else_;

    bool has_object, has_array, has_string, has_number; /* keywords for values of that type */
    bool wants_marks; /* unevaluatedProperties or unevaluatedItems */
};

struct schema {
    struct arena arena;
    const struct regex_port *regex;
    const struct schema_library *library;
    struct document *documents; /* own ones: the schema itself */
    struct resource *resources; /* of all documents that were needed */
    struct node *root;
    struct node **buckets;
    uint32_t bucket_count;
    uint32_t node_count;
    struct node *unfinished; /* nodes that are not filled yet */
    struct regex_entry *regexes;
};

struct regex_entry {
    struct regex_entry *next;
    struct regex *regex;
    struct str text;
};

struct library_entry {
    struct library_entry *next;
    struct str uri;
    struct json_doc *json;
};

struct schema_library {
    struct arena arena;
    struct library_entry *entries;
};

/* library.c */
struct json_doc *library_find(const struct schema_library *library, struct str uri);
/* The text of a built-in metaschema, empty if there is none under that URI. */
struct str metaschema_text(struct str uri);

/* scan.c: finds the resources and anchors of a document. */
int scan_document(struct schema *schema, struct json_doc *json, struct str uri, bool own,
                  struct resource **out, struct error *err);
/* The innermost resource that holds `at`. */
struct resource *scan_resource_of(const struct schema *schema, struct json at);

/* resolve.c: where a reference leads. */
int resolve_reference(struct schema *schema, const struct resource *from, struct json reference,
                      struct json *at, struct anchor **anchor, struct error *err);

/* keywords.c: fills a node from its place in the document. */
int keywords_read(struct schema *schema, struct node *node, struct error *err);

/* compile.c */
/* The node for a place, made if it is new; NULL without memory or with too many. */
struct node *node_for(struct schema *schema, struct json at);
/* The node for a place, NULL if there is none. */
struct node *node_find(const struct schema *schema, struct json at);
int node_failed(struct error *err);
int pattern_compile(struct schema *schema, struct json text, struct pattern *out,
                    struct error *err);

/* places.c: JSON Pointers for messages. */
void place_of(const struct resource *resource, struct json at, char *out, size_t size);
