/* The keys that sealed tokens are made with. They rotate: one is current, older ones are known as
 * long as a token of theirs can be valid. */
#pragma once

#include "ports/types.h"

#define SEAL_KEY_BYTES 32

struct seal_key {
    uint32_t id; /* never 0 */
    uint8_t bytes[SEAL_KEY_BYTES];
};

struct seal_keys_port {
    void *ctx;

    /* The key to seal with from now on; may make one. The text of an error is for the operator and
     * may name files. */
    int (*current)(void *ctx, struct seal_key *out, struct error *err);

    /* The key `id`; false (and `out` untouched) if there is none. */
    bool (*find)(void *ctx, uint32_t id, struct seal_key *out);
};
