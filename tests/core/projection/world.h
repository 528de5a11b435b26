/* Projections over a store in memory, with a clock and timers that the test moves. */
#pragma once

#include "core/projection/projection.h"
#include "tests/core/fakes/fake_event_store.h"

struct engine {
    struct projections *projections;
    struct timer *timer;
    void (*fire)(void *arg);
    void *arg;
    uint64_t due_ns; /* 0: the timer does not run */
};

struct world {
    struct fake_event_store *store;
    struct journal *journal;
    uint64_t now_ns;
    uint64_t step_ns; /* what each look at the clock takes */
    struct buffer reports;
    struct engine *making;
    struct timer_port timers;
};

struct world *world_new(void);
void world_free(struct world *w);

/* An engine with these projections: a process. */
struct engine *engine_new(struct world *w, const struct projection *const *list, size_t count);
void engine_free(struct engine *e);

/* Lets the timer fire until it waits for a time later than `ms` from now; returns how often it did. */
unsigned run(struct world *w, struct engine *e, uint64_t ms);

/* Appends event number `n` of a group: "Counted" {"group": , "n": }, position as the store has it. */
void count_event(struct world *w, const char *group, int n);

/* "counts": a row for each group: {"n": sum, "events": how many}, and one for all. */
extern const struct projection counts, counts_2, log_of_all;
