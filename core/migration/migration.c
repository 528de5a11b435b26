#include "core/migration/migration.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/migration/inside.h"

static const char *const risk_names[] = {"low", "medium", "high", "critical"};

const char *migration_risk_name(enum migration_risk risk)
{
    return risk_names[risk];
}

static enum migration_risk risk_of(const struct migration_edge *edge)
{
    enum migration_risk risk = RISK_LOW;
    for (uint32_t i = 0; i < edge->count; i++) {
        enum step_kind kind = edge->steps[i].kind;
        if (kind == STEP_REMOVE)
            return RISK_HIGH;
        if (kind == STEP_CONVERT || kind == STEP_MAP || kind == STEP_SPLIT)
            risk = RISK_MEDIUM;
    }
    return risk;
}

static int read_version(struct json v, const char *name, uint32_t *out, struct error *err)
{
    int64_t value;
    if (!json_int64(v, &value) || value < 1 || value > UINT32_MAX)
        return error_set(err, ST_INVALID, "\"%s\" must be a version, a number from 1", name);
    *out = (uint32_t)value;
    return ST_OK;
}

static int read_risk(struct json v, struct migration_edge *edge, struct error *err)
{
    edge->risk = risk_of(edge);
    if (!json_exists(v))
        return ST_OK;
    for (int i = 0; i < 4; i++)
        if (json_is(v, str_from(risk_names[i]))) {
            edge->risk = (enum migration_risk)i;
            return ST_OK;
        }
    return error_set(err, ST_INVALID,
                     "\"risk\" must be \"low\", \"medium\", \"high\" or \"critical\"");
}

static int check_names(struct json v, const char *names, struct error *err)
{
    struct json_iter it = json_iter(v);
    while (json_next(&it)) {
        struct str name;
        char quoted[64];
        bool known = json_plain(it.key, &name) && name.len && name.len < 30;
        if (known) {
            snprintf(quoted, sizeof(quoted), " %.*s ", STR_ARG(name));
            known = false;
            for (const char *at = names; *at && !known; at++)
                known = strncmp(at, quoted, strlen(quoted)) == 0;
        }
        if (!known)
            return error_set(err, ST_INVALID, "%.*s is not known here; there are%s",
                             (int)(json_text(it.key).len > 60 ? 60 : json_text(it.key).len),
                             json_text(it.key).ptr, names);
    }
    return ST_OK;
}

static int read_steps(struct json steps, struct arena *memory, struct migration_edge *out,
                      struct error *err)
{
    struct json_iter it = json_iter(steps);
    if (json_type(steps) != JSON_ARRAY || json_count(steps) > MIGRATION_STEPS_MAX)
        return error_set(err, ST_INVALID, "\"steps\" must be an array of at most %u steps",
                         MIGRATION_STEPS_MAX);
    out->steps = arena_alloc(memory, (json_count(steps) + 1) * sizeof(*out->steps));
    if (!out->steps)
        return error_set(err, ST_NOMEM, "out of memory");
    while (json_next(&it)) {
        int rc = step_read(it.value, memory, &out->steps[out->count++], err);
        if (rc)
            return error_prefix(err, "step %u: ", out->count);
    }
    return ST_OK;
}

static int read_edge(struct json v, struct arena *memory, struct migration_edge *out,
                     struct error *err)
{
    if (json_type(v) != JSON_OBJECT)
        return error_set(err, ST_INVALID, "must be an object");
    int rc = check_names(v, " from to steps risk description ", err);
    if (!rc)
        rc = read_version(json_get(v, STR("from")), "from", &out->from, err);
    if (!rc)
        rc = read_version(json_get(v, STR("to")), "to", &out->to, err);
    if (!rc && out->from == out->to)
        rc = error_set(err, ST_INVALID, "\"from\" and \"to\" are the same version");
    if (!rc)
        rc = read_steps(json_get(v, STR("steps")), memory, out, err);
    return rc ? rc : read_risk(json_get(v, STR("risk")), out, err);
}

static int read_edges(struct json edges, struct migration *m, struct error *err)
{
    struct json_iter it = json_iter(edges);
    uint32_t count = json_count(edges);
    if (json_type(edges) != JSON_ARRAY || count == 0 || count > MIGRATION_EDGES_MAX)
        return error_set(err, ST_INVALID, "\"migrations\" must be an array of 1 to %u migrations",
                         MIGRATION_EDGES_MAX);
    m->edges = arena_alloc(&m->memory, count * sizeof(*m->edges));
    if (!m->edges)
        return error_set(err, ST_NOMEM, "out of memory");
    while (json_next(&it)) {
        int rc = read_edge(it.value, &m->memory, &m->edges[m->count++], err);
        if (rc)
            return error_prefix(err, "migration %u: ", m->count);
    }
    return ST_OK;
}

/* The version that a name of at most ten digits is; 0 if it is none. */
static uint64_t version_of(struct str name)
{
    uint64_t version = 0;
    if (!name.len || name.len > 10 || name.ptr[0] == '0')
        return 0;
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] < '0' || name.ptr[i] > '9')
            return 0;
        version = version * 10 + (uint64_t)(name.ptr[i] - '0');
    }
    return version <= UINT32_MAX ? version : 0;
}

static int read_schema(struct json_iter it, const struct regex_port *regex, struct migration *m,
                       struct error *err)
{
    struct str name = {NULL, 0};
    json_plain(it.key, &name);
    uint64_t version = version_of(name);
    if (!version)
        return error_set(err, ST_INVALID, "schemas: %.*s is no version",
                         (int)(json_text(it.key).len > 60 ? 60 : json_text(it.key).len),
                         json_text(it.key).ptr);
    struct version_schema *s = &m->schemas[m->schema_count];
    int rc = schema_compile_text(json_text(it.value), regex, &s->schema, err);
    if (rc)
        return error_prefix(err, "the schema of version %u: ", (unsigned)version);
    s->version = (uint32_t)version;
    m->schema_count++;
    return ST_OK;
}

static int read_schemas(struct json schemas, const struct regex_port *regex, struct migration *m,
                        struct error *err)
{
    struct json_iter it = json_iter(schemas);
    int rc = ST_OK;
    if (!json_exists(schemas))
        return ST_OK;
    if (json_type(schemas) != JSON_OBJECT || json_count(schemas) > MIGRATION_EDGES_MAX)
        return error_set(err, ST_INVALID, "\"schemas\" must be an object of at most %u schemas",
                         MIGRATION_EDGES_MAX);
    m->schemas = arena_alloc(&m->memory, (json_count(schemas) + 1) * sizeof(*m->schemas));
    if (!m->schemas)
        return error_set(err, ST_NOMEM, "out of memory");
    while (!rc && json_next(&it))
        rc = read_schema(it, regex, m, err);
    return rc;
}

int migration_compile(struct str text, const struct regex_port *regex, struct migration **out,
                      struct error *err)
{
    struct json_doc *doc = NULL;
    if (text.len > MIGRATION_FILE_MAX)
        return error_set(err, ST_TOO_LARGE, "a file of migrations has at most %zu bytes",
                         MIGRATION_FILE_MAX);
    struct migration *m = calloc(1, sizeof(*m));
    if (!m)
        return error_set(err, ST_NOMEM, "out of memory");
    int rc = json_parse(text, &doc, err);
    struct json root = json_root(doc);
    if (!rc && json_type(root) != JSON_OBJECT)
        rc = error_set(err, ST_INVALID, "a file of migrations is an object");
    if (!rc)
        rc = check_names(root, " migrations schemas description ", err);
    if (!rc)
        rc = read_edges(json_get(root, STR("migrations")), m, err);
    if (!rc)
        rc = read_schemas(json_get(root, STR("schemas")), regex, m, err);
    json_free(doc);
    if (rc) {
        migration_free(m);
        return rc;
    }
    *out = m;
    return ST_OK;
}

void migration_free(struct migration *m)
{
    if (!m)
        return;
    for (uint32_t i = 0; i < m->schema_count; i++)
        schema_free(m->schemas[i].schema);
    arena_clear(&m->memory);
    free(m);
}

uint32_t migration_latest(const struct migration *m)
{
    uint32_t latest = 0;
    for (uint32_t i = 0; i < m->count; i++)
        if (m->edges[i].to > latest)
            latest = m->edges[i].to;
    return latest;
}

static const struct schema *schema_of(const struct migration *m, uint32_t version)
{
    for (uint32_t i = 0; i < m->schema_count; i++)
        if (m->schemas[i].version == version)
            return m->schemas[i].schema;
    return NULL;
}

bool migration_has_schema(const struct migration *m, uint32_t version)
{
    return schema_of(m, version) != NULL;
}

struct migration_work *migration_work_new(void)
{
    return calloc(1, sizeof(struct migration_work));
}

void migration_work_free(struct migration_work *work)
{
    if (!work)
        return;
    tree_free(&work->tree);
    buffer_clear(&work->scratch);
    buffer_clear(&work->other);
    free(work);
}

static int step_failed(const struct migration_edge *edge, uint32_t index, struct error *err)
{
    const struct step *step = &edge->steps[index];
    const struct place *place = step->kind == STEP_TEMPLATE ? &step->to[0] : &step->from[0];
    return error_prefix(err, "version %u to %u, step %u (%s %.*s): ", edge->from, edge->to,
                        index + 1, step_names[step->kind],
                        (int)(place->pointer.len > 80 ? 80 : place->pointer.len),
                        place->pointer.ptr);
}

int migration_apply(const struct migration_plan *plan, struct migration_work *work,
                    struct json value, struct buffer *out, struct error *err)
{
    tree_start(&work->tree, value);
    if (work->tree.failed)
        return error_set(err, ST_NOMEM, "out of memory");
    for (uint32_t e = 0; e < plan->count; e++)
        for (uint32_t i = 0; i < plan->edges[e]->count; i++)
            if (step_run(&plan->edges[e]->steps[i], work, err))
                return step_failed(plan->edges[e], i, err);
    tree_write(&work->tree, 1, out);
    return buffer_failed(out) ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
}

int migration_validate(const struct migration_plan *plan, enum migration_validation how,
                       struct json before, struct str after, struct error *err)
{
    struct json_doc *doc;
    if (how == VALIDATE_NONE)
        return ST_OK;
    const struct schema *schema = schema_of(plan->migration, plan->to);
    if (how == VALIDATE_STRICT && !schema)
        return error_set(err, ST_INVALID, "there is no schema of version %u in the file", plan->to);
    int rc = json_parse(after, &doc, err);
    if (rc)
        return error_prefix(err, "the migrated value is no JSON: ");
    if (json_type(json_root(doc)) != json_type(before))
        rc = error_set(err, ST_INVALID, "the migrated value is of another kind than before");
    if (!rc && how == VALIDATE_STRICT)
        rc = schema_check(schema, json_root(doc), err);
    json_free(doc);
    return rc;
}
