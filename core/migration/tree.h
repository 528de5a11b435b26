/* A value while it is changed: what nobody looks into stays text. Nodes are numbers, so that they may
 * move; 0 is no node. */
#pragma once

#include "core/base/buffer.h"
#include "core/json/json.h"

enum tree_kind { TREE_VALUE, TREE_TEXT, TREE_OBJECT, TREE_ARRAY };

struct tree_node {
    struct json value;   /* TREE_VALUE                                                            */
    struct str key;      /* of a member: the JSON string as it is written, lives outside          */
    struct str text;     /* TREE_TEXT: JSON that lives outside of the tree; or, with `made`, */
    size_t at, len;      /* a part of `made`                                                      */
    uint32_t first, last, next;
    enum tree_kind kind;
    bool made, escaped;  /* `escaped`: the key has escapes                                        */
};

struct tree_doc;

struct tree {
    struct tree_doc *docs; /* of texts that were looked into */
    struct tree_node *nodes;
    uint32_t count, cap;
    struct buffer made; /* texts that steps made */
    bool failed;        /* memory was short */
};

/* One part of a place. */
struct tree_part {
    struct str name;   /* decoded */
    struct str quoted; /* as a JSON string */
    bool any;          /* "*" */
};

/* Empties the tree and makes `value` its root, which is 1. */
void tree_start(struct tree *t, struct json value);
void tree_free(struct tree *t);

/* JSON_OBJECT and JSON_ARRAY for containers, whatever their kind. */
enum json_type tree_type(const struct tree *t, uint32_t node);

/* The JSON of a scalar, or of anything that was not opened; for an opened container: empty. */
struct str tree_text(const struct tree *t, uint32_t node);

/* The child; 0 if there is none. Opens the container. */
uint32_t tree_child(struct tree *t, uint32_t node, const struct tree_part *part);

/* The member of an object, made (null) if it is not there; 0 if it is no object. */
uint32_t tree_member(struct tree *t, uint32_t node, const struct tree_part *part);

/* The first child of a container, opened; then `nodes[child].next`. */
uint32_t tree_open(struct tree *t, uint32_t node);

void tree_remove(struct tree *t, uint32_t node, const struct tree_part *part);

/* Makes the node another value. `text` outlives the tree's use. */
void tree_set_text(struct tree *t, uint32_t node, struct str text);

/* The same for what was put behind `from` in t->made. */
void tree_set_made(struct tree *t, uint32_t node, size_t from);

/* Makes `to` a copy of `from`, which is not `to` and not within it. */
void tree_copy(struct tree *t, uint32_t from, uint32_t to);

/* Appends the JSON of the node. */
void tree_write(const struct tree *t, uint32_t node, struct buffer *out);
