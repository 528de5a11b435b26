/* What this process holds: threads, descriptors, memory. From /proc/self. */
#pragma once

#include <stddef.h>

struct census {
    unsigned threads;
    unsigned descriptors;
    unsigned long resident_kib;
};

struct census census_take(void);

/* Waits a moment until there are no more threads than `threads`: one that was joined can still be
 * counted. Returns how many there are. */
unsigned census_settle(unsigned threads);

/* What the descriptor `fd` is, for people. */
void census_describe(int fd, char *out, size_t size);
