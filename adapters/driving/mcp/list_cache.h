/*
 * Texts of list pages, ready to be sent. A page depends on the revision, on where it starts, and on
 * the generation of what is listed. Pages of another generation are given back when one is written;
 * among those of one the oldest gives way.
 */
#pragma once

#include "adapters/driving/mcp/revision.h"
#include "core/base/buffer.h"

#define LIST_CACHE_PAGES 16

struct list_page {
    enum revision revision;
    uint64_t after;      /* the place that it begins behind */
    uint64_t generation; /* 0: unused */
    uint64_t last;       /* the place of its last entry, if there are more behind it; else 0 */
    struct buffer text;
};

struct list_cache {
    struct list_page pages[LIST_CACHE_PAGES];
    size_t next;
};

/* The page, or NULL if it has to be written. */
const struct list_page *list_cache_find(const struct list_cache *cache, enum revision revision,
                                        uint64_t after, uint64_t generation);

/* An empty page to be written. Generation 0: for one caller, found by nobody, and good until the next. */
struct list_page *list_cache_take(struct list_cache *cache, enum revision revision, uint64_t after,
                                  uint64_t generation);

void list_cache_clear(struct list_cache *cache);
