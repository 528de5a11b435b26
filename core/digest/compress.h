/* Inside of core/digest: the compression function of BLAKE3, one at a time and eight at once. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define BLAKE3_BLOCK 64u
#define BLAKE3_CHUNK 1024u
#define BLAKE3_ROUNDS 7
#define BLAKE3_LANES 8u

/* Flags of the compression function (2.2, table 3). */
#define BLAKE3_CHUNK_START 1u
#define BLAKE3_CHUNK_END 2u
#define BLAKE3_PARENT 4u
#define BLAKE3_ROOT 8u

/* 2.2, table 1: the initial value of SHA-256. */
extern const uint32_t blake3_iv[8];

/* Which message word each of the sixteen places of a round takes: table 2, applied once more for each
 * round. */
extern const uint8_t blake3_order[BLAKE3_ROUNDS][16];

static inline uint32_t blake3_load(const uint8_t *from)
{
    return (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 |
           (uint32_t)from[3] << 24;
}

/* Eight whole chunks that lie one behind the other, the first of them number `index`. */
void blake3_chunks(const uint8_t *data, uint64_t index, uint32_t chains[BLAKE3_LANES][8]);

/* Eight parents of sixteen chaining values; `out` may be the first eight of `children`. */
void blake3_parents(uint32_t children[2 * BLAKE3_LANES][8], uint32_t out[BLAKE3_LANES][8]);

/* The same without the registers that only some processors have, for tests. */
void blake3_chunks_4(const uint8_t *data, uint64_t index, uint32_t chains[BLAKE3_LANES][8]);
void blake3_parents_4(uint32_t children[2 * BLAKE3_LANES][8], uint32_t out[BLAKE3_LANES][8]);
