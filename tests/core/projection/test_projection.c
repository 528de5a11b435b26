/* Projections: rows of events, checkpoints, several processes, rebuilds while old rows are served,
 * failures, pauses, queries that wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/projection/operations.h"
#include "tests/core/projection/world.h"

static struct world *w;
static struct engine *e;
static struct buffer said;

static const struct projection *const both[] = {&counts, &log_of_all};

static void start(const struct projection *const *list, size_t count)
{
    if (e)
        engine_free(e);
    e = engine_new(w, list, count);
}

static int setup(void **state)
{
    (void)state;
    w = world_new();
    start(both, 2);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    engine_free(e);
    e = NULL;
    world_free(w);
    buffer_clear(&said);
    return 0;
}

static void was(const char *text)
{
    buffer_add_char(&said, '\0');
    assert_string_equal(said.data, text);
    buffer_clear(&said);
}

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
    char text[1000];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    buffer_add_str(&said, str_from(text));
}

static void answered(void *arg, const struct error *err, const struct projection_answer *a)
{
    (void)arg;
    if (err) {
        say("%d %s", err->code, err->text);
        return;
    }
    for (size_t i = 0; i < a->count; i++)
        say("%.*s=%.*s ", STR_ARG(a->rows[i].key), STR_ARG(a->rows[i].value));
    say("@%d v%d%s", (int)a->position, (int)a->version, a->more ? " more" : "");
}

static void ask(struct engine *of, struct projection_query query)
{
    if (!query.projection.len)
        query.projection = STR("counts");
    if (!query.limit)
        query.limit = 100;
    projections_query(of->projections, &query, answered, NULL);
}

static void rows_are(const char *text)
{
    ask(e, (struct projection_query){0});
    was(text);
}

static void control(void *arg, const struct error *err)
{
    say("%s%s;", (const char *)arg, err ? err->text : "");
}

static void facts(void *arg, const struct projection_facts *f)
{
    (void)arg;
    say("%.*s v%d/%d %s %d/%d lag %d new %d%s%.*s;", STR_ARG(f->name), (int)f->version,
        (int)f->served, projection_state_name(f->state), (int)f->position, (int)f->head,
        (int)f->lag, (int)f->rebuilt, f->error.len ? " " : "", STR_ARG(f->error));
}

static char listed[] = "", done_name[] = "done";

static void list_is(const char *text)
{
    projections_list(e->projections, facts, control, listed);
    was(text);
}

static uint64_t calls(enum fake_event_call call)
{
    return fake_event_store_calls(w->store, call);
}

static void test_rows(void **state)
{
    (void)state;
    count_event(w, "a", 1);
    count_event(w, "b", 2);
    count_event(w, "a", 3);
    assert_int_equal(calls(FAKE_READ_ALL) + calls(FAKE_ROWS), 0); /* nothing before it is needed */
    rows_are("a={\"n\":4,\"events\":2} all={\"n\":6,\"events\":3} b={\"n\":2,\"events\":1} @3 v1");
    count_event(w, "b", -2);
    projections_committed(e->projections, 4);
    run(w, e, 2);
    rows_are("a={\"n\":4,\"events\":2} all={\"n\":4,\"events\":4} @4 v1");
    uint64_t reads = calls(FAKE_READ_ALL);
    rows_are("a={\"n\":4,\"events\":2} all={\"n\":4,\"events\":4} @4 v1");
    assert_int_equal(calls(FAKE_READ_ALL), reads);
}

static void test_pages(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        char group[20];
        snprintf(group, sizeof(group), "x/%d", i);
        count_event(w, group, i);
    }
    ask(e, (struct projection_query){.prefix = STR("x/"), .limit = 2});
    was("x/0={\"n\":0,\"events\":1} x/1={\"n\":1,\"events\":1} @5 v1 more");
    ask(e, (struct projection_query){.prefix = STR("x/"), .after = STR("x/2"), .limit = 2});
    was("x/3={\"n\":3,\"events\":1} x/4={\"n\":4,\"events\":1} @5 v1");
    ask(e, (struct projection_query){.backward = true, .limit = 1});
    was("x/4={\"n\":4,\"events\":1} @5 v1 more");
    ask(e, (struct projection_query){.key = STR("x/3")});
    was("x/3={\"n\":3,\"events\":1} @5 v1");
    ask(e, (struct projection_query){.key = STR("~about")});
    was("@5 v1");
}

static void test_goes_on_where_it_was(void **state)
{
    (void)state;
    count_event(w, "a", 1);
    rows_are("a={\"n\":1,\"events\":1} all={\"n\":1,\"events\":1} @1 v1");
    start(both, 2);
    count_event(w, "a", 1);
    rows_are("a={\"n\":2,\"events\":2} all={\"n\":2,\"events\":2} @2 v1");
}

static void test_empty(void **state)
{
    (void)state;
    rows_are("@0 v1");
    assert_int_equal(calls(FAKE_PROJECT), 0);
    fake_event_store_add(w->store, STR("other/1"), STR("Other"), STR("{}"));
    w->now_ns += 2000000000;
    rows_are("@1 v1");
    w->now_ns += 2000000000;
    rows_are("@1 v1");
    assert_int_equal(calls(FAKE_PROJECT), 2); /* one of each projection */
}

static void test_two_processes(void **state)
{
    struct engine *other = engine_new(w, both, 2);
    (void)state;
    count_event(w, "a", 1);
    rows_are("a={\"n\":1,\"events\":1} all={\"n\":1,\"events\":1} @1 v1");
    ask(other, (struct projection_query){0});
    was("a={\"n\":1,\"events\":1} all={\"n\":1,\"events\":1} @1 v1");
    for (int i = 0; i < 20; i++) {
        struct engine *one = i % 3 ? e : other;
        count_event(w, i % 2 ? "a" : "b", 1);
        projections_committed(one->projections, fake_event_store_count(w->store));
        run(w, one, 2);
    }
    rows_are("a={\"n\":11,\"events\":11} all={\"n\":21,\"events\":21} b={\"n\":10,\"events\":10} @21 v1");
    ask(other, (struct projection_query){.min_position = 21});
    was("a={\"n\":11,\"events\":11} all={\"n\":21,\"events\":21} b={\"n\":10,\"events\":10} @21 v1");
    /* both read, then one writes after the other */
    count_event(w, "c", 1);
    fake_event_store_hold(w->store, true);
    projections_committed(e->projections, 22);
    projections_committed(other->projections, 22);
    run(w, e, 2);
    run(w, other, 2);
    for (int i = 0; i < 200; i++) {
        fake_event_store_release(w->store, 1);
        run(w, e, 0);
        run(w, other, 0);
    }
    fake_event_store_hold(w->store, false);
    w->now_ns += 2000000000;
    ask(other, (struct projection_query){.key = STR("all")});
    was("all={\"n\":22,\"events\":22} @22 v1");
    engine_free(other);
}

static void test_looks_for_others(void **state)
{
    (void)state;
    rows_are("@0 v1");
    count_event(w, "a", 1);
    rows_are("@0 v1"); /* looked less than a second ago */
    ask(e, (struct projection_query){.min_position = 1, .key = STR("all")});
    was("all={\"n\":1,\"events\":1} @1 v1");
    count_event(w, "a", 1);
    w->now_ns += 1100000000;
    ask(e, (struct projection_query){.key = STR("all")});
    was("all={\"n\":2,\"events\":2} @2 v1");
}

static void test_waits(void **state)
{
    (void)state;
    count_event(w, "a", 1);
    rows_are("a={\"n\":1,\"events\":1} all={\"n\":1,\"events\":1} @1 v1");
    ask(e, (struct projection_query){.min_position = 9});
    was("");
    run(w, e, 999);
    was("");
    run(w, e, 2);
    was("-8 the projection counts is at position 1 and did not come to 9 within 1000 ms: ask again "
        "soon, or see how far it is (projection.list)");
    ask(e, (struct projection_query){.min_position = 2, .key = STR("all")});
    count_event(w, "a", 1);
    projections_committed(e->projections, 2);
    run(w, e, 2);
    was("all={\"n\":2,\"events\":2} @2 v1");
}

static void test_refuses_queries(void **state)
{
    (void)state;
    ask(e, (struct projection_query){.projection = STR("count")});
    was("-4 there is no projection \"count\"; did you mean \"counts\"?");
    ask(e, (struct projection_query){.limit = 1001});
    was("-3 1001 rows; 1 to 1000 are allowed");
    fake_event_store_fail(w->store, FAKE_ROWS, ST_UNAVAILABLE);
    ask(e, (struct projection_query){0});
    was("-10 the store says no");
    ask(e, (struct projection_query){0});
    was("-10 the store says no"); /* it is not asked again at once */
    run(w, e, 1100);
    rows_are("@0 v1");
}

static void test_store_fails_at_each_call(void **state)
{
    static const enum fake_event_call all[] = {FAKE_READ_ALL, FAKE_PROJECT, FAKE_ROWS};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        count_event(w, "a", 1);
        w->now_ns += 1500000000;
        fake_event_store_fail(w->store, all[i], ST_UNAVAILABLE);
        ask(e, (struct projection_query){.key = STR("all")});
        was("-10 the store says no");
        run(w, e, 1100);
    }
    ask(e, (struct projection_query){.key = STR("all")});
    was("all={\"n\":3,\"events\":3} @3 v1");
    fake_event_store_conflict(w->store, FAKE_PROJECT, 7);
    count_event(w, "a", 1);
    w->now_ns += 1500000000;
    ask(e, (struct projection_query){.key = STR("all")});
    was("all={\"n\":4,\"events\":4} @4 v1");
}

static void test_slices(void **state)
{
    (void)state;
    for (int i = 0; i < 2000; i++)
        count_event(w, i % 2 ? "a" : "b", 1);
    w->step_ns = 20000; /* 50 looks at the clock are a slice */
    projections_committed(e->projections, 2000);
    unsigned fired = run(w, e, 5000);
    assert_true(fired > 4);
    w->step_ns = 0;
    rows_are("a={\"n\":1000,\"events\":1000} all={\"n\":2000,\"events\":2000} "
             "b={\"n\":1000,\"events\":1000} @2000 v1");
}

static void test_first_build_makes_queries_wait(void **state)
{
    (void)state;
    for (int i = 0; i < 30000; i++)
        count_event(w, "a", 1);
    w->step_ns = 400000; /* a very slow machine */
    ask(e, (struct projection_query){.key = STR("all")});
    was("");
    run(w, e, 1500);
    buffer_add_char(&said, '\0');
    assert_string_equal((said.data[40] = '\0', said.data), "-9 the projection counts is built for th");
    buffer_clear(&said);
    w->step_ns = 0;
    run(w, e, 100000);
    ask(e, (struct projection_query){.key = STR("all")});
    was("all={\"n\":30000,\"events\":30000} @30000 v1");
}

static void rows_left(void *arg, const struct error *err, const struct rows_result *r)
{
    (void)arg;
    assert_null(err);
    say("%d rows @%d", (int)r->count, (int)r->position);
}

static void test_new_version(void **state)
{
    static const struct projection *const newer[] = {&counts_2};
    static const struct projection *const older[] = {&counts};
    (void)state;
    for (int i = 0; i < 500; i++)
        count_event(w, "a", 1);
    ask(e, (struct projection_query){.key = STR("a")});
    was("a={\"n\":500,\"events\":500} @500 v1");
    start(newer, 1);
    w->step_ns = 100000;
    ask(e, (struct projection_query){.key = STR("a")});
    run(w, e, 0);
    was("a={\"n\":500,\"events\":500} @500 v1"); /* the old rows, while new ones are built */
    w->step_ns = 0;
    run(w, e, 100);
    ask(e, (struct projection_query){.key = STR("a")});
    was("a={\"n\":500,\"events\":500,\"new\":true} @500 v2");
    buffer_add_char(&w->reports, '\0');
    assert_string_equal(w->reports.data, "counts serves\n");
    list_is("counts v2/2 idle 500/500 lag 0 new 0;;");
    const struct rows_query gone = {.projection = STR("counts.1"), .limit = 10};
    const struct event_store *store = fake_event_store_port(w->store);
    store->rows(store->ctx, &gone, rows_left, NULL);
    was("0 rows @0");
    start(older, 1); /* an older hexmcp builds its own again */
    ask(e, (struct projection_query){.key = STR("a")});
    was("a={\"n\":500,\"events\":500} @500 v1");
}

/* A process with the old version that is still running keeps to its own rows. */
static void test_new_version_beside_old(void **state)
{
    static const struct projection *const newer[] = {&counts_2};
    struct engine *other = engine_new(w, newer, 1);
    (void)state;
    count_event(w, "a", 1);
    rows_are("a={\"n\":1,\"events\":1} all={\"n\":1,\"events\":1} @1 v1");
    ask(other, (struct projection_query){.key = STR("a")});
    run(w, other, 100);
    was("a={\"n\":1,\"events\":1,\"new\":true} @1 v2");
    count_event(w, "a", 1);
    projections_committed(e->projections, 2);
    run(w, e, 2);
    ask(e, (struct projection_query){.min_position = 2, .key = STR("a")});
    was("a={\"n\":2,\"events\":2} @2 v1");
    ask(other, (struct projection_query){.key = STR("a"), .min_position = 2});
    was("a={\"n\":2,\"events\":2,\"new\":true} @2 v2");
    engine_free(other);
}

static void test_rebuild(void **state)
{
    (void)state;
    for (int i = 0; i < 300; i++)
        count_event(w, "a", 1);
    ask(e, (struct projection_query){.key = STR("a")});
    was("a={\"n\":300,\"events\":300} @300 v1");
    w->step_ns = 100000;
    projections_rebuild(e->projections, STR("counts"), control, done_name);
    was("done;");
    count_event(w, "a", 1);
    projections_committed(e->projections, 301);
    ask(e, (struct projection_query){.key = STR("a"), .min_position = 301});
    run(w, e, 3);
    was("a={\"n\":301,\"events\":301} @301 v1");
    assert_int_equal(w->reports.len, 0); /* not yet */
    start(both, 2); /* in the middle of it */
    ask(e, (struct projection_query){.key = STR("a")});
    w->step_ns = 0;
    run(w, e, 100);
    was("a={\"n\":301,\"events\":301} @301 v1");
    buffer_add_char(&w->reports, '\0');
    assert_string_equal(w->reports.data, "counts serves\n");
    ask(e, (struct projection_query){.projection = STR("counts"), .key = STR("a")});
    was("a={\"n\":301,\"events\":301} @301 v1");
    projections_rebuild(e->projections, STR("cuonts"), control, done_name);
    was("donethere is no projection \"cuonts\"; did you mean \"counts\"?;");
}

static void refused_event(const char *group)
{
    char data[60];
    snprintf(data, sizeof(data), "{\"group\":\"%s\",\"n\":1}", group);
    fake_event_store_add(w->store, STR("count/x"), STR("Refused"), str_from(data));
}

static void test_failure(void **state)
{
    static const char text[] =
        "the projection counts has stopped at the event Refused in count/x (version 1, position 4): "
        "nobody can count it";
    char expected[300];
    (void)state;
    for (int i = 0; i < 3; i++)
        count_event(w, "a", 1);
    refused_event("a");
    count_event(w, "a", 1);
    snprintf(expected, sizeof(expected), "-3 %s", text);
    rows_are(expected); /* it was never built to the end */
    snprintf(expected, sizeof(expected), "counts: %s\n", text);
    buffer_add_char(&w->reports, '\0');
    assert_string_equal(w->reports.data, expected);
    snprintf(expected, sizeof(expected),
             "counts v1/0 failed 3/5 lag 2 new 0 %s;log v1/1 idle 5/5 lag 0 new 0;;", text);
    list_is(expected);
    ask(e, (struct projection_query){.projection = STR("log"), .key = STR("000005")});
    was("000005={\"group\":\"a\",\"n\":1} @5 v1"); /* the others go on */
    projections_resume(e->projections, STR("counts"), control, done_name);
    was("done;");
    run(w, e, 10);
    snprintf(expected, sizeof(expected), "-3 %s", text);
    rows_are(expected);


}

static void test_failure_later(void **state)
{
    (void)state;
    count_event(w, "a", 1);
    rows_are("a={\"n\":1,\"events\":1} all={\"n\":1,\"events\":1} @1 v1");
    count_event(w, "a", 1);
    refused_event("b");
    projections_committed(e->projections, 3);
    run(w, e, 10);
    /* what came before is there, and nothing of the event itself */
    rows_are("a={\"n\":2,\"events\":2} all={\"n\":2,\"events\":2} @2 v1");
    ask(e, (struct projection_query){.min_position = 3});
    was("-3 the projection counts has stopped at the event Refused in count/x (version 1, position 3): "
        "nobody can count it");
}

static void test_pause(void **state)
{
    struct engine *other = engine_new(w, both, 2);
    (void)state;
    count_event(w, "a", 1);
    rows_are("a={\"n\":1,\"events\":1} all={\"n\":1,\"events\":1} @1 v1");
    projections_pause(e->projections, STR("counts"), control, done_name);
    was("done;");
    count_event(w, "a", 1);
    projections_committed(e->projections, 2);
    run(w, e, 2000);
    rows_are("a={\"n\":1,\"events\":1} all={\"n\":1,\"events\":1} @1 v1");
    ask(other, (struct projection_query){.key = STR("a")}); /* another process knows it too */
    was("a={\"n\":1,\"events\":1} @1 v1");
    ask(e, (struct projection_query){.min_position = 2});
    was("-10 the projection counts is paused at position 1: resume it (projection.resume)");
    list_is("counts v1/1 paused 1/2 lag 1 new 0;log v1/1 idle 2/2 lag 0 new 0;;");
    projections_resume(e->projections, STR("counts"), control, done_name);
    run(w, e, 10);
    was("done;");
    rows_are("a={\"n\":2,\"events\":2} all={\"n\":2,\"events\":2} @2 v1");
    engine_free(other);
}

static void test_reset(void **state)
{
    (void)state;
    count_event(w, "a", 1);
    rows_are("a={\"n\":1,\"events\":1} all={\"n\":1,\"events\":1} @1 v1");
    projections_reset(e->projections, STR("counts"), control, done_name);
    was("done;");
    run(w, e, 10);
    rows_are("a={\"n\":1,\"events\":1} all={\"n\":1,\"events\":1} @1 v1");
    fake_event_store_conflict(w->store, FAKE_PROJECT, 3);
    projections_reset(e->projections, STR("counts"), control, done_name);
    was("done;");
    fake_event_store_fail(w->store, FAKE_PROJECT, ST_UNAVAILABLE);
    projections_reset(e->projections, STR("counts"), control, done_name);
    fake_event_store_fail(w->store, FAKE_ROWS, ST_DENIED);
    projections_reset(e->projections, STR("counts"), control, done_name);
    was("donethe store says no;donethe store says no;");
}

static int forgets_apply(void *ctx, const struct stored_event *event, struct json data,
                         struct projection_rows *rows, struct error *err)
{
    (void)ctx;
    (void)event;
    (void)data;
    (void)err;
    projection_get(rows, STR("x"));
    return ST_OK;
}

static int null_apply(void *ctx, const struct stored_event *event, struct json data,
                      struct projection_rows *rows, struct error *err)
{
    (void)event;
    (void)data;
    (void)err;
    projection_put(rows, ctx ? STR("x") : STR("~x"), STR("null"));
    return ST_OK;
}

static void test_wrong_projections(void **state)
{
    static const struct projection forgets = {.name = "forgets", .version = 1,
                                              .apply = forgets_apply};
    static const struct projection nulls = {.name = "nulls", .version = 1, .apply = null_apply,
                                            .ctx = (void *)(uintptr_t) "x"};
    static const struct projection keys = {.name = "keys", .version = 1, .apply = null_apply};
    static const struct projection bad = {.name = "A", .version = 1, .apply = null_apply};
    static const struct projection *const all[] = {&forgets, &nulls, &keys};
    struct error err;
    (void)state;
    start(all, 3);
    count_event(w, "a", 1);
    ask(e, (struct projection_query){.projection = STR("forgets")});
    was("-1 the projection forgets has stopped at the event Counted in count/a (version 1, position "
        "1): it looks at the row \"x\" without having wanted it");
    ask(e, (struct projection_query){.projection = STR("nulls")});
    was("-3 the projection nulls has stopped at the event Counted in count/a (version 1, position 1): "
        "the row \"x\": must not be null");
    ask(e, (struct projection_query){.projection = STR("keys")});
    was("-3 the projection keys has stopped at the event Counted in count/a (version 1, position 1): "
        "\"~x\" is no key of a row: 1 to 512 bytes, and no '~' at the beginning");
    assert_int_equal(projections_add(e->projections, &bad, &err), ST_INVALID);
    assert_string_equal(err.text, "\"A\" (version 1) is no projection: a name of 1 to 64 small letters, "
                                  "digits and '-', and a version from 1");
    assert_int_equal(projections_add(e->projections, &keys, &err), ST_INVALID);
    assert_string_equal(err.text, "the projection keys is there twice");
}

static void test_freed_while_it_works(void **state)
{
    (void)state;
    count_event(w, "a", 1);
    fake_event_store_hold(w->store, true);
    ask(e, (struct projection_query){0});
    for (int i = 0; i < 12; i++) {
        fake_event_store_release(w->store, (size_t)i);
        ask(e, (struct projection_query){0});
        projections_list(e->projections, facts, control, listed);
        start(both, 2);
        ask(e, (struct projection_query){0});
    }
    buffer_clear(&said);
}

static void executed(void *arg, const struct error *err, struct str json)
{
    (void)arg;
    if (err)
        say("%d %s", err->code, err->text);
    else
        say("%.*s", STR_ARG(json));
}

static void execute(struct operations *table, const char *caller, const char *name,
                    const char *arguments, const char *expected)
{
    const struct caller who = {.id = str_from(caller), .tenant = STR("local")};
    const struct call_context context = {.caller = &who};
    const struct operation_request request = {
        .name = str_from(name), .arguments = str_from(arguments), .context = &context};
    const struct operation_observer observer = {NULL, NULL, executed};
    const struct operation_service *service = operations_service(table);
    service->execute(service->ctx, &request, &observer, NULL);
    was(expected);
}

static void test_operations(void **state)
{
    struct operations *table;
    (void)state;
    assert_int_equal(operations_new(NULL, &table, NULL), ST_OK);
    assert_int_equal(projection_operations_add(e->projections, table, NULL), ST_OK);
    count_event(w, "a", 1);
    rows_are("a={\"n\":1,\"events\":1} all={\"n\":1,\"events\":1} @1 v1");
    execute(table, "stdio", "projection.list", "{}",
            "{\"projections\":[{\"name\":\"counts\",\"version\":1,\"served\":1,\"state\":\"idle\","
            "\"position\":1,\"head\":1,\"lag\":0},{\"name\":\"log\",\"version\":1,\"served\":1,"
            "\"state\":\"idle\",\"position\":1,\"head\":1,\"lag\":0}]}");
    execute(table, "key-7", "projection.list", "{}",
            "-6 only the user who runs hexmcp may list projections");
    execute(table, "key-7", "projection.reset", "{\"name\":\"counts\"}",
            "-6 only the user who runs hexmcp may change projections");
    execute(table, "stdio", "projection.pause", "{\"name\":\"counts\"}", "{\"name\":\"counts\"}");
    list_is("counts v1/1 paused 1/1 lag 0 new 0;log v1/1 idle 1/1 lag 0 new 0;;");
    execute(table, "stdio", "projection.resume", "{\"name\":\"counts\"}",
            "{\"name\":\"counts\"}");
    execute(table, "stdio", "projection.rebuild", "{\"name\":\"counts\"}",
            "{\"name\":\"counts\"}");
    execute(table, "stdio", "projection.reset", "{\"name\":\"count\"}",
            "-4 there is no projection \"count\"; did you mean \"counts\"?");
    operations_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pages, setup, teardown),
        cmocka_unit_test_setup_teardown(test_goes_on_where_it_was, setup, teardown),
        cmocka_unit_test_setup_teardown(test_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(test_two_processes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_looks_for_others, setup, teardown),
        cmocka_unit_test_setup_teardown(test_waits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refuses_queries, setup, teardown),
        cmocka_unit_test_setup_teardown(test_store_fails_at_each_call, setup, teardown),
        cmocka_unit_test_setup_teardown(test_slices, setup, teardown),
        cmocka_unit_test_setup_teardown(test_first_build_makes_queries_wait, setup, teardown),
        cmocka_unit_test_setup_teardown(test_new_version, setup, teardown),
        cmocka_unit_test_setup_teardown(test_new_version_beside_old, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rebuild, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failure, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failure_later, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pause, setup, teardown),
        cmocka_unit_test_setup_teardown(test_reset, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wrong_projections, setup, teardown),
        cmocka_unit_test_setup_teardown(test_operations, setup, teardown),
        cmocka_unit_test_setup_teardown(test_freed_while_it_works, setup, teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
