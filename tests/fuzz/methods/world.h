/*
 * What the method layer's fuzz target stands on: the driven ports of the core, faked so that the
 * input alone decides what happens and when.
 */
#pragma once

#include "core/base/buffer.h"
#include "ports/driven/clock.h"
#include "ports/driven/crypto.h"
#include "ports/driven/executor.h"
#include "ports/driven/plugin_runtime.h"
#include "ports/driven/random.h"
#include "ports/driven/regex.h"
#include "ports/driven/seal_keys.h"
#include "ports/driven/timer.h"
#include "ports/driving/call_service.h"
#include "ports/driving/publisher.h"

/* ---- time, threads, secrets: ports.c ------------------------------------------------------- */

struct job {
    void (*work)(void *arg);
    void (*done)(void *arg);
    void *arg;
    struct str message; /* malloc'ed: the job reads this message of the client */
};

#define MAX_JOBS 4

struct ports {
    uint64_t now_ns;
    uint32_t random;
    struct timer *timers;
    struct job jobs[MAX_JOBS];
    size_t job_count;
    struct clock_port clock;
    struct timer_port timer;
    struct executor_port executor;
    struct random_port randomness;
    struct crypto_port crypto;
    struct seal_keys_port keys;
    struct regex_port regex;
};

void ports_open(struct ports *p);
/* Every timer must have been freed. */
void ports_close(const struct ports *p);
/* Lets time pass, and timers run out in their order. */
void ports_pass(struct ports *p, uint64_t ms);
/* Takes the oldest job out. */
struct job ports_take_job(struct ports *p);

/* ---- plugins: plugin.c --------------------------------------------------------------------- */

#define MAX_RUNS 512

/* One call that a plugin was given. */
struct run {
    uint64_t call;
    const char *name; /* of the item: how it ends the call */
    enum action action;
    struct str arguments;
    bool resume;
    struct str state, answers;
    bool active;    /* the core waits for its end */
    bool abandoned; /* the core waits for its release */
};

struct plugins {
    struct plugin_runtime runtime;
    const struct run_events *events;
    const struct publisher *publisher;
    struct run runs[MAX_RUNS];
    size_t run_count;
    bool resumed[MAX_RUNS]; /* the state of this run has come back */
    uint64_t published;     /* bit by item */
};

void plugins_open(struct plugins *p);
/* Publishes the items that are there from the beginning. */
void plugins_publish(struct plugins *p, const struct publisher *publisher);
/* Publishes the item or takes it away. */
void plugins_toggle(struct plugins *p, unsigned item);
/* Ends the calls that take no time. */
void plugins_work(struct plugins *p);
/* Ends or releases the oldest or newest one of all. False: there is none. */
bool plugins_finish(struct plugins *p, bool newest);
/* The newest running call makes progress and logs. */
void plugins_report(struct plugins *p, double progress, enum log_level level);

/* ---- every call ends once: watch.c --------------------------------------------------------- */

struct watch {
    const struct call_service *calls;
    struct call_service service; /* the same, watched */
    size_t open;                 /* calls not ended, or not released */
};

void watch_open(struct watch *w, const struct call_service *calls);
