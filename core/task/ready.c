/* Waiting until the store holds what the service says. */
#include <stdlib.h>

#include "core/task/entry.h"

static void ready_free(struct task_ready *ready)
{
    *ready->at = ready->next;
    if (ready->next)
        ready->next->at = ready->at;
    free(ready);
}

/* What the store has read is known from here on. */
static int take_over(const struct task_ready *ready, struct error *err)
{
    struct tasks *tasks = ready->tasks;
    const struct task_store *store = tasks->parts.store;
    const struct task_record *record;
    uint64_t after = 0;
    int rc;
    if (ready->task_len) {
        rc = store->get(store->ctx, (struct str){ready->task, ready->task_len}, &record, err);
        return rc == ST_NOT_FOUND ? ST_OK : rc ? rc : task_take_over(tasks, record, err);
    }
    while ((rc = store->next(store->ctx, &ready->owner, after, &record, err)) == ST_OK) {
        after = record->order;
        rc = task_take_over(tasks, record, err);
        if (rc)
            return rc;
    }
    return rc == ST_NOT_FOUND ? ST_OK : rc;
}

static void is_stored(void *arg, const struct error *err)
{
    struct task_ready *ready = arg;
    struct error own;
    void (*done)(void *, const struct error *) = ready->done;
    void *user = ready->arg;
    if (!err && take_over(ready, &own))
        err = &own;
    ready_free(ready);
    done(user, err);
}

static struct task_ready *ready_new(struct tasks *tasks, const struct caller *caller, struct str id)
{
    struct task_ready *ready = calloc(1, sizeof(*ready));
    if (!ready)
        return NULL;
    ready->tasks = tasks;
    ready->id = ++tasks->last_ready;
    ready->owner = (struct task_owner){caller->id, caller->tenant};
    if (id.len)
        memcpy(ready->task, id.ptr, id.len);
    ready->task_len = id.len;
    ready->next = tasks->waiting;
    ready->at = &tasks->waiting;
    if (ready->next)
        ready->next->at = &ready->next;
    tasks->waiting = ready;
    return ready;
}

static struct task_ready *find(const struct tasks *tasks, uint64_t id)
{
    struct task_ready *ready = tasks->waiting;
    while (ready && ready->id != id)
        ready = ready->next;
    return ready;
}

void task_service_ready(void *ctx, const struct caller *caller, struct str id,
                        void (*done)(void *arg, const struct error *err), void *arg,
                        uint64_t *ticket)
{
    struct tasks *tasks = ctx;
    const struct task_store *store = tasks->parts.store;
    struct error err;
    *ticket = 0;
    if (!store->ready || id.len > TASK_ID_LENGTH) { /* nothing has a longer id */
        done(arg, NULL);
        return;
    }
    struct task_ready *ready = ready_new(tasks, caller, id);
    if (!ready) {
        error_set(&err, ST_NOMEM, "out of memory");
        done(arg, &err);
        return;
    }
    uint64_t mine = ready->id, of_store = 0;
    ready->done = done;
    ready->arg = arg;
    store->ready(store->ctx, (struct str){ready->task, ready->task_len}, &ready->owner, is_stored,
                 ready, &of_store);
    ready = find(tasks, mine);
    if (ready) {
        ready->ticket = of_store;
        *ticket = mine;
    }
}

static void forget(struct task_ready *ready)
{
    const struct task_store *store = ready->tasks->parts.store;
    store->forget(store->ctx, ready->ticket);
    ready_free(ready);
}

void task_service_forget(void *ctx, uint64_t ticket)
{
    struct task_ready *ready = find(ctx, ticket);
    if (ready)
        forget(ready);
}

void task_ready_free(struct tasks *tasks)
{
    while (tasks->waiting)
        forget(tasks->waiting);
}
