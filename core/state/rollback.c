/* Former values: put back, or forgotten. */
#include <stdlib.h>

#include "core/json/json.h"
#include "core/state/migrate_run.h"

#define DROP_PAGE 500u

static void ask(struct state_job *job);
static void next(struct state_job *job);
static void drop(struct state_job *job);

static void dropped(void *arg, const struct error *err, const struct kv_applied *a)
{
    (void)a;
    struct run *r = arg;
    if (!run_over(r, err))
        job_turn(&r->job, drop);
}

static void noted(void *arg, const struct error *err, const struct kv_applied *a)
{
    (void)a;
    run_end(arg, err);
}

static void to_drop(void *arg, const struct error *err, const struct kv_entry *entries,
                    size_t count, bool more)
{
    struct run *r = arg;
    struct kv_change changes[DROP_PAGE];
    const struct kv_change note = {.key = RUN_KEY, .remove = true};
    (void)more;
    if (run_over(r, err))
        return;
    for (size_t i = 0; i < count; i++)
        changes[i] = (struct kv_change){.key = entries[i].key, .remove = true};
    const struct key_value_store *values = r->job.state->parts.values;
    /* The note last: without it nobody finds what is left. */
    if (count)
        values->apply(values->ctx, r->backup_space, changes, count, dropped, r);
    else
        values->apply(values->ctx, r->backup_space, &note, 1, noted, r);
}

static void drop(struct state_job *job)
{
    struct run *r = (struct run *)job;
    const struct key_value_store *values = r->job.state->parts.values;
    const struct kv_query query = {{NULL, 0}, BEFORE_KEYS, DROP_PAGE, false};
    values->list(values->ctx, r->backup_space, &query, to_drop, r);
}

void run_drop(struct run *r)
{
    job_turn(&r->job, drop);
}

/* Ours is what the run wrote: it has the version and the time of the last change by its owner. */
static bool is_ours(const struct run *r, struct str former, struct str now)
{
    struct state_facts before, after;
    struct str value;
    return !state_entry_read(former, &before, &value, NULL) &&
           !state_entry_read(now, &after, &value, NULL) && after.schema == r->result.to &&
           after.updated_ms == before.updated_ms && !str_eq(former, now);
}

/* False if its time has run out. */
static bool lifetime(const struct run *r, struct str former, uint64_t *ttl_ms)
{
    struct state_facts facts;
    struct str value;
    int64_t now = state_now(r->job.state);
    *ttl_ms = 0;
    if (state_entry_read(former, &facts, &value, NULL) || !facts.expires_ms)
        return true;
    *ttl_ms = facts.expires_ms > now ? (uint64_t)(facts.expires_ms - now) : 0;
    return facts.expires_ms > now;
}

static void got(void *arg, const struct error *err, const struct kv_value *value)
{
    struct run *r = arg;
    uint64_t ttl_ms;
    if (!r->job.state || (err && err->code != ST_NOT_FOUND)) {
        run_end(r, err);
        return;
    }
    const struct run_item *item = &r->items[r->at++];
    if (!err && is_ours(r, item->former, value->value) && lifetime(r, item->former, &ttl_ms))
        r->changes[r->change_count++] = (struct kv_change){.key = item->key,
                                                           .value = item->former,
                                                           .ttl_ms = ttl_ms,
                                                           .if_version = true,
                                                           .version = value->version};
    else if (!err && !str_eq(item->former, value->value))
        r->result.left++;
    job_turn(&r->job, next);
}

static void restored(void *arg, const struct error *err, const struct kv_applied *a)
{
    struct run *r = arg;
    struct error busy;
    if (run_over(r, err))
        return;
    if (a->conflict && ++r->tries == RUN_TRIES) {
        error_set(&busy, ST_BUSY, "others change this state all the time; the run is kept, roll it "
                                  "back later");
        run_end(r, &busy);
    } else if (a->conflict) {
        r->at = r->change_count = 0;
        job_turn(&r->job, next);
    } else {
        for (size_t i = 0; i < r->change_count; i++)
            state_tell(r->job.state, &r->job.place, r->changes[i].key, a->versions[i], "migrated");
        r->result.restored += r->change_count;
        r->change_count = 0;
        r->tries = 0;
        r->at = r->count + 1;
        job_turn(&r->job, next);
    }
}

/* Looks at one value after the other, then writes the page, then goes on. */
static void next(struct state_job *job)
{
    struct run *r = (struct run *)job;
    const struct key_value_store *values = r->job.state->parts.values;
    if (r->at < r->count) {
        values->get(values->ctx, r->job.space, r->items[r->at].key, got, r);
    } else if (r->change_count) {
        values = run_values(r);
        values->apply(values->ctx, r->job.space, r->changes, r->change_count, restored, r);
    } else if (r->more) {
        r->after = arena_copy(&r->job.memory, r->last);
        job_turn(job, ask);
    } else {
        run_drop(r);
    }
}

static void paged(void *arg, const struct error *err, const struct page *page)
{
    struct run *r = arg;
    struct error full;
    if (run_over(r, err))
        return;
    if (!run_take_page(r, page) || r->job.memory.failed) {
        error_set(&full, ST_NOMEM, "out of memory");
        run_end(r, &full);
        return;
    }
    r->change_count = 0;
    job_turn(&r->job, next);
}

static void ask(struct state_job *job)
{
    struct run *r = (struct run *)job;
    const struct page_query query = {r->backup_space, {NULL, 0},
                                     r->after.len ? r->after : BEFORE_KEYS, 100, RUN_PAGE_BYTES};
    page_read(r->job.state->parts.values, &query, paged, r);
}

void run_roll_back(struct run *r)
{
    r->after = (struct str){NULL, 0};
    r->tries = 0;
    job_turn(&r->job, ask);
}

/* The note says to which place the run belongs: who asks for another one's finds none. */
static bool read_note(struct run *r, struct str text)
{
    struct json_doc *doc;
    int64_t to;
    if (json_parse(text, &doc, NULL))
        return false;
    bool good = json_is(json_get(json_root(doc), STR("space")), r->job.space) &&
                json_int64(json_get(json_root(doc), STR("to")), &to);
    json_free(doc);
    if (good)
        r->result.to = (uint32_t)to;
    return good;
}

static void got_note(void *arg, const struct error *err, const struct kv_value *value)
{
    struct run *r = arg;
    struct error none;
    if (r->job.state && ((err && err->code == ST_NOT_FOUND) ||
                         (!err && !read_note(r, value->value)))) {
        error_set(&none, ST_NOT_FOUND, "no migration of this %s is kept under that name",
                  state_scope_owner(r->job.place.scope));
        err = &none;
        r->options.dry_run = true; /* nothing was changed */
    }
    if (run_over(r, err))
        return;
    r->result.rolled_back = !r->committing;
    if (r->committing)
        run_drop(r);
    else
        run_roll_back(r);
}

static void start(struct state_job *job)
{
    const struct key_value_store *values = job->state->parts.values;
    values->get(values->ctx, ((struct run *)job)->backup_space, RUN_KEY, got_note, job);
}

static void begin(struct state *state, const struct state_place *place, struct str name,
                  bool committing, run_done *done, void *arg)
{
    struct run *r = run_new(state, place, name, done, arg);
    if (!r)
        return;
    r->committing = committing;
    r->job.start = start;
    state_job_begin(&r->job);
}

void state_rollback(struct state *state, const struct state_place *place, struct str run,
                    run_done *done, void *arg)
{
    begin(state, place, run, false, done, arg);
}

void state_commit(struct state *state, const struct state_place *place, struct str run,
                  run_done *done, void *arg)
{
    begin(state, place, run, true, done, arg);
}
