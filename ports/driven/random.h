/* Randomness that an attacker cannot guess. */
#pragma once

#include "ports/types.h"

struct random_port {
    void *ctx;
    /* [any] Fills `len` bytes. Fails only if the system has no randomness to give. */
    int (*fill)(void *ctx, void *out, size_t len, struct error *err);
};
