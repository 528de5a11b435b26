/* The shortest way from one version to another. */
#include "core/migration/inside.h"

/* Cost of a way: migrations first, then their risks. */
static uint32_t cost(const struct migration_edge *edge)
{
    return 1024 + (uint32_t)edge->risk;
}

/* Costs of the best ways known to the ends of edges; 0: none known. */
struct ways {
    uint32_t costs[MIGRATION_EDGES_MAX];
    uint32_t before[MIGRATION_EDGES_MAX]; /* the edge taken before; itself: none */
};

static bool improve(const struct migration *m, uint32_t from, struct ways *w)
{
    bool better = false;
    for (uint32_t e = 0; e < m->count; e++)
        for (uint32_t b = 0; b < m->count; b++) {
            const struct migration_edge *edge = &m->edges[e];
            bool starts = edge->from == from && b == e;
            bool follows = m->edges[b].to == edge->from && w->costs[b] && b != e;
            uint32_t whole = starts ? cost(edge) : follows ? w->costs[b] + cost(edge) : 0;
            if (whole && (!w->costs[e] || whole < w->costs[e])) {
                w->costs[e] = whole;
                w->before[e] = b;
                better = true;
            }
        }
    return better;
}

static int take(const struct migration *m, const struct ways *w, uint32_t last,
                struct migration_plan *out, struct error *err)
{
    uint32_t count = 1;
    for (uint32_t e = last; w->before[e] != e; e = w->before[e])
        count++;
    if (count > MIGRATION_PATH_MAX)
        return error_set(err, ST_TOO_LARGE, "from version %u to %u it takes %u migrations; at most "
                                            "%u are made at once",
                         out->from, out->to, count, MIGRATION_PATH_MAX);
    out->count = count;
    for (uint32_t e = last; count; e = w->before[e]) {
        out->edges[--count] = &m->edges[e];
        if (m->edges[e].risk > out->risk)
            out->risk = m->edges[e].risk;
    }
    return ST_OK;
}

int migration_plan(const struct migration *m, uint32_t from, uint32_t to,
                   struct migration_plan *out, struct error *err)
{
    struct ways w = {{0}, {0}};
    struct migration_plan plan = {.migration = m, .from = from, .to = to};
    uint32_t best = UINT32_MAX;
    int rc = ST_OK;
    if (from != to) {
        while (improve(m, from, &w))
            continue;
        for (uint32_t e = 0; e < m->count; e++)
            if (m->edges[e].to == to && w.costs[e] &&
                (best == UINT32_MAX || w.costs[e] < w.costs[best]))
                best = e;
        if (best == UINT32_MAX)
            return error_set(err, ST_NOT_FOUND, "no migration leads from version %u to %u", from,
                             to);
        rc = take(m, &w, best, &plan, err);
    }
    if (!rc)
        *out = plan;
    return rc;
}

void migration_edge_facts(const struct migration_plan *plan, uint32_t index, uint32_t *from,
                          uint32_t *to, uint32_t *steps, enum migration_risk *risk)
{
    const struct migration_edge *edge = plan->edges[index];
    *from = edge->from;
    *to = edge->to;
    *steps = edge->count;
    *risk = edge->risk;
}
