#include <stdlib.h>
#include <string.h>

#include "adapters/driving/listener/inside.h"

static struct address_count **bucket(struct listener *l, const char *address)
{
    unsigned hash = 2166136261u;
    for (const char *c = address; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    return &l->addresses[hash % ADDRESS_BUCKETS];
}

struct address_count *address_enter(struct listener *l, const char *address)
{
    struct address_count **first = bucket(l, address);
    for (struct address_count *a = *first; a; a = a->next)
        if (strcmp(a->address, address) == 0) {
            a->count++;
            return a;
        }
    struct address_count *made = calloc(1, sizeof(*made));
    if (!made)
        return NULL;
    memcpy(made->address, address, strnlen(address, sizeof(made->address) - 1));
    made->count = 1;
    made->next = *first;
    *first = made;
    return made;
}

void address_leave(struct listener *l, struct address_count *address)
{
    if (!address || --address->count)
        return;
    struct address_count **at = bucket(l, address->address);
    while (*at != address)
        at = &(*at)->next;
    *at = address->next;
    free(address);
}
