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

struct list_page *list_cache_take(struct list_cache *cache, enum revision revision, uint64_t after,
                                  uint64_t generation)
{
    struct list_page *page = &cache->pages[cache->next++ % LIST_CACHE_PAGES];
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
