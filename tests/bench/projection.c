/* How long a projection of a million events takes over a store in memory: from zero, and while the loop
 * stays free: how long the longest slice was. Prints one line each. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/projection/projection.h"
#include "tests/core/fakes/fake_event_store.h"

#define EVENTS 1000000u
#define GROUPS 1000u

static void (*fire)(void *arg);
static void *fire_arg;
static bool due;

static uint64_t now_ns(void *ctx)
{
    struct timespec now;
    (void)ctx;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int64_t wall(void *ctx)
{
    (void)ctx;
    return 0;
}

static struct timer *fake_timer_create(void *ctx, void (*with)(void *arg), void *arg)
{
    fire = with;
    fire_arg = arg;
    return ctx;
}

static void fake_timer_set(void *ctx, struct timer *timer, uint64_t delay_ms)
{
    (void)ctx;
    (void)timer;
    due = delay_ms == 0;
}

static void fake_timer_stop(void *ctx, struct timer *timer)
{
    (void)ctx;
    (void)timer;
    due = false;
}

static const struct clock_port clock_port = {NULL, now_ns, wall};
static const struct timer_port timer_port = {(void *)&due, fake_timer_create, fake_timer_set, fake_timer_stop,
                                             fake_timer_stop};

static struct str group_of(struct json data)
{
    struct str group = {NULL, 0};
    json_plain(json_get(data, STR("group")), &group);
    return group;
}

static int usage_keys(void *ctx, const struct stored_event *event, struct json data,
                      struct projection_keys *keys, struct error *err)
{
    (void)ctx;
    (void)event;
    (void)err;
    projection_want(keys, group_of(data));
    return ST_OK;
}

static int usage_apply(void *ctx, const struct stored_event *event, struct json data,
                       struct projection_rows *rows, struct error *err)
{
    char text[60];
    int64_t n = 0, sum = 0;
    (void)ctx;
    (void)event;
    (void)err;
    json_int64(json_get(data, STR("tokens")), &n);
    json_int64(json_get(projection_get(rows, group_of(data)), STR("tokens")), &sum);
    int len = snprintf(text, sizeof(text), "{\"tokens\":%" PRId64 "}", sum + n);
    projection_put(rows, group_of(data), (struct str){text, (size_t)len});
    return ST_OK;
}

static const struct projection usage = {
    .name = "usage", .version = 1, .keys = usage_keys, .apply = usage_apply};

static struct fake_event_store *fill(void)
{
    struct fake_event_store *store = fake_event_store_new();
    char stream[40], data[80];
    for (unsigned i = 0; i < EVENTS; i++) {
        snprintf(stream, sizeof(stream), "session/%u", i % GROUPS);
        int len = snprintf(data, sizeof(data), "{\"group\":\"g%u\",\"tokens\":%u,\"model\":\"m\"}",
                           i % GROUPS, i % 100);
        fake_event_store_add(store, str_from(stream), STR("ResponseReceived"),
                             (struct str){data, (size_t)len});
    }
    return store;
}

static void turn(const char *what)
{
    uint64_t begin = now_ns(NULL), longest = 0, slices = 0;
    while (due) {
        uint64_t slice = now_ns(NULL);
        due = false;
        fire(fire_arg);
        slice = now_ns(NULL) - slice;
        longest = slice > longest ? slice : longest;
        slices++;
    }
    double seconds = (double)(now_ns(NULL) - begin) / 1e9;
    printf("%s: %.0f events/s, %" PRIu64 " slices, the longest %.2f ms\n", what, EVENTS / seconds,
           slices, (double)longest / 1e6);
}

static void ended(void *arg, const struct error *err)
{
    *(bool *)arg = err == NULL;
}

int main(void)
{
    struct fake_event_store *store = fill();
    struct journal *journal;
    struct projections *engine;
    const struct journal_parts journal_parts = {.clock = &clock_port};
    if (journal_new(&journal_parts, &journal, NULL))
        return 1;
    const struct projections_parts parts = {.events = fake_event_store_port(store),
                                            .journal = journal,
                                            .clock = &clock_port,
                                            .timers = &timer_port};
    bool begun = false;
    if (projections_new(&parts, &engine, NULL) || projections_add(engine, &usage, NULL))
        return 1;
    projections_committed(engine, EVENTS);
    turn("first build");
    projections_rebuild(engine, STR("usage"), ended, &begun);
    turn("rebuild");
    projections_free(engine);
    journal_free(journal);
    fake_event_store_free(store);
    return !begun;
}
