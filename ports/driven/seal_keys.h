/* The keys that seal what clients keep for the server. They change from time to time. All [loop]. */
#pragma once

#include "ports/types.h"

#define SEAL_KEY_BYTES 32

struct seal_key {
    uint32_t id; /* never 0 */
    uint8_t bytes[SEAL_KEY_BYTES];
};

struct seal_keys_port {
    void *ctx;
    /* The key to seal with. */
    int (*current)(void *ctx, struct seal_key *out, struct error *err);
    /* A key that may still be in use. False: there is none of that id, or not any more. */
    bool (*find)(void *ctx, uint32_t id, struct seal_key *out);
};
