/*
 * SPDX-License-Identifier: MIT
 */
#include "graph.h"

#include <math.h>

static int32_t no_memory(hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the graph; try again");
}

void graph_free(struct graph *g)
{
    for (size_t i = 0; i < g->node_count; i++)
        free(g->nodes[i].id);
    free(g->nodes);
    free(g->edges);
    free(g->node_slots);
    free(g->edge_slots);
}

/* ---- tables --------------------------------------------------------------------------------- */

static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

static uint64_t hash_text(const char *text, size_t len)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)text[i]) * 1099511628211u;
    return mix(hash);
}

/* Undirected edges have one key for both directions. */
static uint64_t key_of_edge(const struct graph *g, size_t from, size_t to)
{
    size_t a = !g->directed && from > to ? to : from;
    size_t b = !g->directed && from > to ? from : to;
    return (uint64_t)a * GRAPH_NODES_MOST + b;
}

static uint64_t *node_slot(const struct graph *g, const char *id, size_t len)
{
    for (uint64_t at = hash_text(id, len);; at++) {
        uint64_t *slot = &g->node_slots[at & (g->node_slot_count - 1)];
        if (!*slot)
            return slot;
        const struct graph_node *node = &g->nodes[*slot - 1];
        if (node->id_len == len && memcmp(node->id, id, len) == 0)
            return slot;
    }
}

static uint64_t *edge_slot(const struct graph *g, uint64_t key)
{
    for (uint64_t at = mix(key + 1);; at++) {
        uint64_t *slot = &g->edge_slots[at & (g->edge_slot_count - 1)];
        if (!*slot)
            return slot;
        const struct graph_edge *edge = &g->edges[*slot - 1];
        if (key_of_edge(g, edge->from, edge->to) == key)
            return slot;
    }
}

static bool grow(void **items, size_t *room, size_t size)
{
    size_t more = *room ? *room * 2 : 16;
    void *fresh = realloc(*items, more * size);
    if (!fresh)
        return false;
    *items = fresh;
    *room = more;
    return true;
}

static bool grow_slots(uint64_t **slots, size_t *count)
{
    size_t more = *count ? *count * 2 : 64;
    uint64_t *fresh = calloc(more, sizeof(*fresh));
    if (!fresh)
        return false;
    free(*slots);
    *slots = fresh;
    *count = more;
    return true;
}

static bool room_for_node(struct graph *g)
{
    if (g->node_count == g->node_room && !grow((void **)&g->nodes, &g->node_room, sizeof(*g->nodes)))
        return false;
    if (2 * (g->node_count + 1) <= g->node_slot_count)
        return true;
    if (!grow_slots(&g->node_slots, &g->node_slot_count))
        return false;
    for (size_t i = 0; i < g->node_count; i++)
        *node_slot(g, g->nodes[i].id, g->nodes[i].id_len) = i + 1;
    return true;
}

static bool room_for_edge(struct graph *g)
{
    if (g->edge_count == g->edge_room && !grow((void **)&g->edges, &g->edge_room, sizeof(*g->edges)))
        return false;
    if (2 * (g->edge_count + 1) <= g->edge_slot_count)
        return true;
    if (!grow_slots(&g->edge_slots, &g->edge_slot_count))
        return false;
    for (size_t i = 0; i < g->edge_count; i++)
        *edge_slot(g, key_of_edge(g, g->edges[i].from, g->edges[i].to)) = i + 1;
    return true;
}

/* ---- nodes and edges ------------------------------------------------------------------------ */

size_t graph_find(const struct graph *g, const char *id, size_t len)
{
    return g->node_slots ? (size_t)*node_slot(g, id, len) - 1 : SIZE_MAX;
}

size_t graph_find_edge(const struct graph *g, size_t from, size_t to)
{
    return g->edge_slots ? (size_t)*edge_slot(g, key_of_edge(g, from, to)) - 1 : SIZE_MAX;
}

int32_t graph_add_node(struct graph *g, const char *id, size_t len, hexmcp_str properties, size_t *place,
                       hexmcp_error *err)
{
    size_t found = graph_find(g, id, len);
    if (found == SIZE_MAX) {
        if (len == 0 || len > GRAPH_ID_MOST)
            return hexmcp_fail(err, HEXMCP_E_INVALID,
                               "a node has an empty name or one over %d bytes; give a shorter one",
                               GRAPH_ID_MOST);
        if (g->node_count == GRAPH_NODES_MOST)
            return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                               "the graph would have more than %d nodes; work on a part of it",
                               GRAPH_NODES_MOST);
        char *copy = malloc(len + 1);
        if (!copy || !room_for_node(g)) {
            free(copy);
            return no_memory(err);
        }
        memcpy(copy, id, len);
        copy[len] = '\0';
        found = g->node_count++;
        g->nodes[found] = (struct graph_node){.id = copy, .id_len = len};
        *node_slot(g, id, len) = found + 1;
    }
    if (properties.len > 0)
        g->nodes[found].properties = properties;
    *place = found;
    return HEXMCP_OK;
}

static int32_t check_edge(const struct graph *g, size_t from, size_t to, hexmcp_error *err)
{
    if (graph_find_edge(g, from, to) != SIZE_MAX)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "there is already an edge from \"%.100s\" to \"%.100s\"; a graph here has one "
                           "edge between two nodes",
                           g->nodes[from].id, g->nodes[to].id);
    if (g->edge_count == GRAPH_EDGES_MOST)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "the graph would have more than %d edges; work on a part of it",
                           GRAPH_EDGES_MOST);
    return HEXMCP_OK;
}

int32_t graph_add_edge(struct graph *g, size_t from, size_t to, hexmcp_str weight, hexmcp_str properties,
                       hexmcp_error *err)
{
    struct graph_edge edge = {.from = from, .to = to, .weight = 1, .properties = properties};
    int32_t status = check_edge(g, from, to, err);
    if (status != HEXMCP_OK)
        return status;
    if (weight.len > 0) {
        if (hexmcp_json_double(weight, &edge.weight) != HEXMCP_OK || !(fabs(edge.weight) <= 1e300))
            return hexmcp_fail(err, HEXMCP_E_INVALID,
                               "the weight of the edge from \"%.100s\" to \"%.100s\" is not a number; "
                               "correct it",
                               g->nodes[from].id, g->nodes[to].id);
        edge.weighted = g->weighted = true;
    }
    if (!room_for_edge(g))
        return no_memory(err);
    edge.next_out = g->nodes[from].first_out;
    edge.next_in = g->nodes[to].first_in;
    uint64_t *slot = edge_slot(g, key_of_edge(g, from, to));
    g->edges[g->edge_count++] = edge;
    *slot = g->edge_count;
    g->nodes[from].first_out = g->nodes[to].first_in = g->edge_count;
    g->nodes[from].out++;
    g->nodes[to].in++;
    return HEXMCP_OK;
}
