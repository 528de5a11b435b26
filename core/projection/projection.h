/*
 * Projections: read models, rows of a key and a JSON value, built from the events of all streams. The
 * store keeps the rows and, with them, up to which event they are built (the checkpoint), so a
 * projection goes on where it was, and nothing is built again at a start.
 *
 * Several processes may project into one store. Who writes rows says from which checkpoint; if another
 * was faster, it throws its rows away and goes on from the other's.
 *
 * The store has the rows of each version of a projection under a name of their own, NAME.VERSION, so
 * that an older hexmcp beside a newer one never writes rows of its shape among the other's. A version
 * that is new is built from the first event while the rows of the one before are served, which are
 * dropped then. A rebuild goes into NAME.VERSION~rebuild, and takes the place of the old rows in one
 * step. A projection that cannot build a row stops, names the event, and serves what it has; others go
 * on.
 *
 * Work is done in slices of about PROJECTION_SLICE_US, between which the loop is free.
 *
 * All [loop]. Functions copy what they are given before they return. Each done() comes exactly once,
 * perhaps before the function returns, and never after projections_free. What it is given is borrowed
 * until it returns.
 */
#pragma once

#include "core/base/error.h"
#include "core/json/json.h"
#include "core/journal/journal.h"
#include "ports/driven/clock.h"
#include "ports/driven/event_store.h"
#include "ports/driven/timer.h"

#define PROJECTION_SLICE_US 1000u

/* Longest name: small letters, digits and '-'. */
#define PROJECTION_NAME_MAX 64u

/* How long a query waits for its min_position, and for a projection that is built for the first time. */
#define PROJECTION_WAIT_MS 1000u

/* While queries come, the store is looked at so often for events of other processes. */
#define PROJECTION_LOOK_MS 1000u

/* ---- what a domain writes ------------------------------------------------------------------- */

/* Takes the keys of the rows that an event needs. */
struct projection_keys;

/* The rows while an event is applied. */
struct projection_rows;

/* A projection. Lives as long as the engine. */
struct projection {
    const char *name;         /* "token-usage"                                                   */
    uint32_t version;         /* from 1; rises when rows look otherwise, and all is built again  */
    const char *const *types; /* of the events that it needs; none: all                          */
    size_t type_count;
    void *ctx;

    /* Names the rows that apply() will look at for this event, with projection_want. May be NULL: it
     * looks at none. */
    int (*keys)(void *ctx, const struct stored_event *event, struct json data,
                struct projection_keys *keys, struct error *err);

    /* Changes rows for this event, with the functions below. Must not look at anything else: the same
     * events give the same rows. An error stops this projection. */
    int (*apply)(void *ctx, const struct stored_event *event, struct json data,
                 struct projection_rows *rows, struct error *err);
};

/* Keys are 1 to 512 bytes of UTF-8 and do not begin with '~'. Without memory the events are tried
 * again later. */
void projection_want(struct projection_keys *keys, struct str key);

/* The value of a row that was wanted, with what earlier events made of it; nothing if there is none.
 * Valid until the row is changed. */
struct json projection_get(struct projection_rows *rows, struct str key);

/* Puts a row (wanted or not) in place of what is there. `value` is JSON, not null. */
void projection_put(struct projection_rows *rows, struct str key, struct str value);

void projection_remove(struct projection_rows *rows, struct str key);

/* ---- the engine ----------------------------------------------------------------------------- */

struct projections;

struct projections_parts {
    const struct event_store *events;
    const struct journal *journal; /* its upcasts */
    const struct clock_port *clock;
    const struct timer_port *timers;
    /* A projection has failed, or is rebuilt and serves: for the log. May be NULL. */
    void (*report)(void *ctx, struct str projection, const struct error *failed);
    void *ctx;
};

/* The ports and the journal outlive it. Touches nothing before the first event or query. */
int projections_new(const struct projections_parts *parts, struct projections **out,
                    struct error *err);

/* NULL is allowed. */
void projections_free(struct projections *engine);

/* ST_INVALID: the name is there already, or is none. */
int projections_add(struct projections *engine, const struct projection *projection,
                    struct error *err);

/* There are events up to `position`: what journal_parts.committed is for. They are projected within a
 * few milliseconds. */
void projections_committed(struct projections *engine, uint64_t position);

struct projection_query {
    struct str projection;
    struct str key;    /* this row alone; or empty                                               */
    struct str prefix;
    struct str after;  /* key; in the direction of reading                                       */
    bool backward;
    uint32_t limit;    /* 1 to 1,000                                                             */
    /* The rows must have what was committed up to there. ST_TIMEOUT if they have not within
     * PROJECTION_WAIT_MS. 0: as they are, which is at most PROJECTION_LOOK_MS behind other processes
     * and a few milliseconds behind this one. */
    uint64_t min_position;
};

struct projection_answer {
    uint64_t position;
    uint32_t version; /* that built the rows: an older one while the new one is built            */
    const struct projection_row *rows;
    size_t count;
    bool more;
};

/* ST_NOT_FOUND: no such projection. ST_BUSY: it is built for the first time, which takes longer than
 * PROJECTION_WAIT_MS. ST_UNAVAILABLE: it is paused and will not come to min_position. Else as the store
 * has it, or the failure of the projection. */
void projections_query(struct projections *engine, const struct projection_query *query,
                       void (*done)(void *arg, const struct error *err,
                                    const struct projection_answer *answer),
                       void *arg);

/* ---- what operators see and do -------------------------------------------------------------- */

enum projection_state {
    PROJECTION_IDLE,       /* has all events that are known                                      */
    PROJECTION_BEHIND,     /* is catching up                                                     */
    PROJECTION_REBUILDING, /* serves old rows, or those of an older version, and builds new ones */
    PROJECTION_PAUSED,
    PROJECTION_FAILED,
};

struct projection_facts {
    struct str name;
    uint32_t version; /* that this program builds                                                */
    uint32_t served;  /* that built the rows which are served; 0: there are none yet             */
    enum projection_state state;
    uint64_t position;
    uint64_t head;    /* last position that is known                                             */
    uint64_t lag;     /* head - position: not more events than this are missing                  */
    uint64_t rebuilt; /* REBUILDING: position of the new rows                                    */
    struct str error; /* FAILED: a sentence; valid until the next call of the engine             */
};

const char *projection_state_name(enum projection_state state);

/* First looks at the store: how far projections are (also those of other processes) and where its end
 * is; then tells each in the order of the names with `facts`, then done(). */
void projections_list(struct projections *engine,
                      void (*facts)(void *arg, const struct projection_facts *facts),
                      void (*done)(void *arg, const struct error *err), void *arg);

/* Each ends with done(): ST_NOT_FOUND (with the nearest name), or as the store has it. */
typedef void (*projection_done)(void *arg, const struct error *err);

/* Builds it again beside the rows that are served. done() comes when that has begun. One that is rebuilt already begins
 * again. */
void projections_rebuild(struct projections *engine, struct str name, projection_done done,
                         void *arg);

/* No process projects it until it is resumed, also over restarts; rows are served as they are. */
void projections_pause(struct projections *engine, struct str name, projection_done done, void *arg);

/* Goes on, also after a failure: with the event that failed. */
void projections_resume(struct projections *engine, struct str name, projection_done done,
                        void *arg);

/* Throws the rows away and builds from the first event; meanwhile queries wait or answer ST_BUSY. */
void projections_reset(struct projections *engine, struct str name, projection_done done, void *arg);
