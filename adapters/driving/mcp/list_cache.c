#include "adapters/driving/mcp/list_cache.h"

const struct list_page *list_cache_find(const struct list_cache *cache, enum revision revision,
                                        uint64_t after, uint64_t generation)
{
    for (size_t i = 0; i < LIST_CACHE_PAGES; i++) {
        const struct list_page *page = &cache->pages[i];
        if (page->generation == generation && page->revision == revision && page->after == after)
            return page;
    }
    return NULL;
}

/* Nobody asks for what was listed before a change: pages are hundreds of kilobytes, and stay else until
 * as many newer ones were written. */
static void forget_others(struct list_cache *cache, uint64_t generation)
{
    for (size_t i = 0; i < LIST_CACHE_PAGES; i++) {
        struct list_page *page = &cache->pages[i];
        if (page->generation == generation)
            continue;
        page->generation = 0;
        buffer_clear(&page->text);
    }
}

static struct list_page *free_page(struct list_cache *cache)
{
    for (size_t i = 0; i < LIST_CACHE_PAGES; i++)
        if (cache->pages[i].generation == 0)
            return &cache->pages[i];
    return &cache->pages[cache->next++ % LIST_CACHE_PAGES];
}

struct list_page *list_cache_take(struct list_cache *cache, enum revision revision, uint64_t after,
                                  uint64_t generation)
{
    if (generation)
        forget_others(cache, generation);
    struct list_page *page = free_page(cache);
    buffer_reset(&page->text, SIZE_MAX);
    page->revision = revision;
    page->after = after;
    page->last = 0;
    page->generation = generation;
    return page;
}

void list_cache_clear(struct list_cache *cache)
{
    for (size_t i = 0; i < LIST_CACHE_PAGES; i++)
        buffer_clear(&cache->pages[i].text);
}
