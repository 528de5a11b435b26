/* Inside of core/projection: what its files share. */
#pragma once

#include "core/base/arena.h"
#include "core/base/buffer.h"
#include "core/base/str_index.h"
#include "core/projection/projection.h"

/* The row in which the engine keeps what it knows of a projection. */
#define ABOUT_KEY "~about"

/* Name of the new rows while they are built. */
#define SHADOW_SUFFIX "~rebuild"

/* Events of one step: at first, and at most. */
#define BATCH_FIRST 64u
#define BATCH_MAX 512u

/* Rows and bytes that are remembered between steps. */
#define REMEMBERED_ROWS 8192u
#define REMEMBERED_BYTES ((size_t)8 << 20)

/* So far may the stored checkpoint stay behind when there is no row to write. */
#define CHECKPOINT_EVERY 1000u

/* After the store has failed. */
#define RETRY_MS 1000u

#define NS_PER_MS 1000000u

/* ---- rows.c: rows as they are while events are applied */

struct row {
    char *value; /* NULL: there is none */
    size_t len;
    struct json_doc *doc; /* of the value, once it was looked at */
    bool loaded;          /* it is what the store has, or newer */
    bool dirty;
    struct str key;       /* behind the struct */
};

struct row_set {
    struct str_index by_key;
    size_t bytes;
    struct row **dirty;
    size_t dirty_count, dirty_cap;
};

void row_set_clear(struct row_set *set);
/* The row, made if needed; NULL without memory. */
struct row *row_set_row(struct row_set *set, struct str key);
/* What the store has. False without memory. */
bool row_set_load(struct row_set *set, struct row *row, struct str value);
/* The dirty rows are what the store has now. */
void row_set_written(struct row_set *set);

struct projection_keys {
    struct row_set *set;
    struct row **missing; /* rows that the store must be asked for */
    size_t count, cap;
    struct error err;
    int rc;
};

struct projection_rows {
    struct row_set *set;
    int rc;
    struct error err;
};

/* ---- about.c: the row of the engine */

struct about {
    uint32_t version; /* 0: there is no such row */
    uint32_t builds;  /* how often it was rebuilt */
    bool building;    /* it was never caught up */
    bool paused;
};

/* What cannot be read is like no row. */
struct about about_read(struct str value);
void about_write(struct buffer *out, const struct about *about);

/* ---- engine.c */

/* One run of rows: those that are served, or the new ones of a rebuild. */
struct track {
    struct entry *entry;
    struct str name;
    bool shadow;
    bool active;      /* there is something to build (step.c, settle)                     */
    bool reset;       /* begin with dropping all rows                                     */
    bool write_about; /* `about` differs from what the store has                          */
    struct about about;
    uint64_t stored;  /* checkpoint                                                       */
    uint64_t seen;    /* looked at up to here: `stored`, or further without a row to write */
    uint32_t batch;   /* events of the next step                                          */
    struct row_set rows;
    struct error failed; /* with a code: why it has stopped                               */
};

/* Rows of an older version. */
struct old_rows {
    uint32_t version; /* 0: there are none */
    uint64_t position;
    char name[PROJECTION_NAME_MAX + 12];
};

struct entry {
    const struct projection *p;
    struct projections *engine;
    struct str *types; /* of p */
    struct track main, shadow;
    struct old_rows old;
    bool look;           /* the store is to be looked at, whatever is known               */
    bool old_gone;       /* there are no older rows any more                              */
    uint64_t checked_ns; /* when the checkpoints were read; 0: they are not known         */
    uint64_t looked_ns;  /* when the reading began that came to the end last; 0: never    */
    uint64_t looked;     /* which reading that was                                        */
    uint64_t retry_ns;   /* not before this                                               */
    struct error trouble; /* with a code: the store has failed                            */
    char names[];
};

enum phase { PHASE_NONE, PHASE_CHECK, PHASE_DROP, PHASE_RESET, PHASE_READ, PHASE_ROWS, PHASE_WRITE };

/* The step that is under way; there is one at a time. */
struct step {
    struct track *track;
    enum phase phase;
    bool check_only;
    bool failed;    /* `error` says why, which is not the fault of an event */
    bool conflict;
    struct error error;
    uint64_t began_ns;
    uint64_t reading; /* number of the reading */
    struct arena arena;
    struct stored_event *events;
    struct json_doc **docs;
    size_t count, cap;
    size_t ready;   /* events whose keys are known */
    size_t applied;
    uint64_t end;   /* all up to there was read */
    uint64_t next;  /* checkpoint after the step */
    bool more;
    bool finished;  /* there are no more events */
    bool swap;
    struct projection_keys keys;
};

enum control_kind { CONTROL_REBUILD, CONTROL_PAUSE, CONTROL_RESUME, CONTROL_RESET, CONTROL_LIST };

enum control_stage { CONTROL_NEW, CONTROL_CHECKED, CONTROL_WRITTEN };

struct control {
    struct control *next;
    enum control_kind kind;
    enum control_stage stage;
    struct entry *entry; /* NULL: LIST */
    projection_done done;
    void (*facts)(void *arg, const struct projection_facts *facts);
    void *arg;
    size_t at; /* LIST: entries that were looked at */
    unsigned tries;
    bool conflict;
    struct error error; /* with a code: of the store */
};

struct waiting_query;

struct projections {
    struct projections_parts parts;
    struct str_index entries;
    struct timer *timer;
    uint64_t timer_ns; /* when it fires; 0: it does not run */
    uint64_t head;
    uint64_t readings; /* so many have begun */
    size_t turn;       /* entry that is next, for fairness */
    size_t waits;      /* answers of the store that are to come before the next phase */
    size_t asked;      /* rows that queries have asked for */
    bool running, freed;
    struct step step;
    struct control *controls, **last_control;
    struct waiting_query *queries;
};

uint64_t engine_now(const struct projections *engine);

/* Goes on, now or soon; may be called from everywhere. */
void engine_run(struct projections *engine);
void engine_run_soon(struct projections *engine, uint64_t delay_ms);

/* An answer of the store has come: goes on if it was the last that was waited for. */
void engine_answered(struct projections *engine);

/* Frees an engine that was given back, when no answer of the store can come any more. */
void engine_drop(struct projections *engine);

struct entry *engine_find(const struct projections *engine, struct str name);
int engine_unknown(const struct projections *engine, struct str name, struct error *err);

static inline struct entry *engine_entry(const struct projections *engine, size_t i)
{
    return engine->entries.entries[i].value;
}

/* ---- step.c */

bool track_wants(const struct track *track, uint64_t now_ns);
void step_begin(struct projections *engine, struct track *track, bool check_only);
/* After all answers of the phase are there: begins the next one, or ends the step. */
void step_next(struct projections *engine);
/* The row of what is known of a track. */
struct projection_row about_row(const struct about *about, struct buffer *text);
void track_start(struct track *track, const struct about *about);

/* ---- batch.c */

/* Copies an event that was read. False without memory. */
bool batch_add(struct step *step, const struct stored_event *event);
/* Asks for the keys of the events, as many as time allows. */
int batch_keys(struct projections *engine, struct step *step, struct error *err);
int batch_apply(struct projections *engine, struct step *step, struct error *err);
void batch_clear(struct step *step);

/* ---- query.c */

/* Answers the queries that need not wait any more. */
void queries_look(struct projections *engine);
/* When the next one gives up; 0: none waits. */
uint64_t queries_deadline(const struct projections *engine);
void queries_free(struct projections *engine);

/* ---- control.c */

/* Goes on with the first control. False: there is none. */
bool control_next(struct projections *engine);
void controls_free(struct projections *engine);
