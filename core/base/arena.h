/* Memory that is freed all at once. */
#pragma once

#include "core/base/str.h"

struct arena_block;

struct arena {
    struct arena_block *blocks;
    size_t left; /* bytes in the newest block */
    char *at;
    bool failed;
};

#define ARENA_INIT {NULL, 0, NULL, false}

/* `size` zeroed bytes, aligned for everything. NULL (and failed) without memory. */
void *arena_alloc(struct arena *a, size_t size);

/* A copy of the bytes, with a NUL behind them. `ptr` is NULL without memory. */
struct str arena_copy(struct arena *a, struct str text);

void arena_clear(struct arena *a);
