/*
 * Values of scripts and plugins made JSON. Documents cannot lead back to themselves, what a script holds
 * can: that is found while it is written, and told by where it is.
 */
#pragma once

#include "core/json/writer.h"

enum graph_kind { GRAPH_SCALAR, GRAPH_ARRAY, GRAPH_OBJECT };

/* A graph of values; `node` is whatever its owner knows a value by. */
struct value_graph {
    void *ctx;
    enum graph_kind (*kind)(void *ctx, const void *node);
    /* The child number `index` of a container; its key, UTF-8, if it is one of an object. False behind
     * the last one. */
    bool (*child)(void *ctx, const void *node, size_t index, const void **child, struct str *key);
    /* Writes a scalar, one value of JSON. */
    void (*scalar)(void *ctx, const void *node, struct json_writer *out);
};

/* Writes the graph as one JSON value. ST_INVALID: it leads back to itself, with the path, as "the value at
 * root.a.b leads back to root.a", or it is nested deeper than JSON_MAX_DEPTH. ST_NOMEM. What was written
 * before a failure is to be thrown away. */
int value_write(const struct value_graph *graph, const void *root, struct buffer *out,
                struct error *err);
