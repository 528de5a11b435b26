/* The task service over the memory store, with a fake call service, clocks, timers and randomness
 * that the test drives. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "adapters/driven/task_store_memory/task_store_memory.h"
#include "core/task/task.h"

#define NS_PER_MS 1000000u
#define START_MS 1795255200000 /* 2026-11-21T10:00:00.000Z */

/* The ids that the fake randomness gives, in this order. */
#define ID_1 "01010101010101010101010101010101"
#define ID_2 "02020202020202020202020202020202"
#define ID_3 "03030303030303030303030303030303"

struct timer {
    void (*fire)(void *arg);
    void *arg;
    bool set;
    uint64_t delay_ms;
};

/* A call that the service made. Texts are copies. */
struct fake_call {
    struct call_request request;
    uint64_t id;
    char target[64], arguments[256], state[256], answers[256], caller[64], traceparent[64];
    bool done, released, cancelled;
};

struct world {
    struct task_store_memory *memory;
    struct task_store store; /* the memory's, with faults */
    struct changes *changes;
    struct change_listener listener;
    struct tasks *tasks;
    const struct task_service *service;
    struct task_parts parts;
    struct timer timers[4];
    int timer_count;
    uint64_t now_ns;
    int64_t wall_ms;
    uint8_t next_random;
    bool random_fails, random_repeats;
    /* the call service */
    struct fake_call calls[40];
    int call_count;
    int call_fails;            /* the next call is refused with this */
    enum call_end inline_end;  /* the next call ends in call() with this ... */
    const char *inline_result; /* ... if this is set */
    bool cancel_inside;        /* the test's observer cancels the task while call() runs */
    bool done_late;            /* cancel() does not report */
    /* the store */
    int puts_until_fault; /* -1: never; 0: the next one fails ... */
    int faults;           /* ... and this many behind it */
    int puts;
    /* what listeners heard: "01 working\n..." */
    char told[1024];
    bool cancel_when_told;
    struct error err;
};

int set_up(void **state);
int tear_down(void **state);

/* The service anew over the same store, as after a restart. */
void restart(struct world *w);
void make_service(struct world *w);

struct timer *task_timer(struct world *w);
/* Lets time go by and the timer fire if it is due. */
void pass(struct world *w, uint64_t ms);

extern const struct call_context somebody, stranger, other_tenant;

/* Starts a task for somebody; ST_OK is expected. */
struct task_view start(struct world *w, const char *tool, const char *arguments);
int start_with(struct world *w, const struct call_context *who, const char *tool,
               const char *arguments, const struct task_options *options, struct task_view *out);

/* The call ends: `json` is its result, or the text of its error. */
void finish(struct world *w, int call, enum call_end end, const char *json);
void finish_error(struct world *w, int call, enum call_end end, const char *json, int code,
                  const char *text);
void release(struct world *w, int call);

struct task_view get(struct world *w, const char *id);
int get_as(struct world *w, const struct call_context *who, const char *id);
int cancel(struct world *w, const char *id, struct task_view *out);
int answer(struct world *w, const char *id, const char *answers);

void assert_text(struct str text, const char *expected);
void assert_told(struct world *w, const char *expected); /* and forgets it */
