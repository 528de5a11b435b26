/*
 * The blocks that artifacts are cut into. Each stands in the store of blobs for itself, compressed if
 * that helps, under the digest of the bytes that are stored: a part is read without the rest, what two
 * artifacts share is stored once, and what was damaged is noticed.
 */
#pragma once

#include "core/base/error.h"
#include "core/digest/blake3.h"
#include "ports/driven/codec.h"

#define BLOCK_BYTES ((size_t)1 << 20)

/* Blocks up to this size are not compressed. */
#define BLOCK_PLAIN_MAX ((size_t)10240)

struct block {
    uint8_t key[BLAKE3_BYTES]; /* digest of the stored bytes                                     */
    uint32_t stored;           /* how many                                                       */
    bool compressed;
};

/* [any] Makes a block of 1 to BLOCK_BYTES bytes. *bytes are those to store: `raw` itself or a part of
 * `scratch`, which has BLOCK_BYTES. */
int block_seal(const struct codec_port *codec, struct str raw, void *scratch, struct block *block,
               struct str *bytes, struct error *err);

/* [any] Gives the `len` bytes that `stored` holds, in `stored` itself or in `scratch`, which has
 * BLOCK_BYTES. ST_INVALID: they are not what was stored. */
int block_open(const struct codec_port *codec, const struct block *block, struct str stored,
               size_t len, void *scratch, struct str *raw, struct error *err);
