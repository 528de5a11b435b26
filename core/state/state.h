/*
 * State: values of JSON under keys, in scopes that do not see each other (place.h). A value has a
 * version, which a change can ask for; a class, which says how it is looked at for secrets
 * (entry.h); a version of its shape, for migrations; and perhaps an end. Each place has a quota.
 *
 * All [loop]. Functions copy what they are given before they return. Each tells done() exactly once,
 * perhaps before it returns; what done() gets is borrowed until it returns. After state_free nothing
 * is told any more. Changes of one place are made one after the other, in the order in which they
 * were asked for; other processes may change the same store in between.
 */
#pragma once

#include "core/json/json.h"
#include "core/redact/redact.h"
#include "core/state/entry.h"
#include "core/state/place.h"
#include "ports/driven/clock.h"
#include "ports/driven/event_bus.h"
#include "ports/driven/key_value_store.h"

#define STATE_VALUE_MAX ((size_t)10 << 20)

/* Longest page of a list in entries, and in bytes of values. */
#define STATE_PAGE_MAX 1000u
#define STATE_PAGE_BYTES ((size_t)8 << 20)

/* Keys that one search looks at before it gives a page, also an empty one. */
#define STATE_SEARCH_MAX 10000u

/* What is done about a secret in a value of the class "standard" or "external". */
enum state_secrets {
    STATE_SECRETS_REFUSE,
    STATE_SECRETS_REDACT,  /* in the value that is kept; what was there is lost                    */
    STATE_SECRETS_ENCRYPT, /* the whole value is; refused where no key is configured               */
};

struct state_parts {
    const struct key_value_store *values;
    /* The same store where all that is written is encrypted; NULL: no key is configured. */
    const struct key_value_store *sealing;
    const struct event_bus *bus;
    const struct clock_port *clock;
    struct redactor redactor; /* its key lives as long as the state                                */
    enum state_secrets secrets;
    uint64_t max_bytes; /* of keys and values in one place                                         */
    uint64_t max_keys;
};

struct state;

/* The parts are copied; what they point to outlives the state. NULL without memory. */
struct state *state_new(const struct state_parts *parts);

/* NULL is allowed. */
void state_free(struct state *state);

struct state_entry {
    struct str key;
    struct json value;   /* nothing where it was not asked for                                     */
    uint64_t version;
    uint64_t bytes;      /* as kept                                                                */
    struct state_facts facts; /* of lists without values: zero                                     */
    int64_t expires_ms;  /* UTC; 0: never                                                          */
};

/* ST_NOT_FOUND. */
void state_get(struct state *state, const struct state_place *place, struct str key,
               void (*done)(void *arg, const struct error *err, const struct state_entry *entry),
               void *arg);

struct state_change {
    struct str key;
    bool remove;
    struct json value;
    enum state_class value_class;
    uint32_t schema; /* 0: that of the value before, or 1                                          */
    uint64_t ttl_ms; /* 0: for ever                                                                */
    bool if_version; /* only if the key is at `version`; 0: only if it is not there                */
    uint64_t version;
};

struct state_changed {
    bool conflict;    /* the key is at `version`: nothing was changed                              */
    bool removed;     /* a removal found something                                                 */
    uint64_t version; /* after the change                                                          */
    size_t redacted;  /* secrets that were replaced                                                */
    bool sealed;      /* the value was encrypted because of what is in it                          */
};

/* ST_INVALID: key or place. ST_DENIED: a secret that must not be kept; the text says where it is.
 * ST_TOO_LARGE: value or quota. ST_BUSY: others change the place all the time. */
void state_set(struct state *state, const struct state_place *place,
               const struct state_change *change,
               void (*done)(void *arg, const struct error *err, const struct state_changed *changed),
               void *arg);

/* Removes all keys with the prefix; an empty one: all. */
void state_clear(struct state *state, const struct state_place *place, struct str prefix,
                 void (*done)(void *arg, const struct error *err, uint64_t removed), void *arg);

struct state_query {
    struct str prefix;
    struct str after;   /* key */
    uint32_t limit;     /* 1 to STATE_PAGE_MAX */
    bool values;
    bool ephemeral;     /* those in memory, and no others */
    /* Of a search: only keys that the pattern fits ("*": any bytes, "?": one character; empty: all),
     * and only values that have `equals` at the JSON Pointer `pointer` (`equals` nothing: that have
     * anything there). */
    bool search;
    struct str pattern;
    bool by_value;
    struct str pointer;
    struct json equals; /* lives until done() */
};

struct state_list {
    const struct state_entry *entries;
    size_t count;
    struct str next; /* `after` of the next page; empty: that was all */
};

/* Lists keys in the order of their bytes, or searches. */
void state_list(struct state *state, const struct state_place *place, const struct state_query *query,
                void (*done)(void *arg, const struct error *err, const struct state_list *list),
                void *arg);

struct state_usage {
    uint64_t bytes, max_bytes;
    uint64_t keys, max_keys;
};

/* Counts what is there. */
void state_usage(struct state *state, const struct state_place *place,
                 void (*done)(void *arg, const struct error *err, const struct state_usage *usage),
                 void *arg);

/* The quota of a place is counted anew at its next change: for those who change values past it. */
void state_recount(struct state *state, struct str space);

/*
 * What was changed by this process: also told on the bus as "state.SCOPE.changed", as
 *
 *   {"sequence": n, "tenant", "caller", "scope", "kind"?, "id"?, "key", "version",
 *    "change": "set"|"removed"|"cleared"|"migrated"}
 *
 * `caller` is not there for "global"; the key of "cleared" is the prefix. The last 1,024 are kept.
 */
struct state_watch {
    struct str prefix;
    uint64_t after; /* sequence; 0: from now on                                                    */
};

struct state_seen {
    struct str changes; /* JSON array */
    uint64_t sequence;  /* of the last one that was looked at: `after` of the next watch           */
    bool missed;        /* changes behind `after` are not known any more: list the place           */
};

/* Tells as soon as there is a change, once. */
void state_watch(struct state *state, const struct state_place *place,
                 const struct state_watch *watch,
                 void (*done)(void *arg, const struct error *err, const struct state_seen *seen),
                 void *arg, uint64_t *id);

/* Ends the watch `id`: it tells what there is, nothing. Unknown ids are ignored. */
void state_unwatch(struct state *state, uint64_t id);

/* For those who change values past the state: tells of one change. */
void state_tell(struct state *state, const struct state_place *place, struct str key,
                uint64_t version, const char *change);
