#include <stdio.h>
#include <stdlib.h>

#include "core/base/nearest.h"
#include "core/projection/inside.h"

uint64_t engine_now(const struct projections *engine)
{
    return engine->parts.clock->monotonic_ns(engine->parts.clock->ctx);
}

/* ---- what there is -------------------------------------------------------------------------- */

static bool is_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
            return false;
    }
    return name.len >= 1 && name.len <= PROJECTION_NAME_MAX;
}

struct entry *engine_find(const struct projections *engine, struct str name)
{
    return str_index_get(&engine->entries, name);
}

int engine_unknown(const struct projections *engine, struct str name, struct error *err)
{
    struct nearest near = {.word = name};
    for (size_t i = 0; i < engine->entries.count; i++)
        nearest_offer(&near, engine->entries.entries[i].key);
    int shown = (int)(name.len > 80 ? 80 : name.len);
    if (near.best.len)
        return error_set(err, ST_NOT_FOUND,
                         "there is no projection \"%.*s\"; did you mean \"%.*s\"?", shown, name.ptr,
                         STR_ARG(near.best));
    return error_set(err, ST_NOT_FOUND, "there is no projection \"%.*s\"", shown,
                     name.len ? name.ptr : "");
}

static void entry_free(struct entry *entry)
{
    row_set_clear(&entry->main.rows);
    row_set_clear(&entry->shadow.rows);
    free(entry->types);
    free(entry);
}

static struct entry *entry_new(struct projections *engine, const struct projection *p)
{
    size_t room = strlen(p->name) + sizeof(".4294967295" SHADOW_SUFFIX);
    struct entry *entry = calloc(1, sizeof(*entry) + room);
    if (!entry)
        return NULL;
    entry->types = calloc(p->type_count + 1, sizeof(*entry->types));
    if (!entry->types) {
        free(entry);
        return NULL;
    }
    for (size_t i = 0; i < p->type_count; i++)
        entry->types[i] = str_from(p->types[i]);
    snprintf(entry->names, room, "%s.%u" SHADOW_SUFFIX, p->name, p->version);
    size_t both = strlen(entry->names), len = both - (sizeof(SHADOW_SUFFIX) - 1);
    entry->p = p;
    entry->engine = engine;
    entry->main = (struct track){
        .entry = entry, .name = {entry->names, len}, .active = true, .batch = BATCH_FIRST};
    entry->shadow = (struct track){.entry = entry,
                                   .name = {entry->names, both},
                                   .shadow = true,
                                   .batch = BATCH_FIRST};
    return entry;
}

int projections_add(struct projections *engine, const struct projection *projection,
                    struct error *err)
{
    struct str name = str_from(projection->name);
    if (!is_name(name) || projection->version < 1)
        return error_set(err, ST_INVALID,
                         "\"%s\" (version %u) is no projection: a name of 1 to %u small letters, "
                         "digits and '-', and a version from 1",
                         projection->name, projection->version, PROJECTION_NAME_MAX);
    if (engine_find(engine, name))
        return error_set(err, ST_INVALID, "the projection %s is there twice", projection->name);
    struct entry *entry = entry_new(engine, projection);
    if (!entry || !str_index_put(&engine->entries, str_from(projection->name), entry)) {
        if (entry)
            entry_free(entry);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    return ST_OK;
}

/* ---- the way of the work -------------------------------------------------------------------- */

static struct track *next_track(struct projections *engine)
{
    uint64_t now = engine_now(engine);
    for (size_t i = 0; i < engine->entries.count; i++) {
        size_t at = (engine->turn + i) % engine->entries.count;
        struct entry *entry = engine_entry(engine, at);
        struct track *track = track_wants(&entry->main, now)     ? &entry->main
                              : track_wants(&entry->shadow, now) ? &entry->shadow
                                                                 : NULL;
        if (track) {
            engine->turn = at + 1;
            return track;
        }
    }
    return NULL;
}

/* One thing; false if there is nothing to do. */
static bool work(struct projections *engine)
{
    if (engine->step.phase != PHASE_NONE) {
        step_next(engine);
        return true;
    }
    if (control_next(engine))
        return true;
    queries_look(engine);
    struct track *track = engine->freed ? NULL : next_track(engine);
    if (track)
        step_begin(engine, track, false);
    return track != NULL;
}

void engine_drop(struct projections *engine)
{
    if (!engine->freed || engine->running || engine->waits || engine->asked)
        return;
    for (size_t i = 0; i < engine->entries.count; i++)
        entry_free(engine_entry(engine, i));
    str_index_clear(&engine->entries);
    batch_clear(&engine->step);
    free(engine);
}

/* When something has to be done without an event from outside. */
static void set_alarm(struct projections *engine)
{
    uint64_t at = queries_deadline(engine), now = engine_now(engine);
    for (size_t i = 0; i < engine->entries.count; i++) {
        const struct entry *entry = engine_entry(engine, i);
        if (entry->retry_ns > now && (!at || entry->retry_ns < at))
            at = entry->retry_ns;
    }
    if (at)
        engine_run_soon(engine, at > now ? (at - now + NS_PER_MS - 1) / NS_PER_MS : 0);
}

void engine_run(struct projections *engine)
{
    if (engine->running || engine->freed)
        return;
    uint64_t began_ns = engine_now(engine);
    bool left = true;
    engine->running = true;
    while (left && engine->waits == 0 && !engine->freed) {
        if (engine_now(engine) - began_ns > (uint64_t)PROJECTION_SLICE_US * 1000) {
            engine_run_soon(engine, 0);
            break;
        }
        left = work(engine);
    }
    engine->running = false;
    if (engine->freed)
        engine_drop(engine);
    else
        set_alarm(engine);
}

void engine_answered(struct projections *engine)
{
    engine->waits--;
    if (engine->freed)
        engine_drop(engine);
    else if (engine->waits == 0)
        engine_run(engine);
}

void engine_run_soon(struct projections *engine, uint64_t delay_ms)
{
    uint64_t at = engine_now(engine) + delay_ms * NS_PER_MS;
    if (engine->timer_ns && engine->timer_ns <= at)
        return;
    engine->timer_ns = at;
    engine->parts.timers->set(engine->parts.timers->ctx, engine->timer, delay_ms);
}

static void timer_fires(void *arg)
{
    struct projections *engine = arg;
    engine->timer_ns = 0;
    engine_run(engine);
}

void projections_committed(struct projections *engine, uint64_t position)
{
    if (position > engine->head)
        engine->head = position;
    engine_run_soon(engine, 0);
}

int projections_new(const struct projections_parts *parts, struct projections **out,
                    struct error *err)
{
    struct projections *engine = calloc(1, sizeof(*engine));
    if (!engine)
        return error_set(err, ST_NOMEM, "out of memory");
    engine->parts = *parts;
    engine->last_control = &engine->controls;
    engine->timer = parts->timers->create(parts->timers->ctx, timer_fires, engine);
    if (!engine->timer) {
        free(engine);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    *out = engine;
    return ST_OK;
}

void projections_free(struct projections *engine)
{
    if (!engine)
        return;
    engine->parts.timers->free(engine->parts.timers->ctx, engine->timer);
    controls_free(engine);
    queries_free(engine);
    engine->freed = true;
    engine_drop(engine);
}
