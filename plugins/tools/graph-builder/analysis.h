/*
 * analysis.h - the answers of graph-builder that need the whole graph.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "graph.h"
#include "kit/answer.h"

struct page {
    size_t offset;
    size_t limit;
};

/* Each puts its result into the answer. */
int32_t analysis_put(const struct graph *graph, struct page page, struct answer *a);
int32_t analysis_components(const struct graph *graph, struct page page, struct answer *a);
int32_t analysis_cycles(const struct graph *graph, struct page page, struct answer *a);
int32_t analysis_shortest(const struct graph *graph, size_t from, size_t to, struct answer *a);
int32_t analysis_order(const struct graph *graph, struct page page, struct answer *a);
