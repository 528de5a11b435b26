/* Reading the tasks of other processes: first who lives, then the records. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/driven/task_store_values/inside.h"
#include "adapters/driven/task_store_values/record_text.h"

#define PAGE 200

static bool lives(const struct waiting *w, struct str host)
{
    char name[KEY_MAX];
    int len = snprintf(name, sizeof(name), "/%.*s/", (int)(host.len > 64 ? 64 : host.len), host.ptr);
    return host.len && w->alive.data && memmem(w->alive.data, w->alive.len, name, (size_t)len);
}

/* Two processes may have given the same place. */
static uint64_t free_order(const struct task_store_values *store, const struct task_record *record)
{
    const struct task_store *records = store->records;
    const struct task_record *other;
    uint64_t order = record->order;
    while (records->next(records->ctx, NULL, order - 1, &other, NULL) == ST_OK &&
           other->order == order && !str_eq(other->id, record->id))
        order++;
    return order;
}

/* Keeps a record that is not this process's own. */
static int take(struct waiting *w, struct str id, struct str text, struct error *err)
{
    const struct task_store_values *store = w->store;
    struct record_read read;
    if (str_index_get(&store->held, id))
        return ST_OK;
    int rc = record_read(id, text, &read, err);
    if (rc)
        return rc;
    const struct task_record *before;
    bool known = store->records->get(store->records->ctx, id, &before, NULL) == ST_OK;
    read.record.order = known ? before->order : free_order(store, &read.record);
    read.record.elsewhere = lives(w, read.host);
    rc = store->records->put(store->records->ctx, &read.record, err);
    record_clear(&read);
    return rc;
}

static void read_failed(struct waiting *w, const struct error *err)
{
    w->reading = false;
    wait_end(w, err);
}

static void read_records(struct waiting *w);

static void got_one(void *arg, const struct error *err, const struct kv_value *value)
{
    struct waiting *w = arg;
    const struct task_store_values *store = w->store;
    struct error own;
    if (err && err->code == ST_NOT_FOUND) {
        if (!str_index_get(&store->held, waiting_id(w)))
            store->records->remove(store->records->ctx, waiting_id(w), NULL);
        err = NULL;
    } else if (!err && take(w, waiting_id(w), value->value, &own)) {
        err = &own;
    }
    read_failed(w, err);
}

static struct str id_of(struct str key)
{
    size_t skip = sizeof(RECORD_PREFIX) - 1;
    return (struct str){key.ptr + skip, key.len - skip};
}

/* A value that is too long for a list, on its own. Its waiting goes on with the list behind it. */
static void got_long(void *arg, const struct error *err, const struct kv_value *value)
{
    struct waiting *w = arg;
    struct error own;
    if (err && err->code == ST_NOT_FOUND)
        err = NULL;
    else if (!err && take(w, id_of(buffer_str(&w->at_key)), value->value, &own))
        err = &own;
    if (err)
        read_failed(w, err);
    else
        read_records(w);
}

static void get_long(struct waiting *w)
{
    const struct key_value_store *values = w->store->config.values;
    values->get(values->ctx, TASKS_SPACE, buffer_str(&w->at_key), got_long, w);
}

static void got_page(void *arg, const struct error *err, const struct kv_entry *entries, size_t count,
                     bool more)
{
    struct waiting *w = arg;
    struct error own;
    bool is_long = false;
    int rc = err ? err->code : ST_OK;
    for (size_t i = 0; i < count && !rc && !is_long; i++) {
        buffer_reset(&w->at_key, KEY_MAX);
        buffer_add_str(&w->at_key, entries[i].key);
        is_long = entries[i].bytes > VALUE_LISTED_MAX;
        if (!is_long)
            rc = take(w, id_of(entries[i].key), entries[i].value, &own);
    }
    if (!rc && buffer_failed(&w->at_key))
        rc = error_set(&own, ST_NOMEM, "out of memory");
    if (rc)
        read_failed(w, err ? err : &own);
    else if (is_long)
        get_long(w);
    else if (more && count)
        read_records(w);
    else
        read_failed(w, NULL);
}

static void read_records(struct waiting *w)
{
    const struct key_value_store *values = w->store->config.values;
    char key[KEY_MAX];
    if (w->id) {
        int len = snprintf(key, sizeof(key), RECORD_PREFIX "%s", w->id);
        values->get(values->ctx, TASKS_SPACE, (struct str){key, (size_t)len}, got_one, w);
        return;
    }
    const struct kv_query query = {
        .prefix = STR(RECORD_PREFIX), .after = buffer_str(&w->at_key), .limit = PAGE, .values = true};
    values->list(values->ctx, TASKS_SPACE, &query, got_page, w);
}

static void got_alive(void *arg, const struct error *err, const struct kv_entry *entries, size_t count,
                      bool more)
{
    struct waiting *w = arg;
    struct error own;
    (void)more; /* nobody runs a thousand of them beside each other */
    for (size_t i = 0; i < count; i++) {
        struct str key = entries[i].key;
        buffer_add(&w->alive, key.ptr + sizeof(ALIVE_PREFIX) - 2, key.len - sizeof(ALIVE_PREFIX) + 2);
    }
    buffer_add_char(&w->alive, '/');
    if (!err && buffer_failed(&w->alive)) {
        error_set(&own, ST_NOMEM, "out of memory");
        err = &own;
    }
    if (err)
        read_failed(w, err);
    else
        read_records(w);
}

void read_for(struct waiting *w)
{
    const struct task_store_values *store = w->store;
    const struct key_value_store *values = store->config.values;
    const struct held *held = w->id ? str_index_get(&store->held, waiting_id(w)) : NULL;
    const struct kv_query query = {.prefix = STR(ALIVE_PREFIX), .limit = 1000};
    if (held) {
        wait_end(w, NULL);
        return;
    }
    w->reading = true;
    values->list(values->ctx, TASKS_SPACE, &query, got_alive, w);
}
