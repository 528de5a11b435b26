/* Keys of an authorization server, and tokens that it signs. Made by OpenSSL. */
#pragma once

#include <openssl/evp.h>

#include "adapters/driven/authenticator/auth_module.h"

EVP_PKEY *signer_key(enum key_kind kind);

/* Appends the public key as a JWK: {"kid":...,"kty":...,<extra>}. `extra` is "" or begins with a
 * comma. */
void signer_jwk(struct buffer *out, EVP_PKEY *key, const char *kid, const char *extra);

/* Appends header.payload.signature. The signature is what `algorithm` makes with `key`; NULL: it is
 * empty. */
void signer_token(struct buffer *out, const char *header, const char *payload, EVP_PKEY *key,
                  enum token_algorithm algorithm);

/* The same with HMAC-SHA-256 by `secret`. */
void signer_token_hs256(struct buffer *out, const char *header, const char *payload,
                        struct str secret);
