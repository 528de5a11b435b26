/*
 * Sealed tokens: what hexmcp gives a client to keep and gets back later, such as a requestState or
 * the cursor of a list. A client can read a token (its payload is not encrypted: put no secret in
 * it) but cannot make or change one, nor use it for another request.
 *
 *   token = base64url(version | key id | expiry | nonce | payload) "." base64url(HMAC-SHA-256)
 *
 * The MAC covers those bytes and the binding, so the token opens only for the same purpose, caller,
 * tenant, method, target and arguments. Every token has one spelling.
 *
 * Errors of sealer_open and sealer_use begin with a verb, to follow the token's name: "'cursor' has
 * expired; begin again". They do not tell which part of a token was wrong.
 */
#pragma once

#include "core/base/buffer.h"
#include "ports/driven/clock.h"
#include "ports/driven/crypto.h"
#include "ports/driven/random.h"
#include "ports/driven/seal_keys.h"

#define SEAL_PAYLOAD_MAX 65536u
#define SEAL_TTL_MAX_MS (24 * 3600 * UINT64_C(1000))
#define SEAL_USED_MAX 65536u
#define SEAL_NONCE_BYTES 16

/* All ports are borrowed and outlive the sealer. */
struct sealer_parts {
    const struct crypto_port *crypto;
    const struct random_port *random;
    const struct clock_port *clock; /* wall time alone: tokens survive a restart */
    const struct seal_keys_port *keys;
};

/* What a token is good for. Any field may be empty; all bytes are allowed. */
struct seal_binding {
    struct str purpose;   /* "request-state", "cursor": tokens of one are never taken for another */
    struct str caller;
    struct str tenant;
    struct str method;
    struct str target;    /* name of the tool or prompt, URI, list                               */
    struct str arguments; /* their text as it was sent; the token holds to its SHA-256           */
};

/* Which token it was, for sealer_use. */
struct seal_nonce {
    uint8_t bytes[SEAL_NONCE_BYTES];
    int64_t expiry_ms; /* UTC, milliseconds since 1970 */
};

struct sealer;

/* NULL without memory. */
struct sealer *sealer_new(const struct sealer_parts *parts);

/* NULL is allowed. */
void sealer_free(struct sealer *sealer);

/*
 * Appends a token that holds `payload` for `ttl_ms` (1 to SEAL_TTL_MAX_MS). No two are alike.
 * ST_TOO_LARGE if `payload` is longer than SEAL_PAYLOAD_MAX, ST_INVALID for a bad `ttl_ms`; else
 * the keys, the crypto library or the randomness failed, with a text for the operator alone.
 */
int sealer_close(struct sealer *sealer, const struct seal_binding *binding, uint64_t ttl_ms,
                 struct str payload, struct buffer *out, struct error *err);

/*
 * Appends the payload of a token that was made for the same binding. `nonce` may be NULL.
 * ST_DENIED: it was not, or has expired; else memory or the crypto port failed.
 */
int sealer_open(struct sealer *sealer, const struct seal_binding *binding, struct str token,
                struct buffer *payload, struct seal_nonce *nonce, struct error *err);

/*
 * Marks an opened token as used. ST_DENIED if it was used already or has expired meanwhile; ST_BUSY
 * if SEAL_USED_MAX unexpired ones are remembered: none of them is forgotten for a new one.
 * The memory is this sealer's: another process with the same keys, or this one after a restart,
 * takes the token once more. So does this one if the wall clock is set past the expiry and back.
 */
int sealer_use(struct sealer *sealer, const struct seal_nonce *nonce, struct error *err);
