/* One page of a space with its values, also those that lists of the store leave out. */
#pragma once

#include "core/base/arena.h"
#include "core/base/error.h"
#include "ports/driven/key_value_store.h"

struct page_query {
    struct str space;
    struct str prefix;
    struct str after;
    uint32_t limit;   /* 1 to 1,000 */
    size_t max_bytes; /* of values: the page ends where more would come, but has at least one      */
};

/* What was read; freed when told() returns. Keys that vanished while it was read are not in it. */
struct page {
    const struct kv_entry *entries; /* each with its value */
    size_t count;
    bool more;
    struct str last; /* the key that the next page comes after; empty: as `after`                 */
};

/* Tells exactly once, perhaps before it returns. */
void page_read(const struct key_value_store *values, const struct page_query *query,
               void (*told)(void *arg, const struct error *err, const struct page *page), void *arg);
