/* Chains with a clock that the test moves, and hooks that say what the test wants. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/hook/definition.h"

#define MS 1000000ull

struct timer {
    void (*fire)(void *arg);
    void *arg;
    bool set;
    uint64_t at_ns;
};

extern uint64_t now_ns;
extern const struct clock_port clock_port;
extern const struct timer_port timer_port;
extern struct hooks *hooks;
extern char complaints[4096]; /* "NAME: text\n" of each */

void fixture_open(void);
void fixture_close(void);
/* Moves the clock and lets the timer run out if it is time. */
void fixture_pass(uint64_t ms);

/* A hook that says `json` ("{...}"), or nothing yet (NULL: the test answers by turn). */
struct saying {
    const char *json;
    bool later;
    uint64_t takes_ms; /* moves the clock */
    struct hook_turn *turn;
    char saw[512];     /* {pointer: value} of the last run */
    int runs, cancels, frees;
};

struct hook_definition saying_hook(struct saying *saying, const char *name, int32_t priority);
/* With one point and all that is in it read. */
void add(struct saying *saying, const char *name, const char *point, int32_t priority);
void add_definition(const struct hook_definition *definition);

/* What done() was told, as one line of text. */
struct told {
    int times;
    char text[1024];
};
extern struct told told;

/* An event with the members tool (not to be changed), arguments and result; `arguments` is JSON. */
struct hook_event tool_event(enum hook_point point, const char *tool, const char *arguments);
uint64_t run_event(const struct hook_event *event);
