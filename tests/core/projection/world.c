#include "tests/core/projection/world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the projections ------------------------------------------------------------------------ */

static const char *const counted[] = {"Counted", "Refused"};

static struct str group_of(struct json data)
{
    struct str group = {NULL, 0};
    json_plain(json_get(data, STR("group")), &group);
    return group;
}

static int counts_keys(void *ctx, const struct stored_event *event, struct json data,
                       struct projection_keys *keys, struct error *err)
{
    (void)ctx;
    (void)event;
    (void)err;
    projection_want(keys, group_of(data));
    projection_want(keys, STR("all"));
    return ST_OK;
}

static void add_to(struct projection_rows *rows, struct str key, int64_t by, const char *extra)
{
    struct json row = projection_get(rows, key);
    int64_t n = 0, events = 0;
    char text[100];
    json_int64(json_get(row, STR("n")), &n);
    json_int64(json_get(row, STR("events")), &events);
    snprintf(text, sizeof(text), "{\"n\":%" PRId64 ",\"events\":%" PRId64 "%s}", n + by, events + 1,
             extra);
    projection_put(rows, key, str_from(text));
}

static int counts_apply(void *ctx, const struct stored_event *event, struct json data,
                        struct projection_rows *rows, struct error *err)
{
    int64_t n = 0;
    json_int64(json_get(data, STR("n")), &n);
    add_to(rows, group_of(data), n, ctx ? ctx : "");
    if (str_eq(event->type, STR("Refused")))
        return error_set(err, ST_INVALID, "nobody can count it");
    add_to(rows, STR("all"), n, "");
    if (n < 0)
        projection_remove(rows, group_of(data));
    return ST_OK;
}

const struct projection counts = {.name = "counts", .version = 1, .types = counted,
                                  .type_count = 2, .keys = counts_keys, .apply = counts_apply};

const struct projection counts_2 = {.name = "counts", .version = 2, .types = counted,
                                    .type_count = 2, .ctx = (void *)(uintptr_t) ",\"new\":true",
                                    .keys = counts_keys, .apply = counts_apply};

static int log_apply(void *ctx, const struct stored_event *event, struct json data,
                     struct projection_rows *rows, struct error *err)
{
    char key[30];
    (void)ctx;
    (void)err;
    snprintf(key, sizeof(key), "%06" PRIu64, event->position);
    projection_put(rows, str_from(key), json_text(data));
    return ST_OK;
}

const struct projection log_of_all = {.name = "log", .version = 1, .apply = log_apply};

void count_event(struct world *w, const char *group, int n)
{
    char data[100], stream[50];
    snprintf(data, sizeof(data), "{\"group\":\"%s\",\"n\":%d}", group, n);
    snprintf(stream, sizeof(stream), "count/%s", group);
    fake_event_store_add(w->store, str_from(stream), STR("Counted"), str_from(data));
}

/* ---- time ----------------------------------------------------------------------------------- */

static uint64_t mono(void *ctx)
{
    struct world *w = ctx;
    return w->now_ns += w->step_ns;
}

static int64_t wall(void *ctx)
{
    return (int64_t)(((struct world *)ctx)->now_ns / 1000000);
}

static struct timer *timer_create(void *ctx, void (*fire)(void *arg), void *arg)
{
    struct world *w = ctx;
    w->making->fire = fire;
    w->making->arg = arg;
    return (struct timer *)w->making;
}

static struct world *world; /* the one of the test that runs */

static void timer_set(void *ctx, struct timer *timer, uint64_t delay_ms)
{
    (void)ctx;
    ((struct engine *)timer)->due_ns = world->now_ns + delay_ms * 1000000 + 1;
}

static void timer_stop(void *ctx, struct timer *timer)
{
    (void)ctx;
    ((struct engine *)timer)->due_ns = 0;
}

unsigned run(struct world *w, struct engine *e, uint64_t ms)
{
    uint64_t end = w->now_ns + ms * 1000000;
    unsigned fired = 0;
    while (e->due_ns && e->due_ns <= end + 1 && fired < 100000) {
        if (e->due_ns > w->now_ns)
            w->now_ns = e->due_ns;
        e->due_ns = 0;
        e->fire(e->arg);
        fired++;
    }
    if (w->now_ns < end)
        w->now_ns = end;
    return fired;
}

/* ---- the engines ---------------------------------------------------------------------------- */

static void report(void *ctx, struct str projection, const struct error *failed)
{
    struct world *w = ctx;
    buffer_add_str(&w->reports, projection);
    buffer_add_str(&w->reports, failed ? STR(": ") : STR(" serves"));
    buffer_add_str(&w->reports, failed ? str_from(failed->text) : STR(""));
    buffer_add_char(&w->reports, '\n');
}

static struct clock_port clock_port;

struct engine *engine_new(struct world *w, const struct projection *const *list, size_t count)
{
    struct engine *e = calloc(1, sizeof(*e));
    const struct projections_parts parts = {.events = fake_event_store_port(w->store),
                                            .journal = w->journal,
                                            .clock = &clock_port,
                                            .timers = &w->timers,
                                            .report = report,
                                            .ctx = w};
    w->making = e;
    if (projections_new(&parts, &e->projections, NULL))
        abort();
    for (size_t i = 0; i < count; i++)
        if (projections_add(e->projections, list[i], NULL))
            abort();
    return e;
}

void engine_free(struct engine *e)
{
    projections_free(e->projections);
    free(e);
}

struct world *world_new(void)
{
    struct world *w = calloc(1, sizeof(*w));
    const struct journal_parts parts = {.clock = &clock_port};
    world = w;
    w->store = fake_event_store_new();
    w->now_ns = 1000000000000;
    clock_port = (struct clock_port){w, mono, wall};
    w->timers = (struct timer_port){w, timer_create, timer_set, timer_stop, timer_stop};
    if (journal_new(&parts, &w->journal, NULL))
        abort();
    return w;
}

void world_free(struct world *w)
{
    fake_event_store_release(w->store, SIZE_MAX);
    fake_event_store_free(w->store);
    journal_free(w->journal);
    buffer_clear(&w->reports);
    free(w);
}
