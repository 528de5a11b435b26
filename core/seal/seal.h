/*
 * Sealed tokens: what the server hands to a client and wants to have back unchanged, such as the
 * state of a request that asked for input, or the cursor of a list. The client can read a token and
 * cannot make or change one.
 *
 *   base64url(version | key id | expiry | nonce | payload) "." base64url(HMAC-SHA-256)
 *
 * The HMAC covers these bytes and what the token is bound to (struct seal_binding), each part with
 * its length. Everything else - another caller, another request, one byte more - does not verify.
 */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "ports/driven/clock.h"
#include "ports/driven/crypto.h"
#include "ports/driven/random.h"
#include "ports/driven/seal_keys.h"

#define SEAL_NONCE_BYTES 16

/* Longest payload. */
#define SEAL_PAYLOAD_MAX ((size_t)64 * 1024)

/* Tokens that are remembered as used, until they expire. */
#define SEAL_USED_MAX 65536u

/* What a token is good for. */
struct seal_binding {
    struct str purpose; /* keeps tokens of different use apart */
    struct str caller;
    struct str tenant;
    struct str method;
    struct str target;
    struct str arguments; /* by its SHA-256 */
};

/* Tells one token from another, so that it can be used once. */
struct seal_nonce {
    uint8_t bytes[SEAL_NONCE_BYTES];
    int64_t expiry_ms; /* wall clock */
};

/* All of it must outlive the sealer. */
struct sealer_parts {
    const struct crypto_port *crypto;
    const struct random_port *random;
    const struct clock_port *clock;
    const struct seal_keys_port *keys;
};

struct sealer;

/* NULL without memory. */
struct sealer *sealer_new(const struct sealer_parts *parts);
void sealer_free(struct sealer *sealer);

/* Appends a token that is valid for `ttl_ms`. ST_TOO_LARGE: the payload is. */
int sealer_close(struct sealer *sealer, const struct seal_binding *binding, uint64_t ttl_ms,
                 struct str payload, struct buffer *out, struct error *err);

/* Checks a token and appends its payload; `nonce` may be NULL. ST_DENIED: it is not valid here, or
 * has expired. The text says no more and begins with a verb, for the caller to name the token. */
int sealer_open(struct sealer *sealer, const struct seal_binding *binding, struct str token,
                struct buffer *payload, struct seal_nonce *nonce, struct error *err);

/* Marks the token as used. ST_DENIED if it was used before; ST_BUSY if too many are remembered. */
int sealer_use(struct sealer *sealer, const struct seal_nonce *nonce, struct error *err);
