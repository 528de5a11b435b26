/* Writing records down: all that have changed, together. One write is on its way at a time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/driven/task_store_memory/task_store_memory.h"
#include "adapters/driven/task_store_values/inside.h"
#include "adapters/driven/task_store_values/record_text.h"

struct held *hold(struct task_store_values *store, struct str id, struct error *err)
{
    struct held *held = str_index_get(&store->held, id);
    if (held)
        return held;
    held = calloc(1, sizeof(*held));
    if (held)
        held->id = strndup(id.ptr, id.len);
    if (!held || !held->id || !str_index_put(&store->held, str_from(held->id), held)) {
        free(held ? held->id : NULL);
        free(held);
        error_set(err, ST_NOMEM, "out of memory for the task \"%.*s\"", STR_ARG(id));
        return NULL;
    }
    return held;
}

static void let_go(struct task_store_values *store, struct held *held)
{
    str_index_remove(&store->held, str_from(held->id));
    free(held->id);
    free(held);
}

void mark_dirty(struct task_store_values *store, struct held *held)
{
    if (!held->dirty)
        store->dirty++;
    held->dirty = true;
}

static void set_timer(struct task_store_values *store, uint64_t ms)
{
    const struct timer_port *timers = store->config.timers;
    timers->set(timers->ctx, store->timer, ms);
}

/* The changes of one write and their texts. */
struct write {
    struct kv_change changes[WRITE_RECORDS_MAX + 1];
    char keys[WRITE_RECORDS_MAX + 1][KEY_MAX];
    size_t ends[WRITE_RECORDS_MAX + 1];
    size_t count;
    struct buffer texts;
};

static void add_change(struct write *w, const char *prefix, const char *name, uint64_t ttl_ms)
{
    int len = snprintf(w->keys[w->count], KEY_MAX, "%s%s", prefix, name);
    w->changes[w->count] =
        (struct kv_change){.key = {w->keys[w->count], (size_t)len}, .ttl_ms = ttl_ms};
    w->ends[w->count] = w->texts.len;
    w->count++;
}

/* Until the record is of no use any more; 0: for ever. */
static uint64_t time_left(const struct task_store_values *store, const struct task_record *record)
{
    const struct clock_port *clock = store->config.clock;
    int64_t now = clock->wall_ms(clock->ctx);
    uint64_t age = now > record->created_ms ? (uint64_t)(now - record->created_ms) : 0;
    if (!record->ttl_ms)
        return 0;
    return age < record->ttl_ms ? record->ttl_ms - age : 1;
}

static void add_record(struct task_store_values *store, struct write *w, const struct held *held)
{
    const struct task_record *record;
    struct error err;
    if (held->removed || store->records->get(store->records->ctx, str_from(held->id), &record, &err)) {
        add_change(w, RECORD_PREFIX, held->id, 0);
        w->changes[w->count - 1].remove = true;
        return;
    }
    record_write(record, held->unfinished ? str_from(store->process) : STR(""), &w->texts);
    add_change(w, RECORD_PREFIX, held->id, time_left(store, record));
}

static void collect(struct task_store_values *store, struct write *w)
{
    for (size_t i = 0; i < store->held.count && w->count < WRITE_RECORDS_MAX &&
                       (w->count == 0 || w->texts.len < WRITE_BYTES_MAX);
         i++) {
        struct held *held = store->held.entries[i].value;
        if (!held->dirty || !str_index_put(&store->batch, str_from(held->id), held))
            continue;
        add_record(store, w, held);
        held->dirty = false;
        held->writing = true;
        store->dirty--;
    }
    if (store->unfinished && store->alive_due) {
        buffer_add_str(&w->texts, STR("1"));
        add_change(w, ALIVE_PREFIX, store->process, ALIVE_TTL_MS);
    }
    for (size_t i = 0, from = 0; i < w->count; from = w->ends[i++])
        w->changes[i].value = buffer_part(&w->texts, from, w->ends[i] - from);
}

static void settle(struct task_store_values *store, const struct error *err)
{
    for (size_t i = 0; i < store->batch.count; i++) {
        struct held *held = store->batch.entries[i].value;
        held->writing = false;
        if (err)
            mark_dirty(store, held);
        else if (held->removed && !held->dirty)
            let_go(store, held);
    }
    str_index_clear(&store->batch);
    store->batch = (struct str_index)STR_INDEX_INIT;
}

static void written(void *arg, const struct error *err, const struct kv_applied *applied)
{
    struct task_store_values *store = arg;
    (void)applied; /* no version was asked for, so there is no conflict */
    store->writing = false;
    if (!err)
        store->alive_due = false;
    settle(store, err);
    wait_look(store, err);
    if (err)
        set_timer(store, RETRY_MS);
    else if (store->dirty)
        write_dirty(store);
    else if (store->unfinished)
        set_timer(store, ALIVE_EVERY_MS);
}

void write_dirty(struct task_store_values *store)
{
    const struct key_value_store *values = store->config.values;
    struct error err;
    if (store->writing || (!store->dirty && !(store->unfinished && store->alive_due)))
        return;
    struct write *w = calloc(1, sizeof(*w));
    if (!w) {
        set_timer(store, RETRY_MS);
        return;
    }
    store->writing = true;
    collect(store, w);
    if (buffer_failed(&w->texts)) {
        error_set(&err, ST_NOMEM, "out of memory");
        written(store, &err, NULL);
    } else {
        values->apply(values->ctx, TASKS_SPACE, w->changes, w->count, written, store);
    }
    buffer_clear(&w->texts);
    free(w);
}

void write_timer(void *arg)
{
    struct task_store_values *store = arg;
    store->alive_due = true;
    write_dirty(store);
}
