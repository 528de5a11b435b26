#include "tests/core/journal/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json/json.h"

static struct world *world; /* the one of the test that runs */

static const struct caller me = {.id = STR_INIT("me"), .tenant = STR_INIT("local")};

const struct call_context world_context = {
    .caller = &me,
    .traceparent = STR_INIT("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
};

/* ---- the aggregate -------------------------------------------------------------------------- */

static void *sum_create(void *ctx, struct str stream)
{
    (void)ctx;
    (void)stream;
    world->created++;
    return calloc(1, sizeof(int64_t));
}

static void sum_free(void *ctx, void *state)
{
    (void)ctx;
    world->freed++;
    free(state);
}

static int sum_apply(void *ctx, void *state, const struct stored_event *event, struct json data,
                     struct error *err)
{
    int64_t *sum = state, n = 0;
    (void)ctx;
    if (str_eq(event->type, STR("Added"))) {
        if (!json_int64(json_get(data, STR("n")), &n))
            return error_set(err, ST_INVALID, "there is no number \"n\"");
        *sum += n;
        return ST_OK;
    }
    if (!str_eq(event->type, STR("Cleared")))
        return error_set(err, ST_UNSUPPORTED, "a sum does not know it");
    *sum = 0;
    return ST_OK;
}

static int sum_save(void *ctx, const void *state, struct buffer *out, struct error *err)
{
    (void)ctx;
    (void)err;
    buffer_add_i64(out, *(const int64_t *)state);
    return ST_OK;
}

static int sum_restore(void *ctx, void *state, struct json saved, struct error *err)
{
    (void)ctx;
    return json_int64(saved, state) ? ST_OK : error_set(err, ST_INVALID, "no sum");
}

const struct aggregate_kind sum_kind = {.domain = "sum",
                                        .state_version = 3,
                                        .create = sum_create,
                                        .free = sum_free,
                                        .apply = sum_apply,
                                        .save = sum_save,
                                        .restore = sum_restore};

int64_t sum_of(const void *state)
{
    return *(const int64_t *)state;
}

static int by_to_n(void *ctx, const struct stored_event *event, struct json data,
                   struct buffer *out, struct error *err)
{
    (void)ctx;
    (void)event;
    struct json by = json_get(data, STR("by"));
    if (!json_exists(by))
        return error_set(err, ST_INVALID, "there is no \"by\"");
    buffer_add_str(out, STR("{\"n\":"));
    buffer_add_str(out, json_text(by));
    buffer_add_char(out, '}');
    return ST_OK;
}

static const event_upcast upcasts[] = {by_to_n};

static const struct event_type types[] = {
    {"Added", 2, upcasts, NULL},
    {"Cleared", 1, NULL, NULL},
    {"Bad", 1, NULL, NULL},
};

/* ---- what the journal needs ----------------------------------------------------------------- */

static uint64_t mono(void *ctx)
{
    (void)ctx;
    return 0;
}

static int64_t wall(void *ctx)
{
    return ((struct world *)ctx)->now_ms;
}

static int fill(void *ctx, void *out, size_t len, struct error *err)
{
    (void)ctx;
    (void)err;
    memset(out, 0, len);
    return ST_OK;
}

static int publish(void *ctx, struct str topic, struct str json, struct error *err)
{
    struct world *w = ctx;
    (void)err;
    buffer_add_str(&w->heard, topic);
    buffer_add_char(&w->heard, ' ');
    buffer_reset(&w->last, SIZE_MAX);
    buffer_add_str(&w->last, json);
    return ST_OK;
}

static void kv_get(void *ctx, struct str space, struct str key,
                   void (*done)(void *arg, const struct error *err, const struct kv_value *value),
                   void *arg)
{
    struct world *w = ctx;
    struct error err;
    const struct kv_value value = {.value = buffer_str(&w->snapshot), .version = 1};
    (void)key;
    w->snapshot_gets++;
    if (!str_eq(space, STR("snapshots")))
        abort();
    error_set(&err, w->snapshots_fail ? ST_UNAVAILABLE : ST_NOT_FOUND, "no");
    bool none = w->snapshots_fail || !w->snapshot.len;
    done(arg, none ? &err : NULL, none ? NULL : &value);
}

static void kv_apply(void *ctx, struct str space, const struct kv_change *changes, size_t count,
                     void (*done)(void *arg, const struct error *err, const struct kv_applied *r),
                     void *arg)
{
    struct world *w = ctx;
    struct error err;
    const uint64_t version = 1;
    const struct kv_applied applied = {.versions = &version, .count = count};
    (void)space;
    w->snapshot_puts++;
    if (!w->snapshots_fail) {
        buffer_reset(&w->snapshot, SIZE_MAX);
        buffer_add_str(&w->snapshot, changes[0].value);
    }
    error_set(&err, ST_UNAVAILABLE, "no");
    done(arg, w->snapshots_fail ? &err : NULL, w->snapshots_fail ? NULL : &applied);
}

static void committed(void *ctx, uint64_t position)
{
    ((struct world *)ctx)->committed = position;
}

struct hooks *world_hooks;

static void snapshotted(void *ctx, struct str stream, uint64_t version)
{
    struct world *w = ctx;
    snprintf(w->snapshotted, sizeof(w->snapshotted), "%.*s at %llu", STR_ARG(stream),
             (unsigned long long)version);
}

static struct {
    struct clock_port clock;
    struct random_port random;
    struct event_bus bus;
    struct key_value_store values;
} ports;

struct journal *world_journal(struct world *w)
{
    struct journal *journal;
    const struct journal_parts parts = {.events = fake_event_store_port(w->store),
                                        .values = &ports.values,
                                        .clock = &ports.clock,
                                        .random = &ports.random,
                                        .bus = &ports.bus,
                                        .committed = committed,
                                        .snapshotted = snapshotted,
                                        .ctx = w,
                                        .hooks = world_hooks};
    if (journal_new(&parts, &journal, NULL) || journal_add_types(journal, types, 3, NULL))
        abort();
    return journal;
}

struct world *world_new(void)
{
    struct world *w = calloc(1, sizeof(*w));
    world = w;
    w->store = fake_event_store_new();
    w->now_ms = 1000;
    ports.clock = (struct clock_port){w, mono, wall};
    ports.random = (struct random_port){w, fill};
    ports.bus = (struct event_bus){.ctx = w, .publish = publish};
    ports.values = (struct key_value_store){.ctx = w, .get = kv_get, .apply = kv_apply};
    w->journal = world_journal(w);
    return w;
}

void world_free(struct world *w)
{
    journal_free(w->journal);
    fake_event_store_release(w->store, SIZE_MAX);
    fake_event_store_free(w->store);
    buffer_clear(&w->heard);
    buffer_clear(&w->last);
    buffer_clear(&w->snapshot);
    if (w->created != w->freed)
        abort();
    free(w);
}

struct str world_text(struct buffer *b)
{
    buffer_add_char(b, '\0');
    return (struct str){b->data, b->len - 1};
}
