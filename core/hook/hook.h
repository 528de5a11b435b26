/* Inside of core/hook: the hooks, the chains made of them, and what runs. */
#pragma once

#include "core/hook/definition.h"

#define HOOK_SAMPLES 1000u
#define HOOK_SAMPLE_AGE_NS (3600ull * 1000000000)
#define HOOK_ERROR_SIZE ERROR_TEXT_SIZE

/* How long the last runs took. */
struct hook_samples {
    uint32_t *took_ns; /* HOOK_SAMPLES of them, from the first run on; saturated */
    uint64_t *at_ns;
    uint32_t next, count;
};

struct hook {
    struct hook *next;     /* in hooks->list, by priority */
    uint32_t refs;         /* the list, chains, turns     */
    bool removed, enabled, has_run;
    bool filters; /* it is not for every event of its points */
    struct hook_definition definition; /* its texts lie in `texts` */
    struct str *texts;
    struct buffer bytes;
    struct breaker breaker;
    struct hook_samples samples;
    uint64_t runs, errors, skipped;
    uint64_t results[HOOK_RESULTS];
    char last_error[HOOK_ERROR_SIZE];
};

/* The hooks of one point in order; counted, as a run may outlive a change of the hooks. */
struct hook_chain {
    uint32_t refs;
    uint32_t count;
    struct hook *hooks[];
};

struct hook_run;

/* One hook asked in one run. */
struct hook_pass {
    struct hook_turn turn; /* first: what hooks get is this */
    struct hooks *hooks;
    struct hook *hook;
    struct hook_run *run;            /* NULL: nobody waits for it           */
    struct hook_pass *next, *before; /* among the late ones, or the unused  */
    uint64_t began_ns, due_ns;
    bool inside;   /* run() has not returned                                */
    bool answered; /* from inside: by what follows                          */
    enum hook_result result;
    struct error failure; /* code 0: none */
};

struct hook_run {
    uint64_t id;
    struct hooks *hooks;
    struct hook_run *next, *before; /* of those that wait, or the unused */
    struct hook_chain *chain;
    uint32_t at;      /* the hook whose turn is next */
    bool telling;     /* results do not count        */
    bool looping, stopped, waiting;
    uint64_t now_ns;
    struct hook_event event;
    hooks_done_fn *done;
    struct hook_outcome outcome;
    struct buffer changed[HOOK_MEMBERS_MAX];
    struct buffer text; /* the reason, target or value */
    struct buffer key, forks;
    struct hook_pass *waits_for; /* answers later */
};

struct hooks {
    struct hooks_gate gate; /* first: hooks_any reads it */
    struct hooks_parts parts;
    struct hook *list;
    struct hook_chain *chains[HOOK_POINTS]; /* NULL: none of the point; of HOOK_CUSTOM all candidates */
    struct hook_run *running;
    struct hook_run *unused_runs;
    struct hook_pass *unused_passes;
    struct hook_pass *late; /* answer later */
    struct timer *timer;
    uint64_t timer_ns; /* when it runs out; 0: not set */
    uint64_t last_id;
    struct hook_cache *cache;
    bool (*hide)(void *ctx, struct str json, struct buffer *out);
    void *hide_ctx;
};

/* chain.c */
/* Makes the chains anew from the list; ST_NOMEM leaves them as they were. */
int hook_chains_compile(struct hooks *hooks, struct error *err);
void hook_chain_unref(struct hook_chain *chain);
void hook_unref(struct hook *hook);

/* data.c */
/* Appends the value of the pointer in the run's event, with its changes. */
bool hook_data_read(const struct hook_run *run, struct str pointer, struct buffer *out);
/* Changes members of the run as {JSON Pointer: value} says. ST_PROTOCOL with what is wrong; then
 * nothing is changed. */
int hook_data_change(struct hook_run *run, const struct hook *hook, struct str data,
                     struct error *err);

/* combine.c */
/* Takes over what the hook said; run->outcome.end tells whether the chain ends. ST_PROTOCOL if it may
 * not say that here. */
int hook_combine(struct hook_run *run, const struct hook *hook, const struct hook_says *says,
                 enum hook_result result, struct error *err);
/* The hook must agree and did not. */
void hook_refuse(struct hook_run *run, const struct hook *hook, const char *why);

/* stats.c */
void hook_samples_add(struct hook_samples *samples, uint64_t now_ns, uint64_t took_ns);
/* The share `percent` of the samples took no longer; 0 without any. */
uint64_t hook_samples_percentile(const struct hook_samples *samples, uint64_t now_ns,
                                 unsigned percent);
void hook_samples_clear(struct hook_samples *samples);
/* Counts one answer and tells the breaker; the failure's code is 0 if it was good. */
void hook_count(struct hooks *hooks, struct hook *hook, uint64_t began_ns, uint64_t now_ns,
                enum hook_result result, const struct error *failure);

/* run.c */
/* Ends passes whose time is over; for the timer. */
void hook_runs_expire(void *hooks);
/* What waits for a hook that is disabled or removed goes on without it. */
void hook_runs_leave(struct hooks *hooks, const struct hook *hook);
void hook_runs_free(struct hooks *hooks);

/* pool.c */
struct hook_run *hook_run_take(struct hooks *hooks);
void hook_run_recycle(struct hook_run *run);
struct hook_pass *hook_pass_take(struct hooks *hooks);
void hook_pass_recycle(struct hook_pass *pass);
void hook_pools_free(struct hooks *hooks);

/* cache.c */
struct hook_cache *hook_cache_new(void);
void hook_cache_free(struct hook_cache *cache);
