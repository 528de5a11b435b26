#include <stdio.h>
#include <stdlib.h>

#include "core/projection/inside.h"

/* Events of a step that was cut short are at least so many. */
#define BATCH_LEAST 8u

/* Rows of so many versions before this one are looked for. */
#define OLD_VERSIONS_MAX 8u

bool track_wants(const struct track *track, uint64_t now_ns)
{
    const struct entry *entry = track->entry;
    if (now_ns < entry->retry_ns)
        return false;
    if (!track->shadow && entry->look)
        return true;
    if (!track->active || track->failed.code)
        return false;
    return track->shadow || track->seen < entry->engine->head;
}

struct projection_row about_row(const struct about *about, struct buffer *text)
{
    about_write(text, about);
    return (struct projection_row){STR(ABOUT_KEY), buffer_str(text)};
}

void track_start(struct track *track, const struct about *about)
{
    row_set_clear(&track->rows);
    track->about = *about;
    track->write_about = false;
    track->reset = false;
    track->stored = track->seen = 0;
    track->failed = (struct error){0};
}

static void report(const struct projections *engine, const struct entry *entry,
                   const struct error *failed)
{
    if (engine->parts.report)
        engine->parts.report(engine->parts.ctx, str_from(entry->p->name), failed);
}

/* ---- the end of a step ---------------------------------------------------------------------- */

static void end_step(struct projections *engine)
{
    struct step *step = &engine->step;
    struct entry *entry = step->track->entry;
    if (step->failed || step->conflict) {
        row_set_clear(&step->track->rows);
        entry->checked_ns = 0;
    }
    if (step->failed) {
        entry->trouble = step->error;
        entry->retry_ns = engine_now(engine) + (uint64_t)RETRY_MS * NS_PER_MS;
        entry->look = true;
    } else {
        entry->trouble = (struct error){0};
        entry->retry_ns = 0;
        if (step->conflict)
            entry->look = true;
    }
    batch_clear(step);
}

static void fail_step(struct step *step, const struct error *err)
{
    if (step->failed)
        return;
    step->failed = true;
    step->error = *err;
}

/* An event cannot be made into rows. What came before it is written first: the step is done again with
 * these events alone. */
static void stop_at(struct projections *engine, size_t at, const struct error *err)
{
    struct step *step = &engine->step;
    struct track *track = step->track;
    row_set_clear(&track->rows);
    if (err->code == ST_NOMEM) {
        fail_step(step, err);
    } else if (at > 0) {
        track->batch = (uint32_t)at;
    } else {
        track->failed = *err;
        track->entry->look = false;
        error_prefix(&track->failed, "the projection %s has stopped at ",
                     track->entry->p->name);
        report(engine, track->entry, &track->failed);
    }
    end_step(engine);
}

/* ---- the checkpoints ------------------------------------------------------------------------ */

static void take_check(struct step *step, struct track *track, const struct error *err,
                       const struct rows_result *r)
{
    if (err) {
        fail_step(step, err);
        return;
    }
    struct about about = {0};
    if (r->count)
        about = about_read(r->rows[0].value);
    if (r->position != track->stored || about.version != track->about.version ||
        about.builds != track->about.builds || !track->entry->checked_ns) {
        row_set_clear(&track->rows);
        track->stored = track->seen = r->position;
        track->write_about = false;
    }
    if (!track->write_about)
        track->about = about;
}

static void checked_main(void *arg, const struct error *err, const struct rows_result *r)
{
    struct projections *engine = arg;
    if (!engine->freed)
        take_check(&engine->step, &engine->step.track->entry->main, err, r);
    engine_answered(engine);
}

static void checked_shadow(void *arg, const struct error *err, const struct rows_result *r)
{
    struct projections *engine = arg;
    if (!engine->freed)
        take_check(&engine->step, &engine->step.track->entry->shadow, err, r);
    engine_answered(engine);
}

struct old_check {
    struct projections *engine;
    uint32_t version;
};

static void old_name(const struct projection *p, uint32_t version, struct old_rows *out)
{
    snprintf(out->name, sizeof(out->name), "%s.%u", p->name, version);
}

static void checked_old(void *arg, const struct error *err, const struct rows_result *r)
{
    const struct old_check *check = arg;
    struct projections *engine = check->engine;
    if (!engine->freed && err) {
        fail_step(&engine->step, err);
    } else if (!engine->freed) {
        struct entry *entry = engine->step.track->entry;
        struct about about = r->count ? about_read(r->rows[0].value) : (struct about){0};
        if (about.version && !about.building && check->version > entry->old.version) {
            entry->old.version = check->version;
            entry->old.position = r->position;
            old_name(entry->p, check->version, &entry->old);
        }
    }
    engine_answered(engine);
}

/* Older versions are looked for once. */
static uint32_t old_versions(const struct entry *entry)
{
    uint32_t older = entry->p->version - 1;
    return entry->old_gone ? 0 : older < OLD_VERSIONS_MAX ? older : OLD_VERSIONS_MAX;
}

static void check_old(struct projections *engine, struct old_check *checks, uint32_t count)
{
    const struct event_store *events = engine->parts.events;
    struct entry *entry = engine->step.track->entry;
    entry->old.version = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct old_rows old;
        checks[i] = (struct old_check){engine, entry->p->version - 1 - i};
        old_name(entry->p, checks[i].version, &old);
        const struct rows_query query = {
            .projection = str_from(old.name), .key = STR(ABOUT_KEY), .limit = 1};
        events->rows(events->ctx, &query, checked_old, &checks[i]);
    }
}

static void begin_check(struct projections *engine)
{
    const struct event_store *events = engine->parts.events;
    struct step *step = &engine->step;
    const struct entry *entry = step->track->entry;
    uint32_t old = old_versions(entry);
    struct rows_query query = {
        .projection = entry->main.name, .key = STR(ABOUT_KEY), .limit = 1};
    struct old_check *checks = arena_alloc(&step->arena, old * sizeof(*checks) + 1);
    struct error err;
    step->phase = PHASE_CHECK;
    if (!checks) {
        error_set(&err, ST_NOMEM, "out of memory");
        fail_step(step, &err);
        return;
    }
    engine->waits = 2 + old;
    events->rows(events->ctx, &query, checked_main, engine);
    query.projection = entry->shadow.name;
    events->rows(events->ctx, &query, checked_shadow, engine);
    check_old(engine, checks, old);
}

/* What there is to build, by what the store has: rows or none, and whether a rebuild was begun. */
static void settle(struct entry *entry)
{
    struct track *m = &entry->main, *s = &entry->shadow;
    uint32_t ours = entry->p->version;
    m->reset = m->about.version != ours && m->stored > 0; /* rows that are not of this engine */
    if (m->about.version != ours && !m->reset) {
        m->about = (struct about){.version = ours, .building = true};
        m->write_about = true;
    }
    entry->old_gone = !entry->old.version;
    m->active = !m->about.paused;
    s->active = !m->about.paused && s->about.version == ours;
}

static void dropped_old(void *arg, const struct error *err, bool conflict, uint64_t position)
{
    struct projections *engine = arg;
    (void)err;
    (void)conflict; /* an older hexmcp still uses them; later */
    (void)position;
    engine_answered(engine);
}

static void begin_drop(struct projections *engine)
{
    const struct event_store *events = engine->parts.events;
    struct entry *entry = engine->step.track->entry;
    const struct projection_write write = {
        .projection = str_from(entry->old.name), .expected = entry->old.position, .reset = true};
    engine->step.phase = PHASE_DROP;
    entry->old.version = 0;
    entry->old_gone = true;
    engine->waits = 1;
    events->project(events->ctx, &write, dropped_old, engine);
}

/* ---- the beginning of new rows -------------------------------------------------------------- */

static void wrote(void *arg, const struct error *err, bool conflict, uint64_t position)
{
    struct projections *engine = arg;
    (void)position;
    if (!engine->freed) {
        if (err)
            fail_step(&engine->step, err);
        engine->step.conflict = !err && conflict;
    }
    engine_answered(engine);
}

static void begin_reset(struct projections *engine)
{
    const struct event_store *events = engine->parts.events;
    const struct track *track = engine->step.track;
    const struct about about = {.version = track->entry->p->version, .building = true};
    struct buffer text = BUFFER_INIT;
    const struct projection_row row = about_row(&about, &text);
    const struct projection_write write = {
        .projection = track->name, .expected = track->stored, .reset = true, .rows = &row, .count = 1};
    engine->step.phase = PHASE_RESET;
    engine->waits = 1;
    events->project(events->ctx, &write, wrote, engine);
    buffer_clear(&text);
}

/* ---- reading -------------------------------------------------------------------------------- */

static void read_event(void *arg, const struct stored_event *event)
{
    struct projections *engine = arg;
    struct error err;
    if (engine->freed || engine->step.failed || batch_add(&engine->step, event))
        return;
    error_set(&err, ST_NOMEM, "out of memory");
    fail_step(&engine->step, &err);
}

static void read_done(void *arg, const struct error *err, const struct events_end *end)
{
    struct projections *engine = arg;
    if (!engine->freed && err) {
        fail_step(&engine->step, err);
    } else if (!engine->freed) {
        engine->step.end = end->position;
        engine->step.more = end->more;
        if (end->position > engine->head)
            engine->head = end->position;
    }
    engine_answered(engine);
}

static void begin_read(struct projections *engine)
{
    const struct event_store *events = engine->parts.events;
    struct step *step = &engine->step;
    const struct track *track = step->track;
    const struct events_query query = {.after = track->seen,
                                       .types = track->entry->types,
                                       .type_count = track->entry->p->type_count,
                                       .limit = track->batch};
    const struct events_sink sink = {engine, read_event, read_done};
    step->phase = PHASE_READ;
    step->began_ns = engine_now(engine);
    step->reading = ++engine->readings;
    engine->waits = 1;
    events->read_all(events->ctx, &query, &sink);
}

/* ---- the rows that are needed --------------------------------------------------------------- */

struct wanted {
    struct projections *engine;
    struct row *row;
};

static void got_row(void *arg, const struct error *err, const struct rows_result *r)
{
    const struct wanted *wanted = arg;
    struct projections *engine = wanted->engine;
    struct step *step = &engine->step;
    struct error oom;
    if (engine->freed) {
        engine_answered(engine);
        return;
    }
    if (err)
        fail_step(step, err);
    else if (r->position != step->track->stored)
        step->conflict = true;
    else if (!row_set_load(&step->track->rows, wanted->row,
                           r->count ? r->rows[0].value : (struct str){NULL, 0})) {
        error_set(&oom, ST_NOMEM, "out of memory");
        fail_step(step, &oom);
    }
    engine_answered(engine);
}

static void begin_rows(struct projections *engine)
{
    const struct event_store *events = engine->parts.events;
    struct step *step = &engine->step;
    struct error err;
    step->phase = PHASE_ROWS;
    if (batch_keys(engine, step, &err)) {
        stop_at(engine, step->ready, &err);
        return;
    }
    size_t count = step->keys.count;
    struct wanted *wanted = arena_alloc(&step->arena, count * sizeof(*wanted) + 1);
    if (!wanted) {
        error_set(&err, ST_NOMEM, "out of memory");
        stop_at(engine, 0, &err);
        return;
    }
    engine->waits = count;
    for (size_t i = 0; i < count; i++) {
        wanted[i] = (struct wanted){engine, step->keys.missing[i]};
        const struct rows_query query = {
            .projection = step->track->name, .key = wanted[i].row->key, .limit = 1};
        events->rows(events->ctx, &query, got_row, &wanted[i]);
    }
}

/* ---- writing -------------------------------------------------------------------------------- */

/* How far the step has come, and whether that is the end of the events. */
static void conclude(struct projections *engine)
{
    struct step *step = &engine->step;
    struct track *track = step->track;
    bool all = step->applied == step->count;
    step->next = all ? step->end : step->events[step->applied - 1].position;
    step->finished = all && !step->more;
    step->swap = step->finished && track->shadow;
    if (step->finished && !track->shadow && track->about.building) {
        track->about.building = false;
        track->write_about = true;
    }
    uint64_t spent_us = (engine_now(engine) - step->began_ns) / 1000;
    if (!all)
        track->batch = step->applied > BATCH_LEAST ? (uint32_t)step->applied : BATCH_LEAST;
    else if (spent_us < PROJECTION_SLICE_US / 4 && track->batch <= BATCH_MAX / 2)
        track->batch *= 2;
}

static bool is_worth_writing(const struct step *step)
{
    const struct track *track = step->track;
    return step->swap ||
           (step->next > 0 && (track->rows.dirty_count > 0 || track->write_about ||
                               step->next - track->stored >= CHECKPOINT_EVERY));
}

static void begin_project(struct projections *engine)
{
    const struct event_store *events = engine->parts.events;
    struct step *step = &engine->step;
    struct track *track = step->track;
    struct about about = track->about;
    struct buffer text = BUFFER_INIT;
    size_t count = track->rows.dirty_count;
    struct projection_row *rows =
        arena_alloc(&step->arena, (count + 1) * sizeof(struct projection_row));
    struct error err;
    if (!rows) {
        error_set(&err, ST_NOMEM, "out of memory");
        stop_at(engine, 0, &err);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const struct row *row = track->rows.dirty[i];
        rows[i] = (struct projection_row){row->key, {row->value, row->len}};
    }
    about.building = about.building && !step->swap;
    if (track->write_about || step->swap)
        rows[count++] = about_row(&about, &text);
    const struct projection_write write = {
        .projection = track->name,
        .expected = track->stored,
        .position = step->next,
        .replaces = step->swap ? track->entry->main.name : (struct str){NULL, 0},
        .rows = rows,
        .count = count,
    };
    engine->waits = 1;
    events->project(events->ctx, &write, wrote, engine);
    buffer_clear(&text);
}

static void take_place(struct projections *engine, struct entry *entry, uint64_t position)
{
    const struct about none = {0};
    const struct about about = {.version = entry->p->version,
                                .builds = entry->shadow.about.builds};
    track_start(&entry->main, &about);
    track_start(&entry->shadow, &none);
    entry->main.stored = entry->main.seen = position;
    entry->main.active = true;
    entry->shadow.active = false;
    report(engine, entry, NULL);
}

static void has_looked(const struct step *step)
{
    struct entry *entry = step->track->entry;
    entry->look = false;
    entry->looked_ns = step->began_ns;
    entry->looked = step->reading;
}

static void after_write(struct projections *engine)
{
    struct step *step = &engine->step;
    struct track *track = step->track;
    struct entry *entry = track->entry;
    if (step->swap) {
        take_place(engine, entry, step->next);
    } else {
        track->stored = track->seen = step->next;
        track->write_about = false;
        row_set_written(&track->rows);
    }
    if (step->finished)
        has_looked(step);
    if (step->finished && !track->shadow && entry->old.version) {
        entry->checked_ns = 0; /* then the older rows are dropped */
        entry->look = true;
        report(engine, entry, NULL);
    }
    end_step(engine);
}

static void begin_write(struct projections *engine)
{
    struct step *step = &engine->step;
    struct error err;
    step->phase = PHASE_WRITE;
    if (batch_apply(engine, step, &err)) {
        stop_at(engine, step->applied, &err);
        return;
    }
    conclude(engine);
    if (is_worth_writing(step)) {
        begin_project(engine);
        return;
    }
    step->track->seen = step->next;
    if (step->finished)
        has_looked(step);
    end_step(engine);
}

/* ---- from phase to phase -------------------------------------------------------------------- */

static void after_check(struct projections *engine)
{
    struct step *step = &engine->step;
    struct track *track = step->track;
    track->entry->checked_ns = engine_now(engine);
    settle(track->entry);
    bool idle = !track->active || track->failed.code;
    if (idle && !step->check_only && !track->shadow) {
        step->reading = ++engine->readings; /* there is nothing that looking could bring */
        has_looked(step);
    }
    if (idle || step->check_only)
        end_step(engine);
    else if (track->entry->old.version && !track->entry->main.about.building)
        begin_drop(engine);
    else if (track->reset)
        begin_reset(engine);
    else
        begin_read(engine);
}

static void after_reset(struct projections *engine)
{
    struct track *track = engine->step.track;
    const struct about about = {.version = track->entry->p->version, .building = true};
    track_start(track, &about);
    begin_read(engine);
}

void step_next(struct projections *engine)
{
    struct step *step = &engine->step;
    if (step->failed || step->conflict) {
        end_step(engine);
        return;
    }
    switch (step->phase) {
    case PHASE_CHECK:
        after_check(engine);
        break;
    case PHASE_RESET:
        after_reset(engine);
        break;
    case PHASE_DROP:
        begin_read(engine);
        break;
    case PHASE_READ:
        begin_rows(engine);
        break;
    case PHASE_ROWS:
        begin_write(engine);
        break;
    case PHASE_WRITE:
    case PHASE_NONE:
    default:
        after_write(engine);
        break;
    }
}

void step_begin(struct projections *engine, struct track *track, bool check_only)
{
    uint64_t now = engine_now(engine), checked = track->entry->checked_ns;
    engine->step = (struct step){.track = track, .check_only = check_only, .began_ns = now};
    if (check_only || !checked || now - checked > (uint64_t)PROJECTION_LOOK_MS * NS_PER_MS)
        begin_check(engine);
    else if (!track->active || track->failed.code)
        after_check(engine);
    else if (track->reset)
        begin_reset(engine);
    else
        begin_read(engine);
}
