/* Counting what a place has. */
#include <stdlib.h>

#include "core/state/inside.h"

struct count {
    const struct key_value_store *values;
    struct arena memory;
    struct str space, after;
    uint64_t bytes, keys;
    bool inside, again;
    void (*told)(void *arg, const struct error *err, uint64_t bytes, uint64_t keys);
    void *arg;
};

static void end(struct count *c, const struct error *err)
{
    c->told(c->arg, err, c->bytes, c->keys);
    arena_clear(&c->memory);
    free(c);
}

static void turn(struct count *c);

static void listed(void *arg, const struct error *err, const struct kv_entry *entries, size_t count,
                   bool more)
{
    struct count *c = arg;
    struct error full;
    for (size_t i = 0; i < count; i++) {
        c->bytes += entries[i].key.len + entries[i].bytes;
        c->keys++;
    }
    if (!err && more) {
        struct arena memory = ARENA_INIT;
        c->after = arena_copy(&memory, entries[count - 1].key);
        arena_clear(&c->memory);
        c->memory = memory;
        if (!c->after.ptr) {
            error_set(&full, ST_NOMEM, "out of memory");
            err = &full;
        }
    }
    c->again = !err && more;
    if (!c->again && !c->inside)
        end(c, err);
    else if (!c->again) {
        c->told(c->arg, err, c->bytes, c->keys);
        c->told = NULL;
    } else if (!c->inside) {
        turn(c);
    }
}

/* A store that answers at once must not nest a call for each page. */
static void turn(struct count *c)
{
    do {
        const struct kv_query query = {{NULL, 0}, c->after, 1000, false};
        c->again = false;
        c->inside = true;
        c->values->list(c->values->ctx, c->space, &query, listed, c);
        c->inside = false;
    } while (c->again);
    if (!c->told) {
        arena_clear(&c->memory);
        free(c);
    }
}

void usage_count(const struct key_value_store *values, struct str space,
                 void (*told)(void *arg, const struct error *err, uint64_t bytes, uint64_t keys),
                 void *arg)
{
    struct error err;
    struct count *c = calloc(1, sizeof(*c) + space.len);
    if (!c) {
        error_set(&err, ST_NOMEM, "out of memory");
        told(arg, &err, 0, 0);
        return;
    }
    char *name = (char *)(c + 1);
    memcpy(name, space.ptr, space.len);
    *c = (struct count){.values = values, .memory = ARENA_INIT, .space = {name, space.len},
                        .after = BEFORE_KEYS, .told = told, .arg = arg};
    turn(c);
}

struct asked {
    struct state_job job;
    void (*done)(void *arg, const struct error *err, const struct state_usage *usage);
    void *arg;
};

static void counted(void *arg, const struct error *err, uint64_t bytes, uint64_t keys)
{
    struct asked *a = arg;
    struct state *state = a->job.state;
    if (state) {
        const struct state_usage usage = {bytes, state->parts.max_bytes, keys,
                                          state->parts.max_keys};
        a->done(a->arg, err, err ? NULL : &usage);
    }
    job_end(&a->job);
}

static void start(struct state_job *job)
{
    usage_count(job->state->parts.values, job->space, counted, job);
}

void state_usage(struct state *state, const struct state_place *place,
                 void (*done)(void *arg, const struct error *err, const struct state_usage *usage),
                 void *arg)
{
    struct error err;
    struct asked *a = job_new(state, sizeof(*a), place, &err);
    if (!a) {
        done(arg, &err, NULL);
        return;
    }
    a->job.start = start;
    a->done = done;
    a->arg = arg;
    state_job_begin(&a->job);
}
