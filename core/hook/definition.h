/*
 * Hooks for those who write one: what a hook is to the chains. Built-in hooks and those of plugins are
 * both made of this.
 *
 * A hook is asked by run(). It answers at once by the result that it returns, or later: it returns
 * HOOK_LATER and calls hook_answer or hook_fail. Until then the chain waits, unless the hook only
 * observes. After the time budget, and when nobody waits any more, cancel() comes, and the turn must
 * not be used any more.
 *
 * All [loop].
 */
#pragma once

#include "core/base/error.h"
#include "core/hook/breaker.h"
#include "core/hook/hooks.h"
#include "core/json/json.h"
#include "ports/driven/clock.h"
#include "ports/driven/timer.h"

#define HOOK_PRIORITY_HIGH (-100)
#define HOOK_PRIORITY_LOW 100

/* Time budget of a hook that says none. */
#define HOOK_BUDGET_MS 100u

/* run() returned this: the answer comes by hook_answer or hook_fail. */
#define HOOK_LATER HOOK_RESULTS

/* What a hook says; which fields count depends on the result. Texts live in the hook or in `own`. */
struct hook_says {
    struct str reason;     /* cancel, skipped                                                    */
    struct str target;     /* redirect                                                           */
    struct str value;      /* replace: JSON                                                      */
    struct str data;       /* modified: JSON object {JSON Pointer: new value}                    */
    struct str operations; /* fork: JSON array                                                   */
    struct str key;        /* cache                                                              */
    uint64_t ttl_ms;
    uint32_t delay_ms, attempts; /* retry                                                        */
    struct buffer own;     /* for texts that the hook makes                                      */
};

/* One hook at one event. */
struct hook_turn {
    /* Until run() returns, if the hook observes or is only told; else until it answers. */
    const struct hook_event *event;
    struct hook_says says;
    void *user; /* the hook's own, for an answer that comes later */
};

struct hook_definition {
    struct str name;           /* unique: "audit", "plugin:org.example.x/guard"; copied          */
    struct str kind;           /* for people: "logging", "plugin"; copied                        */
    const struct str *points;  /* patterns, copied                                               */
    size_t point_count;
    /* Patterns of what it is for; empty: all; copied. */
    struct str tool;           /* the name of the tool: points of tools alone                    */
    struct str target;         /* hook_event.target                                              */
    struct str caller;         /* the id of the caller                                           */
    const struct str *reads;   /* JSON Pointers, copied; what hook_turn_read_all gives           */
    size_t read_count;
    int32_t priority;          /* smaller comes first                                            */
    bool gates;                /* its result counts                                              */
    bool required;             /* if it fails or is too slow, what can be cancelled is cancelled */
    bool quick;                /* mostly answers at once, in less than what reading the clock takes:
                                  each 16th run is timed                                         */
    bool trusted;              /* sees what redaction hides, may change what it does not read    */
    uint32_t budget_ms;        /* 0: HOOK_BUDGET_MS                                              */
    uint32_t first_ms;         /* more for the first run, in which something may have to start   */
    void *self;
    /* Returns what the hook says, or HOOK_LATER. */
    enum hook_result (*run)(void *self, struct hook_turn *turn);
    /* For hooks that answer later: the turn is over. */
    void (*cancel)(void *self, struct hook_turn *turn);
    void (*free)(void *self); /* may be NULL */
};

struct hooks_parts {
    const struct clock_port *clock;
    const struct timer_port *timer;
    /* Told of a hook that failed, for the log; may be NULL. */
    void (*complain)(void *ctx, struct str hook, struct str text);
    void *complain_ctx;
};

int hooks_new(const struct hooks_parts *parts, struct hooks **out, struct error *err);

/* Runs that are left are dropped without a report. NULL is allowed. */
void hooks_free(struct hooks *hooks);

/* On success the hook belongs to the chains and is freed by them. ST_INVALID: its name is taken, or a
 * pattern matches no point. */
int hooks_add(struct hooks *hooks, const struct hook_definition *definition, struct error *err);

/* What waits for it goes on without it. ST_NOT_FOUND. */
int hooks_remove(struct hooks *hooks, struct str name, struct error *err);
int hooks_enable(struct hooks *hooks, struct str name, bool on, struct error *err);

/* Takes all hooks away at the end. What waits for one is not told any more. */
void hooks_clear(struct hooks *hooks);

/* ---- for run() and before the answer ------------------------------------------------------------ */

/* Appends the JSON value at the pointer, as earlier hooks changed it. False: there is none. */
bool hook_turn_read(struct hook_turn *turn, struct str pointer, struct buffer *out);

/* Appends {JSON Pointer: value} of all that the definition reads and that is there. */
void hook_turn_read_all(struct hook_turn *turn, struct buffer *out);

/* The result that is kept under the key for this event's caller and thing, see hooks_cache_get. */
bool hook_turn_cached(struct hook_turn *turn, struct str key, struct buffer *out);

/* ---- for answers that come later ---------------------------------------------------------------- */

/* Ends the turn with what `turn->says` holds. */
void hook_answer(struct hook_turn *turn, enum hook_result result);
void hook_fail(struct hook_turn *turn, const struct error *err);

/* As hook_answer, with the JSON of a plugin; what is wrong with it is a failure of the hook. */
void hook_answer_json(struct hook_turn *turn, struct str json);

/* Reads {"result": ..., ...} of a plugin into `says`. ST_PROTOCOL with what is wrong. */
int hook_says_read(struct str json, struct hook_says *says, enum hook_result *result,
                   struct error *err);

/* The JSON name of a result: "continue". */
const char *hook_result_name(enum hook_result result);

/* ---- for people and figures --------------------------------------------------------------------- */

struct hook_facts {
    struct str name, kind;
    const struct str *points;
    size_t point_count;
    struct str tool, target, caller;
    int32_t priority;
    bool enabled, gates, required;
    uint32_t budget_ms;
    enum breaker_state breaker;
    uint64_t runs, errors, skipped;  /* skipped: not run because the breaker was open            */
    uint64_t results[HOOK_RESULTS];
    uint64_t p50_ns, p95_ns, p99_ns; /* of the last 1,000 within an hour; 0: none                */
    const char *last_error;          /* "" if there was none                                     */
};

/* The hook number `index` in the order of priority; false behind the last one. */
bool hooks_at(const struct hooks *hooks, size_t index, struct hook_facts *out);

/* Makes others see less: `hide` appends to `out` what is left of the JSON text, or returns false if it
 * is as it was. Only what is given to hooks that are not trusted goes through it. */
void hooks_set_hide(struct hooks *hooks, bool (*hide)(void *ctx, struct str json, struct buffer *out),
                    void *ctx);
