/* Making bytes smaller and back. All [any]. */
#pragma once

#include "ports/types.h"

struct codec_port {
    void *ctx;

    /* ST_TOO_LARGE: it needs more than `cap` bytes; nothing of `out` counts then. */
    int (*compress)(void *ctx, struct str data, void *out, size_t cap, size_t *len, struct error *err);

    /* `len` is what must come out: more is not written, and more or less is ST_INVALID, as is what no
     * compress() has made. */
    int (*expand)(void *ctx, struct str data, void *out, size_t len, struct error *err);
};
