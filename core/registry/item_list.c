#include <stdlib.h>

#include "core/registry/entry.h"

/* FNV-1a. Names come from plugins that the operator enabled, not from clients. */
static size_t hash_name(struct str name)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ (unsigned char)name.ptr[i]) * 1099511628211u;
    return (size_t)(hash ^ (hash >> 32));
}

static void insert_bucket(struct item_list *list, size_t index)
{
    size_t mask = list->bucket_count - 1;
    size_t at = list->entries[index]->hash & mask;
    while (list->buckets[at])
        at = (at + 1) & mask;
    list->buckets[at] = (uint32_t)index + 1;
}

static void fill_buckets(struct item_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        insert_bucket(list, i);
}

/* Keeps the table at most half full. */
static int grow_buckets(struct item_list *list)
{
    if (list->bucket_count >= 2 * (list->count + 1))
        return ST_OK;
    size_t wanted = list->bucket_count ? list->bucket_count * 2 : 64;
    uint32_t *buckets = calloc(wanted, sizeof(*buckets));
    if (!buckets)
        return ST_NOMEM;
    free(list->buckets);
    list->buckets = buckets;
    list->bucket_count = wanted;
    fill_buckets(list);
    return ST_OK;
}

static int grow_entries(struct item_list *list)
{
    if (list->count < list->cap)
        return ST_OK;
    size_t cap = list->cap ? list->cap * 2 : 32;
    struct entry **entries = realloc(list->entries, cap * sizeof(struct entry *));
    if (!entries)
        return ST_NOMEM;
    list->entries = entries;
    list->cap = cap;
    return ST_OK;
}

ptrdiff_t item_list_index(const struct item_list *list, struct str name)
{
    if (list->bucket_count == 0)
        return -1;
    size_t mask = list->bucket_count - 1, hash = hash_name(name);
    for (size_t at = hash & mask; list->buckets[at]; at = (at + 1) & mask) {
        size_t index = list->buckets[at] - 1;
        if (list->entries[index]->hash == hash && str_eq(list->entries[index]->item.name, name))
            return (ptrdiff_t)index;
    }
    return -1;
}

static bool has_long_name(const struct entry *entry)
{
    return entry->item.name.len != entry->item.local_name.len;
}

int item_list_append(struct item_list *list, struct entry *entry)
{
    if (grow_entries(list) || grow_buckets(list))
        return ST_NOMEM;
    entry->hash = hash_name(entry->item.name);
    list->long_names += has_long_name(entry);
    list->entries[list->count] = entry;
    insert_bucket(list, list->count);
    list->count++;
    list->generation++;
    return ST_OK;
}

void item_list_remove(struct item_list *list, size_t index)
{
    list->long_names -= has_long_name(list->entries[index]);
    list->count--;
    memmove(&list->entries[index], &list->entries[index + 1],
            (list->count - index) * sizeof(struct entry *));
    memset(list->buckets, 0, list->bucket_count * sizeof(*list->buckets));
    fill_buckets(list);
    list->generation++;
}

size_t item_list_behind(const struct item_list *list, uint64_t order)
{
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->entries[middle]->item.order <= order)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void item_list_clear(struct item_list *list)
{
    free(list->entries);
    free(list->buckets);
}
