/*
 * What the core offers to those who list: the items of each kind, in a stable order, as far as a
 * caller may see them. All [loop].
 */
#pragma once

#include "ports/context.h"
#include "ports/item.h"

struct catalog_service {
    void *ctx;

    /* Rises whenever the list of this kind changes; at least 1. */
    uint64_t (*generation)(void *ctx, enum item_kind kind);

    /* True if no item of this kind is kept from some callers. */
    bool (*is_same_for_all)(void *ctx, enum item_kind kind);

    /* The first item behind the place `after` (an item's `order`; 0: from the beginning) that the
     * caller may see; NULL at the end. Valid until the list changes. */
    const struct item *(*next)(void *ctx, const struct call_context *context, enum item_kind kind,
                               uint64_t after);

    /* The same, but also tools that can be called and are not listed. */
    const struct item *(*reach)(void *ctx, const struct call_context *context, enum item_kind kind,
                                uint64_t after);

    /* By its public name. NULL if there is none that the caller may see. */
    const struct item *(*find)(void *ctx, const struct call_context *context, enum item_kind kind,
                               struct str name);

    /* ST_OK if the URI is one that the caller can ask to read, listed or by a template.
     * ST_NOT_FOUND; ST_INVALID: it is no URI. */
    int (*check_resource)(void *ctx, const struct call_context *context, struct str uri,
                          struct error *err);
};
