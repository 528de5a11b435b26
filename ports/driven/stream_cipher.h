/*
 * Encryption of a long run of pieces, in their order: what was changed, left out, doubled, moved or cut
 * off does not open. All [any]; a stream belongs to one thread at a time.
 */
#pragma once

#include "ports/types.h"

#define STREAM_KEY_BYTES 32
#define STREAM_START_BYTES 24 /* stands in clear before the pieces */
#define STREAM_MORE_BYTES 17  /* a sealed piece is so much longer  */

struct stream_cipher;

struct stream_cipher_port {
    void *ctx;

    /* Begins to seal and says how the stream starts; or to open one that starts so. */
    int (*seal_begin)(void *ctx, const uint8_t key[STREAM_KEY_BYTES],
                      uint8_t start[STREAM_START_BYTES], struct stream_cipher **out,
                      struct error *err);
    int (*open_begin)(void *ctx, const uint8_t key[STREAM_KEY_BYTES],
                      const uint8_t start[STREAM_START_BYTES], struct stream_cipher **out,
                      struct error *err);

    /* `out` has room for data.len + STREAM_MORE_BYTES. `beside` is not sealed but must be the same when
     * it is opened. */
    int (*seal)(struct stream_cipher *stream, struct str data, struct str beside, bool last, void *out,
                struct error *err);

    /* `out` has room for sealed.len - STREAM_MORE_BYTES. ST_DENIED: another key, or not what was
     * sealed here. */
    int (*open)(struct stream_cipher *stream, struct str sealed, struct str beside, void *out,
                bool *last, struct error *err);

    /* NULL is allowed. */
    void (*end)(struct stream_cipher *stream);
};
