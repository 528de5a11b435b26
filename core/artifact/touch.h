/* Inside of core/artifact: what the value "block/DIGEST" says of a stored block. */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"

/* A removal that was announced so long ago has died; one that is not done after half of it gives up. */
#define TOUCH_REMOVING_MS (10 * 60 * 1000)

struct touch {
    int64_t at_ms;  /* when it was last put, or its removal announced                            */
    uint64_t bytes; /* in the store                                                               */
    bool removing;
};

void touch_write(const struct touch *touch, struct buffer *out);
int touch_parse(struct str text, struct touch *out, struct error *err);
