/*
 * budget.h - how long one call may take the processor.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <time.h>

#define BUDGET_SECONDS 2

struct budget {
    struct timespec seen; /* the last look at the coarse clock */
    time_t end;           /* in seconds of processor time of this thread, and end_ns */
    long end_ns;
    int spent;
};

/* Begins a budget of BUDGET_SECONDS for this thread. */
void budget_init(struct budget *budget);

/* 1 if it is used up, and from then on. Costs next to nothing; to be asked often. */
int budget_spent(struct budget *budget);
