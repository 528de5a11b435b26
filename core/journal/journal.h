/*
 * The journal: what changes the state of the platform goes through here. A command looks at the state
 * of an aggregate, which is all events of its stream folded together, and adds events. It is done when
 * the event store says that they are durable; then they are published on the bus and projections hear
 * of them.
 *
 * Several processes may use one store. What the journal keeps in memory is therefore believed only as
 * far as the store has checked it: a command commits with the version that it has seen, and a load of
 * the current state reads what has been added since.
 *
 * All [loop]. Functions copy what they are given before they return, except where they say otherwise.
 * Each done() comes exactly once, perhaps before the function returns, and never after journal_free.
 * What done() is given is borrowed until it returns.
 */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/hook/hooks.h"
#include "core/json/json.h"
#include "ports/context.h"
#include "ports/driven/clock.h"
#include "ports/driven/event_bus.h"
#include "ports/driven/event_store.h"
#include "ports/driven/key_value_store.h"
#include "ports/driven/random.h"

/* Events and streams of one commit. */
#define JOURNAL_EVENTS_MAX 1000u
#define JOURNAL_STREAMS_MAX 100u

/* Longest id of a command, and longest name of a stream. */
#define JOURNAL_COMMAND_MAX 128u
#define JOURNAL_STREAM_MAX 255u

/* A snapshot is written when a load or a commit has brought so many events since the last one. */
#define JOURNAL_SNAPSHOT_EVERY 100u

/* Space of the key-value store where they are, by the name of the stream. */
#define JOURNAL_SNAPSHOTS "snapshots"

/* Aggregates that are kept in memory. */
#define JOURNAL_KEPT_MAX 256u

struct journal;

struct journal_parts {
    const struct event_store *events;
    const struct key_value_store *values; /* of snapshots; NULL: there are none                  */
    const struct clock_port *clock;
    const struct random_port *random;
    const struct event_bus *bus;          /* NULL: nothing is published                          */
    /* After each commit of this process; may be NULL. */
    void (*committed)(void *ctx, uint64_t position);
    /* A snapshot of the stream is kept; may be NULL. */
    void (*snapshotted)(void *ctx, struct str stream, uint64_t version);
    void *ctx;
    struct hooks *hooks; /* are told of each event; NULL: nobody hooks */
};

/* The ports outlive the journal. */
int journal_new(const struct journal_parts *parts, struct journal **out, struct error *err);

/* Loads and commits that wait are never told. What was given to the store may still become durable.
 * NULL is allowed. */
void journal_free(struct journal *journal);

/* ---- types of events ------------------------------------------------------------------------ */

/* Makes of the data of an event of schema n the data of schema n + 1: appends one JSON object. */
typedef int (*event_upcast)(void *ctx, const struct stored_event *event, struct json data,
                            struct buffer *out, struct error *err);

/* A type of events as this program knows it. Lives as long as the journal. */
struct event_type {
    const char *name;   /* "MessageSent"                                                         */
    uint32_t schema;    /* the newest, from 1; it is what is written                             */
    /* `schema` - 1 of them: the first is for schema 1. They are applied to whatever is read, so that
     * everybody else knows the newest shape alone. NULL if `schema` is 1. */
    const event_upcast *upcasts;
    void *ctx;
};

/* Names are shared by all domains. ST_INVALID: a type is there already. */
int journal_add_types(struct journal *journal, const struct event_type *types, size_t count,
                      struct error *err);

/* Brings an event to the newest schema: *out is the event, and *doc its data, which the caller frees
 * (json_free); *out may point into it, and into what `event` points to. An event of a type that was
 * never added stays as it is if its schema is 1. ST_UNSUPPORTED: it is newer than this program knows.
 * ST_INVALID: its data is no JSON. */
int journal_upcast(const struct journal *journal, const struct stored_event *event,
                   struct stored_event *out, struct json_doc **doc, struct error *err);

/* ---- commit --------------------------------------------------------------------------------- */

struct journal_event {
    struct str type;  /* one that was added                                                      */
    struct str data;  /* JSON object                                                             */
    struct str cause; /* id of the event that led to this one; empty: that of the batch          */
};

struct journal_append {
    /* DOMAIN/ID: a domain is small letters, digits and '-'; an id has letters, digits and "-_.:@~". Each
     * stream once in a batch. */
    struct str stream;
    enum expected_version expect;
    uint64_t version;
    const struct journal_event *events; /* at least one                                          */
    size_t count;
};

struct journal_batch {
    /* Id of the command, 1 to JOURNAL_COMMAND_MAX of letters, digits, '.', '_', ':' and '-'. A command
     * that the same caller sends again within a day is not done again, and answered as the first time.
     * Empty: a new one. */
    struct str command;
    struct str correlation; /* empty: the trace id of the context, or else the command           */
    struct str cause;       /* empty: the command                                                */
    const struct journal_append *streams; /* 1 to JOURNAL_STREAMS_MAX, all or nothing            */
    size_t count;
};

struct journal_result {
    uint64_t position;        /* of the last event: what a query of a projection waits for       */
    const uint64_t *versions; /* of the last event of each stream                                */
    size_t count;
    bool repeated;            /* it had been done before                                         */
    struct str command;
    struct str correlation;
    int64_t at_ms;            /* of the events; not that of the first time if it is repeated     */
    /* A stream is not where it was expected: nothing was added. `expected` is 0 for none. */
    bool conflict;
    struct str stream;
    uint64_t expected, actual;
};

/* `err` is NULL also for a conflict. The caller and the tenant of the context are those of the events. */
typedef void (*journal_done)(void *arg, const struct error *err,
                             const struct journal_result *result);

void journal_commit(struct journal *journal, const struct call_context *context,
                    const struct journal_batch *batch, journal_done done, void *arg);

/* A sentence for a conflict, with ST_BUSY as code: what to answer if the command is not tried again. */
int journal_conflict(const struct journal_result *result, struct error *err);

/* ---- aggregates ----------------------------------------------------------------------------- */

/* How the events of a stream become a state. Lives as long as the journal. */
struct aggregate_kind {
    const char *domain;     /* streams "DOMAIN/..."                                              */
    uint32_t state_version; /* of what save() writes: a snapshot of another one is not used      */
    void *ctx;

    /* The state before the first event. NULL without memory. */
    void *(*create)(void *ctx, struct str stream);
    void (*free)(void *ctx, void *state);

    /* Folds one event, of the newest schema, into the state. Must not look at anything else. A type
     * that it does not know is an error (ST_UNSUPPORTED), not something to leave out. The state is
     * thrown away after an error. */
    int (*apply)(void *ctx, void *state, const struct stored_event *event, struct json data,
                 struct error *err);

    /* Snapshots: one JSON value. Both NULL: this kind has none. */
    int (*save)(void *ctx, const void *state, struct buffer *out, struct error *err);
    int (*restore)(void *ctx, void *state, struct json saved, struct error *err);
};

/* How fresh a state must be. */
enum journal_fresh {
    JOURNAL_CURRENT, /* with all that the store has now                                           */
    JOURNAL_RECENT,  /* as this process knows it: for a command that commits with its version     */
};

struct journal_load {
    const struct aggregate_kind *kind;
    struct str stream;
    enum journal_fresh fresh;
    /* As of then; 0: no bound. With one, what is loaded is not kept. */
    uint64_t version;
    uint64_t position;
    int64_t until_ms;
};

struct journal_loaded {
    struct str stream;
    const void *state;
    uint64_t version;   /* of the last event in it; 0: there is no event, and the state is the first */
    uint64_t position;  /* of that event                                                         */
    int64_t at_ms;
};

typedef void (*journal_loaded_done)(void *arg, const struct error *err,
                                    const struct journal_loaded *loaded);

void journal_load(struct journal *journal, const struct journal_load *what,
                  journal_loaded_done done, void *arg);

/* Throws away what is kept of a stream in memory of this process and as a snapshot: after its data was
 * made unreadable. */
void journal_forget(struct journal *journal, struct str stream);

/* ---- commands ------------------------------------------------------------------------------- */

/* Where decide() puts its events. */
struct journal_decision;

/* Adds an event to the stream of the command. False without memory, which the command then reports. */
bool journal_emit(struct journal_decision *decision, struct str type, struct str data);

struct journal_command {
    const struct aggregate_kind *kind;
    struct str stream;
    struct str command;     /* as in journal_batch */
    struct str correlation;
    struct str cause;
    /* The version that the stream must have, as the one who sends the command has seen it; 0: any. If
     * it has another the command ends with a conflict and is not tried again. */
    uint64_t expected;

    /* Looks at the state and emits events, or refuses with an error. Is called again after a conflict
     * with the newer state, so it must not change anything. `version` 0: the stream is empty. Without
     * events the command ends at once, and its result has no position. */
    int (*decide)(void *arg, const void *state, uint64_t version, struct journal_decision *decision,
                  struct error *err);
    /* As of journal_commit; `state` has the new events in it (NULL with an error or a conflict). */
    void (*done)(void *arg, const struct error *err, const struct journal_result *result,
                 const void *state);
    void *arg;
};

/* Loads, decides and commits; after a conflict with somebody else again, up to JOURNAL_TRIES times. */
#define JOURNAL_TRIES 5u
void journal_execute(struct journal *journal, const struct call_context *context,
                     const struct journal_command *command);

/* ---- for readers ---------------------------------------------------------------------------- */

/* Appends the event as JSON: {"id","stream","version","position","type","schema","at","correlation",
 * "causation","caller","tenant","data"}; without "position" and "version" where they are 0. */
void journal_write_event(struct buffer *out, const struct stored_event *event);

/* Appends its topic on the bus, "store.DOMAIN.ID.Type", with '_' for what a topic cannot have; false if
 * it is too long. */
bool event_topic(struct buffer *out, const struct stored_event *event);

/* True for DOMAIN/ID as journal_append has it. */
bool journal_stream_valid(struct str stream);
