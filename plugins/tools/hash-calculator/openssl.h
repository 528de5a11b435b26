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

/* A digest in the making, one thread at a time. */
struct openssl_digest;

/* [any] Begins the digest `name` of the default provider, which gives `digest_len` bytes. On success
 * openssl_drop() is due.
 * Errors: HEXMCP_E_UNAVAILABLE without libcrypto, HEXMCP_E_UNSUPPORTED if it has no such digest,
 * HEXMCP_E_NOMEM, HEXMCP_E_GENERIC. */
int32_t openssl_begin(struct openssl *openssl, const char *name, size_t digest_len,
                      struct openssl_digest **ret, hexmcp_error *err);

/* 1, or 0 if OpenSSL fails. openssl_end() writes as many bytes as openssl_begin() was told. */
int openssl_add(struct openssl_digest *digest, hexmcp_str data);
int openssl_end(struct openssl_digest *digest, uint8_t *hash);

/* NULL is fine. */
void openssl_drop(struct openssl_digest *digest);
