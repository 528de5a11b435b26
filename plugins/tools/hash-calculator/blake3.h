/*
 * blake3.h - the hash function BLAKE3, unkeyed, 32 bytes of output.
 *
 * SPDX-License-Identifier: MIT
 *
 * Written from the paper "BLAKE3: one function, fast everywhere" by O'Connor, Aumasson, Neves and
 * Wilcox-O'Hearn, version of 2021-11-05; section numbers in blake3.c are those of the paper.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define BLAKE3_BYTES 32
#define BLAKE3_CHUNK_BYTES 1024

/* A hash in the making. The members are private.
 *   chunk   the last bytes, `used` of them
 *   chunks  how many went before
 *   stack   chaining values of the complete trees over those, the largest first */
struct blake3 {
    uint8_t chunk[BLAKE3_CHUNK_BYTES];
    size_t used;
    uint64_t chunks;
    uint32_t stack[54][8];
    unsigned depth;
};

void blake3_init(struct blake3 *hash);

/* `data` may be NULL if `len` is 0. */
void blake3_add(struct blake3 *hash, const uint8_t *data, size_t len);

/* The digest of what was added. */
void blake3_end(const struct blake3 *hash, uint8_t digest[BLAKE3_BYTES]);
