/*
 * tree.h - the values of JSON documents, parsed strictly, numbers as they are written.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "work.h"

/* How deep values may be nested, and how many a tree may hold. */
#define TREE_DEPTH_MAX 100
#define TREE_NODES_MAX ((size_t)1000000)

/*
 *   raw     the value as it stands in the document
 *   text    of a string what it says, of another scalar `raw`
 *   key     what it is called in its object; of others the empty text
 *   type    HEXMCP_JSON_*
 *   first   in kids, of arrays and objects; the members of an object are sorted by key
 *   leaves  scalars and empty containers in it, at least 1
 *   height  0 for a scalar or an empty container, else 1 more than the highest kid
 *   class   see classes.h
 */
struct node {
    hexmcp_str raw;
    hexmcp_str text;
    hexmcp_str key;
    int type;
    uint32_t first;
    uint32_t count;
    uint32_t leaves;
    uint32_t height;
    uint32_t class;
};

/* Both documents, that their values can be compared. */
struct tree {
    struct node *nodes;
    size_t node_count;
    size_t node_room;
    uint32_t *kids; /* places in nodes */
    size_t kid_count;
    size_t kid_room;
    char *decoded[2]; /* strings that were written with escapes, of each document */
    size_t documents;
};

/* Adds a document, at most two; *ret_root is its place in nodes. The tree borrows from `text`, which
 * is UTF-8. `what` names it in messages.
 * Errors: HEXMCP_E_INVALID with line and column, HEXMCP_E_TOO_LARGE, HEXMCP_E_NOMEM,
 * HEXMCP_E_CANCELLED. */
int32_t tree_parse(struct tree *tree, const struct work *work, hexmcp_str text, const char *what,
                   uint32_t *ret_root, hexmcp_error *err);

/* The tree that is all zero has no documents and need not be freed. */
void tree_free(struct tree *tree);

/* Kid number `i` of `node`. */
static inline const struct node *tree_kid(const struct tree *tree, const struct node *node, size_t i)
{
    return &tree->nodes[tree->kids[node->first + i]];
}
