/*
 * plugin.c - the tool "graph-builder" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "analysis.h"
#include "import.h"

#include "hexmcp/host/schema.h"
#include "hexmcp/plugin.h"
#include "kit/args.h"
#include "kit/keep.h"

#define INPUT_MOST ((size_t)32 << 20)

enum operation { CREATE, ADD_NODE, ADD_EDGE, ANALYZE, COMPONENTS, SHORTEST, CYCLES, ORDER, EXPORT, IMPORT };

static const char *const operation_names[] = {"create_graph",  "add_node",      "add_edge",
                                              "analyze",       "components",    "shortest_path",
                                              "cycles",        "topological_order",
                                              "export_json",   "import_json",   NULL};
static const char *const type_names[] = {"directed", "undirected", NULL};

struct request {
    const hexmcp_round *r;
    enum operation operation;
    bool directed;
    hexmcp_str graph; /* JSON; empty if there is none */
    hexmcp_str input;
    hexmcp_str node_id; /* these three with ptr NULL if they are not there */
    hexmcp_str from;
    hexmcp_str to;
    hexmcp_str weight;
    hexmcp_str properties;
    struct page page;
    struct args args;
};

/* ---- arguments ------------------------------------------------------------------------------ */

#define ON(operation) (1u << (operation))

static const struct taken {
    const char *name;
    const char *usual; /* its default as JSON, or what forms send for nothing */
    unsigned by;
    bool needed;
} taken[] = {{"node_id", "\"\"", ON(ADD_NODE), true},
             {"from", "\"\"", ON(ADD_EDGE) | ON(SHORTEST), true},
             {"to", "\"\"", ON(ADD_EDGE) | ON(SHORTEST), true},
             {"weight", "", ON(ADD_EDGE), false},
             {"properties", "{}", ON(ADD_NODE) | ON(ADD_EDGE), false},
             {"input", "\"\"", ON(IMPORT), true},
             {"graph", "{}", ~ON(IMPORT), false},
             {"offset", "0", ON(ANALYZE) | ON(COMPONENTS) | ON(CYCLES) | ON(ORDER), false},
             {"limit", "100", ON(ANALYZE) | ON(COMPONENTS) | ON(CYCLES) | ON(ORDER), false}};

static void check_fit(struct request *q)
{
    const char *operation = operation_names[q->operation];
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        bool fits = taken[i].by & ON(q->operation), there = args_has(&q->args, taken[i].name);
        if (!fits && args_says(&q->args, taken[i].name, taken[i].usual))
            args_fail(&q->args, HEXMCP_E_INVALID, "%s is not for operation %s; leave it out", taken[i].name,
                      operation);
        if (!there && fits && taken[i].needed)
            args_fail(&q->args, HEXMCP_E_INVALID, "%s is missing; operation %s needs it", taken[i].name,
                      operation);
    }
    if (q->graph.len == 0 && q->operation != CREATE && q->operation != IMPORT)
        args_fail(&q->args, HEXMCP_E_INVALID,
                  "graph is missing; give the graph that the call before gave, or {\"nodes\": [\"a\"], "
                  "\"edges\": [[\"a\", \"b\"]]}");
}

static int32_t read_request(const hexmcp_round *r, struct request *q)
{
    *q = (struct request){.r = r, .args = args_begin(r->args, r->err)};
    struct args *args = &q->args;
    q->operation = (enum operation)args_choice(args, "operation", operation_names, CREATE);
    q->directed = args_choice(args, "graph_type", type_names, 0) == 0;
    q->graph = args_raw(args, "graph");
    q->input = args_bytes(args, "input", INPUT_MOST);
    q->node_id = args_bytes(args, "node_id", GRAPH_ID_MOST);
    q->from = args_bytes(args, "from", GRAPH_ID_MOST);
    q->to = args_bytes(args, "to", GRAPH_ID_MOST);
    q->weight = args_raw(args, "weight");
    q->properties = args_raw(args, "properties");
    q->page.offset = (size_t)args_int(args, "offset", 0, 1000000, 0);
    q->page.limit = (size_t)args_int(args, "limit", 1, 1000, 100);
    check_fit(q);
    return args_status(args);
}

static void ignore(void *arg, hexmcp_str json)
{
    (void)arg;
    (void)json;
}

/* The reader of plugins is for strict JSON alone: the host says whether it is. */
static int32_t check_input(const struct request *q)
{
    const hexmcp_schema_1 *schemas = hexmcp_round_service(q->r, HEXMCP_SCHEMA_1);
    hexmcp_error why = {.size = sizeof(why)};
    if (!schemas)
        return hexmcp_fail(q->r->err, HEXMCP_E_UNSUPPORTED, "this host cannot read JSON; give graph");
    int32_t status = schemas->validate(schemas->ctx, hexmcp_str_from("true"), q->input, 0, ignore, NULL, &why);
    if (status != HEXMCP_OK)
        return hexmcp_fail(q->r->err, status, "the input is no JSON that can be read (%s); correct it",
                           why.text);
    return HEXMCP_OK;
}

static int32_t read_graph(const struct request *q, struct graph *g)
{
    int32_t status = HEXMCP_OK;
    g->directed = q->directed;
    if (q->operation == IMPORT) {
        status = check_input(q);
        return status == HEXMCP_OK ? import_read(g, q->input, q->directed, q->r->err) : status;
    }
    return q->graph.len > 0 ? graph_read(g, q->graph, q->directed, q->r->err) : status;
}

/* ---- operations ----------------------------------------------------------------------------- */

static int32_t put_graph(const struct graph *g, bool links, struct answer *a)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    if (links)
        import_write(g, &w);
    else
        graph_write(g, &w);
    hexmcp_str json = hexmcp_json_writer_text(&w);
    int32_t status = hexmcp_json_writer_status(&w);
    if (status != HEXMCP_OK)
        hexmcp_fail(a->r->err, status, "the graph cannot be written; give smaller properties");
    else if (json.len > KEEP_ABOVE)
        status = keep_large(a, json, "graph.json", "application/json", "work on a part of it");
    else if (links)
        hexmcp_json_put_string(&a->json, "output", json);
    else
        hexmcp_json_put_raw(&a->json, "graph", json);
    hexmcp_json_writer_free(&w);
    answer_text(a, "A graph of %zu nodes and %zu edges.", g->node_count, g->edge_count);
    return status;
}

static int32_t add_node(const struct request *q, struct graph *g)
{
    size_t place;
    if (q->properties.len == 0 && graph_find(g, q->node_id.ptr, q->node_id.len) != SIZE_MAX)
        return hexmcp_fail(q->r->err, HEXMCP_E_INVALID,
                           "there is already a node \"%.100s\"; give properties to replace its own",
                           q->node_id.ptr);
    return graph_add_node(g, q->node_id.ptr, q->node_id.len, q->properties, &place, q->r->err);
}

static int32_t add_edge(const struct request *q, struct graph *g)
{
    hexmcp_str none = {NULL, 0};
    size_t from, to;
    int32_t status = graph_add_node(g, q->from.ptr, q->from.len, none, &from, q->r->err);
    if (status == HEXMCP_OK)
        status = graph_add_node(g, q->to.ptr, q->to.len, none, &to, q->r->err);
    return status == HEXMCP_OK ? graph_add_edge(g, from, to, q->weight, q->properties, q->r->err) : status;
}

static int32_t find(const struct request *q, const struct graph *g, hexmcp_str id, size_t *place)
{
    *place = graph_find(g, id.ptr, id.len);
    if (*place == SIZE_MAX)
        return hexmcp_fail(q->r->err, HEXMCP_E_NOT_FOUND,
                           "there is no node \"%.100s\" in the graph; operation analyze lists them", id.ptr);
    return HEXMCP_OK;
}

static int32_t shortest(const struct request *q, const struct graph *g, struct answer *a)
{
    size_t from = 0, to = 0;
    int32_t status = find(q, g, q->from, &from);
    if (status == HEXMCP_OK)
        status = find(q, g, q->to, &to);
    return status == HEXMCP_OK ? analysis_shortest(g, from, to, a) : status;
}

static int32_t change(const struct request *q, struct graph *g)
{
    return q->operation == ADD_NODE   ? add_node(q, g)
           : q->operation == ADD_EDGE ? add_edge(q, g)
                                      : HEXMCP_OK;
}

static int32_t put(const struct request *q, const struct graph *g, struct answer *a)
{
    hexmcp_json_writer *w = &a->json;
    hexmcp_json_put_text(w, "graph_type", g->directed ? "directed" : "undirected");
    hexmcp_json_put_int64(w, "node_count", (int64_t)g->node_count);
    hexmcp_json_put_int64(w, "edge_count", (int64_t)g->edge_count);
    switch (q->operation) {
    case ANALYZE: return analysis_put(g, q->page, a);
    case COMPONENTS: return analysis_components(g, q->page, a);
    case CYCLES: return analysis_cycles(g, q->page, a);
    case ORDER: return analysis_order(g, q->page, a);
    case SHORTEST: return shortest(q, g, a);
    default: return put_graph(g, q->operation == EXPORT, a);
    }
}

/* ---- the call ------------------------------------------------------------------------------- */

static int32_t answer(const struct request *q)
{
    struct graph g = {0};
    struct answer a;
    hexmcp_json_put_text(answer_begin(&a, q->r), "operation", operation_names[q->operation]);
    int32_t status = read_graph(q, &g);
    if (status == HEXMCP_OK)
        status = change(q, &g);
    if (status == HEXMCP_OK)
        status = put(q, &g, &a);
    graph_free(&g);
    if (status == HEXMCP_OK)
        return answer_end(&a);
    answer_drop(&a);
    return status;
}

static int32_t build(const hexmcp_round *r)
{
    struct request request;
    int32_t status = read_request(r, &request);
    if (status == HEXMCP_OK)
        status = answer(&request);
    args_end(&request.args);
    return status;
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("graph-builder", build), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {.tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.graph-builder", "0.1.0", plugin);
