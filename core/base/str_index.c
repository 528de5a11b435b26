#include "core/base/str_index.h"

#include <stdlib.h>

/* Where the key is or would be. */
static size_t place(const struct str_index *index, struct str key)
{
    size_t low = 0, high = index->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (str_cmp(index->entries[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(const struct str_index *index, size_t at, struct str key)
{
    return at < index->count && str_eq(index->entries[at].key, key);
}

static bool grow(struct str_index *index)
{
    size_t cap = index->cap ? index->cap * 2 : 16;
    struct str_index_entry *entries = realloc(index->entries, cap * sizeof(*entries));
    if (!entries)
        return false;
    index->entries = entries;
    index->cap = cap;
    return true;
}

bool str_index_put(struct str_index *index, struct str key, void *value)
{
    size_t at = place(index, key);
    if (!is_at(index, at, key)) {
        if (index->count == index->cap && !grow(index))
            return false;
        memmove(index->entries + at + 1, index->entries + at,
                (index->count - at) * sizeof(*index->entries));
        index->count++;
    }
    index->entries[at] = (struct str_index_entry){key, value};
    return true;
}

void *str_index_get(const struct str_index *index, struct str key)
{
    size_t at = place(index, key);
    return is_at(index, at, key) ? index->entries[at].value : NULL;
}

void str_index_remove(struct str_index *index, struct str key)
{
    size_t at = place(index, key);
    if (!is_at(index, at, key))
        return;
    index->count--;
    memmove(index->entries + at, index->entries + at + 1,
            (index->count - at) * sizeof(*index->entries));
}

void str_index_clear(struct str_index *index)
{
    free(index->entries);
    *index = (struct str_index)STR_INDEX_INIT;
}
