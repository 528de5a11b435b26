#include "adapters/driven/task_store_memory/task_store_memory.h"

#include <stdlib.h>

#include "adapters/driven/task_store_memory/kept.h"
#include "core/base/error.h"
#include "core/base/str_index.h"

struct task_store_memory {
    struct task_store port;
    struct str_index by_id;
    struct str_index owners; /* by caller: the first of those with this caller, one per tenant */
    struct kept **in_order;
    size_t cap; /* of in_order; as many are used as by_id has */
};

/* ---- owners ------------------------------------------------------------------------------ */

static struct kept_owner *find_owner(const struct task_store_memory *store,
                                     const struct task_owner *owner)
{
    struct kept_owner *at = str_index_get(&store->owners, owner->caller);
    while (at && !str_eq(at->owner.tenant, owner->tenant))
        at = at->next;
    return at;
}

static struct kept_owner *add_owner(struct task_store_memory *store,
                                    const struct task_owner *owner)
{
    struct kept_owner *added = kept_owner_new(owner);
    if (!added)
        return NULL;
    added->next = str_index_get(&store->owners, owner->caller);
    if (!str_index_put(&store->owners, added->owner.caller, added)) {
        free(added);
        return NULL;
    }
    return added;
}

/* Frees an owner without records. */
static void drop_owner(struct task_store_memory *store, struct kept_owner *owner)
{
    struct kept_owner *first = str_index_get(&store->owners, owner->owner.caller);
    if (owner->count)
        return;
    if (first != owner) {
        while (first->next != owner)
            first = first->next;
        first->next = owner->next;
    } else if (owner->next) {
        str_index_put(&store->owners, owner->next->owner.caller, owner->next);
    } else {
        str_index_remove(&store->owners, owner->owner.caller);
    }
    free(owner);
}

/* ---- records ----------------------------------------------------------------------------- */

/* The place of the first record whose order is not below `order`. */
static size_t place(const struct task_store_memory *store, uint64_t order)
{
    size_t low = 0, high = store->by_id.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (store->in_order[middle]->record.order < order)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool make_room(struct task_store_memory *store)
{
    size_t cap = store->cap ? store->cap * 2 : 16;
    if (store->by_id.count < store->cap)
        return true;
    struct kept **in_order = realloc(store->in_order, cap * sizeof(*in_order));
    if (!in_order)
        return false;
    store->in_order = in_order;
    store->cap = cap;
    return true;
}

static void replace(struct task_store_memory *store, struct kept *old, struct kept *kept)
{
    kept->owner = old->owner;
    store->in_order[place(store, old->record.order)] = kept;
    str_index_put(&store->by_id, kept->record.id, kept);
    free(old);
}

static bool add(struct task_store_memory *store, struct kept *kept)
{
    struct kept_owner *owner = find_owner(store, &kept->record.owner);
    if (!owner)
        owner = add_owner(store, &kept->record.owner);
    size_t at = place(store, kept->record.order), behind = store->by_id.count - at;
    if (!owner)
        return false;
    if (!make_room(store) || !str_index_put(&store->by_id, kept->record.id, kept)) {
        drop_owner(store, owner);
        return false;
    }
    memmove(store->in_order + at + 1, store->in_order + at, behind * sizeof(*store->in_order));
    store->in_order[at] = kept;
    kept->owner = owner;
    owner->count++;
    return true;
}

/* ---- the port ---------------------------------------------------------------------------- */

static int port_put(void *ctx, const struct task_record *record, struct error *err)
{
    struct task_store_memory *store = ctx;
    struct kept *kept = kept_new(record);
    struct kept *old = str_index_get(&store->by_id, record->id);
    if (kept && old) {
        replace(store, old, kept);
    } else if (!kept || !add(store, kept)) {
        free(kept);
        return error_set(err, ST_NOMEM, "out of memory for the task \"%.*s\"",
                         STR_ARG(record->id));
    }
    return ST_OK;
}

static int port_get(void *ctx, struct str id, const struct task_record **out, struct error *err)
{
    struct task_store_memory *store = ctx;
    struct kept *kept = str_index_get(&store->by_id, id);
    if (!kept)
        return error_set(err, ST_NOT_FOUND, "the task \"%.*s\" is not stored", STR_ARG(id));
    *out = &kept->record;
    return ST_OK;
}

static int port_remove(void *ctx, struct str id, struct error *err)
{
    struct task_store_memory *store = ctx;
    struct kept *kept = str_index_get(&store->by_id, id);
    (void)err;
    if (!kept)
        return ST_OK;
    size_t at = place(store, kept->record.order);
    str_index_remove(&store->by_id, id);
    memmove(store->in_order + at, store->in_order + at + 1,
            (store->by_id.count - at) * sizeof(*store->in_order));
    kept->owner->count--;
    drop_owner(store, kept->owner);
    free(kept);
    return ST_OK;
}

static int port_next(void *ctx, const struct task_owner *owner, uint64_t after,
                     const struct task_record **out, struct error *err)
{
    struct task_store_memory *store = ctx;
    const struct kept_owner *wanted = owner ? find_owner(store, owner) : NULL;
    size_t at = after == UINT64_MAX ? store->by_id.count : place(store, after + 1);
    while (owner && at < store->by_id.count && store->in_order[at]->owner != wanted)
        at++;
    if (at >= store->by_id.count)
        return error_set(err, ST_NOT_FOUND, "no more tasks");
    *out = &store->in_order[at]->record;
    return ST_OK;
}

static int port_count(void *ctx, const struct task_owner *owner, size_t *out, struct error *err)
{
    struct task_store_memory *store = ctx;
    const struct kept_owner *found = find_owner(store, owner);
    (void)err;
    *out = found ? found->count : 0;
    return ST_OK;
}

/* ---- life -------------------------------------------------------------------------------- */

struct task_store_memory *task_store_memory_new(void)
{
    struct task_store_memory *store = calloc(1, sizeof(*store));
    if (store)
        store->port = (struct task_store){.ctx = store,
                                          .durable = false,
                                          .put = port_put,
                                          .get = port_get,
                                          .remove = port_remove,
                                          .next = port_next,
                                          .count = port_count};
    return store;
}

void task_store_memory_free(struct task_store_memory *store)
{
    if (!store)
        return;
    while (store->by_id.count)
        port_remove(store, store->in_order[store->by_id.count - 1]->record.id, NULL);
    str_index_clear(&store->by_id);
    str_index_clear(&store->owners);
    free(store->in_order);
    free(store);
}

const struct task_store *task_store_memory_port(struct task_store_memory *store)
{
    return &store->port;
}
