/* Removing all of a place, page by page; and forgetting what it was counted to use. */
#include <stdlib.h>

#include "core/state/inside.h"

#define PAGE 500u

struct clear {
    struct state_job job;
    struct str prefix;
    uint64_t removed;
    void (*done)(void *arg, const struct error *err, uint64_t removed);
    void *arg;
};

static void end(struct clear *c, const struct error *err)
{
    struct state *state = c->job.state;
    if (state) {
        if (c->removed)
            state_tell(state, &c->job.place, c->prefix, 0, "cleared");
        c->done(c->arg, err, c->removed);
    }
    job_end(&c->job);
}

static void ask(struct state_job *job);

static void removed(void *arg, const struct error *err, const struct kv_applied *r)
{
    struct clear *c = arg;
    for (size_t i = 0; !err && i < r->count; i++)
        c->removed += r->versions[i] != 0;
    if (err || !c->job.state)
        end(c, err);
    else
        job_turn(&c->job, ask);
}

static void forgotten(void *arg, const struct error *err, const struct kv_applied *r)
{
    (void)r;
    end(arg, err);
}

static void forget(struct clear *c)
{
    const struct key_value_store *values = c->job.state->parts.values;
    const struct kv_change usage = {.key = USAGE_KEY, .remove = true};
    values->apply(values->ctx, c->job.space, &usage, 1, forgotten, c);
}

static void listed(void *arg, const struct error *err, const struct kv_entry *entries, size_t count,
                   bool more)
{
    struct clear *c = arg;
    struct error full;
    (void)more;
    if (err || !c->job.state) {
        end(c, err);
        return;
    }
    if (!count) {
        forget(c);
        return;
    }
    struct kv_change *changes = calloc(count, sizeof(*changes));
    if (!changes) {
        error_set(&full, ST_NOMEM, "out of memory");
        end(c, &full);
        return;
    }
    for (size_t i = 0; i < count; i++)
        changes[i] = (struct kv_change){.key = entries[i].key, .remove = true};
    const struct key_value_store *values = c->job.state->parts.values;
    values->apply(values->ctx, c->job.space, changes, count, removed, c);
    free(changes);
}

/* From the front each time: what was there is gone. */
static void ask(struct state_job *job)
{
    struct clear *c = (struct clear *)job;
    const struct key_value_store *values = c->job.state->parts.values;
    const struct kv_query query = {c->prefix, BEFORE_KEYS, PAGE, false};
    values->list(values->ctx, c->job.space, &query, listed, c);
}

static void start(struct state_job *job)
{
    struct clear *c = (struct clear *)job;
    c->removed = ephemeral_clear(job->state, job->space, c->prefix);
    job_turn(job, ask);
}

void state_clear(struct state *state, const struct state_place *place, struct str prefix,
                 void (*done)(void *arg, const struct error *err, uint64_t removed), void *arg)
{
    struct error err;
    struct clear *c = job_new(state, sizeof(*c), place, &err);
    if (c && prefix.len) {
        c->prefix = arena_copy(&c->job.memory, prefix);
        if (state_key_check(prefix, &err) || !c->prefix.ptr) {
            if (!c->prefix.ptr)
                error_set(&err, ST_NOMEM, "out of memory");
            job_drop(&c->job);
            c = NULL;
        }
    }
    if (!c) {
        done(arg, &err, 0);
        return;
    }
    c->job.start = start;
    c->job.changes = true;
    c->done = done;
    c->arg = arg;
    state_job_begin(&c->job);
}


static void ignored(void *arg, const struct error *err, const struct kv_applied *r)
{
    (void)arg;
    (void)err;
    (void)r;
}

void state_recount(struct state *state, struct str space)
{
    const struct key_value_store *values = state->parts.values;
    const struct kv_change usage = {.key = USAGE_KEY, .remove = true};
    values->apply(values->ctx, space, &usage, 1, ignored, NULL);
}
