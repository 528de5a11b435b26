/*
 * Of which blocks the bytes of an artifact consist. Kept as a value:
 *   {"size": n, "at": milliseconds, "blocks": [["64 hexadecimal digits", stored bytes, 0 or 1]...]}
 * All blocks but the last are of BLOCK_BYTES; 1: compressed.
 */
#pragma once

#include "core/artifact/block.h"
#include "core/base/buffer.h"

/* Larger contents would have a value that lists leave out. */
#define CONTENT_MAX ((uint64_t)512 << 20)

struct content {
    uint64_t size;
    int64_t at_ms;
    struct block *blocks;
    size_t count, cap;
};

#define CONTENT_INIT {0, 0, NULL, 0, 0}

void blocks_clear(struct content *content);

/* Adds a block of `len` bytes. False without memory. */
bool blocks_add(struct content *content, const struct block *block, size_t len);

/* Bytes of block `index` when it is not compressed. */
size_t blocks_block_bytes(const struct content *content, size_t index);

/* Bytes that its blocks take in the store. */
uint64_t blocks_stored(const struct content *content);

void blocks_write(const struct content *content, struct buffer *out);

/* ST_INVALID: the text is none that blocks_write() has made. */
int blocks_parse(struct str text, struct content *out, struct error *err);
