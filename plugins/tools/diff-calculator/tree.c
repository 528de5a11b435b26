/*
 * SPDX-License-Identifier: MIT
 */
#include "tree.h"
#include "symbols.h"
#include "token.h"

#include "hexmcp/json.h"

/* Where the parser stands. `pending` are kids of containers that are not closed yet. */
struct parser {
    struct tree *tree;
    const struct work *work;
    const char *what;
    const char *begin;
    const char *at;
    const char *end;
    unsigned depth;
    char *decoded; /* where the next decoded string goes */
    uint32_t *pending;
    size_t pending_count;
    size_t pending_room;
    hexmcp_error *err;
};

static int32_t parse_value(struct parser *p, uint32_t *ret);

void tree_free(struct tree *tree)
{
    free(tree->nodes);
    free(tree->kids);
    free(tree->decoded[0]);
    free(tree->decoded[1]);
    *tree = (struct tree){0};
}

static int32_t no_memory(const struct parser *p)
{
    return hexmcp_fail(p->err, HEXMCP_E_NOMEM, "out of memory for %s; try again", p->what);
}

/* `why` completes "... is wrong: ". */
static int32_t wrong(const struct parser *p, const char *at, const char *why)
{
    size_t line = 1;
    const char *start = p->begin;
    for (const char *c = p->begin; c < at; c++) {
        if (*c == '\n') {
            line++;
            start = c + 1;
        }
    }
    return hexmcp_fail(p->err, HEXMCP_E_INVALID,
                       "%s is not JSON: line %zu, column %zu: %s; correct it, or compare as text "
                       "with type text",
                       p->what, line, (size_t)(at - start) + 1, why);
}

static int32_t new_node(struct parser *p, struct node node, uint32_t *ret)
{
    struct tree *t = p->tree;
    if (t->node_count == TREE_NODES_MAX)
        return hexmcp_fail(p->err, HEXMCP_E_TOO_LARGE,
                           "the documents have more than %zu values together; compare parts of "
                           "them",
                           TREE_NODES_MAX);
    if (t->node_count == t->node_room) {
        size_t room = t->node_room ? 2 * t->node_room : 64;
        struct node *nodes = realloc(t->nodes, room * sizeof(*nodes));
        if (!nodes)
            return no_memory(p);
        t->nodes = nodes;
        t->node_room = room;
    }
    t->nodes[t->node_count] = node;
    *ret = (uint32_t)t->node_count++;
    return t->node_count % 4096 == 0 ? work_check(p->work, p->err) : HEXMCP_OK;
}

/* Makes room in a growing array of places. */
static int place_room(uint32_t **items, size_t *room, size_t count)
{
    if (count <= *room)
        return 1;
    size_t larger = *room ? 2 * *room : 64;
    while (larger < count)
        larger *= 2;
    uint32_t *grown = realloc(*items, larger * sizeof(*grown));
    if (!grown)
        return 0;
    *items = grown;
    *room = larger;
    return 1;
}

/* The text of the string that stands from p->at to `after`. */
static int32_t decode(struct parser *p, const char *after, hexmcp_str *ret)
{
    hexmcp_str raw = {p->at, (size_t)(after - p->at)};
    size_t len = 0;
    if (!memchr(raw.ptr, '\\', raw.len)) {
        *ret = (hexmcp_str){raw.ptr + 1, raw.len - 2};
        return HEXMCP_OK;
    }
    char **memory = &p->tree->decoded[p->tree->documents];
    if (!*memory) {
        /* What is decoded is shorter than what it is made of, so one block serves all. */
        *memory = malloc((size_t)(p->end - p->begin));
        p->decoded = *memory;
    }
    if (!*memory)
        return no_memory(p);
    hexmcp_json_string(raw, p->decoded, raw.len, &len);
    *ret = (hexmcp_str){p->decoded, len};
    p->decoded += len + 1;
    return HEXMCP_OK;
}

static int32_t take_string(struct parser *p, hexmcp_str *ret)
{
    const char *bad = p->at;
    const char *after = token_string(p->at, p->end, &bad);
    if (!after)
        return wrong(p, bad, bad == p->end  ? "a string has no end"
                             : *bad == '\\' ? "the escape is none of JSON's"
                                            : "a control character stands in a string");
    int32_t status = decode(p, after, ret);
    p->at = after;
    return status;
}

static int32_t parse_scalar(struct parser *p, uint32_t *ret)
{
    struct node node = {.raw = {p->at, 0}, .leaves = 1};
    const char *bad = p->at;
    const char *after = NULL;
    node.type = hexmcp_json_type((hexmcp_str){p->at, (size_t)(p->end - p->at)});
    if (node.type == HEXMCP_JSON_STRING) {
        int32_t status = take_string(p, &node.text);
        if (status != HEXMCP_OK)
            return status;
        after = p->at;
    } else if (node.type == HEXMCP_JSON_NUMBER) {
        after = token_number(p->at, p->end, &bad);
    } else if (p->at < p->end) {
        after = token_word(p->at, p->end,
                           *p->at == 't' ? "true" : *p->at == 'f' ? "false" : "null", &bad);
    }
    if (!after)
        return wrong(p, bad, node.type == HEXMCP_JSON_NUMBER ? "a number has a wrong form"
                                                             : "a value is expected");
    node.raw.len = (size_t)(after - node.raw.ptr);
    if (node.type != HEXMCP_JSON_STRING)
        node.text = node.raw;
    p->at = after;
    return new_node(p, node, ret);
}

static int32_t push(struct parser *p, uint32_t place)
{
    if (!place_room(&p->pending, &p->pending_room, p->pending_count + 1))
        return no_memory(p);
    p->pending[p->pending_count++] = place;
    return HEXMCP_OK;
}

/* `"key" :` */
static int32_t parse_key(struct parser *p, hexmcp_str *ret)
{
    if (p->at == p->end || *p->at != '"')
        return wrong(p, p->at, "a name in quotes is expected");
    int32_t status = take_string(p, ret);
    if (status != HEXMCP_OK)
        return status;
    p->at = token_skip(p->at, p->end);
    if (p->at == p->end || *p->at != ':')
        return wrong(p, p->at, "a colon is expected");
    p->at = token_skip(p->at + 1, p->end);
    return HEXMCP_OK;
}

static int32_t parse_member(struct parser *p, int is_object)
{
    hexmcp_str key = {"", 0};
    uint32_t place = 0;
    int32_t status = is_object ? parse_key(p, &key) : HEXMCP_OK;
    if (status == HEXMCP_OK)
        status = parse_value(p, &place);
    if (status != HEXMCP_OK)
        return status;
    p->tree->nodes[place].key = key;
    return push(p, place);
}

/* All members, and the bracket that closes. */
static int32_t parse_members(struct parser *p, int is_object)
{
    char close = is_object ? '}' : ']';
    p->at = token_skip(p->at + 1, p->end);
    if (p->at < p->end && *p->at == close) {
        p->at++;
        return HEXMCP_OK;
    }
    for (;;) {
        int32_t status = parse_member(p, is_object);
        if (status != HEXMCP_OK)
            return status;
        p->at = token_skip(p->at, p->end);
        if (p->at == p->end || (*p->at != ',' && *p->at != close))
            return wrong(p, p->at, is_object ? "a comma or } is expected"
                                             : "a comma or ] is expected");
        if (*p->at++ == close)
            return HEXMCP_OK;
        p->at = token_skip(p->at, p->end);
    }
}

static int compare_keys(const void *a, const void *b, void *arg)
{
    const struct node *nodes = arg;
    return symbols_compare(nodes[*(const uint32_t *)a].key, nodes[*(const uint32_t *)b].key);
}

static int32_t sort_members(struct parser *p, const char *begin, uint32_t *kids, size_t count)
{
    struct node *nodes = p->tree->nodes;
    qsort_r(kids, count, sizeof(*kids), compare_keys, nodes);
    for (size_t i = 1; i < count; i++) {
        if (symbols_compare(nodes[kids[i - 1]].key, nodes[kids[i]].key) == 0)
            return wrong(p, begin, "two members of this object have the same name");
    }
    return HEXMCP_OK;
}

/* The kids from `base` on leave `pending` and become those of `node`. */
static int32_t close_container(struct parser *p, size_t base, struct node *node)
{
    struct tree *t = p->tree;
    size_t count = p->pending_count - base;
    if (!place_room(&t->kids, &t->kid_room, t->kid_count + count))
        return no_memory(p);
    node->first = (uint32_t)t->kid_count;
    node->count = (uint32_t)count;
    node->leaves = count == 0;
    for (size_t i = 0; i < count; i++) {
        const struct node *kid = &t->nodes[p->pending[base + i]];
        t->kids[t->kid_count + i] = p->pending[base + i];
        node->leaves += kid->leaves;
        if (node->height < kid->height + 1)
            node->height = kid->height + 1;
    }
    t->kid_count += count;
    p->pending_count = base;
    return HEXMCP_OK;
}

static int32_t parse_container(struct parser *p, uint32_t *ret)
{
    struct node node = {.raw = {p->at, 0},
                        .type = *p->at == '{' ? HEXMCP_JSON_OBJECT : HEXMCP_JSON_ARRAY};
    size_t base = p->pending_count;
    if (++p->depth > TREE_DEPTH_MAX)
        return hexmcp_fail(p->err, HEXMCP_E_TOO_LARGE,
                           "%s is nested more than %d deep; compare parts of it", p->what,
                           TREE_DEPTH_MAX);
    int32_t status = parse_members(p, node.type == HEXMCP_JSON_OBJECT);
    if (status == HEXMCP_OK)
        status = close_container(p, base, &node);
    if (status == HEXMCP_OK && node.type == HEXMCP_JSON_OBJECT && node.count > 1)
        status = sort_members(p, node.raw.ptr, p->tree->kids + node.first, node.count);
    if (status != HEXMCP_OK)
        return status;
    p->depth--;
    node.raw.len = (size_t)(p->at - node.raw.ptr);
    return new_node(p, node, ret);
}

static int32_t parse_value(struct parser *p, uint32_t *ret)
{
    if (p->at < p->end && (*p->at == '{' || *p->at == '['))
        return parse_container(p, ret);
    return parse_scalar(p, ret);
}

int32_t tree_parse(struct tree *tree, const struct work *work, hexmcp_str text, const char *what,
                   uint32_t *ret_root, hexmcp_error *err)
{
    struct parser p = {.tree = tree, .work = work, .what = what, .begin = text.ptr,
                       .end = text.ptr + text.len, .err = err};
    uint32_t root = 0;
    /* Files of some editors begin with a byte order mark. */
    p.at = text.len >= 3 && memcmp(text.ptr, "\xEF\xBB\xBF", 3) == 0 ? p.begin + 3 : p.begin;
    p.at = token_skip(p.at, p.end);
    int32_t status = parse_value(&p, &root);
    if (status == HEXMCP_OK) {
        p.at = token_skip(p.at, p.end);
        if (p.at < p.end)
            status = wrong(&p, p.at, "something follows after the value");
    }
    free(p.pending);
    tree->documents++;
    if (status == HEXMCP_OK)
        *ret_root = root;
    return status;
}
