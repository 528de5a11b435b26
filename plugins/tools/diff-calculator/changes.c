/*
 * SPDX-License-Identifier: MIT
 */
#include "changes.h"
#include "symbols.h"

#include "hexmcp/json.h"

#define PATHS_MAX ((size_t)8 * 1024 * 1024)

/* A walk over both documents at once; `old_path` and `new_path` lead to where it is. */
struct walk {
    struct align *align;
    const struct work *work;
    const struct tree *tree;
    int patience;
    struct output old_path;
    struct output new_path;
    struct changes changes;
    hexmcp_error *err;
};

static int32_t walk_values(struct walk *w, const struct node *a, const struct node *b);

void changes_free(struct changes *changes)
{
    free(changes->items);
    output_clear(&changes->paths);
    *changes = (struct changes){0};
}

hexmcp_str changes_path(const struct changes *changes, struct path path)
{
    return (hexmcp_str){path.len > 0 ? changes->paths.ptr + path.at : "", path.len};
}

static void path_key(struct output *path, hexmcp_str key)
{
    output_put(path, hexmcp_str_from("/"));
    for (size_t i = 0, from = 0; i <= key.len; i++) {
        if (i < key.len && key.ptr[i] != '~' && key.ptr[i] != '/')
            continue;
        output_put(path, (hexmcp_str){key.ptr + from, i - from});
        if (i < key.len)
            output_put(path, hexmcp_str_from(key.ptr[i] == '~' ? "~0" : "~1"));
        from = i + 1;
    }
}

static struct path keep_path(struct walk *w, const struct output *path)
{
    struct path kept = {w->changes.paths.len, path->len};
    output_put(&w->changes.paths, output_str(path));
    return kept;
}

static int32_t path_status(struct walk *w)
{
    const struct output *all[] = {&w->old_path, &w->new_path, &w->changes.paths};
    for (size_t i = 0; i < 3; i++) {
        if (all[i]->status == HEXMCP_E_TOO_LARGE)
            return hexmcp_fail(w->err, HEXMCP_E_TOO_LARGE,
                               "the paths of what changed take more than %zu bytes; compare parts "
                               "of the documents",
                               PATHS_MAX);
        if (all[i]->status != HEXMCP_OK)
            return hexmcp_fail(w->err, all[i]->status, "out of memory for the result; try again");
    }
    return HEXMCP_OK;
}

static int32_t add_change(struct walk *w, enum change_kind kind, const struct node *a,
                          const struct node *b)
{
    struct changes *c = &w->changes;
    if (c->count == c->room) {
        size_t room = c->room ? 2 * c->room : 16;
        struct change *items = realloc(c->items, room * sizeof(*items));
        if (!items)
            return hexmcp_fail(w->err, HEXMCP_E_NOMEM, "out of memory for the result; try again");
        c->items = items;
        c->room = room;
    }
    struct change change = {.kind = kind, .old_value = a, .new_value = b};
    change.old_path = keep_path(w, &w->old_path);
    if (b)
        change.new_path = keep_path(w, &w->new_path);
    c->items[c->count++] = change;
    c->counts[kind]++;
    return path_status(w);
}

/* One member that is in `a`, in `b` or in both, and what is called so. */
static int32_t walk_member(struct walk *w, const struct node *a, const struct node *b)
{
    size_t old_len = w->old_path.len;
    size_t new_len = w->new_path.len;
    path_key(&w->old_path, a ? a->key : b->key);
    path_key(&w->new_path, a ? a->key : b->key);
    int32_t status = a && b ? walk_values(w, a, b)
                            : add_change(w, a ? CHANGE_REMOVED : CHANGE_ADDED, a, b);
    w->old_path.len = old_len;
    w->new_path.len = new_len;
    return status;
}

/* Both lists of members are sorted, so they are merged. */
static int32_t walk_objects(struct walk *w, const struct node *a, const struct node *b)
{
    int32_t status = HEXMCP_OK;
    uint32_t i = 0;
    uint32_t j = 0;
    while (status == HEXMCP_OK && (i < a->count || j < b->count)) {
        const struct node *x = i < a->count ? tree_kid(w->tree, a, i) : NULL;
        const struct node *y = j < b->count ? tree_kid(w->tree, b, j) : NULL;
        int order = !x ? 1 : !y ? -1 : symbols_compare(x->key, y->key);
        status = walk_member(w, order <= 0 ? x : NULL, order >= 0 ? y : NULL);
        i += order <= 0;
        j += order >= 0;
    }
    return status;
}

/* Element `i` of `a` and element `j` of `b`; one of the arrays is NULL if it has none. The places
 * are those of the paths all the same. */
static int32_t walk_element(struct walk *w, const struct node *a, size_t i, const struct node *b,
                            size_t j)
{
    size_t old_len = w->old_path.len;
    size_t new_len = w->new_path.len;
    const struct node *x = a ? tree_kid(w->tree, a, i) : NULL;
    const struct node *y = b ? tree_kid(w->tree, b, j) : NULL;
    output_putf(&w->old_path, "/%zu", i);
    output_putf(&w->new_path, "/%zu", j);
    int32_t status = x && y ? walk_values(w, x, y)
                            : add_change(w, x ? CHANGE_REMOVED : CHANGE_ADDED, x, y);
    w->old_path.len = old_len;
    w->new_path.len = new_len;
    return status;
}

/* Elements that replace others are compared with them one by one; the rest came or went. */
static int32_t walk_block(struct walk *w, const struct node *a, const struct node *b,
                          const struct block *block)
{
    uint32_t both = block->old_count < block->new_count ? block->old_count : block->new_count;
    int32_t status = HEXMCP_OK;
    for (uint32_t i = 0; i < both && status == HEXMCP_OK; i++)
        status = walk_element(w, a, block->old_at + i, b, block->new_at + i);
    for (uint32_t i = both; i < block->old_count && status == HEXMCP_OK; i++)
        status = walk_element(w, a, block->old_at + i, NULL, block->new_at + both);
    for (uint32_t i = both; i < block->new_count && status == HEXMCP_OK; i++)
        status = walk_element(w, NULL, block->old_at + both, b, block->new_at + i);
    return status;
}

static void count_leaves(struct walk *w, const struct node *array, size_t from, size_t to)
{
    for (; from < to; from++)
        w->changes.unchanged += tree_kid(w->tree, array, from)->leaves;
}

static uint32_t *classes_of(const struct walk *w, const struct node *array, uint32_t from,
                            uint32_t count)
{
    uint32_t *ids = malloc(((size_t)count + 1) * sizeof(*ids));
    for (uint32_t i = 0; ids && i < count; i++)
        ids[i] = tree_kid(w->tree, array, from + i)->class;
    return ids;
}

/* What lies between what both arrays have in common at their begin and end. */
static int32_t find_blocks(struct walk *w, const struct node *a, const struct node *b,
                           const struct block *middle, struct blocks *ret)
{
    int32_t status = HEXMCP_E_NOMEM;
    uint32_t *old_ids = classes_of(w, a, middle->old_at, middle->old_count);
    uint32_t *new_ids = classes_of(w, b, middle->new_at, middle->new_count);
    if (old_ids && new_ids)
        status = align_run(w->align, w->work, (struct symbols){old_ids, middle->old_count},
                           (struct symbols){new_ids, middle->new_count}, w->patience, ret, w->err);
    else
        hexmcp_fail(w->err, status, "out of memory to compare arrays; try again");
    free(old_ids);
    free(new_ids);
    for (size_t i = 0; i < ret->count && status == HEXMCP_OK; i++) {
        ret->items[i].old_at += middle->old_at;
        ret->items[i].new_at += middle->new_at;
    }
    return status;
}

static struct block middle_of(const struct walk *w, const struct node *a, const struct node *b)
{
    uint32_t least = a->count < b->count ? a->count : b->count;
    uint32_t before = 0;
    uint32_t after = 0;
    while (before < least &&
           tree_kid(w->tree, a, before)->class == tree_kid(w->tree, b, before)->class)
        before++;
    while (after < least - before && tree_kid(w->tree, a, a->count - 1 - after)->class ==
                                         tree_kid(w->tree, b, b->count - 1 - after)->class)
        after++;
    return (struct block){before, a->count - before - after, before, b->count - before - after};
}

static int32_t walk_blocks(struct walk *w, const struct node *a, const struct node *b,
                           const struct block *blocks, size_t count)
{
    int32_t status = HEXMCP_OK;
    size_t at = 0;
    for (size_t i = 0; i < count && status == HEXMCP_OK; i++) {
        count_leaves(w, a, at, blocks[i].old_at);
        status = walk_block(w, a, b, &blocks[i]);
        at = blocks[i].old_at + blocks[i].old_count;
    }
    count_leaves(w, a, at, a->count);
    return status;
}

static int32_t walk_arrays(struct walk *w, const struct node *a, const struct node *b)
{
    struct block middle = middle_of(w, a, b);
    struct blocks blocks = {0};
    if (middle.old_count == 0 || middle.new_count == 0 ||
        (middle.old_count == 1 && middle.new_count == 1))
        return walk_blocks(w, a, b, &middle, 1);
    int32_t status = find_blocks(w, a, b, &middle, &blocks);
    if (status == HEXMCP_OK)
        status = walk_blocks(w, a, b, blocks.items, blocks.count);
    blocks_free(&blocks);
    return status;
}

static int32_t walk_values(struct walk *w, const struct node *a, const struct node *b)
{
    if (a->class == b->class) {
        w->changes.unchanged += a->leaves;
        return HEXMCP_OK;
    }
    if (a->type == HEXMCP_JSON_OBJECT && b->type == HEXMCP_JSON_OBJECT)
        return walk_objects(w, a, b);
    if (a->type == HEXMCP_JSON_ARRAY && b->type == HEXMCP_JSON_ARRAY)
        return walk_arrays(w, a, b);
    return add_change(w, CHANGE_MODIFIED, a, b);
}

int32_t changes_find(struct align *align, const struct work *work, const struct tree *tree,
                     uint32_t old_root, uint32_t new_root, int patience, struct changes *ret,
                     hexmcp_error *err)
{
    struct walk w = {.align = align,
                     .work = work,
                     .tree = tree,
                     .patience = patience,
                     .old_path = {.limit = PATHS_MAX},
                     .new_path = {.limit = PATHS_MAX},
                     .changes = {.paths = {.limit = PATHS_MAX}},
                     .err = err};
    int32_t status = walk_values(&w, &tree->nodes[old_root], &tree->nodes[new_root]);
    output_clear(&w.old_path);
    output_clear(&w.new_path);
    if (status == HEXMCP_OK)
        *ret = w.changes;
    else
        changes_free(&w.changes);
    return status;
}
