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

/* Hashes `len` bytes at `data`, which may be NULL if `len` is 0. */
void blake3(const uint8_t *data, size_t len, uint8_t digest[BLAKE3_BYTES]);
