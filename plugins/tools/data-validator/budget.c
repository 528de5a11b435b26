/*
 * SPDX-License-Identifier: MIT
 */
#include "budget.h"

void budget_init(struct budget *budget)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    *budget = (struct budget){.end = now.tv_sec + BUDGET_SECONDS, .end_ns = now.tv_nsec};
}

/* The exact clock is a system call; it is read only when the coarse one has moved. */
int budget_spent(struct budget *budget)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    if (now.tv_nsec == budget->seen.tv_nsec && now.tv_sec == budget->seen.tv_sec)
        return budget->spent;
    budget->seen = now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    if (now.tv_sec > budget->end || (now.tv_sec == budget->end && now.tv_nsec > budget->end_ns))
        budget->spent = 1;
    return budget->spent;
}
