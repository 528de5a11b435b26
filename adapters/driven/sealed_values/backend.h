/* What the module `seal` gives: libsodium and zstd. All [any]. */
#pragma once

#include "ports/types.h"

#define SEAL_MASTER_BYTES 32
#define SEAL_NONCE_BYTES 24
#define SEAL_TAG_BYTES 16

struct seal_backend {
    /* A key for one space, from the master key. */
    void (*derive)(const uint8_t master[SEAL_MASTER_BYTES], struct str space,
                   uint8_t out[SEAL_MASTER_BYTES]);

    /* XChaCha20-Poly1305: `out` has room for clear.len + SEAL_TAG_BYTES; nonces are drawn. */
    void (*encrypt)(const uint8_t key[SEAL_MASTER_BYTES], struct str with, struct str clear,
                    uint8_t nonce[SEAL_NONCE_BYTES], uint8_t *out);

    /* `out` has room for sealed.len - SEAL_TAG_BYTES. False: another key, another `with`, or changed. */
    bool (*decrypt)(const uint8_t key[SEAL_MASTER_BYTES], struct str with, struct str sealed,
                    const uint8_t nonce[SEAL_NONCE_BYTES], uint8_t *out);

    /* The size that `out` needs for compress(). */
    size_t (*bound)(size_t len);

    /* Bytes written; 0: it cannot. */
    size_t (*compress)(struct str clear, uint8_t *out, size_t room);

    /* Exactly `len` bytes, or false. Its window is bounded. */
    bool (*expand)(struct str packed, uint8_t *out, size_t len);

    void (*wipe)(void *bytes, size_t len);
};
