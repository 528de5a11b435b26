/* Things by their names: a sorted array. Finding takes the logarithm of the count, changing moves
 * pointers. */
#pragma once

#include "core/base/str.h"

struct str_index_entry {
    struct str key;
    void *value;
};

/* The entries may be read; they are sorted by key. */
struct str_index {
    struct str_index_entry *entries;
    size_t count;
    size_t cap;
};

#define STR_INDEX_INIT {NULL, 0, 0}

/* The key is borrowed as long as the entry is there. Takes the place (and the key) of an entry with
 * this key. False without memory, which is needed for a new key alone. */
bool str_index_put(struct str_index *index, struct str key, void *value);

/* NULL if there is none. */
void *str_index_get(const struct str_index *index, struct str key);

void str_index_remove(struct str_index *index, struct str key);

/* Frees the index, not the values. */
void str_index_clear(struct str_index *index);
