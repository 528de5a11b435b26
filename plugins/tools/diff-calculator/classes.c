/*
 * SPDX-License-Identifier: MIT
 *
 * Lower nodes get their class first, so that a container is compared by the classes of its kids and
 * never looks deeper.
 */
#include "classes.h"
#include "decimal.h"
#include "symbols.h"

#include "hexmcp/json.h"

struct rule {
    const struct tree *tree;
    int exact;
};

static int order(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

static int compare_kids(const struct tree *tree, const struct node *a, const struct node *b)
{
    int result = order(a->count, b->count);
    for (uint32_t i = 0; i < a->count && result == 0; i++) {
        const struct node *x = tree_kid(tree, a, i);
        const struct node *y = tree_kid(tree, b, i);
        result = order(x->class, y->class);
        if (result == 0)
            result = symbols_compare(x->key, y->key);
    }
    return result;
}

static int compare_nodes(const void *first, const void *second, void *arg)
{
    const struct rule *rule = arg;
    const struct node *a = &rule->tree->nodes[*(const uint32_t *)first];
    const struct node *b = &rule->tree->nodes[*(const uint32_t *)second];
    if (a->type != b->type)
        return a->type < b->type ? -1 : 1;
    if (a->type == HEXMCP_JSON_ARRAY || a->type == HEXMCP_JSON_OBJECT)
        return compare_kids(rule->tree, a, b);
    if (a->type == HEXMCP_JSON_NUMBER && !rule->exact)
        return decimal_compare(a->text, b->text);
    return symbols_compare(a->text, b->text);
}

/* Numbers the nodes of one height, which stand in `places`. */
static uint32_t find_group(struct tree *tree, struct rule *rule, uint32_t *places, size_t count,
                           uint32_t class)
{
    qsort_r(places, count, sizeof(*places), compare_nodes, rule);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && compare_nodes(&places[i - 1], &places[i], rule) != 0)
            class++;
        tree->nodes[places[i]].class = class;
    }
    return class + 1;
}

/* Sorts the places of the nodes by height; from[h] is where those of height h begin. */
static void sort_by_height(const struct tree *tree, size_t from[TREE_DEPTH_MAX + 2],
                           uint32_t *places)
{
    size_t next[TREE_DEPTH_MAX + 2];
    for (size_t i = 0; i < tree->node_count; i++)
        from[tree->nodes[i].height + 1]++;
    for (size_t h = 1; h < TREE_DEPTH_MAX + 2; h++)
        from[h] += from[h - 1];
    memcpy(next, from, sizeof(next));
    for (size_t i = 0; i < tree->node_count; i++)
        places[next[tree->nodes[i].height]++] = (uint32_t)i;
}

int32_t classes_find(struct tree *tree, const struct work *work, int exact, hexmcp_error *err)
{
    struct rule rule = {tree, exact};
    size_t from[TREE_DEPTH_MAX + 2] = {0};
    uint32_t *places = malloc((tree->node_count + 1) * sizeof(*places));
    int32_t status = HEXMCP_OK;
    uint32_t class = 0;
    if (!places)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory to compare %zu values; try again",
                           tree->node_count);
    sort_by_height(tree, from, places);
    for (size_t h = 0; h <= TREE_DEPTH_MAX && status == HEXMCP_OK; h++) {
        status = work_check(work, err);
        if (status == HEXMCP_OK && from[h + 1] > from[h])
            class = find_group(tree, &rule, places + from[h], from[h + 1] - from[h], class);
    }
    free(places);
    return status;
}
