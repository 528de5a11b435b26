#include <stdlib.h>

#include "core/projection/inside.h"

/* Times that a change of a projection is tried while another process projects it. */
#define TRIES_MAX 20u

/* No event has this type: a read for it only tells where the end is. */
#define NO_TYPE "-"

const char *projection_state_name(enum projection_state state)
{
    static const char *const names[] = {"idle", "behind", "rebuilding", "paused", "failed"};
    return names[state];
}

static enum projection_state state_of(const struct entry *e)
{
    if (e->main.failed.code || e->shadow.failed.code)
        return PROJECTION_FAILED;
    if (e->main.about.paused)
        return PROJECTION_PAUSED;
    if (e->shadow.active || (e->main.about.building && e->old.version))
        return PROJECTION_REBUILDING;
    return e->main.seen < e->engine->head ? PROJECTION_BEHIND : PROJECTION_IDLE;
}

static void tell_facts(const struct control *c, const struct entry *e)
{
    const struct track *m = &e->main;
    uint64_t head = e->engine->head;
    const struct error *failed = m->failed.code ? &m->failed : &e->shadow.failed;
    const struct projection_facts facts = {
        .name = str_from(e->p->name),
        .version = e->p->version,
        .served = m->about.building ? e->old.version : m->about.version,
        .state = state_of(e),
        .position = m->seen,
        .head = head,
        .lag = head > m->seen ? head - m->seen : 0,
        .rebuilt = e->shadow.active                       ? e->shadow.seen
                   : m->about.building && e->old.version ? m->seen
                                                         : 0,
        .error = failed->code ? str_from(failed->text) : (struct str){NULL, 0},
    };
    c->facts(c->arg, &facts);
}

/* ---- the end -------------------------------------------------------------------------------- */

static void end_control(struct projections *engine, const struct error *err)
{
    struct control *c = engine->controls;
    engine->controls = c->next;
    if (!engine->controls)
        engine->last_control = &engine->controls;
    if (c->kind == CONTROL_LIST && !err)
        for (size_t i = 0; i < engine->entries.count; i++)
            tell_facts(c, engine_entry(engine, i));
    c->done(c->arg, err);
    free(c);
}

void controls_free(struct projections *engine)
{
    while (engine->controls) {
        struct control *c = engine->controls;
        engine->controls = c->next;
        free(c);
    }
}

/* ---- writing -------------------------------------------------------------------------------- */

static void control_wrote(void *arg, const struct error *err, bool conflict, uint64_t position)
{
    struct projections *engine = arg;
    (void)position;
    if (!engine->freed) {
        struct control *c = engine->controls;
        c->stage = CONTROL_WRITTEN;
        c->conflict = !err && conflict;
        if (err)
            c->error = *err;
    }
    engine_answered(engine);
}

static struct about wanted_about(const struct control *c)
{
    struct about about = c->entry->main.about;
    if (c->kind == CONTROL_REBUILD || c->kind == CONTROL_RESET)
        return (struct about){
            .version = c->entry->p->version, .builds = about.builds + 1, .building = true};
    about.paused = c->kind == CONTROL_PAUSE;
    return about;
}

static void write_change(struct projections *engine)
{
    const struct event_store *events = engine->parts.events;
    struct control *c = engine->controls;
    const struct track *track =
        c->kind == CONTROL_REBUILD ? &c->entry->shadow : &c->entry->main;
    bool reset = c->kind == CONTROL_REBUILD || c->kind == CONTROL_RESET;
    const struct about about = wanted_about(c);
    struct buffer text = BUFFER_INIT;
    const struct projection_row row = about_row(&about, &text);
    const struct projection_write write = {.projection = track->name,
                                           .expected = track->stored,
                                           .position = reset ? 0 : track->stored,
                                           .reset = reset,
                                           .rows = &row,
                                           .count = 1};
    engine->waits = 1;
    events->project(events->ctx, &write, control_wrote, engine);
    buffer_clear(&text);
}

/* What the store has is known now. */
static void after_check(struct projections *engine)
{
    struct control *c = engine->controls;
    struct entry *e = c->entry;
    if (c->kind == CONTROL_RESUME && !e->main.about.paused) {
        e->main.failed = e->shadow.failed = (struct error){0};
        e->look = true;
        end_control(engine, NULL);
    } else {
        write_change(engine);
    }
}

static void apply_change(const struct control *c)
{
    struct entry *e = c->entry;
    const struct about about = wanted_about(c);
    if (c->kind == CONTROL_REBUILD) {
        track_start(&e->shadow, &about);
        e->shadow.active = !e->main.about.paused;
    } else if (c->kind == CONTROL_RESET) {
        track_start(&e->main, &about);
        e->main.active = true;
    } else {
        e->main.about = about;
        e->main.write_about = false;
        e->main.failed = e->shadow.failed = (struct error){0};
        e->checked_ns = 0;
    }
    e->looked_ns = 0;
    e->look = true;
}

static void after_write(struct projections *engine)
{
    struct control *c = engine->controls;
    struct error err;
    if (c->error.code) {
        end_control(engine, &c->error);
    } else if (!c->conflict) {
        apply_change(c);
        end_control(engine, NULL);
    } else if (++c->tries < TRIES_MAX) {
        c->stage = CONTROL_NEW;
    } else {
        error_set(&err, ST_BUSY, "another process projects %s all the time: try again",
                  c->entry->p->name);
        end_control(engine, &err);
    }
}

/* ---- list ----------------------------------------------------------------------------------- */

static void no_event(void *arg, const struct stored_event *event)
{
    (void)arg;
    (void)event;
}

static void got_head(void *arg, const struct error *err, const struct events_end *end)
{
    struct projections *engine = arg;
    if (!engine->freed) {
        struct control *c = engine->controls;
        c->stage = CONTROL_CHECKED;
        if (err)
            c->error = *err;
        else if (end->position > engine->head)
            engine->head = end->position;
    }
    engine_answered(engine);
}

static void read_head(struct projections *engine)
{
    static const struct str none = STR_INIT(NO_TYPE);
    const struct event_store *events = engine->parts.events;
    const struct events_query query = {
        .after = engine->head, .types = &none, .type_count = 1, .limit = 1};
    const struct events_sink sink = {engine, no_event, got_head};
    engine->waits = 1;
    events->read_all(events->ctx, &query, &sink);
}

static void go_on_listing(struct projections *engine)
{
    struct control *c = engine->controls;
    if (c->stage == CONTROL_NEW)
        read_head(engine);
    else if (c->error.code)
        end_control(engine, &c->error);
    else if (c->at > 0 && engine_entry(engine, c->at - 1)->trouble.code)
        end_control(engine, &engine_entry(engine, c->at - 1)->trouble);
    else if (c->at < engine->entries.count)
        step_begin(engine, &engine_entry(engine, c->at++)->main, true);
    else
        end_control(engine, NULL);
}

/* ---- one after the other -------------------------------------------------------------------- */

bool control_next(struct projections *engine)
{
    struct control *c = engine->controls;
    if (!c)
        return false;
    if (c->kind == CONTROL_LIST) {
        go_on_listing(engine);
    } else if (c->stage == CONTROL_WRITTEN) {
        after_write(engine);
    } else if (c->stage == CONTROL_NEW) {
        c->stage = CONTROL_CHECKED;
        step_begin(engine, &c->entry->main, true);
    } else if (c->entry->trouble.code) {
        end_control(engine, &c->entry->trouble);
    } else {
        after_check(engine);
    }
    return true;
}

static void add_control(struct projections *engine, const struct control *given)
{
    struct error err;
    struct control *c = malloc(sizeof(*c));
    if (!c) {
        error_set(&err, ST_NOMEM, "out of memory");
        given->done(given->arg, &err);
        return;
    }
    *c = *given;
    *engine->last_control = c;
    engine->last_control = &c->next;
    engine_run(engine);
}

static void change(struct projections *engine, enum control_kind kind, struct str name,
                   projection_done done, void *arg)
{
    struct error err;
    const struct control c = {
        .kind = kind, .entry = engine_find(engine, name), .done = done, .arg = arg};
    if (c.entry) {
        add_control(engine, &c);
        return;
    }
    engine_unknown(engine, name, &err);
    done(arg, &err);
}

void projections_list(struct projections *engine,
                      void (*facts)(void *arg, const struct projection_facts *facts),
                      void (*done)(void *arg, const struct error *err), void *arg)
{
    const struct control c = {.kind = CONTROL_LIST, .facts = facts, .done = done, .arg = arg};
    add_control(engine, &c);
}

void projections_rebuild(struct projections *engine, struct str name, projection_done done,
                         void *arg)
{
    change(engine, CONTROL_REBUILD, name, done, arg);
}

void projections_pause(struct projections *engine, struct str name, projection_done done, void *arg)
{
    change(engine, CONTROL_PAUSE, name, done, arg);
}

void projections_resume(struct projections *engine, struct str name, projection_done done,
                        void *arg)
{
    change(engine, CONTROL_RESUME, name, done, arg);
}

void projections_reset(struct projections *engine, struct str name, projection_done done, void *arg)
{
    change(engine, CONTROL_RESET, name, done, arg);
}
