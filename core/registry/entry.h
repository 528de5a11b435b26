/* Inside of the registry: an item with what belongs to it, and the table of names of one kind. */
#pragma once

#include "core/registry/registry.h"

struct entry {
    struct item item; /* first: an item's address is its entry's */
    size_t hash;      /* of its name, as item_list.c makes it     */
    struct registry *registry;
    unsigned users; /* the list is one */
    char *text;     /* what the item does not borrow */
    void *state;
};

struct item_list {
    struct entry **entries; /* by order, which is the order of registration */
    size_t count;
    size_t cap;
    uint32_t *buckets; /* index + 1, open addressing; a power of two of them */
    size_t bucket_count;
    size_t long_names; /* entries whose public name is not the local one */
    uint64_t generation;
};

/* core/registry/item_list.c */
/* The index of the entry with that public name, or -1. */
ptrdiff_t item_list_index(const struct item_list *list, struct str name);
/* core/registry/alias.c: the first entry with that alias, or -1. */
ptrdiff_t item_list_alias(const struct item_list *list, struct str name);
/* ST_NOMEM without memory; then the list is as it was. */
int item_list_append(struct item_list *list, struct entry *entry);
void item_list_remove(struct item_list *list, size_t index);
/* The index of the first entry behind the place; the count if there is none. */
size_t item_list_behind(const struct item_list *list, uint64_t order);
void item_list_clear(struct item_list *list);

/* core/registry/entry.c */
/* With the text of `item`, or a copy of it, and the public name `name`, which is copied if it is
 * not the local one. NULL without memory. */
struct entry *entry_new(struct registry *r, const struct item *item, struct str name, bool copy);
void entry_free(struct entry *entry);

/* core/registry/item_name.c */
/* ST_INVALID if a plugin may not give such a name, URI or template. */
int item_name_check(enum item_kind kind, struct str name, struct error *err);
/* "tool", "resource", "resource template", "prompt". */
const char *item_kind_name(enum item_kind kind);
