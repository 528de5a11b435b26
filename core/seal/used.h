/* The tokens that were used and have not expired: a set of nonces, and a heap by expiry to drop
 * them from it in time. */
#pragma once

#include "core/seal/seal.h"

struct used_tokens {
    struct seal_nonce *slots; /* open addressing, 2 * cap of them; free: expires at INT64_MIN */
    struct seal_nonce *heap;  /* soonest first; `cap` of them, `count` in use                 */
    uint32_t cap;             /* 0 or a power of two                                          */
    uint32_t count;
};

void used_clear(struct used_tokens *used);

/* Forgets those whose expiry is not after `now_ms`. */
void used_expire(struct used_tokens *used, int64_t now_ms);

bool used_holds(const struct used_tokens *used, const struct seal_nonce *nonce);

/* Adds what is not held yet and expires after INT64_MIN. False without memory. */
bool used_add(struct used_tokens *used, const struct seal_nonce *nonce);
