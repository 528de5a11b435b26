#include <stdlib.h>

#include "core/projection/inside.h"

/* Events between two looks at the clock. */
#define LOOK_EVERY 16u

bool batch_add(struct step *step, const struct stored_event *event)
{
    struct arena *a = &step->arena;
    if (step->count == step->cap) {
        size_t cap = step->cap ? step->cap * 2 : BATCH_FIRST;
        struct stored_event *events = realloc(step->events, cap * sizeof(*events));
        if (!events)
            return false;
        step->events = events;
        struct json_doc **docs = realloc(step->docs, cap * sizeof(struct json_doc *));
        if (!docs)
            return false;
        step->docs = docs;
        step->cap = cap;
    }
    struct stored_event *copy = &step->events[step->count];
    *copy = *event;
    copy->id = arena_copy(a, event->id);
    copy->stream = arena_copy(a, event->stream);
    copy->type = arena_copy(a, event->type);
    copy->correlation = arena_copy(a, event->correlation);
    copy->causation = arena_copy(a, event->causation);
    copy->caller = arena_copy(a, event->caller);
    copy->tenant = arena_copy(a, event->tenant);
    copy->data = arena_copy(a, event->data);
    if (a->failed)
        return false;
    step->docs[step->count++] = NULL;
    return true;
}

void batch_clear(struct step *step)
{
    for (size_t i = 0; i < step->count; i++)
        json_free(step->docs[i]);
    free(step->events);
    free(step->docs);
    free(step->keys.missing);
    arena_clear(&step->arena);
    *step = (struct step){0};
}

static bool is_late(const struct projections *engine, uint64_t began_ns, size_t done)
{
    return done > 0 && done % LOOK_EVERY == 0 &&
           engine_now(engine) - began_ns > (uint64_t)PROJECTION_SLICE_US * 1000 / 2;
}

static int at_event(const struct stored_event *e, struct error *err)
{
    return error_prefix(err, "the event %.*s in %.*s (version %llu, position %llu): ",
                        STR_ARG(e->type), STR_ARG(e->stream), (unsigned long long)e->version,
                        (unsigned long long)e->position);
}

static int keys_of(const struct projections *engine, struct step *step, struct stored_event *e,
                   struct json_doc **doc, struct error *err)
{
    const struct projection *p = step->track->entry->p;
    int rc = journal_upcast(engine->parts.journal, e, e, doc, err);
    if (rc || !p->keys)
        return rc;
    rc = p->keys(p->ctx, e, json_root(*doc), &step->keys, err);
    if (!rc && step->keys.rc) {
        *err = step->keys.err;
        rc = step->keys.rc;
    }
    if (!rc)
        return ST_OK;
    err->code = rc;
    return at_event(e, err);
}

int batch_keys(struct projections *engine, struct step *step, struct error *err)
{
    uint64_t began_ns = engine_now(engine);
    step->keys.set = &step->track->rows;
    while (step->ready < step->count && !is_late(engine, began_ns, step->ready)) {
        int rc = keys_of(engine, step, &step->events[step->ready], &step->docs[step->ready], err);
        if (rc)
            return rc;
        step->ready++;
    }
    return ST_OK;
}

int batch_apply(struct projections *engine, struct step *step, struct error *err)
{
    const struct projection *p = step->track->entry->p;
    struct projection_rows rows = {.set = &step->track->rows};
    uint64_t began_ns = engine_now(engine);
    while (step->applied < step->ready && !is_late(engine, began_ns, step->applied)) {
        const struct stored_event *e = &step->events[step->applied];
        int rc = p->apply(p->ctx, e, json_root(step->docs[step->applied]), &rows, err);
        if (!rc && rows.rc) {
            *err = rows.err;
            rc = rows.rc;
        }
        if (rc) {
            err->code = rc;
            return at_event(e, err);
        }
        step->applied++;
    }
    return ST_OK;
}
