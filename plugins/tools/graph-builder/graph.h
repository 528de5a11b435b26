/*
 * graph.h - nodes with names, and edges between them.
 *
 * SPDX-License-Identifier: MIT
 *
 * As JSON: {"type": "directed" | "undirected", "nodes": ["a", {"id": "b", "properties": {...}}...],
 * "edges": [["a", "b"], {"from": "a", "to": "b", "weight": 2, "properties": {...}}...]}. Nodes of edges need
 * not be listed. There can be loops, and one edge from a node to another.
 */
#pragma once

#include <stdbool.h>

#include "hexmcp/json.h"

#define GRAPH_NODES_MOST 100000
#define GRAPH_EDGES_MOST 1000000
#define GRAPH_ID_MOST 500

struct graph_node {
    char *id;
    size_t id_len;
    hexmcp_str properties; /* JSON object, borrowed; empty if there is none */
    size_t first_out;      /* place of the first edge + 1; 0: none; see graph_edge */
    size_t first_in;
    uint64_t out; /* degrees; a loop of an undirected graph counts twice */
    uint64_t in;
};

struct graph_edge {
    size_t from;
    size_t to;
    double weight;
    bool weighted; /* a weight was given */
    hexmcp_str properties;
    size_t next_out; /* of the same `from`, + 1 */
    size_t next_in;  /* of the same `to`, + 1 */
};

struct graph {
    bool directed;
    struct graph_node *nodes;
    size_t node_count;
    size_t node_room;
    struct graph_edge *edges;
    size_t edge_count;
    size_t edge_room;
    uint64_t *node_slots; /* hash tables of places + 1 */
    size_t node_slot_count;
    uint64_t *edge_slots;
    size_t edge_slot_count;
    bool weighted; /* an edge has a weight */
};

void graph_free(struct graph *graph);

/* The place of the node, or SIZE_MAX. */
size_t graph_find(const struct graph *graph, const char *id, size_t len);

/* The place of the edge, or SIZE_MAX. In an undirected graph both directions are one edge. */
size_t graph_find_edge(const struct graph *graph, size_t from, size_t to);

/* Adds the node if it is not there; its place. `properties`, if not empty, replace those it has. */
int32_t graph_add_node(struct graph *graph, const char *id, size_t len, hexmcp_str properties,
                       size_t *place, hexmcp_error *err);

/* Adds an edge between nodes that are there; HEXMCP_E_INVALID if it is there already. */
int32_t graph_add_edge(struct graph *graph, size_t from, size_t to, hexmcp_str weight,
                       hexmcp_str properties, hexmcp_error *err);

/* Reads the JSON above into an empty graph; texts of properties are borrowed from it. `directed` counts
 * unless the JSON says "type". */
int32_t graph_read(struct graph *graph, hexmcp_str json, bool directed, hexmcp_error *err);

/* The same JSON, nodes and edges in the order they came. */
void graph_write(const struct graph *graph, hexmcp_json_writer *w);
