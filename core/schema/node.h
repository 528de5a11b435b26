/* Inside of core/schema: the compiled form. */
#pragma once

#include "core/base/arena.h"
#include "core/schema/format.h"
#include "core/schema/schema.h"

/* Values of an `enum` that are compared one by one; longer ones are looked up by hash. */
#define ENUM_IN_ORDER 8u

enum dialect { DIALECT_2020_12, DIALECT_DRAFT_07 };

/* A text that holds schemas. */
struct document {
    struct document *next;
    struct json_doc *json;
    struct str uri; /* under which it was found; empty for the schema itself */
    enum dialect dialect;
    bool no_validation;  /* its metaschema leaves the validation vocabulary out */
    bool assert_formats; /* its metaschema has the format-assertion vocabulary  */
};

struct anchor {
    struct anchor *next;
    struct str name;
    struct json at;
    struct node *node; /* of a dynamic anchor, after compiling */
    bool dynamic;
};

/* A schema with a URI of its own, and the anchors in it. */
struct resource {
    struct resource *next;
    struct str uri;   /* absolute as far as known, without fragment */
    struct str found; /* the URI under which its text was found, before its $id */
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

/* The order of properties: shorter names first, equally long ones by their bytes. */
static inline int property_order(struct str a, struct str b)
{
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    return a.len ? memcmp(a.ptr, b.ptr, a.len) : 0;
}

struct choice {
    uint64_t hash;
    struct json value;
};

/* What stands under a name, for members that are there. */
struct dependency {
    struct str keyword;
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

/* One schema. What most of them need comes first. */
struct node {
    enum { NODE_SCHEMA, NODE_ALWAYS, NODE_NEVER } kind;
    unsigned types; /* 0: every type */
    /* There are keywords for values of that kind ... */
    bool has_object, has_array, has_string, has_number;
    bool has_equal;    /* ... const or enum ...                          */
    bool has_in_place; /* ... schemas for the same value ...             */
    bool wants_marks;  /* ... unevaluatedProperties or unevaluatedItems. */
    bool unique;
    struct resource *resource;
    struct property *properties; /* sorted by property_order */
    uint32_t property_count;
    uint32_t required_count;
    uint32_t pattern_count;
    uint32_t dependency_count;
    struct node *additional, *property_names;
    struct bounds members_count, length, items_count, contains_count;
    struct pattern *pattern;
    const struct format *format; /* NULL: none that is checked */
    struct json minimum, maximum, exclusive_minimum, exclusive_maximum, multiple_of;

    struct json at; /* in its document */
    struct node *next_unfinished;
    struct node *next_in_bucket;

    struct node *ref;
    struct node *dynamic_ref; /* where it leads without a dynamic scope */
    struct str dynamic_name;  /* empty: it behaves as ref */

    struct json constant;
    struct json choice_list; /* enum, and its values */
    struct choice *choices;  /* by hash if there are more than ENUM_IN_ORDER */
    uint32_t choice_count;

    struct str *required; /* names, as often as required_count says */
    struct pattern *patterns;
    struct dependency *dependencies;
    struct node *unevaluated_properties;

    struct node_list prefix;
    struct node *items, *contains, *unevaluated_items;

    struct node_list all_of, any_of, one_of;
    struct node *not_, *if_, *then_, *else_;
    struct node *content; /* contentSchema: checked to be a schema, never applied */
};

struct schema {
    struct arena arena;
    const struct regex_port *regex;
    const struct schema_library *library;
    bool assert_formats;
    struct json_doc *json;      /* the schema itself */
    struct document *documents; /* those that the schema frees */
    struct resource *resources; /* of all documents that were needed */
    uint32_t name_count;        /* resources and anchors */
    bool id_too_long;
    uint64_t lookups;           /* members that references have led past */
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

/* scan.c: finds the resources and anchors of a document. With `own`, `json` belongs to the schema
 * from now on, also after a failure. */
int scan_document(struct schema *schema, struct json_doc *json, struct str uri, bool own,
                  struct resource **out, struct error *err);
/* The innermost resource that holds `at`. */
struct resource *scan_resource_of(const struct schema *schema, struct json at);

/* resolve.c: where a reference leads. */
int resolve_reference(struct schema *schema, const struct resource *from, struct json reference,
                      struct json *at, struct anchor **anchor, struct error *err);

/* dialect.c: what $schema says about a document. */
int dialect_read(struct schema *schema, struct json root, struct document *document,
                 struct error *err);

/* keywords.c: fills a node from its place in the document. After a failure `keyword` is the one
 * that is wrong. */
int keywords_read(struct schema *schema, struct node *node, struct str *keyword, struct error *err);

/* compile.c */
/* The node for a place, made if it is new; NULL without memory or with too many. */
struct node *node_for(struct schema *schema, struct json at);
/* The node for a place, NULL if there is none. */
struct node *node_find(const struct schema *schema, struct json at);
int node_failed(struct error *err);
int pattern_compile(struct schema *schema, struct json text, struct pattern *out,
                    struct error *err);

/* The decoded text of a string, in the schema's memory; empty for other types. */
struct str schema_text(struct schema *schema, struct json string);

/* places.c: JSON Pointers for messages. */
void place_add_key(struct buffer *out, struct json key);
void place_add_index(struct buffer *out, uint32_t index);
void place_of_keyword(struct buffer *out, const struct schema *schema, const struct node *node,
                      struct str keyword);
