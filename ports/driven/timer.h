/* Being called later, on the loop. */
#pragma once

#include "ports/types.h"

struct timer;

struct timer_port {
    void *ctx;

    /* A timer that calls fire(arg) each time it runs out; not running at first. NULL without
     * memory. */
    struct timer *(*create)(void *ctx, void (*fire)(void *arg), void *arg);

    /* Lets it run out once, `delay_ms` from now; replaces an earlier setting. */
    void (*set)(void *ctx, struct timer *timer, uint64_t delay_ms);

    void (*stop)(void *ctx, struct timer *timer);

    /* NULL is allowed. fire is not called any more. */
    void (*free)(void *ctx, struct timer *timer);
};
