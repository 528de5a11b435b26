/*
 * arena.h - memory that is given back all at once, and bytes that grow.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/abi.h"

struct arena_block;

/* Zeroed: empty. */
struct arena {
    struct arena_block *blocks;
};

/* Zeroed memory for any type; NULL if there is none. */
void *arena_get(struct arena *arena, size_t size);

/* A copy that ends with NUL; ptr is NULL if there is no memory. */
hexmcp_str arena_copy(struct arena *arena, hexmcp_str text);

void arena_free(struct arena *arena);

/* Zeroed: empty. When memory is short `failed` is set, and what is added is lost. */
struct bytes {
    char *ptr;
    size_t len;
    size_t cap;
    int failed;
};

void bytes_add(struct bytes *b, const void *more, size_t len);
void bytes_add_str(struct bytes *b, hexmcp_str more);
void bytes_add_text(struct bytes *b, const char *text);
/* A number in decimal. */
void bytes_add_number(struct bytes *b, uint64_t number);
/* A JSON string with its quotes. */
void bytes_add_quoted(struct bytes *b, hexmcp_str text);
hexmcp_str bytes_str(const struct bytes *b);
void bytes_free(struct bytes *b);
