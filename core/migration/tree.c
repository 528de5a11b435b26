#include "core/migration/tree.h"

#include <stdlib.h>

struct tree_doc {
    struct tree_doc *next;
    struct json_doc *doc;
};

static uint32_t node_new(struct tree *t)
{
    if (t->count == t->cap) {
        uint32_t cap = t->cap ? t->cap * 2 : 64;
        struct tree_node *nodes = realloc(t->nodes, cap * sizeof(*nodes));
        if (!nodes) {
            t->failed = true;
            return 0;
        }
        t->nodes = nodes;
        t->cap = cap;
    }
    t->nodes[t->count] = (struct tree_node){.kind = TREE_VALUE};
    return t->count++;
}

static void drop_docs(struct tree *t)
{
    while (t->docs) {
        struct tree_doc *doc = t->docs;
        t->docs = doc->next;
        json_free(doc->doc);
        free(doc);
    }
}

void tree_start(struct tree *t, struct json value)
{
    drop_docs(t);
    t->count = 0;
    t->failed = false;
    buffer_reset(&t->made, (size_t)1 << 16);
    node_new(t); /* 0 */
    uint32_t root = node_new(t);
    if (root)
        t->nodes[root].value = value;
}

void tree_free(struct tree *t)
{
    drop_docs(t);
    free(t->nodes);
    buffer_clear(&t->made);
    *t = (struct tree){.nodes = NULL};
}

static enum json_type type_of_text(struct str text)
{
    switch (text.len ? text.ptr[0] : '\0') {
    case '{':
        return JSON_OBJECT;
    case '[':
        return JSON_ARRAY;
    case '"':
        return JSON_STRING;
    case 't':
    case 'f':
        return JSON_BOOL;
    case 'n':
        return JSON_NULL;
    default:
        return JSON_NUMBER;
    }
}

struct str tree_text(const struct tree *t, uint32_t node)
{
    const struct tree_node *n = &t->nodes[node];
    if (n->kind == TREE_VALUE)
        return json_text(n->value);
    if (n->kind != TREE_TEXT)
        return (struct str){NULL, 0};
    return n->made ? buffer_part(&t->made, n->at, n->len) : n->text;
}

enum json_type tree_type(const struct tree *t, uint32_t node)
{
    switch (t->nodes[node].kind) {
    case TREE_OBJECT:
        return JSON_OBJECT;
    case TREE_ARRAY:
        return JSON_ARRAY;
    case TREE_VALUE:
        return json_type(t->nodes[node].value);
    default:
        return type_of_text(tree_text(t, node));
    }
}

static void append(struct tree *t, uint32_t node, uint32_t child)
{
    struct tree_node *n = &t->nodes[node];
    if (n->last)
        t->nodes[n->last].next = child;
    else
        n->first = child;
    n->last = child;
}

/* Makes a container that is text one that can be opened. */
static void read_text(struct tree *t, uint32_t node)
{
    struct str text = tree_text(t, node);
    struct tree_doc *doc = malloc(sizeof(*doc));
    char *copy = malloc(text.len + 1);
    if (!doc || !copy) {
        free(doc);
        free(copy);
        t->failed = true;
        return;
    }
    memcpy(copy, text.ptr, text.len);
    if (json_parse_take(copy, text.len, &doc->doc, NULL)) {
        free(doc);
        t->failed = true;
        return;
    }
    doc->next = t->docs;
    t->docs = doc;
    t->nodes[node].kind = TREE_VALUE;
    t->nodes[node].value = json_root(doc->doc);
}

uint32_t tree_open(struct tree *t, uint32_t node)
{
    enum json_type type = tree_type(t, node);
    bool container = type == JSON_OBJECT || type == JSON_ARRAY;
    if (container && t->nodes[node].kind == TREE_TEXT)
        read_text(t, node);
    if (!container || t->nodes[node].kind != TREE_VALUE)
        return t->nodes[node].first;
    struct json_iter it = json_iter(t->nodes[node].value);
    t->nodes[node].kind = type == JSON_OBJECT ? TREE_OBJECT : TREE_ARRAY;
    while (json_next(&it)) {
        uint32_t child = node_new(t);
        struct str plain;
        if (!child)
            break;
        t->nodes[child].value = it.value;
        t->nodes[child].key = json_text(it.key);
        t->nodes[child].escaped = type == JSON_OBJECT && !json_plain(it.key, &plain);
        append(t, node, child);
    }
    return t->nodes[node].first;
}

static bool is_named(const struct tree_node *n, const struct tree_part *part)
{
    if (!n->escaped)
        return str_eq(n->key, part->quoted);
    /* Rare: the key is written with escapes. It is decoded by the reader of documents. */
    struct json_doc *doc;
    bool same = !json_parse(n->key, &doc, NULL);
    if (same) {
        same = json_is(json_root(doc), part->name);
        json_free(doc);
    }
    return same;
}

static uint32_t element(const struct tree *t, uint32_t first, struct str name)
{
    uint32_t index = 0;
    if (!name.len || name.len > 8 || (name.len > 1 && name.ptr[0] == '0'))
        return 0;
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] < '0' || name.ptr[i] > '9')
            return 0;
        index = index * 10 + (uint32_t)(name.ptr[i] - '0');
    }
    while (first && index--)
        first = t->nodes[first].next;
    return first;
}

uint32_t tree_child(struct tree *t, uint32_t node, const struct tree_part *part)
{
    uint32_t child = tree_open(t, node);
    if (t->nodes[node].kind == TREE_ARRAY)
        return element(t, child, part->name);
    while (child && !is_named(&t->nodes[child], part))
        child = t->nodes[child].next;
    return child;
}

uint32_t tree_member(struct tree *t, uint32_t node, const struct tree_part *part)
{
    uint32_t child = tree_child(t, node, part);
    if (child || t->nodes[node].kind != TREE_OBJECT)
        return child;
    child = node_new(t);
    if (child) {
        t->nodes[child].key = part->quoted;
        tree_set_text(t, child, STR("null"));
        append(t, node, child);
    }
    return child;
}

void tree_remove(struct tree *t, uint32_t node, const struct tree_part *part)
{
    uint32_t gone = tree_child(t, node, part), before = 0;
    if (!gone)
        return;
    for (uint32_t c = t->nodes[node].first; c != gone; c = t->nodes[c].next)
        before = c;
    *(before ? &t->nodes[before].next : &t->nodes[node].first) = t->nodes[gone].next;
    if (t->nodes[node].last == gone)
        t->nodes[node].last = before;
}

static void reset(struct tree_node *n, enum tree_kind kind)
{
    n->kind = kind;
    n->first = n->last = 0;
    n->made = false;
}

void tree_set_text(struct tree *t, uint32_t node, struct str text)
{
    struct tree_node *n = &t->nodes[node];
    if (str_eq(text, STR("{}"))) {
        reset(n, TREE_OBJECT);
        return;
    }
    reset(n, TREE_TEXT);
    n->text = text;
}

void tree_set_made(struct tree *t, uint32_t node, size_t from)
{
    struct tree_node *n = &t->nodes[node];
    reset(n, TREE_TEXT);
    n->made = true;
    n->at = from;
    n->len = t->made.len - from;
}

void tree_copy(struct tree *t, uint32_t from, uint32_t to)
{
    struct tree_node *a = &t->nodes[from], *b = &t->nodes[to];
    reset(b, a->kind);
    b->value = a->value;
    b->text = a->text;
    b->at = a->at;
    b->len = a->len;
    b->made = a->made;
    for (uint32_t c = a->first; c; c = t->nodes[c].next) {
        uint32_t child = node_new(t);
        if (!child)
            return;
        t->nodes[child].key = t->nodes[c].key;
        t->nodes[child].escaped = t->nodes[c].escaped;
        tree_copy(t, c, child);
        append(t, to, child);
    }
}

/* As deep as documents are nested, and as places are long. */
void tree_write(const struct tree *t, uint32_t node, struct buffer *out)
{
    const struct tree_node *n = &t->nodes[node];
    if (n->kind == TREE_VALUE || n->kind == TREE_TEXT) {
        buffer_add_str(out, tree_text(t, node));
        return;
    }
    bool object = n->kind == TREE_OBJECT;
    buffer_add_char(out, object ? '{' : '[');
    for (uint32_t c = n->first; c; c = t->nodes[c].next) {
        if (c != n->first)
            buffer_add_char(out, ',');
        if (object) {
            buffer_add_str(out, t->nodes[c].key);
            buffer_add_char(out, ':');
        }
        tree_write(t, c, out);
    }
    buffer_add_char(out, object ? '}' : ']');
}
