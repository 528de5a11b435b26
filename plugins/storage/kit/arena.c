/*
 * arena.c - see arena.h.
 *
 * SPDX-License-Identifier: MIT
 */
#include "kit/arena.h"

#include "hexmcp/json.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK 4000

struct arena_block {
    struct arena_block *next;
    size_t used;
    size_t size;
    max_align_t memory[];
};

static struct arena_block *grow(struct arena *arena, size_t size)
{
    size_t room = size > BLOCK ? size : BLOCK;
    struct arena_block *block = malloc(sizeof(*block) + room);
    if (!block)
        return NULL;
    block->used = 0;
    block->size = room;
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

void *arena_get(struct arena *arena, size_t size)
{
    struct arena_block *block = arena->blocks;
    size_t need = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    char *memory;
    if (!block || block->size - block->used < need)
        block = grow(arena, need);
    if (!block)
        return NULL;
    memory = (char *)block->memory + block->used;
    block->used += need;
    return memset(memory, 0, need);
}

hexmcp_str arena_copy(struct arena *arena, hexmcp_str text)
{
    char *copy = arena_get(arena, text.len + 1);
    if (copy && text.len > 0)
        memcpy(copy, text.ptr, text.len);
    return (hexmcp_str){copy, copy ? text.len : 0};
}

void arena_free(struct arena *arena)
{
    while (arena->blocks) {
        struct arena_block *block = arena->blocks;
        arena->blocks = block->next;
        free(block);
    }
}

void bytes_add(struct bytes *b, const void *more, size_t len)
{
    if (b->failed || len == 0)
        return;
    if (b->cap - b->len <= len) {
        size_t cap = (b->len + len + 1) * 2;
        char *ptr = realloc(b->ptr, cap < 256 ? 256 : cap);
        if (!ptr) {
            b->failed = 1;
            return;
        }
        b->ptr = ptr;
        b->cap = cap < 256 ? 256 : cap;
    }
    memcpy(b->ptr + b->len, more, len);
    b->len += len;
    b->ptr[b->len] = '\0';
}

void bytes_add_str(struct bytes *b, hexmcp_str more)
{
    bytes_add(b, more.ptr, more.len);
}

void bytes_add_text(struct bytes *b, const char *text)
{
    bytes_add(b, text, strlen(text));
}

void bytes_add_number(struct bytes *b, uint64_t number)
{
    char text[24];
    size_t at = sizeof(text);
    do {
        text[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    bytes_add(b, text + at, sizeof(text) - at);
}

void bytes_add_quoted(struct bytes *b, hexmcp_str text)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_write_string(&w, text);
    if (hexmcp_json_writer_status(&w) == HEXMCP_OK)
        bytes_add_str(b, hexmcp_json_writer_text(&w));
    else
        b->failed = 1;
    hexmcp_json_writer_free(&w);
}

hexmcp_str bytes_str(const struct bytes *b)
{
    return (hexmcp_str){b->ptr ? b->ptr : "", b->len};
}

void bytes_free(struct bytes *b)
{
    free(b->ptr);
    memset(b, 0, sizeof(*b));
}
