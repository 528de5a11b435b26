/*
 * SPDX-License-Identifier: MIT
 */
#include "analysis.h"

#include <math.h>

#include "walk.h"

static void write_id(const struct graph *g, size_t node, hexmcp_json_writer *w)
{
    hexmcp_json_write_string(w, (hexmcp_str){g->nodes[node].id, g->nodes[node].id_len});
}

static void put_number(hexmcp_json_writer *w, const char *key, double number)
{
    hexmcp_json_key(w, key);
    hexmcp_json_write_double(w, number);
}

/* "total", and "next_offset" if there are more. */
static void put_page(struct page page, size_t total, hexmcp_json_writer *w)
{
    hexmcp_json_put_int64(w, "total", (int64_t)total);
    if (page.offset < total && total - page.offset > page.limit)
        hexmcp_json_put_int64(w, "next_offset", (int64_t)(page.offset + page.limit));
}

static bool on_page(struct page page, size_t place)
{
    return place >= page.offset && place - page.offset < page.limit;
}

/* ---- analyze -------------------------------------------------------------------------------- */

static size_t count_loops(const struct graph *g)
{
    size_t loops = 0;
    for (size_t i = 0; i < g->edge_count; i++)
        loops += g->edges[i].from == g->edges[i].to;
    return loops;
}

static void put_degrees(const struct graph *g, hexmcp_json_writer *w)
{
    uint64_t most = 0, least = UINT64_MAX, most_in = 0, most_out = 0;
    for (size_t i = 0; i < g->node_count; i++) {
        uint64_t degree = g->nodes[i].in + g->nodes[i].out;
        most = degree > most ? degree : most;
        least = degree < least ? degree : least;
        most_in = g->nodes[i].in > most_in ? g->nodes[i].in : most_in;
        most_out = g->nodes[i].out > most_out ? g->nodes[i].out : most_out;
    }
    double nodes = g->node_count ? (double)g->node_count : 1;
    hexmcp_json_key(w, "degree");
    hexmcp_json_begin_object(w);
    hexmcp_json_put_int64(w, "max", (int64_t)most);
    hexmcp_json_put_int64(w, "min", g->node_count ? (int64_t)least : 0);
    put_number(w, "average", 2.0 * (double)g->edge_count / nodes);
    if (g->directed) {
        hexmcp_json_put_int64(w, "max_in", (int64_t)most_in);
        hexmcp_json_put_int64(w, "max_out", (int64_t)most_out);
    }
    hexmcp_json_end_object(w);
}

static void put_ids(const struct graph *g, struct page page, hexmcp_json_writer *w)
{
    hexmcp_json_key(w, "node_ids");
    hexmcp_json_begin_array(w);
    for (size_t i = 0; i < g->node_count; i++)
        if (on_page(page, i))
            write_id(g, i, w);
    hexmcp_json_end_array(w);
    put_page(page, g->node_count, w);
}

int32_t analysis_put(const struct graph *g, struct page page, struct answer *a)
{
    hexmcp_json_writer *w = &a->json;
    struct components weak;
    int32_t status = walk_weak(g, &weak, a->r->err);
    if (status != HEXMCP_OK)
        return status;
    free(weak.of);
    size_t loops = count_loops(g);
    double nodes = (double)g->node_count, edges = (double)(g->edge_count - loops);
    double pairs = nodes * (nodes - 1) / (g->directed ? 1 : 2);
    put_number(w, "density", pairs > 0 ? edges / pairs : 0);
    put_degrees(g, w);
    hexmcp_json_put_bool(w, "is_empty", g->node_count == 0);
    hexmcp_json_put_bool(w, "is_complete", g->node_count > 0 && !(edges < pairs));
    hexmcp_json_put_bool(w, "is_connected", weak.count <= 1);
    hexmcp_json_put_int64(w, "component_count", (int64_t)weak.count);
    hexmcp_json_put_bool(w, "has_self_loops", loops > 0);
    put_ids(g, page, w);
    answer_text(a, "%zu nodes, %zu edges, %zu components.", g->node_count, g->edge_count, weak.count);
    return HEXMCP_OK;
}

/* ---- components ----------------------------------------------------------------------------- */

/* Places of the nodes in the order of their components, and where each component begins. */
static bool sort_by_component(const struct graph *g, const struct components *c, size_t **nodes,
                              size_t **begins)
{
    *nodes = calloc(g->node_count + 1, sizeof(**nodes));
    *begins = calloc(c->count + 2, sizeof(**begins));
    if (!*nodes || !*begins)
        return false;
    for (size_t i = 0; i < g->node_count; i++)
        (*begins)[c->of[i] + 2]++;
    for (size_t i = 2; i < c->count + 2; i++)
        (*begins)[i] += (*begins)[i - 1];
    for (size_t i = 0; i < g->node_count; i++)
        (*nodes)[(*begins)[c->of[i] + 1]++] = i;
    return true;
}

static int32_t put_components(const struct graph *g, const struct components *c, struct page page,
                              struct answer *a)
{
    hexmcp_json_writer *w = &a->json;
    size_t *nodes, *begins;
    bool ok = sort_by_component(g, c, &nodes, &begins);
    if (ok) {
        hexmcp_json_key(w, "components");
        hexmcp_json_begin_array(w);
        for (size_t i = 0; i < c->count; i++) {
            if (!on_page(page, i))
                continue;
            hexmcp_json_begin_array(w);
            for (size_t at = begins[i]; at < begins[i + 1]; at++)
                write_id(g, nodes[at], w);
            hexmcp_json_end_array(w);
        }
        hexmcp_json_end_array(w);
        put_page(page, c->count, w);
        answer_text(a, "%zu components.", c->count);
    }
    free(nodes);
    free(begins);
    return ok ? HEXMCP_OK
              : hexmcp_fail(a->r->err, HEXMCP_E_NOMEM, "out of memory for the components; try again");
}

int32_t analysis_components(const struct graph *g, struct page page, struct answer *a)
{
    struct components weak, strong = {0};
    int32_t status = walk_weak(g, &weak, a->r->err);
    if (status != HEXMCP_OK)
        return status;
    status = put_components(g, &weak, page, a);
    free(weak.of);
    if (status == HEXMCP_OK && g->directed) {
        status = walk_strong(g, &strong, a->r->err);
        if (status == HEXMCP_OK)
            hexmcp_json_put_int64(&a->json, "strong_component_count", (int64_t)strong.count);
        free(strong.of);
    }
    return status;
}

/* ---- cycles --------------------------------------------------------------------------------- */

static void write_way(const struct graph *g, const struct way *way, hexmcp_json_writer *w)
{
    hexmcp_json_begin_array(w);
    for (size_t i = 0; i < way->count; i++)
        write_id(g, way->nodes[i], w);
    hexmcp_json_end_array(w);
}

/* For each component 1 + a node of it that has it be cyclic by itself, or 0 if it has no cycle. */
static size_t *find_cyclic(const struct graph *g, const struct components *c)
{
    size_t *first = calloc(c->count + 1, sizeof(*first));
    size_t *nodes = calloc(c->count + 1, sizeof(*nodes));
    size_t *edges = calloc(c->count + 1, sizeof(*edges));
    bool ok = first && nodes && edges;
    for (size_t i = 0; ok && i < g->node_count; i++) {
        if (nodes[c->of[i]]++ == 0)
            first[c->of[i]] = i + 1;
    }
    for (size_t i = 0; ok && i < g->edge_count; i++)
        edges[c->of[g->edges[i].from]] += c->of[g->edges[i].from] == c->of[g->edges[i].to];
    /* A tree has an edge less than nodes; a strong component of several nodes is always cyclic. */
    for (size_t i = 0; ok && i < c->count; i++)
        if (edges[i] < nodes[i])
            first[i] = 0;
    free(nodes);
    free(edges);
    if (ok)
        return first;
    free(first);
    return NULL;
}

static int32_t put_cycles(const struct graph *g, const struct components *c, const size_t *cyclic,
                          struct page page, struct answer *a)
{
    hexmcp_json_writer *w = &a->json;
    size_t total = 0;
    int32_t status = HEXMCP_OK;
    hexmcp_json_key(w, "cycles");
    hexmcp_json_begin_array(w);
    for (size_t i = 0; i < c->count && status == HEXMCP_OK; i++) {
        struct way way = {0};
        if (!cyclic[i] || !on_page(page, total++))
            continue;
        status = walk_cycle(g, c, cyclic[i] - 1, &way, a->r->err);
        if (status == HEXMCP_OK)
            write_way(g, &way, w);
        free(way.nodes);
    }
    hexmcp_json_end_array(w);
    hexmcp_json_put_bool(w, "has_cycles", total > 0);
    put_page(page, total, w);
    answer_text(a, total ? "There are cycles." : "There is no cycle.");
    return status;
}

int32_t analysis_cycles(const struct graph *g, struct page page, struct answer *a)
{
    struct components c;
    int32_t status = g->directed ? walk_strong(g, &c, a->r->err) : walk_weak(g, &c, a->r->err);
    if (status != HEXMCP_OK)
        return status;
    size_t *cyclic = find_cyclic(g, &c);
    status = cyclic ? put_cycles(g, &c, cyclic, page, a)
                    : hexmcp_fail(a->r->err, HEXMCP_E_NOMEM, "out of memory for the cycles; try again");
    free(cyclic);
    free(c.of);
    return status;
}

/* ---- ways and orders ------------------------------------------------------------------------ */

int32_t analysis_shortest(const struct graph *g, size_t from, size_t to, struct answer *a)
{
    hexmcp_json_writer *w = &a->json;
    struct way way;
    int32_t status = walk_shortest(g, from, to, &way, a->r->err);
    if (status != HEXMCP_OK)
        return status;
    bool found = isfinite(way.length);
    hexmcp_json_put_bool(w, "found", found);
    hexmcp_json_key(w, "path");
    write_way(g, &way, w);
    if (found)
        put_number(w, "length", way.length);
    if (found)
        answer_text(a, "A way of %zu nodes, length %g.", way.count, way.length);
    else
        answer_text(a, "There is no way.");
    free(way.nodes);
    return HEXMCP_OK;
}

int32_t analysis_order(const struct graph *g, struct page page, struct answer *a)
{
    hexmcp_json_writer *w = &a->json;
    struct way way;
    if (!g->directed)
        return hexmcp_fail(a->r->err, HEXMCP_E_INVALID,
                           "an undirected graph has no topological order; give a directed one");
    int32_t status = walk_order(g, &way, a->r->err);
    if (status != HEXMCP_OK)
        return status;
    bool whole = way.count == g->node_count;
    if (whole) {
        hexmcp_json_key(w, "order");
        hexmcp_json_begin_array(w);
        for (size_t i = 0; i < way.count; i++)
            if (on_page(page, i))
                write_id(g, way.nodes[i], w);
        hexmcp_json_end_array(w);
        put_page(page, way.count, w);
        answer_text(a, "An order of %zu nodes.", way.count);
    }
    free(way.nodes);
    return whole ? HEXMCP_OK
                 : hexmcp_fail(a->r->err, HEXMCP_E_INVALID,
                               "the graph has a cycle, so there is no order; operation cycles shows it");
}
