/*
 * What the private module hexmcp-auth does for the authenticator: public keys and signatures by
 * OpenSSL, and fetching by libcurl. It reads no token and no JSON.
 */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"

/* What a token may be signed with. All are asymmetric: there is no code for a shared secret, so a
 * public key cannot be taken for one. */
enum token_algorithm {
    TOKEN_RS256,
    TOKEN_RS384,
    TOKEN_RS512,
    TOKEN_PS256,
    TOKEN_PS384,
    TOKEN_PS512,
    TOKEN_ES256,
    TOKEN_ES384,
    TOKEN_EDDSA, /* Ed25519 */
};
#define TOKEN_ALGORITHMS 9

enum key_kind {
    KEY_RSA, /* a: modulus, b: exponent, big-endian. Moduli of 2048 to 8192 bits are taken. */
    KEY_P256, /* a: x, b: y, each as long as the field */
    KEY_P384,
    KEY_ED25519, /* a: the 32 bytes */
};

struct key_material {
    enum key_kind kind;
    struct str a, b;
};

struct public_key;

struct fetch {
    const char *url;
    size_t most_bytes;
    unsigned timeout_ms;            /* for all of it */
    bool (*stopped)(const void *ctx); /* asked a few times a second: true ends it */
    const void *ctx;
};

struct auth_module {
    /* [any] ST_INVALID: there is no such key. */
    int (*import_key)(const struct key_material *material, struct public_key **out,
                      struct error *err);
    void (*free_key)(struct public_key *key); /* [any] NULL is allowed */

    /* [any] True if the signature over `data` is by this key. The key must be of the algorithm's
     * kind. */
    bool (*verify)(const struct public_key *key, enum token_algorithm algorithm, struct str data,
                   struct str signature);

    /* [worker] Appends the body of a GET that is answered with 200. Redirects are not followed.
     * *max_age_s is that of Cache-Control, -1 if it says none. ST_UNAVAILABLE with a sentence. */
    int (*get)(const struct fetch *fetch, struct buffer *out, int64_t *max_age_s,
               struct error *err);
};
