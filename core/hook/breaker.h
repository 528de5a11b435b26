/*
 * The circuit breaker of a hook: after three failures within 30 seconds, or two slow answers, it is
 * open for 15 seconds and the hook is not asked. Then the hook is asked again; two successes close the
 * breaker, one failure opens it. An answer is slow if it took more than half of the hook's budget.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define BREAKER_FAILURES 3
#define BREAKER_SLOW 2
#define BREAKER_SUCCESSES 2
#define BREAKER_WINDOW_NS (30ull * 1000000000)
#define BREAKER_OPEN_NS (15ull * 1000000000)

enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_HALF_OPEN };

enum breaker_report { BREAKER_SUCCESS, BREAKER_FAILURE, BREAKER_WAS_SLOW };

struct breaker {
    enum breaker_state state;
    uint64_t failures[BREAKER_FAILURES]; /* when, the oldest is overwritten; 0: none */
    uint64_t slows[BREAKER_SLOW];
    uint32_t failure_at, slow_at;
    uint32_t successes; /* while half open */
    uint64_t opened_ns;
};

/* True if the hook may be asked now; opens half after BREAKER_OPEN_NS. */
bool breaker_allows(struct breaker *b, uint64_t now_ns);

/* True if the breaker has opened just now. */
bool breaker_report(struct breaker *b, enum breaker_report report, uint64_t now_ns);

/* "closed", "open", "half-open" */
const char *breaker_state_name(enum breaker_state state);
