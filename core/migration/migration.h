/*
 * From one version of a value's shape to another: a file of migrations is compiled once, a plan is the
 * shortest way through them, and a plan is applied to any number of values. docs/state.md has the
 * format; in short
 *
 *   {"migrations": [{"from": 1, "to": 2, "risk": "low", "steps": [
 *        {"rename": {"from": "/name", "to": "/title"}},
 *        {"default": {"at": "/tags", "value": []}}]}],
 *    "schemas": {"2": {"type": "object"}}}
 *
 * Places are JSON Pointers; "*" in the place of a step with "at" stands for each element of an array or
 * member of an object. What a step does not touch keeps its text.
 *
 * Pure. A compiled file does not change, so all but migration_compile and migration_free are [any], with
 * a work space (struct migration_work) for each thread.
 */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/json/json.h"
#include "ports/driven/regex.h"

#define MIGRATION_FILE_MAX ((size_t)1 << 20)
#define MIGRATION_EDGES_MAX 256u
#define MIGRATION_STEPS_MAX 256u /* of one migration */
#define MIGRATION_PATH_MAX 64u   /* migrations of one plan */

/* How bad it is if it was wrong; of a migration that does not say so: high if it removes something,
 * medium if it converts, maps or splits, else low. */
enum migration_risk { RISK_LOW, RISK_MEDIUM, RISK_HIGH, RISK_CRITICAL };

/* How each result is looked at: not at all; whether it is a value of the kind it was; by the schema of
 * its version. */
enum migration_validation { VALIDATE_NONE, VALIDATE_BASIC, VALIDATE_STRICT };

struct migration;
struct migration_edge;
struct migration_work;

/* `text` is copied. `regex` is for the patterns of schemas, may be NULL and outlives the result.
 * ST_INVALID names the migration, the step and what is wrong; ST_TOO_LARGE; ST_NOMEM. */
int migration_compile(struct str text, const struct regex_port *regex, struct migration **out,
                      struct error *err);

/* NULL is allowed. */
void migration_free(struct migration *m);

/* The largest version that a migration leads to. */
uint32_t migration_latest(const struct migration *m);

/* True if there is a schema for the version. */
bool migration_has_schema(const struct migration *m, uint32_t version);

struct migration_plan {
    const struct migration *migration;
    uint32_t from, to;
    uint32_t count; /* 0: nothing is to be done */
    enum migration_risk risk; /* the highest of them */
    const struct migration_edge *edges[MIGRATION_PATH_MAX];
};

/* The plan with the fewest migrations, among those the one with the least risk. ST_NOT_FOUND: no way
 * leads there. */
int migration_plan(const struct migration *m, uint32_t from, uint32_t to,
                   struct migration_plan *out, struct error *err);

/* The versions that the edge number `index` of a plan leads from and to, and how many steps it has. */
void migration_edge_facts(const struct migration_plan *plan, uint32_t index, uint32_t *from,
                          uint32_t *to, uint32_t *steps, enum migration_risk *risk);

const char *migration_risk_name(enum migration_risk risk);

/* What applying needs; reused from value to value. NULL without memory. */
struct migration_work *migration_work_new(void);
void migration_work_free(struct migration_work *work);

/* Appends the migrated value. ST_INVALID: "1 to 2, step 3 (convert /n): ..."; `out` may have got a
 * part then. ST_NOMEM. */
int migration_apply(const struct migration_plan *plan, struct migration_work *work,
                    struct json value, struct buffer *out, struct error *err);

/* Looks at a result. VALIDATE_STRICT without a schema for the plan's version: ST_INVALID. */
int migration_validate(const struct migration_plan *plan, enum migration_validation how,
                       struct json before, struct str after, struct error *err);
