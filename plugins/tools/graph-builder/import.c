/*
 * SPDX-License-Identifier: MIT
 */
#include "import.h"

static const hexmcp_str nothing = {NULL, 0};

static hexmcp_str member(hexmcp_str object, const char *key)
{
    hexmcp_str value;
    return hexmcp_json_get(object, key, &value) == HEXMCP_OK ? value : nothing;
}

/* A text, or a number as it reads. */
static int32_t read_name(struct graph *g, hexmcp_str name, hexmcp_str properties, size_t *place,
                         hexmcp_error *err)
{
    char id[GRAPH_ID_MOST + 1];
    size_t len;
    if (hexmcp_json_type(name) == HEXMCP_JSON_NUMBER)
        return graph_add_node(g, name.ptr, name.len, properties, place, err);
    if (hexmcp_json_string(name, id, sizeof(id), &len) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "a node or link of the input has no name (id, source, target) that is a text of "
                           "at most %d bytes; correct it",
                           GRAPH_ID_MOST);
    return graph_add_node(g, id, len, properties, place, err);
}

/* ---- node-link ------------------------------------------------------------------------------ */

/* The object itself, as properties, if it has more members than those that are known. */
static hexmcp_str beside(hexmcp_str object, size_t known)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(object);
    size_t members = 0;
    while (hexmcp_json_next(&it, NULL, NULL))
        members++;
    return members > known ? object : nothing;
}

static int32_t take_node(struct graph *g, hexmcp_str json, hexmcp_error *err)
{
    size_t place;
    bool object = hexmcp_json_type(json) == HEXMCP_JSON_OBJECT;
    return read_name(g, object ? member(json, "id") : json, object ? beside(json, 1) : nothing, &place,
                     err);
}

static int32_t take_link(struct graph *g, hexmcp_str json, hexmcp_error *err)
{
    size_t from, to;
    hexmcp_str weight = member(json, "weight");
    int32_t status = read_name(g, member(json, "source"), nothing, &from, err);
    if (status == HEXMCP_OK)
        status = read_name(g, member(json, "target"), nothing, &to, err);
    if (status != HEXMCP_OK)
        return status;
    return graph_add_edge(g, from, to, weight, beside(json, weight.len > 0 ? 3 : 2), err);
}

static int32_t take_all(struct graph *g, hexmcp_str array,
                        int32_t (*take)(struct graph *, hexmcp_str, hexmcp_error *), hexmcp_error *err)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(array);
    hexmcp_str each;
    int32_t status = HEXMCP_OK;
    while (status == HEXMCP_OK && hexmcp_json_next(&it, NULL, &each))
        status = take(g, each, err);
    return status;
}

static int32_t read_links(struct graph *g, hexmcp_str json, hexmcp_str links, bool directed,
                          hexmcp_error *err)
{
    hexmcp_str said = member(json, "directed"), nodes = member(json, "nodes");
    int yes = directed;
    hexmcp_json_bool(said, &yes);
    g->directed = yes;
    int32_t status = HEXMCP_OK;
    if (nodes.len > 0)
        status = take_all(g, nodes, take_node, err);
    return status == HEXMCP_OK ? take_all(g, links, take_link, err) : status;
}

/* ---- adjacency ------------------------------------------------------------------------------ */

static int32_t take_list(struct graph *g, size_t from, hexmcp_str list, hexmcp_error *err)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(list);
    hexmcp_str each;
    size_t to;
    int32_t status = HEXMCP_OK;
    while (status == HEXMCP_OK && hexmcp_json_next(&it, NULL, &each)) {
        status = read_name(g, each, nothing, &to, err);
        /* Lists of undirected graphs have each edge twice. */
        if (status == HEXMCP_OK && (g->directed || graph_find_edge(g, from, to) == SIZE_MAX))
            status = graph_add_edge(g, from, to, nothing, nothing, err);
    }
    return status;
}

static int32_t read_lists(struct graph *g, hexmcp_str json, bool directed, hexmcp_error *err)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(json);
    hexmcp_str key, list;
    size_t from;
    int32_t status = HEXMCP_OK;
    g->directed = directed;
    while (status == HEXMCP_OK && hexmcp_json_next(&it, &key, &list)) {
        if (hexmcp_json_type(list) != HEXMCP_JSON_ARRAY)
            return hexmcp_fail(err, HEXMCP_E_INVALID,
                               "the input is no graph that is known here; give {\"nodes\", \"edges\"}, "
                               "node-link ({\"nodes\", \"links\"}) or lists of neighbours ({\"a\": [\"b\"]})");
        status = read_name(g, key, nothing, &from, err);
        if (status == HEXMCP_OK)
            status = take_list(g, from, list, err);
    }
    return status;
}

int32_t import_read(struct graph *g, hexmcp_str json, bool directed, hexmcp_error *err)
{
    hexmcp_str links = member(json, "links"), nodes = member(json, "nodes");
    bool own = hexmcp_json_type(nodes) == HEXMCP_JSON_ARRAY ||
               hexmcp_json_type(member(json, "edges")) == HEXMCP_JSON_ARRAY;
    if (hexmcp_json_type(links) == HEXMCP_JSON_ARRAY && own)
        return read_links(g, json, links, directed, err);
    return own || hexmcp_json_type(json) != HEXMCP_JSON_OBJECT ? graph_read(g, json, directed, err)
                                                             : read_lists(g, json, directed, err);
}

/* ---- writing -------------------------------------------------------------------------------- */

static void write_members(hexmcp_str object, const char *const *without, hexmcp_json_writer *w)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(object);
    hexmcp_str key, value;
    while (object.len > 0 && hexmcp_json_next(&it, &key, &value)) {
        bool taken = false;
        char *name = NULL;
        for (size_t i = 0; without[i]; i++)
            taken = taken || hexmcp_json_equals(key, without[i]);
        if (!taken && hexmcp_json_string_dup(key, &name, NULL) == HEXMCP_OK)
            hexmcp_json_put_raw(w, name, value);
        free(name);
    }
}

static void write_node(const struct graph_node *node, hexmcp_json_writer *w)
{
    static const char *const own[] = {"id", NULL};
    hexmcp_json_begin_object(w);
    hexmcp_json_put_string(w, "id", (hexmcp_str){node->id, node->id_len});
    write_members(node->properties, own, w);
    hexmcp_json_end_object(w);
}

static void write_link(const struct graph *g, const struct graph_edge *edge, hexmcp_json_writer *w)
{
    static const char *const own[] = {"source", "target", "weight", NULL};
    const struct graph_node *from = &g->nodes[edge->from], *to = &g->nodes[edge->to];
    hexmcp_json_begin_object(w);
    hexmcp_json_put_string(w, "source", (hexmcp_str){from->id, from->id_len});
    hexmcp_json_put_string(w, "target", (hexmcp_str){to->id, to->id_len});
    if (edge->weighted) {
        hexmcp_json_key(w, "weight");
        hexmcp_json_write_double(w, edge->weight);
    }
    write_members(edge->properties, own, w);
    hexmcp_json_end_object(w);
}

void import_write(const struct graph *g, hexmcp_json_writer *w)
{
    hexmcp_json_begin_object(w);
    hexmcp_json_put_bool(w, "directed", g->directed);
    hexmcp_json_put_bool(w, "multigraph", false);
    hexmcp_json_put_raw(w, "graph", hexmcp_str_from("{}"));
    hexmcp_json_key(w, "nodes");
    hexmcp_json_begin_array(w);
    for (size_t i = 0; i < g->node_count; i++)
        write_node(&g->nodes[i], w);
    hexmcp_json_end_array(w);
    hexmcp_json_key(w, "links");
    hexmcp_json_begin_array(w);
    for (size_t i = 0; i < g->edge_count; i++)
        write_link(g, &g->edges[i], w);
    hexmcp_json_end_array(w);
    hexmcp_json_end_object(w);
}
