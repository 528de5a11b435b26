/* Garbage goes, and nothing else, also when somebody puts in between; and every fault of a store leaves
 * artifacts whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/core/artifact/fixture.h"

#define NONE ((struct str){NULL, 0})
#define DAY_MS (24 * HOUR_MS)

static void expect_gc(struct world *w, const char *arguments, int contents, int blocks, int bytes)
{
    if (ask(w, "artifact.gc", arguments, NONE))
        fail_msg("%s", w->text.data);
    assert_int_equal(answer_number(w, "removedContents"), contents);
    assert_int_equal(answer_number(w, "removedBlocks"), blocks);
    assert_int_equal(answer_number(w, "removedBytes"), bytes);
}

static void drop_all(struct world *w, const char *session)
{
    char arguments[100];
    snprintf(arguments, sizeof(arguments), "{\"session\":\"%s\"}", session);
    assert_int_equal(ask(w, "artifact.remove", arguments, NONE), ST_OK);
}

static void test_collects(void **state)
{
    struct world *w = *state;
    store(w, "a", "gone", "hello");
    store(w, "b", "gone", "only here");
    store(w, "a", "kept", "hello");
    drop_all(w, "gone");
    expect_gc(w, "{}", 0, 0, 0);
    assert_int_equal(fake_blob_store_count(&w->blobs), 2);
    w->now_ms += DAY_MS;
    expect_gc(w, "{\"dryRun\":true}", 1, 1, 9);
    assert_int_equal(fake_blob_store_count(&w->blobs), 2);
    expect_gc(w, "{}", 1, 1, 9);
    assert_int_equal(fake_blob_store_count(&w->blobs), 1);
    assert_int_equal(ask(w, "artifact.get", "{\"name\":\"a\",\"session\":\"kept\"}", NONE), ST_OK);
    expect_gc(w, "{}", 0, 0, 0);
    drop_all(w, "kept");
    expect_gc(w, "{}", 1, 1, 5);
    assert_int_equal(fake_blob_store_count(&w->blobs), 0);
    store(w, "a", "again", "hello");
    assert_int_equal(ask(w, "artifact.get", "{\"name\":\"a\",\"session\":\"again\"}", NONE), ST_OK);
}

/* What another caller of the tenant needs stays; another tenant has its own. */
static void test_other_callers(void **state)
{
    struct world *w = *state;
    store(w, "a", "s", "hello");
    become(w, "you", "local");
    store(w, "a", "s", "hello");
    become(w, "me", "other");
    store(w, "a", "s", "hello");
    assert_int_equal(fake_blob_store_count(&w->blobs), 2);
    become(w, "me", "local");
    drop_all(w, "s");
    w->now_ms += DAY_MS;
    expect_gc(w, "{}", 0, 0, 0);
    become(w, "you", "local");
    drop_all(w, "s");
    expect_gc(w, "{}", 1, 1, 5);
    become(w, "me", "other");
    expect_gc(w, "{}", 0, 0, 0);
    assert_int_equal(ask(w, "artifact.get", "{\"name\":\"a\",\"session\":\"s\"}", NONE), ST_OK);
}

/* A blob that a dying put has left, or a restore brought, has its grace from when it is seen. */
static void test_strangers(void **state)
{
    struct world *w = *state;
    char arguments[100];
    assert_int_equal(ask(w, "artifact.begin", "{\"name\":\"n\"}", NONE), ST_OK);
    snprintf(arguments, sizeof(arguments), "{\"upload\":\"%s\"}", answer_text(w, "upload"));
    assert_int_equal(ask(w, "artifact.write", arguments, STR("abc")), ST_OK);
    w->kv.fail_after = 4; /* the block is in the store by then */
    assert_int_equal(ask(w, "artifact.finish", arguments, NONE), ST_UNAVAILABLE);
    w->kv.fail_after = -1;
    assert_int_equal(fake_blob_store_count(&w->blobs), 1);
    w->now_ms += DAY_MS;
    expect_gc(w, "{}", 0, 1, 3);
    assert_int_equal(fake_blob_store_count(&w->blobs), 0);
}

struct intruder {
    struct world *w;
    int when;
    bool tried;
    int code;
};

/* Puts the bytes that are about to go, in the middle of the collection. */
static void intrude(void *arg)
{
    struct intruder *i = arg;
    if (i->tried || i->when-- > 0)
        return;
    i->tried = true;
    struct buffer text = i->w->text, pieces = i->w->pieces;
    int told = i->w->told;
    i->w->text = (struct buffer)BUFFER_INIT;
    i->w->pieces = (struct buffer)BUFFER_INIT;
    i->code = ask(i->w, "artifact.put", "{\"name\":\"new\"}", STR("hello"));
    buffer_clear(&i->w->text);
    buffer_clear(&i->w->pieces);
    i->w->text = text;
    i->w->pieces = pieces;
    i->w->told = told;
}

/* Whenever the put comes, it either fails and says so, or its bytes are there. */
static void test_put_in_between(void **state)
{
    (void)state;
    bool went_well = false, refused = false;
    for (int when = 0; when < 4; when++) {
        void *opened;
        world_open(&opened);
        struct world *w = opened;
        struct intruder intruder = {.w = w, .when = when};
        store(w, "old", "s", "hello");
        drop_all(w, "s");
        w->now_ms += DAY_MS;
        w->kv.between = intrude;
        w->kv.between_arg = &intruder;
        assert_int_equal(ask(w, "artifact.gc", "{}", NONE), ST_OK);
        w->kv.between = NULL;
        if (intruder.tried && intruder.code == ST_OK) {
            went_well = true;
            assert_int_equal(ask(w, "artifact.get", "{\"name\":\"new\"}", NONE), ST_OK);
            assert_int_equal(w->pieces.len, 5);
        } else if (intruder.tried) {
            refused = true;
            assert_int_equal(intruder.code, ST_BUSY);
            assert_int_equal(ask(w, "artifact.get", "{\"name\":\"new\"}", NONE), ST_NOT_FOUND);
        }
        w->now_ms += DAY_MS;
        assert_int_equal(ask(w, "artifact.gc", "{}", NONE), ST_OK);
        assert_int_equal(fake_blob_store_count(&w->blobs), intruder.tried && !intruder.code);
        store(w, "new", "", "hello");
        assert_int_equal(ask(w, "artifact.get", "{\"name\":\"new\"}", NONE), ST_OK);
        world_close(&opened);
    }
    assert_true(went_well);
    assert_true(refused);
}

/* A collection that died after the announcement is taken over. */
static void test_dead_collection(void **state)
{
    struct world *w = *state;
    store(w, "old", "s", "hello");
    drop_all(w, "s");
    w->now_ms += DAY_MS;
    w->blobs.fail_next = ST_UNAVAILABLE;
    w->blobs.fail_after = 1; /* after the list, the removal */
    assert_int_equal(ask(w, "artifact.gc", "{}", NONE), ST_UNAVAILABLE);
    assert_int_equal(ask(w, "artifact.put", "{\"name\":\"n\"}", STR("hello")), ST_BUSY);
    assert_string_equal(w->text.data, "a garbage collection is removing a part of these bytes that "
                                      "nothing used; put them again in a minute");
    expect_gc(w, "{}", 0, 0, 0);
    w->now_ms += HOUR_MS;
    expect_gc(w, "{}", 0, 1, 5);
    assert_int_equal(fake_blob_store_count(&w->blobs), 0);
}

/* Every request of a put fails once: it is said, nothing of it is seen, and the next one works. */
static void test_faults_of_put(void **state)
{
    (void)state;
    int failures = 0;
    for (int after = 0;; after++) {
        void *opened;
        world_open(&opened);
        struct world *w = opened;
        w->kv.fail_after = after;
        int code = ask(w, "artifact.put", "{\"name\":\"n\",\"session\":\"s\"}", STR("hello"));
        bool failed = w->kv.fail_after == -1;
        w->kv.fail_after = -1;
        assert_int_equal(w->told, 1);
        assert_int_equal(code, failed ? ST_UNAVAILABLE : ST_OK);
        failures += failed;
        assert_int_equal(ask(w, "artifact.get", "{\"name\":\"n\",\"session\":\"s\"}", NONE),
                         failed ? ST_NOT_FOUND : ST_OK);
        store(w, "n", "s", "hello");
        assert_int_equal(ask(w, "artifact.usage", "{}", NONE), ST_OK);
        assert_non_null(strstr(w->text.data, "{\"artifacts\":1,\"bytes\":5,"));
        world_close(&opened);
        if (!failed)
            break;
    }
    assert_int_equal(failures, 6);
    for (int after = 0; after < 2; after++) {
        void *opened;
        world_open(&opened);
        struct world *w = opened;
        w->blobs.fail_next = ST_UNAVAILABLE;
        w->blobs.fail_after = after;
        assert_int_equal(ask(w, "artifact.put", "{\"name\":\"n\"}", STR("hello")), ST_UNAVAILABLE);
        assert_int_equal(w->blobs.open, 0);
        assert_int_equal(ask(w, "artifact.stat", "{\"name\":\"n\"}", NONE), ST_NOT_FOUND);
        store(w, "n", "", "hello");
        world_close(&opened);
    }
}

/* Others commit between reading and writing: it is tried again, and the counts are right. */
static void test_contention(void **state)
{
    struct world *w = *state;
    struct intruder intruder = {.w = w, .when = 1};
    w->kv.between = intrude;
    w->kv.between_arg = &intruder;
    store(w, "new", "", "other");
    w->kv.between = NULL;
    assert_true(intruder.tried);
    assert_int_equal(intruder.code, ST_OK);
    assert_int_equal(ask(w, "artifact.usage", "{}", NONE), ST_OK);
    assert_non_null(strstr(w->text.data, "{\"artifacts\":2,\"bytes\":10,"));
    assert_int_equal(ask(w, "artifact.get", "{\"name\":\"new\",\"version\":1}", NONE), ST_OK);
    assert_memory_equal(w->pieces.data, "hello", 5);
    assert_int_equal(ask(w, "artifact.get", "{\"name\":\"new\",\"version\":2}", NONE), ST_OK);
    assert_memory_equal(w->pieces.data, "other", 5);
}

/* The domain is closed while a store still works: its answer comes to nobody. */
static void test_closed_early(void **state)
{
    struct world *w = *state;
    w->blobs.hold = true;
    ask(w, "artifact.put", "{\"name\":\"n\"}", STR("hello"));
    assert_int_equal(w->told, 0);
    operations_free(w->operations);
    artifacts_free(w->artifacts);
    w->operations = NULL;
    w->artifacts = NULL;
    w->blobs.hold = false;
    assert_int_equal(fake_blob_store_release(&w->blobs, 1), 1);
    assert_int_equal(w->told, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_open, world_close)
    const struct CMUnitTest tests[] = {
        TEST(test_collects),
        TEST(test_other_callers),
        TEST(test_strangers),
        cmocka_unit_test(test_put_in_between),
        TEST(test_dead_collection),
        cmocka_unit_test(test_faults_of_put),
        TEST(test_contention),
        TEST(test_closed_early),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
