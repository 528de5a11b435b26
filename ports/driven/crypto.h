/* Digests and message authentication. */
#pragma once

#include "ports/types.h"

#define SHA256_BYTES 32

struct crypto_port {
    void *ctx;
    /* [any] */
    int (*sha256)(void *ctx, struct str data, uint8_t out[SHA256_BYTES], struct error *err);
    /* [any] HMAC-SHA-256 with a key of any length. */
    int (*hmac_sha256)(void *ctx, struct str key, struct str data, uint8_t out[SHA256_BYTES],
                       struct error *err);
    /* [any] Compares in time that depends on `len` alone. */
    bool (*equal)(void *ctx, const void *a, const void *b, size_t len);
};
