/*
 * hexmcp-alloc-fail.so: stands in front of the C library's allocator (LD_PRELOAD) and refuses the
 * n-th allocation that code in a given range of addresses asks for. Only the validator loads it,
 * for a process of its own.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "adapters/driving/validator/alloc_fail.h"

#define SHOWN __attribute__((visibility("default")))

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static _Atomic uintptr_t range_begin, range_end;
static _Atomic long left; /* allocations until the one that fails; negative: none fails */
static _Atomic long seen;

SHOWN void hexmcp_alloc_fail(const void *begin, const void *end, long nth);
SHOWN long hexmcp_alloc_seen(void);
SHOWN void *malloc(size_t size);
SHOWN void *calloc(size_t count, size_t size);
SHOWN void *realloc(void *block, size_t size);
SHOWN void *aligned_alloc(size_t alignment, size_t size);
SHOWN int posix_memalign(void **out, size_t alignment, size_t size);

void hexmcp_alloc_fail(const void *begin, const void *end, long nth)
{
    atomic_store(&left, -1);
    atomic_store(&range_begin, (uintptr_t)begin);
    atomic_store(&range_end, (uintptr_t)end);
    atomic_store(&seen, 0);
    atomic_store(&left, nth);
}

long hexmcp_alloc_seen(void)
{
    return atomic_load(&seen);
}

static int refuse(const void *caller)
{
    uintptr_t at = (uintptr_t)caller;
    if (at < atomic_load(&range_begin) || at >= atomic_load(&range_end))
        return 0;
    atomic_fetch_add(&seen, 1);
    if (atomic_load(&left) < 0 || atomic_fetch_sub(&left, 1) != 0)
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return refuse(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return refuse(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
    return refuse(__builtin_return_address(0)) ? NULL : __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return refuse(__builtin_return_address(0)) ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    void *block = refuse(__builtin_return_address(0)) ? NULL : __libc_memalign(alignment, size);
    if (!block)
        return ENOMEM;
    *out = block;
    return 0;
}
