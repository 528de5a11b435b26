/* What a part tells about itself in figures. All [loop]. */
#pragma once

#include "ports/types.h"

struct buffer;

struct metrics_source {
    void *ctx;
    /* Appends whole lines of the Prometheus text format, version 0.0.4, "# TYPE" included. Its
     * families begin with "hexmcp_" and the name of the part. */
    void (*write)(void *ctx, struct buffer *out);
};
