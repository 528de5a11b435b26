/*
 * tree.h - things by key, in the order of the bytes of their keys (a skip list).
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/abi.h"

#define TREE_LEVELS 20

struct tree_node {
    hexmcp_str key; /* copied into the node */
    void *value;
    struct tree_node *prev;
    uint32_t levels;
    struct tree_node *next[]; /* [0]: the next by key */
};

/* Zeroed: empty. */
struct tree {
    struct tree_node *first[TREE_LEVELS];
    struct tree_node *last;
    size_t count;
    uint64_t seed;
};

/* A node that is in no tree yet; NULL if there is no memory. */
struct tree_node *tree_node_new(struct tree *tree, hexmcp_str key);
/* Puts it in; there must be none with its key. */
void tree_link(struct tree *tree, struct tree_node *node);
/* Takes it out and frees it. */
void tree_remove(struct tree *tree, struct tree_node *node);

struct tree_node *tree_find(const struct tree *tree, hexmcp_str key);
/* The value, or NULL. */
void *tree_get(const struct tree *tree, hexmcp_str key);
/* The first node whose key is `key` or behind it; NULL if there is none. */
struct tree_node *tree_seek(const struct tree *tree, hexmcp_str key);

/* Frees all nodes; `free_value` may be NULL. */
void tree_clear(struct tree *tree, void (*free_value)(void *value));

/* As memcmp, the shorter one before the longer. */
int tree_compare(hexmcp_str a, hexmcp_str b);
int tree_has_prefix(hexmcp_str key, hexmcp_str prefix);
