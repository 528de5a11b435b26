/* What hexmcp-alloc-fail.so offers, found by dlsym; see alloc_fail.c. */
#pragma once

/* From now on the allocation number `nth` (from 0) of code in [begin, end) fails, once; negative:
 * none. [any] */
typedef void (*alloc_fail_fn)(const void *begin, const void *end, long nth);

/* How many allocations that code has asked for since. [any] */
typedef long (*alloc_seen_fn)(void);

#define ALLOC_FAIL_MODULE "hexmcp-alloc-fail.so"
