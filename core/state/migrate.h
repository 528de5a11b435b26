/*
 * Migrating what one place has, while it is used: page by page, each value with the plan that leads
 * from its version. Former values are kept in the store, in the space "migration/RUN", before new ones
 * are written: until the run is committed it can be rolled back, also by another process and after a
 * crash. A value that others change in between is read again; one that they change afterwards is left
 * alone by a rollback.
 *
 * Threads, and what done() gets, as in state.h.
 */
#pragma once

#include "core/migration/migration.h"
#include "core/state/state.h"
#include "ports/driven/executor.h"

struct state_migration {
    const struct migration *migration; /* lives until done() */
    const struct executor_port *executor; /* for pages of more than 64 KiB; NULL: all on the loop  */
    struct str run;            /* name of the run: 1 to 64 letters, digits and '-'                 */
    uint32_t to;               /* version; 0: the latest                                           */
    uint32_t batch;            /* values of a page, 1 to 500                                       */
    bool dry_run;              /* nothing is written                                               */
    bool backup;               /* keep the former values until state_commit                        */
    bool rollback_on_error;    /* also a timeout; else the rest is migrated nevertheless           */
    enum migration_validation validation;
    uint64_t timeout_ms;       /* 0: none */
};

struct state_migrated {
    uint32_t to;
    enum migration_risk risk;  /* the highest of the plans that were needed                        */
    uint64_t seen, migrated, unchanged, failed;
    struct str failure;        /* of the first value that failed: its key and why; or empty         */
    bool rolled_back;
    uint64_t restored;
    uint64_t left;             /* not restored, as others have changed them since                  */
    bool kept;                 /* former values are kept: commit or roll back                      */
};

/* `progress` gets what was done so far, after each page, and may be NULL. An error is one of the store,
 * of memory or of the arguments; that values fail is no error. */
void state_migrate(struct state *state, const struct state_place *place,
                   const struct state_migration *options,
                   void (*progress)(void *arg, const struct state_migrated *so_far),
                   void (*done)(void *arg, const struct error *err, const struct state_migrated *m),
                   void *arg);

/* Puts former values back and forgets the run. ST_NOT_FOUND: no such run of this place is kept. */
void state_rollback(struct state *state, const struct state_place *place, struct str run,
                    void (*done)(void *arg, const struct error *err, const struct state_migrated *m),
                    void *arg);

/* Forgets former values. */
void state_commit(struct state *state, const struct state_place *place, struct str run,
                  void (*done)(void *arg, const struct error *err, const struct state_migrated *m),
                  void *arg);
