#include "adapters/driven/task_store_values/task_store_values.h"

#include <stdlib.h>

#include "adapters/driven/task_store_memory/task_store_memory.h"
#include "adapters/driven/task_store_values/inside.h"
#include "core/base/hex.h"

static bool is_final(enum task_status status)
{
    return status != TASK_WORKING && status != TASK_INPUT_REQUIRED;
}

static void set_unfinished(struct task_store_values *store, struct held *held, bool unfinished)
{
    if (unfinished && !held->unfinished && store->unfinished++ == 0)
        store->alive_due = true;
    if (!unfinished && held->unfinished)
        store->unfinished--;
    held->unfinished = unfinished;
}

static int port_put(void *ctx, const struct task_record *record, struct error *err)
{
    struct task_store_values *store = ctx;
    struct held *held = hold(store, record->id, err);
    int rc = held ? store->records->put(store->records->ctx, record, err) : err->code;
    if (rc)
        return rc;
    held->removed = false;
    set_unfinished(store, held, !is_final(record->status));
    mark_dirty(store, held);
    write_dirty(store);
    return ST_OK;
}

static int port_get(void *ctx, struct str id, const struct task_record **out, struct error *err)
{
    const struct task_store_values *store = ctx;
    return store->records->get(store->records->ctx, id, out, err);
}

static int port_remove(void *ctx, struct str id, struct error *err)
{
    struct task_store_values *store = ctx;
    struct error own;
    struct held *held = hold(store, id, &own);
    store->records->remove(store->records->ctx, id, err);
    if (!held)
        return error_set(err, ST_NOMEM, "%s", own.text);
    held->removed = true;
    set_unfinished(store, held, false);
    mark_dirty(store, held);
    write_dirty(store);
    return ST_OK;
}

static int port_next(void *ctx, const struct task_owner *owner, uint64_t after,
                     const struct task_record **out, struct error *err)
{
    const struct task_store_values *store = ctx;
    return store->records->next(store->records->ctx, owner, after, out, err);
}

static int port_count(void *ctx, const struct task_owner *owner, size_t *out, struct error *err)
{
    const struct task_store_values *store = ctx;
    return store->records->count(store->records->ctx, owner, out, err);
}

static void port_ready(void *ctx, struct str id, const struct task_owner *owner,
                       void (*done)(void *arg, const struct error *err), void *arg, uint64_t *ticket)
{
    struct task_store_values *store = ctx;
    struct waiting *w = id.len + sizeof(RECORD_PREFIX) <= KEY_MAX ? wait_new(store, id, owner) : NULL;
    struct error err;
    *ticket = 0;
    if (!w) {
        error_set(&err, ST_NOMEM, "out of memory");
        done(arg, &err);
        return;
    }
    uint64_t mine = w->ticket;
    w->done = done;
    w->arg = arg;
    write_dirty(store); /* also one that failed before */
    wait_look(store, NULL);
    for (w = store->waiting; w; w = w->next)
        if (w->ticket == mine)
            *ticket = mine;
}

static void port_forget(void *ctx, uint64_t ticket)
{
    const struct task_store_values *store = ctx;
    struct waiting *w = store->waiting;
    while (w && w->ticket != ticket)
        w = w->next;
    if (!w)
        return;
    w->forgotten = true;
    if (!w->reading)
        wait_end(w, NULL);
}

static int name_process(struct task_store_values *store, struct error *err)
{
    return hex_draw(store->config.random, 16, store->process, err);
}

int task_store_values_new(const struct task_store_values_config *config,
                          struct task_store_values **out, struct error *err)
{
    struct task_store_values *store = calloc(1, sizeof(*store));
    if (!store)
        return error_set(err, ST_NOMEM, "out of memory");
    store->config = *config;
    store->port = (struct task_store){.ctx = store,
                                      .durable = true,
                                      .put = port_put,
                                      .get = port_get,
                                      .remove = port_remove,
                                      .next = port_next,
                                      .count = port_count,
                                      .ready = port_ready,
                                      .forget = port_forget};
    store->memory = task_store_memory_new();
    store->timer = config->timers->create(config->timers->ctx, write_timer, store);
    int rc = store->memory && store->timer ? name_process(store, err)
                                           : error_set(err, ST_NOMEM, "out of memory");
    if (rc) {
        task_store_values_free(store);
        return rc;
    }
    store->records = task_store_memory_port(store->memory);
    *out = store;
    return ST_OK;
}

bool task_store_values_idle(const struct task_store_values *store)
{
    return !store->writing && !store->dirty;
}

void task_store_values_free(struct task_store_values *store)
{
    struct error err;
    if (!store)
        return;
    error_set(&err, ST_CANCELLED, "the store of tasks was closed");
    while (store->waiting)
        wait_end(store->waiting, &err);
    for (size_t i = 0; i < store->held.count; i++) {
        struct held *held = store->held.entries[i].value;
        free(held->id);
        free(held);
    }
    str_index_clear(&store->held);
    str_index_clear(&store->batch);
    store->config.timers->free(store->config.timers->ctx, store->timer);
    task_store_memory_free(store->memory);
    free(store);
}

const struct task_store *task_store_values_port(struct task_store_values *store)
{
    return &store->port;
}
