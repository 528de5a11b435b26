#include "core/digest/compress.h"

#include <string.h>

const uint32_t blake3_iv[8] = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                               0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};

const uint8_t blake3_order[BLAKE3_ROUNDS][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8},
    {3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1},
    {10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6},
    {12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4},
    {9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7},
    {11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13},
};

#define ROTATE(word, bits) ((word) >> (bits) | (word) << (32 - (bits)))

#define MIX(v, a, b, c, d, x, y)                                                                   \
    do {                                                                                           \
        v[a] += v[b] + (x);                                                                        \
        v[d] = ROTATE(v[d] ^ v[a], 16);                                                            \
        v[c] += v[d];                                                                              \
        v[b] = ROTATE(v[b] ^ v[c], 12);                                                            \
        v[a] += v[b] + (y);                                                                        \
        v[d] = ROTATE(v[d] ^ v[a], 8);                                                             \
        v[c] += v[d];                                                                              \
        v[b] = ROTATE(v[b] ^ v[c], 7);                                                             \
    } while (0)

/* Registers of 16 bytes, which every processor has that matters here. */
#define LANES 4
#define TARGET
#define NAME(name) name##_4
#include "core/digest/lanes.inc"

void blake3_chunks_4(const uint8_t *data, uint64_t index, uint32_t chains[BLAKE3_LANES][8])
{
    chunks_4(data, index, chains);
    chunks_4(data + 4 * BLAKE3_CHUNK, index + 4, chains + 4);
}

void blake3_parents_4(uint32_t children[2 * BLAKE3_LANES][8], uint32_t out[BLAKE3_LANES][8])
{
    parents_4(children, out);
    parents_4(children + 8, out + 4);
}

#if defined(__x86_64__)
#define LANES 8
#define TARGET __attribute__((target("avx2")))
#define NAME(name) name##_8
#include "core/digest/lanes.inc"

void blake3_chunks(const uint8_t *data, uint64_t index, uint32_t chains[BLAKE3_LANES][8])
{
    if (__builtin_cpu_supports("avx2"))
        chunks_8(data, index, chains);
    else
        blake3_chunks_4(data, index, chains);
}

void blake3_parents(uint32_t children[2 * BLAKE3_LANES][8], uint32_t out[BLAKE3_LANES][8])
{
    if (__builtin_cpu_supports("avx2"))
        parents_8(children, out);
    else
        blake3_parents_4(children, out);
}
#else
void blake3_chunks(const uint8_t *data, uint64_t index, uint32_t chains[BLAKE3_LANES][8])
{
    blake3_chunks_4(data, index, chains);
}

void blake3_parents(uint32_t children[2 * BLAKE3_LANES][8], uint32_t out[BLAKE3_LANES][8])
{
    blake3_parents_4(children, out);
}
#endif
