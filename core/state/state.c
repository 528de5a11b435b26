#include "core/state/state.h"

#include <stdlib.h>

#include "core/state/inside.h"

struct state *state_new(const struct state_parts *parts)
{
    struct state *state = calloc(1, sizeof(*state));
    if (state) {
        state->parts = *parts;
        state->sequence = 1; /* 0 stands for "from now on" */
    }
    return state;
}

/* What is still asked of the store ends by itself and tells nobody; what waits is dropped. */
void state_free(struct state *state)
{
    if (!state)
        return;
    struct state_job *job = state->first;
    while (job) {
        struct state_job *next = job->next;
        job->state = NULL;
        job->next = job->prev = NULL;
        if (!job->running)
            job_drop(job);
        job = next;
    }
    ephemeral_free_all(state);
    watch_free_all(state);
    free(state);
}

int64_t state_now(const struct state *state)
{
    return state->parts.clock->wall_ms(state->parts.clock->ctx);
}

void job_drop(struct state_job *job)
{
    if (job->turning) {
        job->ended = true; /* job_turn frees it */
        return;
    }
    arena_clear(&job->memory);
    free(job);
}

static struct str keep(struct arena *memory, struct str text)
{
    return text.len ? arena_copy(memory, text) : (struct str){NULL, 0};
}

void *job_new(struct state *state, size_t size, const struct state_place *place, struct error *err)
{
    struct buffer space = BUFFER_INIT;
    struct state_job *job = NULL;
    if (state_space(place, &space, err)) {
        buffer_clear(&space);
        return NULL;
    }
    job = calloc(1, size);
    if (job) {
        job->state = state;
        job->space = arena_copy(&job->memory, buffer_str(&space));
        job->place = (struct state_place){place->scope, keep(&job->memory, place->tenant),
                                          keep(&job->memory, place->owner),
                                          keep(&job->memory, place->kind),
                                          keep(&job->memory, place->id)};
    }
    buffer_clear(&space);
    if (job && !job->memory.failed)
        return job;
    if (job)
        job_drop(job);
    error_set(err, ST_NOMEM, "out of memory");
    return NULL;
}

/* True if an earlier job of the space is not done. */
static bool waits(const struct state_job *job)
{
    for (const struct state_job *j = job->prev; j; j = j->prev)
        if (j->changes && str_eq(j->space, job->space))
            return true;
    return false;
}

static struct state_job *ready(const struct state *state)
{
    struct state_job *job = state->first;
    while (job && (job->running || (job->changes && waits(job))))
        job = job->next;
    return job;
}

/* Jobs may end within start(): no recursion over all that wait. */
static void pump(struct state *state)
{
    struct state_job *job;
    if (state->pumping)
        return;
    state->pumping = true;
    while ((job = ready(state))) {
        job->running = true;
        job->start(job);
    }
    state->pumping = false;
}

void state_job_begin(struct state_job *job)
{
    struct state *state = job->state;
    job->prev = state->last;
    if (state->last)
        state->last->next = job;
    else
        state->first = job;
    state->last = job;
    pump(state);
}

void job_turn(struct state_job *job, void (*step)(struct state_job *job))
{
    job->again = step;
    if (job->turning)
        return;
    job->turning = true;
    while (!job->ended && job->again) {
        step = job->again;
        job->again = NULL;
        step(job);
    }
    job->turning = false;
    if (job->ended)
        job_drop(job);
}

void job_end(struct state_job *job)
{
    struct state *state = job->state;
    if (state) {
        *(job->prev ? &job->prev->next : &state->first) = job->next;
        *(job->next ? &job->next->prev : &state->last) = job->prev;
    }
    job_drop(job);
    if (state)
        pump(state);
}
