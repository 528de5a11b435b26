/* Inside of core/artifact: what a session or a tenant uses. */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"

struct usage {
    uint64_t artifacts;
    uint64_t bytes; /* before compression */
};

/* {"artifacts": n, "bytes": n} */
void usage_write(const struct usage *usage, struct buffer *out);

/* Nothing for an empty text. ST_INVALID. */
int usage_parse(struct str text, struct usage *out, struct error *err);
