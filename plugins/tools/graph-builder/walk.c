/*
 * SPDX-License-Identifier: MIT
 */
#include "walk.h"

#include <math.h>

static int32_t no_memory(hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the graph; try again");
}

/* The neighbours of a node, one after the other: those it points to, and with `both` those that point to
 * it, too. */
struct neighbours {
    const struct graph *graph;
    size_t out; /* place + 1 */
    size_t in;
};

static struct neighbours neighbours_of(const struct graph *g, size_t node, bool both)
{
    return (struct neighbours){g, g->nodes[node].first_out, both ? g->nodes[node].first_in : 0};
}

/* The next one by its edge; SIZE_MAX at the end. */
static size_t next_neighbour(struct neighbours *n, size_t *edge)
{
    size_t place = n->out ? n->out : n->in;
    if (!place)
        return SIZE_MAX;
    const struct graph_edge *e = &n->graph->edges[place - 1];
    *edge = place - 1;
    if (n->out) {
        n->out = e->next_out;
        return e->to;
    }
    n->in = e->next_in;
    return e->from;
}

static size_t *places(size_t count, size_t value)
{
    size_t *list = malloc((count + 1) * sizeof(*list));
    for (size_t i = 0; list && i < count; i++)
        list[i] = value;
    return list;
}

/* ---- components ----------------------------------------------------------------------------- */

static void flood(const struct graph *g, size_t first, size_t number, size_t *of, size_t *queue)
{
    size_t begin = 0, end = 0, edge;
    of[first] = number;
    queue[end++] = first;
    while (begin < end) {
        struct neighbours n = neighbours_of(g, queue[begin++], true);
        for (size_t to; (to = next_neighbour(&n, &edge)) != SIZE_MAX;)
            if (of[to] == SIZE_MAX) {
                of[to] = number;
                queue[end++] = to;
            }
    }
}

int32_t walk_weak(const struct graph *g, struct components *out, hexmcp_error *err)
{
    size_t *queue = places(g->node_count, 0);
    *out = (struct components){places(g->node_count, SIZE_MAX), 0};
    if (!out->of || !queue) {
        free(queue);
        free(out->of);
        return no_memory(err);
    }
    for (size_t i = 0; i < g->node_count; i++)
        if (out->of[i] == SIZE_MAX)
            flood(g, i, out->count++, out->of, queue);
    free(queue);
    return HEXMCP_OK;
}

/* Tarjan's algorithm with a stack of its own. */
struct strong {
    const struct graph *g;
    size_t *index;   /* when it was found; SIZE_MAX: not yet */
    size_t *low;
    size_t *stack;   /* of nodes without a component */
    size_t *path;    /* of nodes that are walked */
    size_t *edge;    /* the next edge of each, + 1 */
    size_t *of;
    size_t stack_len;
    size_t path_len;
    size_t found;
    size_t count;
};

static void enter(struct strong *s, size_t node)
{
    s->index[node] = s->low[node] = s->found++;
    s->stack[s->stack_len++] = node;
    s->path[s->path_len++] = node;
    s->edge[node] = s->g->nodes[node].first_out;
}

static void leave(struct strong *s, size_t node)
{
    s->path_len--;
    if (s->path_len > 0) {
        size_t parent = s->path[s->path_len - 1];
        s->low[parent] = s->low[node] < s->low[parent] ? s->low[node] : s->low[parent];
    }
    if (s->low[node] != s->index[node])
        return;
    size_t top;
    do {
        top = s->stack[--s->stack_len];
        s->of[top] = s->count;
    } while (top != node);
    s->count++;
}

static void walk_from(struct strong *s, size_t first)
{
    enter(s, first);
    while (s->path_len > 0) {
        size_t node = s->path[s->path_len - 1];
        if (!s->edge[node]) {
            leave(s, node);
            continue;
        }
        const struct graph_edge *e = &s->g->edges[s->edge[node] - 1];
        s->edge[node] = e->next_out;
        if (s->index[e->to] == SIZE_MAX)
            enter(s, e->to);
        else if (s->of[e->to] == SIZE_MAX && s->index[e->to] < s->low[node])
            s->low[node] = s->index[e->to];
    }
}

/* Numbers them in the order of their first nodes. */
static bool renumber(size_t *of, size_t nodes, size_t count)
{
    size_t *fresh = places(count, SIZE_MAX), next = 0;
    for (size_t i = 0; fresh && i < nodes; i++) {
        if (fresh[of[i]] == SIZE_MAX)
            fresh[of[i]] = next++;
        of[i] = fresh[of[i]];
    }
    free(fresh);
    return fresh != NULL;
}

int32_t walk_strong(const struct graph *g, struct components *out, hexmcp_error *err)
{
    size_t n = g->node_count;
    struct strong s = {.g = g,
                       .index = places(n, SIZE_MAX),
                       .low = places(n, 0),
                       .stack = places(n, 0),
                       .path = places(n, 0),
                       .edge = places(n, 0),
                       .of = places(n, SIZE_MAX)};
    bool ok = s.index && s.low && s.stack && s.path && s.edge && s.of;
    for (size_t i = 0; ok && i < n; i++)
        if (s.index[i] == SIZE_MAX)
            walk_from(&s, i);
    ok = ok && renumber(s.of, n, s.count);
    free(s.index);
    free(s.low);
    free(s.stack);
    free(s.path);
    free(s.edge);
    if (!ok) {
        free(s.of);
        return no_memory(err);
    }
    *out = (struct components){s.of, s.count};
    return HEXMCP_OK;
}

/* ---- shortest way --------------------------------------------------------------------------- */

struct heap {
    struct heap_entry {
        double length;
        size_t node;
    } *list;
    size_t count;
};

static bool comes_first(struct heap_entry a, struct heap_entry b)
{
    return a.length < b.length || (!(b.length < a.length) && a.node < b.node);
}

static void push(struct heap *h, struct heap_entry entry)
{
    size_t at = h->count++;
    for (; at > 0 && comes_first(entry, h->list[(at - 1) / 2]); at = (at - 1) / 2)
        h->list[at] = h->list[(at - 1) / 2];
    h->list[at] = entry;
}

static struct heap_entry pop(struct heap *h)
{
    struct heap_entry first = h->list[0], last = h->list[--h->count];
    size_t at = 0;
    for (size_t child = 1; child < h->count; child = 2 * at + 1) {
        if (child + 1 < h->count && comes_first(h->list[child + 1], h->list[child]))
            child++;
        if (!comes_first(h->list[child], last))
            break;
        h->list[at] = h->list[child];
        at = child;
    }
    h->list[at] = last;
    return first;
}

static int32_t check_weights(const struct graph *g, hexmcp_error *err)
{
    for (size_t i = 0; i < g->edge_count; i++)
        if (g->edges[i].weight < 0)
            return hexmcp_fail(err, HEXMCP_E_INVALID,
                               "the edge from \"%.100s\" to \"%.100s\" has a negative weight; shortest_path "
                               "takes weights from 0 on",
                               g->nodes[g->edges[i].from].id, g->nodes[g->edges[i].to].id);
    return HEXMCP_OK;
}

/* Dijkstra's algorithm; `before` is by which node each was reached. */
static void measure(const struct graph *g, size_t from, size_t to, struct heap *heap, double *length,
                    size_t *before)
{
    for (size_t i = 0; i < g->node_count; i++)
        length[i] = INFINITY;
    length[from] = 0;
    push(heap, (struct heap_entry){0, from});
    while (heap->count > 0) {
        struct heap_entry top = pop(heap);
        if (top.node == to)
            return;
        if (top.length > length[top.node])
            continue;
        struct neighbours n = neighbours_of(g, top.node, !g->directed);
        size_t edge;
        for (size_t next; (next = next_neighbour(&n, &edge)) != SIZE_MAX;) {
            double way = top.length + g->edges[edge].weight;
            if (way < length[next]) {
                length[next] = way;
                before[next] = top.node;
                push(heap, (struct heap_entry){way, next});
            }
        }
    }
}

/* From `last` back to where `before` is SIZE_MAX, turned around. */
static bool follow(const size_t *before, size_t last, size_t nodes, struct way *out)
{
    size_t count = 0;
    out->nodes = places(nodes, 0);
    for (size_t node = last; out->nodes && node != SIZE_MAX; node = before[node])
        out->nodes[count++] = node;
    for (size_t i = 0; out->nodes && i < count / 2; i++) {
        size_t other = out->nodes[i];
        out->nodes[i] = out->nodes[count - 1 - i];
        out->nodes[count - 1 - i] = other;
    }
    out->count = count;
    return out->nodes != NULL;
}

int32_t walk_shortest(const struct graph *g, size_t from, size_t to, struct way *out, hexmcp_error *err)
{
    int32_t status = check_weights(g, err);
    if (status != HEXMCP_OK)
        return status;
    /* Each edge puts a node into the heap at most once in each direction. */
    struct heap heap = {malloc((2 * g->edge_count + 1) * sizeof(struct heap_entry)), 0};
    double *length = malloc((g->node_count + 1) * sizeof(*length));
    size_t *before = places(g->node_count, SIZE_MAX);
    bool ok = heap.list && length && before;
    *out = (struct way){.length = INFINITY};
    if (ok) {
        measure(g, from, to, &heap, length, before);
        out->length = length[to];
        if (isfinite(length[to]))
            ok = follow(before, to, g->node_count, out);
    }
    free(heap.list);
    free(length);
    free(before);
    return ok ? HEXMCP_OK : no_memory(err);
}

/* ---- cycles --------------------------------------------------------------------------------- */

/* The shortest way from a node back to itself within its component. */
static size_t find_directed(const struct graph *g, const struct components *c, size_t first, size_t *before,
                            size_t *queue)
{
    size_t begin = 0, end = 0, edge;
    queue[end++] = first;
    while (begin < end) {
        size_t node = queue[begin++];
        struct neighbours n = neighbours_of(g, node, false);
        for (size_t to; (to = next_neighbour(&n, &edge)) != SIZE_MAX;) {
            if (to == first)
                return node;
            if (c->of[to] == c->of[first] && before[to] == SIZE_MAX) {
                before[to] = node;
                queue[end++] = to;
            }
        }
    }
    return SIZE_MAX;
}

static size_t depth_of(const size_t *before, size_t node)
{
    size_t depth = 0;
    for (; before[node] != SIZE_MAX; node = before[node])
        depth++;
    return depth;
}

/* The ways from both ends of an edge up to where they meet are a cycle. */
static bool join(const size_t *before, size_t a, size_t b, size_t nodes, struct way *out)
{
    size_t da = depth_of(before, a), db = depth_of(before, b), left = 0, right = 0;
    size_t *other = places(nodes, 0);
    out->nodes = places(nodes, 0);
    if (!other || !out->nodes) {
        free(other);
        return false;
    }
    while (a != b) {
        bool up = da >= db;
        if (up) {
            out->nodes[left++] = a;
            a = before[a];
            da--;
        } else {
            other[right++] = b;
            b = before[b];
            db--;
        }
    }
    out->nodes[left++] = a;
    while (right > 0)
        out->nodes[left++] = other[--right];
    out->count = left;
    free(other);
    return true;
}

/* Walks the component; the first edge to what was found before, but the one it came by, ends a cycle. */
static bool find_undirected(const struct graph *g, size_t first, size_t *before, size_t *queue,
                            size_t *by, struct way *out)
{
    size_t begin = 0, end = 0, edge;
    queue[end++] = first;
    while (begin < end) {
        size_t node = queue[begin++];
        struct neighbours n = neighbours_of(g, node, true);
        for (size_t to; (to = next_neighbour(&n, &edge)) != SIZE_MAX;) {
            if (edge == by[node])
                continue;
            if (to == first || before[to] != SIZE_MAX)
                return join(before, node, to, g->node_count, out);
            before[to] = node;
            by[to] = edge;
            queue[end++] = to;
        }
    }
    return true;
}

int32_t walk_cycle(const struct graph *g, const struct components *c, size_t first, struct way *out,
                   hexmcp_error *err)
{
    size_t n = g->node_count;
    size_t *before = places(n, SIZE_MAX), *queue = places(n, 0), *by = places(n, SIZE_MAX);
    bool ok = before && queue && by;
    *out = (struct way){0};
    if (ok && g->directed) {
        size_t last = find_directed(g, c, first, before, queue);
        if (last != SIZE_MAX)
            ok = follow(before, last, n, out);
    } else if (ok) {
        ok = find_undirected(g, first, before, queue, by, out);
    }
    free(before);
    free(queue);
    free(by);
    return ok ? HEXMCP_OK : no_memory(err);
}

/* ---- order ---------------------------------------------------------------------------------- */

int32_t walk_order(const struct graph *g, struct way *out, hexmcp_error *err)
{
    size_t *waits = places(g->node_count, 0), edge;
    struct heap ready = {malloc((g->node_count + 1) * sizeof(struct heap_entry)), 0};
    *out = (struct way){.nodes = places(g->node_count, 0)};
    bool ok = waits && ready.list && out->nodes;
    for (size_t i = 0; ok && i < g->node_count; i++) {
        waits[i] = g->nodes[i].in;
        if (!waits[i])
            push(&ready, (struct heap_entry){0, i});
    }
    while (ok && ready.count > 0) {
        size_t node = pop(&ready).node;
        out->nodes[out->count++] = node;
        struct neighbours n = neighbours_of(g, node, false);
        for (size_t to; (to = next_neighbour(&n, &edge)) != SIZE_MAX;)
            if (--waits[to] == 0)
                push(&ready, (struct heap_entry){0, to});
    }
    free(waits);
    free(ready.list);
    if (!ok)
        free(out->nodes);
    return ok ? HEXMCP_OK : no_memory(err);
}
