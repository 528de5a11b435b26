/* The operations of sessions over a store in memory: a journal, projections, a clock that a test sets,
 * a service of calls that answers as it is told, and a search index that finds words. */
#pragma once

#include "core/session/recorder.h"
#include "core/session/sessions.h"
#include "tests/core/fakes/fake_event_store.h"

struct world {
    struct fake_event_store *store;
    struct journal *journal;
    struct projections *projections;
    struct sessions *sessions;
    struct operations *operations;
    struct recorder *recorder;
    int64_t now_ms;
    uint64_t mono_ns, step_ns; /* with each look at the clock */
    uint8_t random;
    struct caller ann, bob, eve; /* of "acme", of "acme", and an "ann" of "other" */
    /* The last operation. */
    int code;
    int done;
    char *text; /* its answer, or the text of its error */
    struct buffer pieces;
    /* The calls that were made. */
    int made, cancelled, released, told;
    char *target, *arguments;   /* of the last one                                               */
    const char *result;         /* what is answered; NULL: nothing yet                           */
    enum call_end end;
    bool tells;                  /* a call that waits tells progress before call() returns */
    struct call_request pending; /* the call that waits */
    struct buffer documents;    /* of the search index: ID TAB TEXT */
    size_t indexed, removed;
    /* The artifacts that were stored; a number is the id of an upload. */
    struct world_artifact {
        char *caller, *bytes, *facts;
        size_t len;
        char id[72];    /* empty: its bytes still come, or it was removed */
        char owner[64]; /* that holds it; empty: none */
    } artifacts[8];
    size_t artifact_count, dropped;
    const char *artifact_fails; /* operation that says no */
    bool artifact_wait;         /* keeps the next operation in `waiting` */
    struct operation_call *waiting;
};

/* Those of the next world; NULL: none. */
extern struct hooks *world_hooks;

struct world *world_new(void);
struct world *world_open(bool record_all);
void world_free(struct world *w);

/* Executes an operation as the caller; returns its status. The answer or error is in `text`. */
int run(struct world *w, const struct caller *caller, const char *operation, const char *arguments);

int run_bytes(struct world *w, const struct caller *caller, const char *operation,
              const char *arguments, struct str bytes);

/* The string member of the last answer; valid until the next call of it. */
const char *member(struct world *w, const char *name);

/* `format` has %s for the id of a session. */
int run_on(struct world *w, const struct caller *caller, const char *operation, const char *id,
           const char *format);

extern const struct call_service world_calls;

/* Does what waits. */
void world_artifact_go(struct world *w);
