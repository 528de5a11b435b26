/*
 * The hash function BLAKE3, unkeyed, 32 bytes of output: the names of blobs.
 *
 * Written from the paper "BLAKE3: one function, fast everywhere" by O'Connor, Aumasson, Neves and
 * Wilcox-O'Hearn, version of 2021-11-05; section numbers in the sources are those of the paper.
 *
 * [any] A hash belongs to one thread at a time.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "ports/types.h"

#define BLAKE3_BYTES 32

/* "blake3:", 64 hexadecimal digits, NUL. */
#define BLAKE3_TEXT_SIZE 72

/* A hash in the making. The members are private.
 *   chunk   the last bytes, `used` of them
 *   chunks  how many went before
 *   stack   chaining values of the complete trees over those, the largest first */
struct blake3 {
    uint8_t chunk[1024];
    size_t used;
    uint64_t chunks;
    uint32_t stack[54][8];
    unsigned depth;
};

void blake3_init(struct blake3 *hash);

/* Large pieces are faster: from 64 KiB on eight chunks are hashed at once. */
void blake3_update(struct blake3 *hash, const void *data, size_t len);

/* The digest of what was added; more may be added afterwards. */
void blake3_final(const struct blake3 *hash, uint8_t digest[BLAKE3_BYTES]);

/* All of it in one step. */
void blake3(struct str data, uint8_t digest[BLAKE3_BYTES]);

/* Writes e.g. "blake3:af13...". */
void blake3_text(const uint8_t digest[BLAKE3_BYTES], char text[BLAKE3_TEXT_SIZE]);

/* True if `text` is written as blake3_text() writes; the digest is read into `digest`, which may be
 * NULL. */
bool blake3_parse(struct str text, uint8_t digest[BLAKE3_BYTES]);
