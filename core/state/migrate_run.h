/* Inside of a run of a migration. */
#pragma once

#include "core/state/inside.h"
#include "core/state/migrate.h"
#include "core/state/page.h"

/* What a run keeps about itself beside the former values. */
#define RUN_KEY STR("\x01run")

/* Bytes of values on one page, and above which size it is worked on by a worker. */
#define RUN_PAGE_BYTES ((size_t)4 << 20)
#define RUN_LOOP_BYTES ((size_t)65536)

#define RUN_TRIES 16
#define RUN_PLANS 16

typedef void run_done(void *arg, const struct error *err, const struct state_migrated *m);

/* A value of the page. */
struct run_item {
    struct str key, former;
    uint64_t version, ttl_ms;
    bool secret;       /* it was to be encrypted, and so are its copies */
    struct str after; /* in the page's texts; empty: it stays */
    size_t at, len;   /* where it is in them, before they are complete */
};

struct run {
    struct state_job job;
    struct state_migration options;
    struct str backup_space;
    bool rolling_back; /* state_rollback, or after an error */
    bool committing;
    struct state_migrated result;
    struct error failure; /* that ends the run after a rollback; code 0: none */

    /* The page. */
    struct arena page;
    struct run_item *items;
    size_t count, at;
    struct buffer texts;
    struct str after, last; /* keys: in the job's memory, or the page's */
    bool more;
    int tries;
    struct kv_change *changes;
    size_t change_count;

    struct migration_plan plans[RUN_PLANS];
    uint32_t plan_count;
    struct migration_work *work;
    struct buffer first_failure;
    int64_t until_ms; /* 0: no end */

    void (*progress)(void *arg, const struct state_migrated *so_far);
    run_done *done;
    void *arg;
};

/* A run that knows its place and name; NULL with done() told. */
struct run *run_new(struct state *state, const struct state_place *place, struct str name,
                    run_done *done, void *arg);

/* Tells and frees it. `err` may be NULL. */
void run_end(struct run *r, const struct error *err);

/* True if it is over: the state is gone, or something failed. */
bool run_over(struct run *r, const struct error *err);

/* Where the page's values, old and new, are written: with a secret among them encrypted. */
const struct key_value_store *run_values(const struct run *r);

/* Copies the page. False without memory. */
bool run_take_page(struct run *r, const struct page *page);

/* Puts all former values back, drops them, and ends the run. */
void run_roll_back(struct run *r);

/* Drops all former values and ends the run. */
void run_drop(struct run *r);

/* Migrates the page's values into `texts` (migrate_page.c). [any] */
void run_work(struct run *r);
