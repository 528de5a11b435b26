/*
 * What the core offers to the host of plugins: to publish and withdraw items, and to tell of
 * changes. All [loop].
 */
#pragma once

#include "ports/item.h"

struct publisher {
    void *ctx;

    /* Puts an item into its list. Its `name` is derived from `local_name`, `order` is given. All
     * text is copied. *name is the public name, borrowed until the list changes. ST_INVALID: no valid name, or the plugin publishes it twice; ST_TOO_LARGE:
     * the plugin has too many. */
    int (*publish)(void *ctx, const struct item *item, struct str *name, struct error *err);

    /* Takes an item of the plugin out of its list; calls that run go on. ST_NOT_FOUND. */
    int (*withdraw)(void *ctx, uint32_t plugin, enum item_kind kind, struct str local_name,
                    struct error *err);

    /* The content of the plugin's resource has changed. */
    void (*resource_updated)(void *ctx, uint32_t plugin, struct str uri);

    /* Something that a person was sent to by URL is done; `elicitation` is the id in the request
     * of the plugin. */
    void (*elicitation_complete)(void *ctx, uint32_t plugin, struct str elicitation);
};
