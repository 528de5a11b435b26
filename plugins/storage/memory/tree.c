/*
 * tree.c - see tree.h.
 *
 * SPDX-License-Identifier: MIT
 */
#include "tree.h"

#include <stdlib.h>
#include <string.h>

int tree_compare(hexmcp_str a, hexmcp_str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n > 0 ? memcmp(a.ptr, b.ptr, n) : 0;
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

int tree_has_prefix(hexmcp_str key, hexmcp_str prefix)
{
    return key.len >= prefix.len && (prefix.len == 0 || memcmp(key.ptr, prefix.ptr, prefix.len) == 0);
}

/* Each level has a quarter of the nodes of the one below. */
static uint32_t draw(struct tree *tree)
{
    uint32_t levels = 1;
    uint64_t bits;
    tree->seed = tree->seed * 6364136223846793005u + 1442695040888963407u;
    for (bits = tree->seed >> 24; (bits & 3) == 0 && levels < TREE_LEVELS; bits >>= 2)
        levels++;
    return levels;
}

struct tree_node *tree_node_new(struct tree *tree, hexmcp_str key)
{
    uint32_t levels = draw(tree);
    size_t links = levels * sizeof(struct tree_node *);
    struct tree_node *node = malloc(sizeof(*node) + links + key.len + 1);
    char *text;
    if (!node)
        return NULL;
    text = (char *)node + sizeof(*node) + links;
    if (key.len > 0)
        memcpy(text, key.ptr, key.len);
    text[key.len] = '\0';
    node->key = (hexmcp_str){text, key.len};
    node->value = NULL;
    node->prev = NULL;
    node->levels = levels;
    memset(node->next, 0, links);
    return node;
}

/* For each level the link that leads to the first node at or behind `key`. */
static void path(struct tree *tree, hexmcp_str key, struct tree_node **links[TREE_LEVELS])
{
    struct tree_node *at = NULL;
    for (size_t level = TREE_LEVELS; level-- > 0;) {
        struct tree_node **link = at ? &at->next[level] : &tree->first[level];
        while (*link && tree_compare((*link)->key, key) < 0) {
            at = *link;
            link = &at->next[level];
        }
        links[level] = link;
    }
}

void tree_link(struct tree *tree, struct tree_node *node)
{
    struct tree_node **links[TREE_LEVELS];
    path(tree, node->key, links);
    node->prev = *links[0] ? (*links[0])->prev : tree->last;
    if (*links[0])
        (*links[0])->prev = node;
    else
        tree->last = node;
    for (uint32_t level = 0; level < node->levels; level++) {
        node->next[level] = *links[level];
        *links[level] = node;
    }
    tree->count++;
}

void tree_remove(struct tree *tree, struct tree_node *node)
{
    struct tree_node **links[TREE_LEVELS];
    path(tree, node->key, links);
    if (node->next[0])
        node->next[0]->prev = node->prev;
    else
        tree->last = node->prev;
    for (uint32_t level = 0; level < node->levels; level++)
        *links[level] = node->next[level];
    tree->count--;
    free(node);
}

struct tree_node *tree_seek(const struct tree *tree, hexmcp_str key)
{
    const struct tree_node *at = NULL;
    struct tree_node *next = NULL;
    for (size_t level = TREE_LEVELS; level-- > 0;) {
        if (at && level >= at->levels)
            continue;
        next = at ? at->next[level] : tree->first[level];
        while (next && tree_compare(next->key, key) < 0) {
            at = next;
            next = next->next[level];
        }
    }
    return next;
}

struct tree_node *tree_find(const struct tree *tree, hexmcp_str key)
{
    struct tree_node *node = tree_seek(tree, key);
    return node && tree_compare(node->key, key) == 0 ? node : NULL;
}

void *tree_get(const struct tree *tree, hexmcp_str key)
{
    struct tree_node *node = tree_find(tree, key);
    return node ? node->value : NULL;
}

void tree_clear(struct tree *tree, void (*free_value)(void *value))
{
    struct tree_node *node = tree->first[0];
    while (node) {
        struct tree_node *next = node->next[0];
        if (free_value)
            free_value(node->value);
        free(node);
        node = next;
    }
    memset(tree, 0, sizeof(*tree));
}
