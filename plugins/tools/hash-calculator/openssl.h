/*
 * openssl.h - digests of OpenSSL's libcrypto, loaded when the first one is asked for.
 *
 * SPDX-License-Identifier: MIT
 *
 * To load libcrypto and fetch a digest takes 2 ms, cold 5, which a loop thread should not pay for
 * the digests that libsodium has as well. The library context is our own: a configuration file of
 * OpenSSL's is neither read nor obeyed.
 */
#pragma once

#include "hexmcp/abi.h"

struct openssl;

/* NULL if out of memory. Nothing is loaded yet. */
struct openssl *openssl_new(void);

/* Frees the context. libcrypto stays mapped: it has registered handlers for the process's end. */
void openssl_free(struct openssl *openssl);

/* [any] Hashes `data` with the digest `name` of the default provider into `digest`, which has room
 * for exactly the `digest_len` bytes that it gives.
 * Errors: HEXMCP_E_UNAVAILABLE without libcrypto, HEXMCP_E_UNSUPPORTED if it has no such digest,
 * HEXMCP_E_NOMEM, HEXMCP_E_GENERIC. */
int32_t openssl_digest(struct openssl *openssl, const char *name, hexmcp_str data, uint8_t *digest,
                       size_t digest_len, hexmcp_error *err);
