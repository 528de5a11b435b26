/* Nonces of tokens that were used and have not expired. */
#pragma once

#include "core/seal/seal.h"

struct used_nonces {
    struct seal_nonce *slots; /* open addressing; expiry 0: free */
    size_t cap;
    size_t count;
};

/* ST_OK and remembered, ST_DENIED if it is there already, ST_BUSY if there is no room, ST_NOMEM. */
int used_nonces_add(struct used_nonces *used, const struct seal_nonce *nonce, int64_t now_ms);
void used_nonces_clear(struct used_nonces *used);
