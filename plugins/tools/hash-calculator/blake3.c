/*
 * SPDX-License-Identifier: MIT
 */
#include "blake3.h"

#include <string.h>

#define BLOCK_BYTES 64u
#define CHUNK_BYTES BLAKE3_CHUNK_BYTES
#define ROUNDS 7

/* Flags of the compression function (2.2, table 3). */
#define CHUNK_START 1u
#define CHUNK_END 2u
#define PARENT 4u
#define ROOT 8u

/* 2.2, table 1: the initial value of SHA-256. */
static const uint32_t iv[8] = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                               0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};

/* 2.2, table 2: the permutation of the message words between rounds. */
static const uint8_t permutation[16] = {2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8};

/* What one compression takes besides the chaining value (2.2). */
struct block {
    uint32_t words[16];
    uint64_t counter;
    uint32_t len;
    uint32_t flags;
};

static uint32_t rotate(uint32_t word, unsigned bits)
{
    return word >> bits | word << (32 - bits);
}

static uint32_t load(const uint8_t *from)
{
    return (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 |
           (uint32_t)from[3] << 24;
}

static inline void mix(uint32_t v[16], int a, int b, int c, int d, uint32_t x, uint32_t y)
{
    v[a] += v[b] + x;
    v[d] = rotate(v[d] ^ v[a], 16);
    v[c] += v[d];
    v[b] = rotate(v[b] ^ v[c], 12);
    v[a] += v[b] + y;
    v[d] = rotate(v[d] ^ v[a], 8);
    v[c] += v[d];
    v[b] = rotate(v[b] ^ v[c], 7);
}

static inline void mix_all(uint32_t v[16], const uint32_t m[16])
{
    mix(v, 0, 4, 8, 12, m[0], m[1]);
    mix(v, 1, 5, 9, 13, m[2], m[3]);
    mix(v, 2, 6, 10, 14, m[4], m[5]);
    mix(v, 3, 7, 11, 15, m[6], m[7]);
    mix(v, 0, 5, 10, 15, m[8], m[9]);
    mix(v, 1, 6, 11, 12, m[10], m[11]);
    mix(v, 2, 7, 8, 13, m[12], m[13]);
    mix(v, 3, 4, 9, 14, m[14], m[15]);
}

/* The first half of the output of the compression function replaces the chaining value: no more is
 * needed for 32 bytes. */
static void compress(uint32_t chain[8], const struct block *block)
{
    uint32_t v[16];
    uint32_t m[16];
    uint32_t next[16];
    memcpy(v, chain, 8 * sizeof(v[0]));
    memcpy(v + 8, iv, 4 * sizeof(v[0]));
    v[12] = (uint32_t)block->counter;
    v[13] = (uint32_t)(block->counter >> 32);
    v[14] = block->len;
    v[15] = block->flags;
    memcpy(m, block->words, sizeof(m));
    for (int round = 0; round < ROUNDS; round++) {
        mix_all(v, m);
        for (int i = 0; i < 16; i++)
            next[i] = m[permutation[i]];
        memcpy(m, next, sizeof(m));
    }
    for (int i = 0; i < 8; i++)
        chain[i] = v[i] ^ v[i + 8];
}

static void load_block(struct block *block, const uint8_t *data, size_t len)
{
    uint8_t bytes[BLOCK_BYTES] = {0};
    if (len > 0)
        memcpy(bytes, data, len);
    for (int i = 0; i < 16; i++)
        block->words[i] = load(bytes + 4 * i);
    block->len = (uint32_t)len;
}

/* 2.4: a chunk of at most 1024 bytes; `root` is ROOT if it is the whole input, else 0. */
static void hash_chunk(const uint8_t *data, size_t len, uint64_t index, uint32_t root,
                       uint32_t chain[8])
{
    struct block block = {.counter = index, .flags = CHUNK_START};
    memcpy(chain, iv, sizeof(iv));
    while (len > BLOCK_BYTES) {
        load_block(&block, data, BLOCK_BYTES);
        compress(chain, &block);
        block.flags = 0;
        data += BLOCK_BYTES;
        len -= BLOCK_BYTES;
    }
    load_block(&block, data, len);
    block.flags |= CHUNK_END | root;
    compress(chain, &block);
}

/* 2.5: a parent node over the chaining values of its two children; `chain` may be one of them. */
static void hash_parent(const uint32_t left[8], const uint32_t right[8], uint32_t root,
                        uint32_t chain[8])
{
    struct block block = {.len = BLOCK_BYTES, .flags = PARENT | root};
    memcpy(block.words, left, 8 * sizeof(left[0]));
    memcpy(block.words + 8, right, 8 * sizeof(right[0]));
    memcpy(chain, iv, sizeof(iv));
    compress(chain, &block);
}

void blake3_init(struct blake3 *hash)
{
    hash->used = 0;
    hash->chunks = 0;
    hash->depth = 0;
}

/* 2.1: a chunk completes as many subtrees as its number, counted from 1, has factors 2. Each is the
 * parent of the one that was complete before and of what lies to its right. */
static void add_chunk(struct blake3 *hash)
{
    uint32_t chain[8];
    hash_chunk(hash->chunk, hash->used, hash->chunks, 0, chain);
    hash->chunks++;
    for (uint64_t number = hash->chunks; number % 2 == 0; number /= 2)
        hash_parent(hash->stack[--hash->depth], chain, 0, chain);
    memcpy(hash->stack[hash->depth++], chain, sizeof(chain));
    hash->used = 0;
}

/* A full chunk waits for the byte after it, because the last one is hashed in another way. */
void blake3_add(struct blake3 *hash, const uint8_t *data, size_t len)
{
    while (len > 0) {
        if (hash->used == CHUNK_BYTES)
            add_chunk(hash);
        size_t part = CHUNK_BYTES - hash->used < len ? CHUNK_BYTES - hash->used : len;
        memcpy(hash->chunk + hash->used, data, part);
        hash->used += part;
        data += part;
        len -= part;
    }
}

void blake3_end(const struct blake3 *hash, uint8_t digest[BLAKE3_BYTES])
{
    uint32_t chain[8];
    unsigned depth = hash->depth;
    hash_chunk(hash->chunk, hash->used, hash->chunks, depth == 0 ? ROOT : 0, chain);
    while (depth-- > 0)
        hash_parent(hash->stack[depth], chain, depth == 0 ? ROOT : 0, chain);
    for (size_t i = 0; i < 8; i++) {
        digest[4 * i] = (uint8_t)chain[i];
        digest[4 * i + 1] = (uint8_t)(chain[i] >> 8);
        digest[4 * i + 2] = (uint8_t)(chain[i] >> 16);
        digest[4 * i + 3] = (uint8_t)(chain[i] >> 24);
    }
}
