/*
 * walk.h - what can be told of a graph by walking it: components, ways, cycles, orders.
 *
 * SPDX-License-Identifier: MIT
 *
 * No recursion; time and memory are in proportion to nodes and edges (times a logarithm for weights).
 */
#pragma once

#include "graph.h"

/* A component for each node, numbered from 0 in the order of their first nodes. */
struct components {
    size_t *of;
    size_t count;
};

/* Free `of`. Weak: edges are walked in both directions. */
int32_t walk_weak(const struct graph *graph, struct components *out, hexmcp_error *err);
/* Of a directed graph: each node of one reaches each other of it. */
int32_t walk_strong(const struct graph *graph, struct components *out, hexmcp_error *err);

/* Places of nodes; free `nodes`. */
struct way {
    size_t *nodes;
    size_t count;
    double length; /* sum of weights; Infinity: there is no way, and count is 0 */
};

/* The shortest way by weights, which are 1 where none is given. HEXMCP_E_INVALID for a negative one. */
int32_t walk_shortest(const struct graph *graph, size_t from, size_t to, struct way *out,
                      hexmcp_error *err);

/* A cycle of the component `which` (strong if directed, else weak); count is 0 if it has none. The first
 * node is not repeated at the end. */
int32_t walk_cycle(const struct graph *graph, const struct components *components, size_t first,
                   struct way *out, hexmcp_error *err);

/* All nodes of a directed graph, each before those it points to; count is less than the nodes if there is
 * a cycle. Nodes that could come next come in their order in the graph. */
int32_t walk_order(const struct graph *graph, struct way *out, hexmcp_error *err);
