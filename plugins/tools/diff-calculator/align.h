/*
 * align.h - what changed between two sequences of symbols, by libgit2.
 *
 * SPDX-License-Identifier: MIT
 *
 * Lines, words and elements of JSON arrays are compared as numbers (symbols.h): what libgit2 gets are
 * short lines, one for each. So its time depends on how many there are and not on what they hold.
 *
 * libgit2 is loaded when the first call needs it: that takes 10 ms, which a start should not pay. Its
 * own start also reads the CA certificates of the system; it works without them.
 */
#pragma once

#include "work.h"

/* A run of `old_count` symbols at `old_at` that `new_count` symbols at `new_at` replace. Positions
 * count from 0; one of the counts may be 0. */
struct block {
    uint32_t old_at;
    uint32_t old_count;
    uint32_t new_at;
    uint32_t new_count;
};

/* In order; between two blocks at least one symbol is unchanged. */
struct blocks {
    struct block *items;
    size_t count;
    size_t room;
};

void blocks_free(struct blocks *blocks);

struct symbols {
    const uint32_t *ids;
    size_t count;
};

/* Most symbols that align_run() takes, both sides together. */
#define ALIGN_MAX ((size_t)1000000)

struct align;

/* NULL if out of memory. Nothing is loaded yet. */
struct align *align_new(void);
void align_free(struct align *align);

/* [any] Compares. `patience` anchors the result at symbols that are unique on both sides.
 * On success blocks_free() is due.
 * Errors: HEXMCP_E_TOO_LARGE above ALIGN_MAX, HEXMCP_E_UNAVAILABLE without libgit2, HEXMCP_E_NOMEM,
 * HEXMCP_E_CANCELLED, HEXMCP_E_GENERIC. */
int32_t align_run(struct align *align, const struct work *work, struct symbols old_symbols,
                  struct symbols new_symbols, int patience, struct blocks *ret, hexmcp_error *err);
