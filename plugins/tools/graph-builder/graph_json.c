/*
 * Graphs from and to JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#include "graph.h"

static const hexmcp_str nothing = {NULL, 0};

static hexmcp_str member(hexmcp_str object, const char *key)
{
    hexmcp_str value;
    return hexmcp_json_get(object, key, &value) == HEXMCP_OK &&
                   hexmcp_json_type(value) != HEXMCP_JSON_NULL
               ? value
               : nothing;
}

/* A text, or a number as it reads, as many have them for names. */
static int32_t read_node(struct graph *g, hexmcp_str name, hexmcp_str properties, size_t *place,
                         hexmcp_error *err)
{
    char id[GRAPH_ID_MOST + 1];
    size_t len;
    if (hexmcp_json_type(name) == HEXMCP_JSON_NUMBER)
        return graph_add_node(g, name.ptr, name.len, properties, place, err);
    if (hexmcp_json_string(name, id, sizeof(id), &len) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "the name of a node is not a text of at most %d bytes: %.*s; correct it",
                           GRAPH_ID_MOST, (int)(name.len < 60 ? name.len : 60), name.ptr ? name.ptr : "");
    return graph_add_node(g, id, len, properties, place, err);
}

static int32_t check_properties(hexmcp_str properties, hexmcp_error *err)
{
    if (properties.len > 0 && hexmcp_json_type(properties) != HEXMCP_JSON_OBJECT)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "the properties of a node or edge are no object; correct "
                                                  "them");
    return HEXMCP_OK;
}

static int32_t take_node(struct graph *g, hexmcp_str json, hexmcp_error *err)
{
    size_t place;
    if (hexmcp_json_type(json) != HEXMCP_JSON_OBJECT)
        return read_node(g, json, nothing, &place, err);
    hexmcp_str properties = member(json, "properties");
    int32_t status = check_properties(properties, err);
    return status == HEXMCP_OK ? read_node(g, member(json, "id"), properties, &place, err) : status;
}

/* [from, to] or [from, to, weight] */
static int32_t read_short_edge(hexmcp_str json, hexmcp_str ends[2], hexmcp_str *weight, hexmcp_error *err)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(json);
    hexmcp_str more;
    if (hexmcp_json_next(&it, NULL, &ends[0]) && hexmcp_json_next(&it, NULL, &ends[1]) &&
        (!hexmcp_json_next(&it, NULL, weight) || !hexmcp_json_next(&it, NULL, &more)))
        return HEXMCP_OK;
    return hexmcp_fail(err, HEXMCP_E_INVALID,
                       "an edge is neither [from, to], [from, to, weight] nor {\"from\", \"to\"}: %.*s; "
                       "correct it",
                       (int)(json.len < 60 ? json.len : 60), json.ptr);
}

static int32_t take_edge(struct graph *g, hexmcp_str json, hexmcp_error *err)
{
    hexmcp_str ends[2] = {nothing, nothing}, weight = nothing, properties = nothing;
    size_t from = 0, to = 0;
    int32_t status = HEXMCP_OK;
    if (hexmcp_json_type(json) == HEXMCP_JSON_OBJECT) {
        ends[0] = member(json, "from");
        ends[1] = member(json, "to");
        weight = member(json, "weight");
        properties = member(json, "properties");
        status = check_properties(properties, err);
    } else {
        status = read_short_edge(json, ends, &weight, err);
    }
    if (status == HEXMCP_OK)
        status = read_node(g, ends[0], nothing, &from, err);
    if (status == HEXMCP_OK)
        status = read_node(g, ends[1], nothing, &to, err);
    return status == HEXMCP_OK ? graph_add_edge(g, from, to, weight, properties, err) : status;
}

static int32_t take_all(struct graph *g, hexmcp_str json, const char *key,
                        int32_t (*take)(struct graph *, hexmcp_str, hexmcp_error *), hexmcp_error *err)
{
    hexmcp_str array = member(json, key), each;
    int32_t status = HEXMCP_OK;
    if (array.len == 0)
        return HEXMCP_OK;
    if (hexmcp_json_type(array) != HEXMCP_JSON_ARRAY)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "%s of the graph is no array; correct it", key);
    hexmcp_json_iter it = hexmcp_json_iter_begin(array);
    while (status == HEXMCP_OK && hexmcp_json_next(&it, NULL, &each))
        status = take(g, each, err);
    return status;
}

int32_t graph_read(struct graph *g, hexmcp_str json, bool directed, hexmcp_error *err)
{
    hexmcp_str type = member(json, "type");
    g->directed = directed;
    if (hexmcp_json_type(json) != HEXMCP_JSON_OBJECT)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "the graph is no object; give {\"nodes\": [\"a\", \"b\"], \"edges\": [[\"a\", "
                           "\"b\"]]}");
    if (type.len > 0 && !hexmcp_json_equals(type, "directed") && !hexmcp_json_equals(type, "undirected"))
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "the type of the graph is neither directed nor undirected; correct it");
    if (type.len > 0)
        g->directed = hexmcp_json_equals(type, "directed");
    int32_t status = take_all(g, json, "nodes", take_node, err);
    return status == HEXMCP_OK ? take_all(g, json, "edges", take_edge, err) : status;
}

/* ---- writing -------------------------------------------------------------------------------- */

static void write_node(const struct graph_node *node, hexmcp_json_writer *w)
{
    hexmcp_json_begin_object(w);
    hexmcp_json_put_string(w, "id", (hexmcp_str){node->id, node->id_len});
    if (node->properties.len > 0)
        hexmcp_json_put_raw(w, "properties", node->properties);
    hexmcp_json_end_object(w);
}

static void write_edge(const struct graph *g, const struct graph_edge *edge, hexmcp_json_writer *w)
{
    const struct graph_node *from = &g->nodes[edge->from], *to = &g->nodes[edge->to];
    hexmcp_json_begin_object(w);
    hexmcp_json_put_string(w, "from", (hexmcp_str){from->id, from->id_len});
    hexmcp_json_put_string(w, "to", (hexmcp_str){to->id, to->id_len});
    if (edge->weighted) {
        hexmcp_json_key(w, "weight");
        hexmcp_json_write_double(w, edge->weight);
    }
    if (edge->properties.len > 0)
        hexmcp_json_put_raw(w, "properties", edge->properties);
    hexmcp_json_end_object(w);
}

void graph_write(const struct graph *g, hexmcp_json_writer *w)
{
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "type", g->directed ? "directed" : "undirected");
    hexmcp_json_key(w, "nodes");
    hexmcp_json_begin_array(w);
    for (size_t i = 0; i < g->node_count; i++)
        write_node(&g->nodes[i], w);
    hexmcp_json_end_array(w);
    hexmcp_json_key(w, "edges");
    hexmcp_json_begin_array(w);
    for (size_t i = 0; i < g->edge_count; i++)
        write_edge(g, &g->edges[i], w);
    hexmcp_json_end_array(w);
    hexmcp_json_end_object(w);
}
