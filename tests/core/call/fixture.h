/*
 * A dispatcher over a real registry, with a fake runtime, clock, timer and executor that the test
 * drives.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/call/dispatcher.h"
#include "core/hook/definition.h"
#include "core/json/json.h"

#define MS 1000000u

struct timer {
    void (*fire)(void *arg);
    void *arg;
    bool set;
    uint64_t delay_ms;
};

struct job {
    void (*work)(void *arg);
    void (*done)(void *arg);
    void *arg;
};

struct world {
    struct registry *registry;
    struct dispatcher *dispatcher;
    const struct call_service *service;
    const struct run_events *events;
    struct hooks *hooks;
    char complaint[ERROR_TEXT_SIZE + 100]; /* the last one of the hooks */
    struct timer timer, hook_timer;
    struct job jobs[8];
    int job_count;
    bool executor_full;
    uint64_t now_ns;
    struct path_grants grants; /* of the policy */
    /* what the runtime was asked to do */
    struct run_request runs[64];
    int run_count;
    uint64_t cancelled[64];
    int abandon_count;
    int next_run_fails;
    const char *inline_result; /* completes on_loop calls at once with this */
    bool release_on_abandon;
};

/* One call and all that was reported of it. */
struct record {
    struct world *world;
    struct json_doc *doc;
    int done;
    int released;
    int progress;
    double last_progress;
    enum call_end end;
    int code;
    char text[4096];
    uint64_t id;
    void (*at_done)(struct record *r); /* may be NULL */
    struct record *other;              /* for at_done */
};

/* What start_call gives to call(), each from memory that is gone when call() has returned. */
struct wanted {
    enum action action;
    enum item_kind of;
    const char *target;
    const char *arguments; /* NULL: none */
    const char *argument, *value;
    const char *state, *answers; /* resume if `answers` is not NULL */
    const struct caller *caller; /* NULL: "stdio" */
    enum roots_state roots;
    const char *root_list;
};

/* An item of plugin 7, org.example.test: one second, 2 slots, a queue of 2, 3 slots in all. */
struct item item_of(enum item_kind kind, const char *name, const char *json);
void add(struct world *w, struct item item);
/* Copied, as plugins publish at any time. */
void publish(struct world *w, struct item item);
void withdraw(struct world *w, enum item_kind kind, const char *name);

/* A registry without items. */
int set_up_empty(void **state);
int tear_down(void **state);

/* Sets at_done and other of `r` aside, everything else in it is new. */
int start_call(struct world *w, struct record *r, struct wanted wanted, struct error *err);
/* A tool. */
int start(struct world *w, struct record *r, const char *tool, const char *arguments);

/* How the plugin ends it. */
void complete(struct world *w, uint64_t id, const char *json);
void complete_as(struct world *w, uint64_t id, enum run_outcome outcome, const char *json);

void run_jobs(struct world *w);

/* The text that the runtime was given must be this one. */
void expect_text(struct str text, const char *expected);

/* {} with spaces in it, longer than what is checked on the loop; the caller frees it. */
char *large_object(void);

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
