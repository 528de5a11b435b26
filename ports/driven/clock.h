/* Time. */
#pragma once

#include "ports/types.h"

struct clock_port {
    void *ctx;
    uint64_t (*monotonic_ns)(void *ctx); /* [any] never goes back; arbitrary start             */
    int64_t (*wall_ms)(void *ctx);       /* [any] UTC, milliseconds since 1970                 */
};
