/* A journal over a store in memory, for tests of the journal: a clock that stands, a counter as
 * aggregate, a key-value store of snapshots, and a bus that writes down what it hears. */
#pragma once

#include "core/journal/journal.h"
#include "tests/core/fakes/fake_event_store.h"

struct world {
    struct fake_event_store *store;
    struct journal *journal;
    int64_t now_ms;
    char snapshotted[100]; /* the last one: STREAM at VERSION */
    uint64_t committed; /* last position that was told */
    struct buffer heard; /* topics on the bus */
    struct buffer last;  /* last event on the bus */
    struct buffer snapshot; /* the only one; empty: none */
    uint64_t snapshot_gets, snapshot_puts;
    bool snapshots_fail;
    int created, freed; /* states */
};

/* States are sums: "Added" {"n": ...} adds, schema 2; in schema 1 it was {"by": ...}. "Cleared" makes
 * it 0. "Bad" cannot be folded. Streams: "sum/ID". */
extern const struct aggregate_kind sum_kind;
int64_t sum_of(const void *state);

struct world *world_new(void);
void world_free(struct world *w);

extern const struct call_context world_context;

/* Those of the next journal; NULL: none. */
extern struct hooks *world_hooks;

/* Journals share the store: another process. */
struct journal *world_journal(struct world *w);

struct str world_text(struct buffer *b);
