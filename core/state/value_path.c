#include "core/state/value_path.h"

/* A container that is open, and which child of it is looked at. */
struct open_node {
    const void *node;
    enum graph_kind kind;
    size_t index;
    struct str key;
};

struct walk {
    const struct value_graph *graph;
    struct json_writer out;
    struct open_node open[JSON_MAX_DEPTH];
    size_t depth;
};

static bool plain_name(struct str key)
{
    for (size_t i = 0; i < key.len; i++) {
        char c = key.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
              (i && c >= '0' && c <= '9')))
            return false;
    }
    return key.len > 0;
}

/* "root.a[2].b" for the first `depth` steps. */
static void path(const struct walk *w, size_t depth, struct buffer *out)
{
    buffer_add_str(out, STR("root"));
    for (size_t i = 0; i < depth; i++) {
        const struct open_node *at = &w->open[i];
        if (at->kind == GRAPH_OBJECT && plain_name(at->key)) {
            buffer_add_char(out, '.');
            buffer_add_str(out, at->key);
            continue;
        }
        buffer_add_char(out, '[');
        if (at->kind == GRAPH_OBJECT)
            json_quote(out, at->key);
        else
            buffer_add_u64(out, at->index - 1);
        buffer_add_char(out, ']');
    }
}

static int refuse(const struct walk *w, size_t back, struct error *err)
{
    struct buffer here = BUFFER_INIT, there = BUFFER_INIT;
    path(w, w->depth, &here);
    path(w, back, &there);
    int rc = error_set(err, ST_INVALID, "the value at %.*s leads back to %.*s",
                       (int)(here.len > 200 ? 200 : here.len), here.data ? here.data : "",
                       (int)(there.len > 200 ? 200 : there.len), there.data ? there.data : "");
    buffer_clear(&here);
    buffer_clear(&there);
    return rc;
}

static int enter(struct walk *w, const void *node, enum graph_kind kind, struct error *err)
{
    for (size_t i = 0; i < w->depth; i++)
        if (w->open[i].node == node)
            return refuse(w, i, err);
    if (w->depth == JSON_MAX_DEPTH)
        return error_set(err, ST_INVALID, "the value is nested deeper than %d levels",
                         JSON_MAX_DEPTH);
    w->open[w->depth++] = (struct open_node){.node = node, .kind = kind};
    if (kind == GRAPH_OBJECT)
        json_begin_object(&w->out);
    else
        json_begin_array(&w->out);
    return ST_OK;
}

static int put(struct walk *w, const void *node, struct error *err)
{
    enum graph_kind kind = w->graph->kind(w->graph->ctx, node);
    if (kind != GRAPH_SCALAR)
        return enter(w, node, kind, err);
    w->graph->scalar(w->graph->ctx, node, &w->out);
    return ST_OK;
}

int value_write(const struct value_graph *graph, const void *root, struct buffer *out,
                struct error *err)
{
    struct walk w = {.graph = graph, .out = json_writer(out)};
    int rc = put(&w, root, err);
    while (!rc && w.depth) {
        struct open_node *at = &w.open[w.depth - 1];
        const void *child;
        if (graph->child(graph->ctx, at->node, at->index, &child, &at->key)) {
            at->index++;
            if (at->kind == GRAPH_OBJECT)
                json_key(&w.out, at->key);
            rc = put(&w, child, err);
        } else {
            w.depth--;
            if (at->kind == GRAPH_OBJECT)
                json_end_object(&w.out);
            else
                json_end_array(&w.out);
        }
    }
    if (!rc && buffer_failed(out))
        rc = error_set(err, ST_NOMEM, "out of memory");
    return rc;
}
