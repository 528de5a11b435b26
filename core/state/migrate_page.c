/* One page of values: pure work, on whatever thread. */
#include "core/state/migrate_run.h"

static void failed(struct run *r, const struct run_item *item, const struct error *err)
{
    r->result.failed++;
    if (r->first_failure.len)
        return;
    buffer_add_char(&r->first_failure, '"');
    buffer_add_str(&r->first_failure, item->key);
    buffer_add_str(&r->first_failure, STR("\": "));
    buffer_add_str(&r->first_failure, str_from(err->text));
}

/* The plan from this version, which is made once. */
static int plan_for(struct run *r, uint32_t from, const struct migration_plan **out,
                    struct error *err)
{
    for (uint32_t i = 0; i < r->plan_count; i++)
        if (r->plans[i].from == from) {
            *out = &r->plans[i];
            return ST_OK;
        }
    struct migration_plan *plan = &r->plans[r->plan_count == RUN_PLANS ? RUN_PLANS - 1
                                                                       : r->plan_count];
    int rc = migration_plan(r->options.migration, from, r->result.to, plan, err);
    if (rc)
        return rc;
    if (r->plan_count < RUN_PLANS)
        r->plan_count++;
    if (plan->risk > r->result.risk)
        r->result.risk = plan->risk;
    *out = plan;
    return ST_OK;
}

/* Copies can nest deeper than values may: such a result would be kept and never read again. */
static int check_readable(struct str after, struct error *err)
{
    struct json_doc *doc;
    int rc = json_parse(after, &doc, err);
    if (rc)
        return error_prefix(err, "the migrated value is no JSON: ");
    json_free(doc);
    return ST_OK;
}

static int migrate(struct run *r, struct run_item *item, struct str value,
                   struct state_facts *facts, struct error *err)
{
    const struct migration_plan *plan;
    struct json_doc *doc = NULL;
    struct buffer after = BUFFER_INIT;
    int rc = plan_for(r, facts->schema, &plan, err);
    if (!rc)
        rc = json_parse(value, &doc, err);
    if (!rc)
        rc = migration_apply(plan, r->work, json_root(doc), &after, err);
    if (!rc)
        rc = migration_validate(plan, r->options.validation, json_root(doc), buffer_str(&after),
                                err);
    if (!rc && r->options.validation == VALIDATE_NONE)
        rc = check_readable(buffer_str(&after), err);
    if (!rc && after.len > STATE_VALUE_MAX)
        rc = error_set(err, ST_TOO_LARGE, "the migrated value has %zu bytes, at most %zu may be",
                       after.len, STATE_VALUE_MAX);
    if (!rc) {
        facts->schema = plan->to;
        item->at = r->texts.len;
        state_entry_write(&r->texts, facts, buffer_str(&after));
        item->len = r->texts.len - item->at;
    }
    buffer_clear(&after);
    json_free(doc);
    return rc;
}

void run_work(struct run *r)
{
    buffer_reset(&r->texts, RUN_PAGE_BYTES);
    for (size_t i = 0; i < r->count; i++) {
        struct run_item *item = &r->items[i];
        struct state_facts facts;
        struct str value;
        struct error err;
        int rc = state_entry_read(item->former, &facts, &value, &err);
        r->result.seen++;
        if (!rc && facts.schema == r->result.to) {
            r->result.unchanged++;
            continue;
        }
        if (!rc)
            rc = migrate(r, item, value, &facts, &err);
        if (rc)
            failed(r, item, &err);
        else
            r->result.migrated++;
    }
    for (size_t i = 0; i < r->count && !buffer_failed(&r->texts); i++) {
        struct run_item *item = &r->items[i];
        item->after = buffer_part(&r->texts, item->at, item->len);
    }
}
