#include "core/digest/blake3.h"

#include <string.h>

#include "core/base/hex.h"
#include "core/base/str.h"
#include "core/digest/compress.h"

/* Chunks that are hashed as one tree when so many come at once, and the logarithm. */
#define TREE_CHUNKS 64u
#define TREE_LEVELS 6

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

static inline void mix_all(uint32_t v[16], const uint32_t m[16], const uint8_t s[16])
{
    mix(v, 0, 4, 8, 12, m[s[0]], m[s[1]]);
    mix(v, 1, 5, 9, 13, m[s[2]], m[s[3]]);
    mix(v, 2, 6, 10, 14, m[s[4]], m[s[5]]);
    mix(v, 3, 7, 11, 15, m[s[6]], m[s[7]]);
    mix(v, 0, 5, 10, 15, m[s[8]], m[s[9]]);
    mix(v, 1, 6, 11, 12, m[s[10]], m[s[11]]);
    mix(v, 2, 7, 8, 13, m[s[12]], m[s[13]]);
    mix(v, 3, 4, 9, 14, m[s[14]], m[s[15]]);
}

/* The first half of the output of the compression function replaces the chaining value: no more is
 * needed for 32 bytes. */
static void compress(uint32_t chain[8], const struct block *block)
{
    uint32_t v[16];
    memcpy(v, chain, 8 * sizeof(v[0]));
    memcpy(v + 8, blake3_iv, 4 * sizeof(v[0]));
    v[12] = (uint32_t)block->counter;
    v[13] = (uint32_t)(block->counter >> 32);
    v[14] = block->len;
    v[15] = block->flags;
    for (int round = 0; round < BLAKE3_ROUNDS; round++)
        mix_all(v, block->words, blake3_order[round]);
    for (int i = 0; i < 8; i++)
        chain[i] = v[i] ^ v[i + 8];
}

static void load_block(struct block *block, const uint8_t *data, size_t len)
{
    uint8_t bytes[BLAKE3_BLOCK] = {0};
    if (len > 0)
        memcpy(bytes, data, len);
    for (int i = 0; i < 16; i++)
        block->words[i] = blake3_load(bytes + 4 * i);
    block->len = (uint32_t)len;
}

/* 2.4: a chunk of at most 1024 bytes; `root` is BLAKE3_ROOT if it is the whole input, else 0. */
static void hash_chunk(const uint8_t *data, size_t len, uint64_t index, uint32_t root,
                       uint32_t chain[8])
{
    struct block block = {.counter = index, .flags = BLAKE3_CHUNK_START};
    memcpy(chain, blake3_iv, sizeof(blake3_iv));
    while (len > BLAKE3_BLOCK) {
        load_block(&block, data, BLAKE3_BLOCK);
        compress(chain, &block);
        block.flags = 0;
        data += BLAKE3_BLOCK;
        len -= BLAKE3_BLOCK;
    }
    load_block(&block, data, len);
    block.flags |= BLAKE3_CHUNK_END | root;
    compress(chain, &block);
}

/* 2.5: a parent node over the chaining values of its two children; `chain` may be one of them. */
static void hash_parent(const uint32_t left[8], const uint32_t right[8], uint32_t root,
                        uint32_t chain[8])
{
    struct block block = {.len = BLAKE3_BLOCK, .flags = BLAKE3_PARENT | root};
    memcpy(block.words, left, 8 * sizeof(left[0]));
    memcpy(block.words + 8, right, 8 * sizeof(right[0]));
    memcpy(chain, blake3_iv, sizeof(blake3_iv));
    compress(chain, &block);
}

/* A tree of TREE_CHUNKS chunks, level by level, eight at a time as long as there are eight. */
static void hash_tree(const uint8_t *data, uint64_t index, uint32_t chain[8])
{
    uint32_t level[TREE_CHUNKS][8];
    unsigned width = TREE_CHUNKS;
    for (unsigned i = 0; i < width; i += BLAKE3_LANES)
        blake3_chunks(data + (size_t)i * BLAKE3_CHUNK, index + i, level + i);
    for (width /= 2; width >= BLAKE3_LANES; width /= 2)
        for (unsigned i = 0; i < width; i += BLAKE3_LANES)
            blake3_parents(level + (size_t)2 * i, level + i);
    for (; width > 0; width /= 2)
        for (unsigned i = 0; i < width; i++)
            hash_parent(level[2 * i], level[2 * i + 1], 0, level[i]);
    memcpy(chain, level[0], sizeof(level[0]));
}

void blake3_init(struct blake3 *hash)
{
    hash->used = 0;
    hash->chunks = 0;
    hash->depth = 0;
}

/* 2.1: a chunk completes as many subtrees as its number, counted from 1, has factors 2. Each is the
 * parent of the one that was complete before and of what lies to its right. A tree of 2^levels chunks
 * counts as one chunk so many levels higher. */
static void add_tree(struct blake3 *hash, uint32_t chain[8], unsigned levels)
{
    hash->chunks += (uint64_t)1 << levels;
    for (uint64_t number = hash->chunks >> levels; number % 2 == 0; number /= 2)
        hash_parent(hash->stack[--hash->depth], chain, 0, chain);
    memcpy(hash->stack[hash->depth++], chain, sizeof(hash->stack[0]));
}

static void add_chunk(struct blake3 *hash)
{
    uint32_t chain[8];
    hash_chunk(hash->chunk, hash->used, hash->chunks, 0, chain);
    add_tree(hash, chain, 0);
    hash->used = 0;
}

/* What is last waits for the byte after it, because the last chunk is hashed in another way. */
void blake3_update(struct blake3 *hash, const void *data, size_t len)
{
    const uint8_t *at = data;
    const size_t tree = (size_t)TREE_CHUNKS * BLAKE3_CHUNK;
    while (len > 0) {
        if (hash->used == BLAKE3_CHUNK)
            add_chunk(hash);
        if (hash->used == 0 && hash->chunks % TREE_CHUNKS == 0 && len > tree) {
            uint32_t chain[8];
            hash_tree(at, hash->chunks, chain);
            add_tree(hash, chain, TREE_LEVELS);
            at += tree;
            len -= tree;
            continue;
        }
        size_t part = BLAKE3_CHUNK - hash->used < len ? BLAKE3_CHUNK - hash->used : len;
        memcpy(hash->chunk + hash->used, at, part);
        hash->used += part;
        at += part;
        len -= part;
    }
}

void blake3_final(const struct blake3 *hash, uint8_t digest[BLAKE3_BYTES])
{
    uint32_t chain[8];
    unsigned depth = hash->depth;
    hash_chunk(hash->chunk, hash->used, hash->chunks, depth == 0 ? BLAKE3_ROOT : 0, chain);
    while (depth-- > 0)
        hash_parent(hash->stack[depth], chain, depth == 0 ? BLAKE3_ROOT : 0, chain);
    for (size_t i = 0; i < 8; i++) {
        digest[4 * i] = (uint8_t)chain[i];
        digest[4 * i + 1] = (uint8_t)(chain[i] >> 8);
        digest[4 * i + 2] = (uint8_t)(chain[i] >> 16);
        digest[4 * i + 3] = (uint8_t)(chain[i] >> 24);
    }
}

void blake3(struct str data, uint8_t digest[BLAKE3_BYTES])
{
    struct blake3 hash;
    blake3_init(&hash);
    blake3_update(&hash, data.ptr, data.len);
    blake3_final(&hash, digest);
}

void blake3_text(const uint8_t digest[BLAKE3_BYTES], char text[BLAKE3_TEXT_SIZE])
{
    memcpy(text, "blake3:", 7);
    hex_write(digest, BLAKE3_BYTES, text + 7);
    text[BLAKE3_TEXT_SIZE - 1] = '\0';
}

bool blake3_parse(struct str text, uint8_t digest[BLAKE3_BYTES])
{
    uint8_t bytes[BLAKE3_BYTES];
    if (!str_starts(text, STR("blake3:")) ||
        !hex_read((struct str){text.ptr + 7, text.len - 7}, bytes, sizeof(bytes)))
        return false;
    if (digest)
        memcpy(digest, bytes, sizeof(bytes));
    return true;
}
