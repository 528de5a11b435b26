/* Loads: folding, upcasts, bounds, snapshots, what is kept and when it is not believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/core/journal/world.h"

static struct world *w;
static char said[ERROR_TEXT_SIZE + 20];
static int told;

static int setup(void **state)
{
    (void)state;
    w = world_new();
    told = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_free(w);
    return 0;
}

static void done(void *arg, const struct error *err, const struct journal_loaded *loaded)
{
    (void)arg;
    told++;
    if (err)
        snprintf(said, sizeof(said), "%d %s", err->code, err->text);
    else
        snprintf(said, sizeof(said), "%d v%d p%d t%d", (int)sum_of(loaded->state),
                 (int)loaded->version, (int)loaded->position, (int)loaded->at_ms);
}

static void add(int from, int to)
{
    char data[30];
    for (int n = from; n <= to; n++) {
        snprintf(data, sizeof(data), "{\"by\":%d}", n);
        fake_event_store_add(w->store, STR("sum/1"), STR("Added"), str_from(data));
    }
}

static void load_as(struct journal_load what, const char *text)
{
    what.kind = &sum_kind;
    what.stream = STR("sum/1");
    told = 0;
    journal_load(w->journal, &what, done, NULL);
    assert_int_equal(told, 1);
    assert_string_equal(said, text);
}

static void load(const char *text)
{
    load_as((struct journal_load){0}, text);
}

static uint64_t reads(void)
{
    return fake_event_store_calls(w->store, FAKE_READ);
}

static void committed(void *arg, const struct error *err, const struct journal_result *result)
{
    (void)arg;
    assert_null(err);
    assert_false(result->conflict);
}

static void commit(int n)
{
    char data[30];
    snprintf(data, sizeof(data), "{\"n\":%d}", n);
    const struct journal_event event = {.type = STR("Added"), .data = str_from(data)};
    const struct journal_append append = {STR_INIT("sum/1"), EXPECT_ANY, 0, &event, 1};
    const struct journal_batch batch = {.streams = &append, .count = 1};
    w->now_ms = 1000 * (int64_t)(fake_event_store_count(w->store) + 1);
    journal_commit(w->journal, &world_context, &batch, committed, NULL);
}

static void test_folds(void **state)
{
    (void)state;
    load("0 v0 p0 t0");
    add(1, 10);
    load("55 v10 p10 t10000");
    fake_event_store_add(w->store, STR("sum/1"), STR("Cleared"), STR("{}"));
    load("0 v11 p11 t11000");
    add(5, 5);
    load_as((struct journal_load){.fresh = JOURNAL_RECENT}, "0 v11 p11 t11000");
    load("5 v12 p12 t12000");
    load_as((struct journal_load){.fresh = JOURNAL_RECENT}, "5 v12 p12 t12000");
}

static void test_as_of(void **state)
{
    (void)state;
    add(1, 10);
    load_as((struct journal_load){.version = 4}, "10 v4 p4 t4000");
    load_as((struct journal_load){.position = 3}, "6 v3 p3 t3000");
    load_as((struct journal_load){.until_ms = 2999}, "3 v2 p2 t2000");
    load_as((struct journal_load){.until_ms = 999}, "0 v0 p0 t0");
    load_as((struct journal_load){.version = 400}, "55 v10 p10 t10000");
    load("55 v10 p10 t10000");
    load_as((struct journal_load){.version = 1, .fresh = JOURNAL_RECENT}, "1 v1 p1 t1000");
}

static void test_many_pages(void **state)
{
    (void)state;
    add(1, 1700);
    load("1445850 v1700 p1700 t1700000");
    assert_int_equal(reads(), 4);
    assert_string_equal(world_text(&w->snapshot).ptr,
                        "{\"stateVersion\":3,\"version\":1700,\"position\":1700,\"at\":1700000,"
                        "\"latest\":1700000,\"event\":\"00000000-0000-7000-8000-000000000000\","
                        "\"state\":1445850}");
}

static void test_snapshot(void **state)
{
    (void)state;
    add(1, 99);
    load("4950 v99 p99 t99000");
    assert_int_equal(w->snapshot_puts, 0);
    add(100, 100);
    load("5050 v100 p100 t100000");
    assert_int_equal(w->snapshot_puts, 1);
    assert_string_equal(w->snapshotted, "sum/1 at 100");
    journal_free(w->journal);
    w->journal = world_journal(w);
    add(101, 101);
    load("5151 v101 p101 t101000");
    assert_int_equal(w->snapshot_gets, 2);
    load_as((struct journal_load){.version = 100}, "5050 v100 p100 t100000");
    load_as((struct journal_load){.version = 99}, "4950 v99 p99 t99000");
    load_as((struct journal_load){.until_ms = 99999}, "4950 v99 p99 t99000");
    load_as((struct journal_load){.position = 99}, "4950 v99 p99 t99000");
}

static void replace_snapshot(const char *text)
{
    buffer_reset(&w->snapshot, SIZE_MAX);
    buffer_add_str(&w->snapshot, str_from(text));
    journal_free(w->journal);
    w->journal = world_journal(w);
}

/* Whatever stands there, the state is that of the events. */
static void test_bad_snapshots(void **state)
{
    static const char *const texts[] = {
        "", "{", "[]", "{\"stateVersion\":3,\"version\":2}",
        "{\"stateVersion\":2,\"version\":2,\"position\":2,\"at\":2000,\"latest\":2000,"
        "\"event\":\"00000000-0000-7000-8000-000000000000\",\"state\":99}",
        "{\"stateVersion\":3,\"version\":2,\"position\":2,\"at\":2000,\"latest\":2000,"
        "\"event\":\"00000000-0000-7000-8000-000000000001\",\"state\":99}",
        "{\"stateVersion\":3,\"version\":9,\"position\":9,\"at\":2000,\"latest\":2000,"
        "\"event\":\"00000000-0000-7000-8000-000000000000\",\"state\":99}",
        "{\"stateVersion\":3,\"version\":2,\"position\":2,\"at\":2000,\"latest\":2000,"
        "\"event\":\"00000000-0000-7000-8000-000000000000\",\"state\":\"x\"}",
    };
    (void)state;
    add(1, 3);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        replace_snapshot(texts[i]);
        load("6 v3 p3 t3000");
    }
    replace_snapshot("{\"stateVersion\":3,\"version\":2,\"position\":2,\"at\":2000,\"latest\":2000,"
                     "\"event\":\"00000000-0000-7000-8000-000000000000\",\"state\":3}");
    load("6 v3 p3 t3000");
    w->snapshots_fail = true;
    replace_snapshot("");
    load("6 v3 p3 t3000");
    add(4, 200);
    load("20100 v200 p200 t200000");
}

/* A store that was restored from a backup has less, or another history. */
static void test_another_history(void **state)
{
    struct stored_event other = {.id = STR("00000000-0000-7000-8000-00000000000f"),
                                 .stream = STR("sum/1"), .type = STR("Added"), .schema = 2,
                                 .at_ms = 5, .data = STR("{\"n\":7}")};
    (void)state;
    add(1, 10);
    load("55 v10 p10 t10000");
    struct fake_event_store *old = w->store;
    struct fake_event_store *restored = fake_event_store_new();
    w->store = restored;
    journal_free(w->journal);
    w->journal = world_journal(w);
    for (int i = 0; i < 10; i++)
        fake_event_store_add_event(restored, &other);
    replace_snapshot("{\"stateVersion\":3,\"version\":10,\"position\":10,\"at\":2000,\"latest\":2000,"
                     "\"event\":\"00000000-0000-7000-8000-000000000000\",\"state\":55}");
    load("70 v10 p10 t5");
    fake_event_store_free(old);
}

static void test_follows_commits(void **state)
{
    (void)state;
    add(1, 3);
    load("6 v3 p3 t3000");
    commit(4);
    load_as((struct journal_load){.fresh = JOURNAL_RECENT}, "10 v4 p4 t4000");
    assert_int_equal(reads(), 1);
    add(5, 5); /* of another process: what is kept cannot follow the next commit */
    commit(6);
    load_as((struct journal_load){.fresh = JOURNAL_RECENT}, "10 v4 p4 t4000");
    load("21 v6 p6 t6000");
}

static void test_snapshot_by_commits(void **state)
{
    (void)state;
    load("0 v0 p0 t0");
    for (int i = 0; i < 250; i++)
        commit(1);
    assert_int_equal(w->snapshot_puts, 2);
    assert_non_null(strstr(world_text(&w->snapshot).ptr, "\"version\":200,"));
}

static void test_refused(void **state)
{
    (void)state;
    struct stored_event e = {.id = STR("i"), .stream = STR("sum/1"), .type = STR("Added"),
                             .schema = 3, .data = STR("{}")};
    fake_event_store_add_event(w->store, &e);
    load("-5 the event Added in sum/1 (version 1) has schema 3, and this hexmcp knows up to 2: a newer "
         "hexmcp wrote it; use that one or a later one");
    e.stream = STR("sum/2");
    e.type = STR("Moved");
    fake_event_store_add_event(w->store, &e);
    const struct journal_load two = {.kind = &sum_kind, .stream = STR("sum/2")};
    journal_load(w->journal, &two, done, NULL);
    assert_string_equal(said, "-5 the event Moved in sum/2 (version 1) has schema 3, and this hexmcp "
                              "does not know the type; a newer hexmcp or a plugin that is missing wrote "
                              "it: use that one");
    fake_event_store_add(w->store, STR("sum/3"), STR("Added"), STR("{\"x\":1}"));
    const struct journal_load three = {.kind = &sum_kind, .stream = STR("sum/3")};
    for (int i = 0; i < 2; i++) {
        journal_load(w->journal, &three, done, NULL);
        assert_string_equal(said, "-3 the event Added in sum/3 (version 1): there is no \"by\"");
    }
    fake_event_store_add(w->store, STR("sum/4"), STR("Cleared"), STR("{}"));
    fake_event_store_add(w->store, STR("sum/4"), STR("Bad"), STR("{}"));
    const struct journal_load four = {.kind = &sum_kind, .stream = STR("sum/4")};
    for (int i = 0; i < 2; i++) {
        journal_load(w->journal, &four, done, NULL);
        assert_string_equal(said, "-5 the event Bad in sum/4 (version 2): a sum does not know it");
    }
    const struct journal_load wrong = {.kind = &sum_kind, .stream = STR("summer/4")};
    journal_load(w->journal, &wrong, done, NULL);
    assert_string_equal(said, "-3 \"summer/4\" is no stream of events of a sum (sum/ID)");
}

static void test_store_fails(void **state)
{
    (void)state;
    add(1, 3);
    load("6 v3 p3 t3000");
    fake_event_store_fail(w->store, FAKE_READ, ST_UNAVAILABLE);
    load("-10 the store says no");
    load("6 v3 p3 t3000");
}

static void test_at_once(void **state)
{
    const struct journal_load one = {.kind = &sum_kind, .stream = STR("sum/1")};
    (void)state;
    add(1, 3);
    fake_event_store_hold(w->store, true);
    journal_load(w->journal, &one, done, NULL);
    journal_load(w->journal, &one, done, NULL);
    add(4, 4);
    fake_event_store_release(w->store, 1);
    assert_string_equal(said, "10 v4 p4 t4000");
    fake_event_store_release(w->store, 1);
    assert_string_equal(said, "10 v4 p4 t4000");
    assert_int_equal(told, 2);
    journal_load(w->journal, &one, done, NULL); /* waits when the journal is freed */
    journal_free(w->journal);
    w->journal = NULL;
    fake_event_store_release(w->store, 9);
    assert_int_equal(told, 2);
}

static void test_kept(void **state)
{
    char name[20];
    (void)state;
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof(name), "sum/%d", i);
        const struct journal_load one = {.kind = &sum_kind, .stream = str_from(name)};
        journal_load(w->journal, &one, done, NULL);
    }
    assert_int_equal(w->created - w->freed, JOURNAL_KEPT_MAX);
    journal_forget(w->journal, STR("sum/299"));
    assert_int_equal(w->created - w->freed, JOURNAL_KEPT_MAX - 1);
    journal_forget(w->journal, STR("sum/0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_folds, setup, teardown),
        cmocka_unit_test_setup_teardown(test_as_of, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_pages, setup, teardown),
        cmocka_unit_test_setup_teardown(test_snapshot, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_snapshots, setup, teardown),
        cmocka_unit_test_setup_teardown(test_another_history, setup, teardown),
        cmocka_unit_test_setup_teardown(test_follows_commits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_snapshot_by_commits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_store_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(test_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_kept, setup, teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
