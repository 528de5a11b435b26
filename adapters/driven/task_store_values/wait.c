/* Who waits until what this process holds is what is stored. */
#include <stdlib.h>
#include <string.h>

#include "adapters/driven/task_store_values/inside.h"

struct waiting *wait_new(struct task_store_values *store, struct str id,
                         const struct task_owner *owner)
{
    struct waiting *w = calloc(1, sizeof(*w));
    if (!w)
        return NULL;
    w->id = id.len ? strndup(id.ptr, id.len) : NULL;
    if (id.len && !w->id) {
        free(w);
        return NULL;
    }
    w->store = store;
    w->owner = *owner;
    w->ticket = ++store->last_ticket;
    w->next = store->waiting;
    w->at = &store->waiting;
    if (w->next)
        w->next->at = &w->next;
    store->waiting = w;
    return w;
}

void wait_end(struct waiting *w, const struct error *err)
{
    void (*done)(void *, const struct error *) = w->forgotten ? NULL : w->done;
    void *arg = w->arg;
    *w->at = w->next;
    if (w->next)
        w->next->at = w->at;
    buffer_clear(&w->alive);
    buffer_clear(&w->at_key);
    free(w->id);
    free(w);
    if (done)
        done(arg, err);
}

/* True if it waits for a write, with *dirty if one that has not begun. */
static bool needs_write(const struct waiting *w, bool *dirty)
{
    const struct task_store_values *store = w->store;
    const struct held *held = w->id ? str_index_get(&store->held, waiting_id(w)) : NULL;
    *dirty = w->id ? held && held->dirty : store->dirty > 0;
    return *dirty || (w->id ? held && held->writing : store->writing);
}

/* One that is to be told now, or NULL. */
static struct waiting *next_ready(const struct task_store_values *store, bool failed)
{
    bool dirty;
    for (struct waiting *w = store->waiting; w; w = w->next)
        if (!w->reading && (!needs_write(w, &dirty) || (failed && dirty)))
            return w;
    return NULL;
}

void wait_look(struct task_store_values *store, const struct error *err)
{
    struct waiting *w;
    bool dirty;
    while ((w = next_ready(store, err != NULL)))
        if (needs_write(w, &dirty) || w->forgotten)
            wait_end(w, err);
        else
            read_for(w);
}
