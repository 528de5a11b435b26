/*
 * import.h - graphs from and to the JSON of others.
 *
 * SPDX-License-Identifier: MIT
 *
 * Node-link: {"directed": true, "nodes": [{"id": "a", ...}], "links": [{"source": "a", "target": "b", "weight":
 * 2, ...}]}, as NetworkX and D3 have it. Adjacency: {"a": ["b", "c"], "b": []}.
 */
#pragma once

#include "graph.h"

/* Reads either of the two, or what graph_read() takes; `json` is strict JSON. */
int32_t import_read(struct graph *graph, hexmcp_str json, bool directed, hexmcp_error *err);

/* Writes node-link. */
void import_write(const struct graph *graph, hexmcp_json_writer *w);
