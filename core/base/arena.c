#include "core/base/arena.h"

#include <stdalign.h>
#include <stdlib.h>

#define BLOCK_BYTES ((size_t)4096)

struct arena_block {
    struct arena_block *next;
    alignas(max_align_t) char bytes[];
};

static bool grow(struct arena *a, size_t size)
{
    size_t bytes = size > BLOCK_BYTES ? size : BLOCK_BYTES;
    struct arena_block *block = calloc(1, sizeof(*block) + bytes);
    if (!block) {
        a->failed = true;
        return false;
    }
    block->next = a->blocks;
    a->blocks = block;
    a->at = block->bytes;
    a->left = bytes;
    return true;
}

void *arena_alloc(struct arena *a, size_t size)
{
    size_t unit = alignof(max_align_t);
    if (size > SIZE_MAX / 2) {
        a->failed = true;
        return NULL;
    }
    size = (size + unit - 1) / unit * unit;
    if (size > a->left && !grow(a, size))
        return NULL;
    void *memory = a->at;
    a->at += size;
    a->left -= size;
    return memory;
}

struct str arena_copy(struct arena *a, struct str text)
{
    char *copy = arena_alloc(a, text.len + 1);
    if (copy && text.len)
        memcpy(copy, text.ptr, text.len);
    return (struct str){copy, copy ? text.len : 0};
}

void arena_clear(struct arena *a)
{
    while (a->blocks) {
        struct arena_block *next = a->blocks->next;
        free(a->blocks);
        a->blocks = next;
    }
    *a = (struct arena)ARENA_INIT;
}
