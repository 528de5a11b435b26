/* Where events wait that a subscriber's queue has no room for: first in, first out. All [loop]. */
#pragma once

#include "ports/types.h"

struct spill;

struct event_spill {
    void *ctx;

    /* An empty one. NULL if there can be none. */
    struct spill *(*open)(void *ctx);

    /* Keeps a copy behind the others. ST_TOO_LARGE: there is no room; or as the disk has it. */
    int (*put)(struct spill *spill, struct str topic, struct str json, struct error *err);

    /* The first one, which is gone then: borrowed until the next call. ST_NOT_FOUND: there is none.
     * Another error: what is left cannot be read. */
    int (*take)(struct spill *spill, struct str *topic, struct str *json, struct error *err);

    /* NULL is allowed. What is left is gone. */
    void (*close)(struct spill *spill);
};
