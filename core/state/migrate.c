#include "core/state/migrate.h"

#include <stdlib.h>

#include "core/json/writer.h"
#include "core/state/migrate_run.h"

static void ask(struct state_job *job);

struct run *run_new(struct state *state, const struct state_place *place, struct str name,
                    run_done *done, void *arg)
{
    struct error err;
    bool good = name.len >= 1 && name.len <= 64;
    for (size_t i = 0; i < name.len && good; i++)
        good = (name.ptr[i] >= 'a' && name.ptr[i] <= 'z') || name.ptr[i] == '-' ||
               (name.ptr[i] >= 'A' && name.ptr[i] <= 'Z') ||
               (name.ptr[i] >= '0' && name.ptr[i] <= '9');
    if (!good) {
        error_set(&err, ST_INVALID, "the name of a run has 1 to 64 letters, digits and '-'");
        done(arg, &err, NULL);
        return NULL;
    }
    struct run *r = job_new(state, sizeof(*r), place, &err);
    struct buffer space = BUFFER_INIT;
    if (r) {
        buffer_add_str(&space, STR("migration/"));
        buffer_add_str(&space, name);
        r->backup_space = arena_copy(&r->job.memory, buffer_str(&space));
        buffer_clear(&space);
        r->done = done;
        r->arg = arg;
        if (r->backup_space.ptr)
            return r;
        job_drop(&r->job);
        error_set(&err, ST_NOMEM, "out of memory");
    }
    done(arg, &err, NULL);
    return NULL;
}

void run_end(struct run *r, const struct error *err)
{
    struct state *state = r->job.state;
    if (!err && r->failure.code)
        err = &r->failure;
    r->result.failure = buffer_str(&r->first_failure);
    if (state) {
        if (!r->options.dry_run)
            state_recount(state, r->job.space);
        r->done(r->arg, err, err ? NULL : &r->result);
    }
    arena_clear(&r->page);
    buffer_clear(&r->texts);
    buffer_clear(&r->first_failure);
    migration_work_free(r->work);
    job_end(&r->job);
}

bool run_over(struct run *r, const struct error *err)
{
    if (r->job.state && !err)
        return false;
    run_end(r, err);
    return true;
}

static void no_memory(struct run *r)
{
    struct error err;
    error_set(&err, ST_NOMEM, "out of memory");
    run_end(r, &err);
}

/* What ends the run: at once, or when former values are back. */
static void stop(struct run *r, const struct error *err)
{
    if (r->options.dry_run || !r->options.rollback_on_error) {
        run_end(r, err);
        return;
    }
    if (err)
        r->failure = *err;
    r->result.rolled_back = true;
    r->result.migrated = 0;
    run_roll_back(r);
}

/* As run_over, but what was changed is put back. */
static bool failed(struct run *r, const struct error *err)
{
    if (r->job.state && !err)
        return false;
    if (r->job.state)
        stop(r, err);
    else
        run_end(r, NULL);
    return true;
}

const struct key_value_store *run_values(const struct run *r)
{
    const struct state_parts *parts = &r->job.state->parts;
    bool secret = false;
    for (size_t i = 0; i < r->count && !secret && parts->sealing; i++)
        secret = r->items[i].secret;
    return secret ? parts->sealing : parts->values;
}

/* True for a value that is to be encrypted, wherever it is kept. */
static bool run_secret(const struct run *r, struct str stored)
{
    struct redact_report report = REDACT_REPORT_INIT;
    struct state_facts facts;
    struct str value;
    struct json_doc *doc;
    if (!r->job.state->parts.sealing || state_entry_read(stored, &facts, &value, NULL))
        return false;
    bool looked_at = facts.value_class == STATE_STANDARD || facts.value_class == STATE_EXTERNAL;
    bool secret = facts.value_class == STATE_SENSITIVE;
    if (looked_at && r->job.state->parts.secrets == STATE_SECRETS_ENCRYPT &&
        !json_parse(value, &doc, NULL)) {
        secret = redact_check(json_root(doc),
                              facts.value_class == STATE_EXTERNAL ? REDACT_LOG : REDACT_STATE,
                              &report);
        json_free(doc);
    }
    buffer_clear(&report.pointer);
    return secret;
}

bool run_take_page(struct run *r, const struct page *page)
{
    arena_clear(&r->page);
    r->page = (struct arena)ARENA_INIT;
    r->count = page->count;
    r->more = page->more;
    r->at = 0;
    r->items = arena_alloc(&r->page, page->count * sizeof(*r->items) + 1);
    r->changes = arena_alloc(&r->page, page->count * sizeof(*r->changes) + 1);
    r->last = page->last.len ? arena_copy(&r->page, page->last) : (struct str){NULL, 0};
    for (size_t i = 0; i < page->count && !r->page.failed; i++) {
        const struct kv_entry *e = &page->entries[i];
        r->items[i] = (struct run_item){.key = arena_copy(&r->page, e->key),
                                        .former = arena_copy(&r->page, e->value),
                                        .version = e->version,
                                        .ttl_ms = e->ttl_ms};
        r->items[i].secret = run_secret(r, r->items[i].former);
    }
    return !r->page.failed;
}

static void next_page(struct run *r)
{
    struct state *state = r->job.state;
    if (r->progress)
        r->progress(r->arg, &r->result);
    if (!r->more) {
        r->result.kept = !r->options.dry_run && r->options.backup && r->result.migrated;
        if (r->options.dry_run || r->result.kept)
            run_end(r, NULL);
        else
            run_drop(r);
        return;
    }
    r->after = arena_copy(&r->job.memory, r->last);
    if (!r->after.ptr) {
        no_memory(r);
        return;
    }
    if (r->until_ms && state_now(state) >= r->until_ms) {
        struct error err;
        error_set(&err, ST_TIMEOUT, "the migration took longer than %llu ms%s",
                  (unsigned long long)r->options.timeout_ms,
                  r->options.dry_run ? "" : r->options.rollback_on_error
                                                ? "; former values were put back"
                                                : "; what is done stays");
        stop(r, &err);
        return;
    }
    job_turn(&r->job, ask);
}

static void uncount(struct run *r)
{
    r->result.seen -= r->count;
    for (size_t i = 0; i < r->count; i++)
        if (r->items[i].len)
            r->result.migrated--;
    /* Those that stayed are counted again with the page. */
    struct state_facts facts;
    struct str value;
    for (size_t i = 0; i < r->count; i++)
        if (!r->items[i].len && !state_entry_read(r->items[i].former, &facts, &value, NULL) &&
            facts.schema == r->result.to)
            r->result.unchanged--;
        else if (!r->items[i].len)
            r->result.failed--;
}

static void written(void *arg, const struct error *err, const struct kv_applied *a)
{
    struct run *r = arg;
    struct error busy;
    if (failed(r, err))
        return;
    if (a->conflict && ++r->tries == RUN_TRIES) {
        error_set(&busy, ST_BUSY, "others change this state all the time; try again later");
        stop(r, &busy);
    } else if (a->conflict) {
        uncount(r);
        job_turn(&r->job, ask);
    } else {
        for (size_t i = 0, n = 0; i < r->count; i++)
            if (r->items[i].len)
                state_tell(r->job.state, &r->job.place, r->items[i].key, a->versions[n++],
                           "migrated");
        r->tries = 0;
        next_page(r);
    }
}

static void backed_up(void *arg, const struct error *err, const struct kv_applied *a)
{
    struct run *r = arg;
    (void)a;
    if (failed(r, err))
        return;
    const struct key_value_store *values = run_values(r);
    r->change_count = 0;
    for (size_t i = 0; i < r->count; i++)
        if (r->items[i].len)
            r->changes[r->change_count++] = (struct kv_change){.key = r->items[i].key,
                                                               .value = r->items[i].after,
                                                               .ttl_ms = r->items[i].ttl_ms,
                                                               .if_version = true,
                                                               .version = r->items[i].version};
    values->apply(values->ctx, r->job.space, r->changes, r->change_count, written, r);
}

static void back_up(struct run *r)
{
    const struct key_value_store *values = run_values(r);
    r->change_count = 0;
    for (size_t i = 0; i < r->count; i++)
        if (r->items[i].len)
            r->changes[r->change_count++] =
                (struct kv_change){.key = r->items[i].key, .value = r->items[i].former};
    if (r->change_count)
        values->apply(values->ctx, r->backup_space, r->changes, r->change_count, backed_up, r);
    else
        next_page(r);
}

static void worked(void *arg)
{
    struct run *r = arg;
    if (run_over(r, NULL))
        return;
    if (buffer_failed(&r->texts) || buffer_failed(&r->first_failure)) {
        no_memory(r);
    } else if (r->result.failed && r->options.rollback_on_error && !r->options.dry_run) {
        stop(r, NULL);
    } else if (r->options.dry_run) {
        next_page(r);
    } else {
        back_up(r);
    }
}

static void work(void *arg)
{
    run_work(arg);
}

static void paged(void *arg, const struct error *err, const struct page *page)
{
    struct run *r = arg;
    struct error full;
    size_t bytes = 0;
    if (failed(r, err))
        return;
    if (!run_take_page(r, page)) {
        no_memory(r);
        return;
    }
    for (size_t i = 0; i < r->count; i++)
        bytes += r->items[i].former.len;
    const struct executor_port *executor = r->options.executor;
    /* A full queue: the loop does it. */
    if (!executor || bytes <= RUN_LOOP_BYTES ||
        executor->submit(executor->ctx, work, worked, r, &full)) {
        run_work(r);
        worked(r);
    }
}

static void ask(struct state_job *job)
{
    struct run *r = (struct run *)job;
    const struct page_query query = {r->job.space, {NULL, 0},
                                     r->after.len ? r->after : BEFORE_KEYS, r->options.batch,
                                     RUN_PAGE_BYTES};
    page_read(r->job.state->parts.values, &query, paged, r);
}

static void noted(void *arg, const struct error *err, const struct kv_applied *a)
{
    struct run *r = arg;
    struct error there;
    if (!err && a->conflict) {
        error_set(&there, ST_INVALID, "there is a run of that name; roll it back or commit it");
        err = &there;
    }
    if (!run_over(r, err))
        job_turn(&r->job, ask);
}

/* Says in the store whose run it is, before the first former value. */
static void start(struct state_job *job)
{
    struct run *r = (struct run *)job;
    struct buffer text = BUFFER_INIT;
    struct json_writer w = json_writer(&text);
    if (r->options.dry_run) {
        job_turn(job, ask);
        return;
    }
    json_begin_object(&w);
    json_put_string(&w, STR("space"), job->space);
    json_put_i64(&w, STR("to"), r->result.to);
    json_end_object(&w);
    const struct kv_change note = {.key = RUN_KEY, .value = buffer_str(&text), .if_version = true};
    const struct key_value_store *values = job->state->parts.values;
    if (buffer_failed(&text))
        no_memory(r);
    else
        values->apply(values->ctx, r->backup_space, &note, 1, noted, r);
    buffer_clear(&text);
}

void state_migrate(struct state *state, const struct state_place *place,
                   const struct state_migration *options,
                   void (*progress)(void *arg, const struct state_migrated *so_far), run_done *done,
                   void *arg)
{
    struct error err;
    uint32_t to = options->to ? options->to : migration_latest(options->migration);
    if (options->validation == VALIDATE_STRICT && !migration_has_schema(options->migration, to)) {
        error_set(&err, ST_INVALID, "there is no schema of version %u in the file", to);
        done(arg, &err, NULL);
        return;
    }
    struct run *r = run_new(state, place, options->run, done, arg);
    if (!r)
        return;
    r->options = *options;
    r->progress = progress;
    r->result.to = to;
    r->until_ms = options->timeout_ms ? state_now(state) + (int64_t)options->timeout_ms : 0;
    r->work = migration_work_new();
    r->job.start = start;
    if (options->batch == 0 || options->batch > 500 || !r->work) {
        error_set(&err, r->work ? ST_INVALID : ST_NOMEM, "%s",
                  r->work ? "a batch has 1 to 500 values" : "out of memory");
        migration_work_free(r->work);
        job_drop(&r->job);
        done(arg, &err, NULL);
        return;
    }
    state_job_begin(&r->job);
}
