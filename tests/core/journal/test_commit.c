/* Commits: what is stored and published, what is refused, conflicts, commands that come twice. */
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
static char said[ERROR_TEXT_SIZE];
static int told, code;

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

static void done(void *arg, const struct error *err, const struct journal_result *r)
{
    struct error conflict;
    (void)arg;
    told++;
    code = err ? err->code : ST_OK;
    if (err)
        snprintf(said, sizeof(said), "%s", err->text);
    else if (r->conflict && journal_conflict(r, &conflict) == ST_BUSY)
        snprintf(said, sizeof(said), "%s", conflict.text);
    else
        snprintf(said, sizeof(said), "%d v%d of %d%s %.*s", (int)r->position,
                 (int)r->versions[r->count - 1], (int)r->count, r->repeated ? " again" : "",
                 STR_ARG(r->correlation));
}

static void commit_to(struct journal *journal, const char *command, const char *stream,
                      const char *type, const char *data, enum expected_version expect,
                      uint64_t version)
{
    const struct journal_event events[] = {{.type = str_from(type), .data = str_from(data)}};
    const struct journal_append append = {str_from(stream), expect, version, events, 1};
    const struct journal_batch batch = {
        .command = str_from(command), .streams = &append, .count = 1};
    journal_commit(journal, &world_context, &batch, done, NULL);
}

static void commit(const char *command, const char *stream, const char *type, const char *data)
{
    commit_to(w->journal, command, stream, type, data, EXPECT_ANY, 0);
}

static void test_stores(void **state)
{
    (void)state;
    w->now_ms = 0x017f22e279b0;
    commit("do:it-1", "sum/a.b@c", "Added", "{\"n\":1}");
    assert_string_equal(said, "1 v1 of 1 4bf92f3577b34da6a3ce929d0e0e4736");
    const struct stored_event *e = fake_event_store_at(w->store, 1);
    assert_true(str_eq(e->id, STR("017f22e2-79b0-7000-8000-000000000000")));
    assert_true(str_eq(e->type, STR("Added")));
    assert_int_equal(e->schema, 2);
    assert_int_equal(e->at_ms, 0x017f22e279b0);
    assert_true(str_eq(e->correlation, STR("4bf92f3577b34da6a3ce929d0e0e4736")));
    assert_true(str_eq(e->causation, STR("do:it-1")));
    assert_true(str_eq(e->caller, STR("me")));
    assert_true(str_eq(e->tenant, STR("local")));
    assert_true(str_eq(e->data, STR("{\"n\":1}")));
    assert_string_equal(world_text(&w->heard).ptr, "store.sum.a_b_c.Added ");
    assert_string_equal(
        world_text(&w->last).ptr,
        "{\"id\":\"017f22e2-79b0-7000-8000-000000000000\",\"stream\":\"sum/a.b@c\",\"version\":1,"
        "\"position\":1,\"type\":\"Added\",\"schema\":2,\"at\":\"2022-02-22T19:22:22.000Z\","
        "\"correlation\":\"4bf92f3577b34da6a3ce929d0e0e4736\",\"causation\":\"do:it-1\","
        "\"caller\":\"me\",\"tenant\":\"local\",\"data\":{\"n\":1}}");
    assert_int_equal(w->committed, 1);
}

static void test_several(void **state)
{
    (void)state;
    const struct journal_event two[] = {{.type = STR("Added"), .data = STR("{\"n\":1}")},
                                        {.type = STR("Cleared"), .data = STR("{}"), .cause = STR("x")}};
    const struct journal_append appends[] = {{STR_INIT("sum/1"), EXPECT_NONE, 0, two, 2},
                                             {STR_INIT("sum/2"), EXPECT_NONE, 0, two, 1}};
    const struct journal_batch batch = {.command = STR("c"),
                                        .correlation = STR("whole"),
                                        .cause = STR("before"),
                                        .streams = appends,
                                        .count = 2};
    journal_commit(w->journal, &world_context, &batch, done, NULL);
    assert_string_equal(said, "3 v1 of 2 whole");
    assert_true(str_eq(fake_event_store_at(w->store, 1)->causation, STR("before")));
    assert_true(str_eq(fake_event_store_at(w->store, 2)->causation, STR("x")));
    assert_string_equal(world_text(&w->heard).ptr,
                        "store.sum.1.Added store.sum.1.Cleared store.sum.2.Added ");
    journal_commit(w->journal, &world_context, &batch, done, NULL);
    assert_string_equal(said, "3 v1 of 2 again whole");
    assert_int_equal(fake_event_store_count(w->store), 3);
}

static void test_no_trace(void **state)
{
    (void)state;
    struct call_context context = world_context;
    context.traceparent = (struct str){NULL, 0};
    const struct journal_event event = {.type = STR("Cleared"), .data = STR("{}")};
    const struct journal_append append = {STR_INIT("sum/1"), EXPECT_ANY, 0, &event, 1};
    const struct journal_batch batch = {.streams = &append, .count = 1};
    journal_commit(w->journal, &context, &batch, done, NULL);
    assert_string_equal(said, "1 v1 of 1 00000000-03e8-7000-8000-000000000000");
    assert_true(str_eq(fake_event_store_at(w->store, 1)->causation,
                       STR("00000000-03e8-7000-8000-000000000000")));
    journal_commit(w->journal, &context, &batch, done, NULL);
    assert_string_equal(said, "2 v2 of 1 00000000-03e8-7000-8002-000000000000");
}

static void test_keys(void **state)
{
    struct caller other = {.id = STR("local/me"), .tenant = STR("")};
    struct call_context context = {.caller = &other};
    const struct journal_event event = {.type = STR("Cleared"), .data = STR("{}")};
    const struct journal_append append = {STR_INIT("sum/1"), EXPECT_ANY, 0, &event, 1};
    const struct journal_batch batch = {.command = STR("c"), .streams = &append, .count = 1};
    (void)state;
    commit("c", "sum/1", "Cleared", "{}");
    commit("c", "sum/1", "Cleared", "{}");
    assert_string_equal(said, "1 v1 of 1 again 4bf92f3577b34da6a3ce929d0e0e4736");
    assert_string_equal(world_text(&w->heard).ptr, "store.sum.1.Cleared ");
    journal_commit(w->journal, &context, &batch, done, NULL);
    assert_string_equal(said, "2 v2 of 1 c");
}

static void test_conflict(void **state)
{
    (void)state;
    commit("", "sum/1", "Cleared", "{}");
    commit_to(w->journal, "", "sum/1", "Cleared", "{}", EXPECT_VERSION, 7);
    assert_string_equal(said, "sum/1 is at version 1, not at 7: somebody else has changed it; read it "
                              "again, then decide");
    commit_to(w->journal, "", "sum/1", "Cleared", "{}", EXPECT_NONE, 0);
    assert_string_equal(said, "sum/1 is at version 1, not at 0: somebody else has changed it; read it "
                              "again, then decide");
    assert_int_equal(w->committed, 1);
}

static void refused(const char *stream, const char *type, const char *data, int with,
                    const char *text)
{
    told = 0;
    commit("c", stream, type, data);
    assert_int_equal(told, 1);
    assert_int_equal(code, with);
    assert_string_equal(said, text);
}

static void test_refuses(void **state)
{
    char *big = calloc(1, EVENT_DATA_MAX + 2);
    (void)state;
    memset(big, ' ', EVENT_DATA_MAX + 1);
    refused("sum", "Cleared", "{}", ST_INVALID,
            "\"sum\" is no name of a stream: DOMAIN/ID, of letters, digits and \"-_.:@~\", at most "
            "255 bytes");
    refused("sum/1", "Gone", "{}", ST_INVALID, "\"Gone\" is no type of events that is known here");
    refused("sum/1", "Cleared", "[]", ST_INVALID,
            "the data of the event Cleared: must be an object");
    refused("sum/1", "Cleared", big, ST_TOO_LARGE,
            "the event Cleared has 1040385 bytes; at most 1040384 are allowed");
    commit("a b", "sum/1", "Cleared", "{}");
    assert_string_equal(said, "\"a b\" is no id of a command: 1 to 128 letters, digits and \"._:-\"");
    free(big);
    const struct journal_event event = {.type = STR("Cleared"), .data = STR("{}")};
    const struct journal_append twice[] = {{STR_INIT("sum/1"), EXPECT_ANY, 0, &event, 1},
                                           {STR_INIT("sum/1"), EXPECT_ANY, 0, &event, 1}};
    struct journal_batch batch = {.streams = twice, .count = 2};
    journal_commit(w->journal, &world_context, &batch, done, NULL);
    assert_string_equal(said, "the stream sum/1 is twice in one batch");
    batch.count = 0;
    journal_commit(w->journal, &world_context, &batch, done, NULL);
    assert_string_equal(said, "a batch of 0 streams; 1 to 100 are allowed");
    const struct journal_append empty = {STR_INIT("sum/1"), EXPECT_ANY, 0, &event, 0};
    batch = (struct journal_batch){.streams = &empty, .count = 1};
    journal_commit(w->journal, &world_context, &batch, done, NULL);
    assert_string_equal(said, "no events for the stream sum/1");
    assert_int_equal(fake_event_store_calls(w->store, FAKE_APPEND), 0);
    assert_int_equal(w->heard.len, 0);
}

static void test_store_fails(void **state)
{
    (void)state;
    fake_event_store_fail(w->store, FAKE_APPEND, ST_UNAVAILABLE);
    refused("sum/1", "Cleared", "{}", ST_UNAVAILABLE, "the store says no");
    assert_int_equal(w->heard.len, 0);
    assert_int_equal(w->committed, 0);
}

static void test_not_before_durable(void **state)
{
    (void)state;
    fake_event_store_hold(w->store, true);
    commit("", "sum/1", "Cleared", "{}");
    assert_int_equal(told, 0);
    assert_int_equal(w->heard.len, 0);
    fake_event_store_release(w->store, 1);
    assert_int_equal(told, 1);
    assert_string_equal(world_text(&w->heard).ptr, "store.sum.1.Cleared ");
    commit("", "sum/1", "Cleared", "{}"); /* still waits when the journal is freed */
    told = 0;
    journal_free(w->journal);
    w->journal = NULL;
    fake_event_store_release(w->store, 1);
    assert_int_equal(told, 0);
    assert_int_equal(fake_event_store_count(w->store), 2);
}

static void test_large_is_published_light(void **state)
{
    char *data = malloc(EVENT_JSON_MAX + 20);
    (void)state;
    int len = snprintf(data, 20, "{\"n\":1,\"x\":\"");
    memset(data + len, 'a', EVENT_JSON_MAX);
    memcpy(data + len + EVENT_JSON_MAX, "\"}", 3);
    commit("", "sum/1", "Added", data);
    free(data);
    assert_non_null(strstr(world_text(&w->last).ptr, "\"tenant\":\"local\"}"));
}

static void test_types(void **state)
{
    static const struct event_type again = {"Added", 1, NULL, NULL};
    struct error err;
    (void)state;
    assert_int_equal(journal_add_types(w->journal, &again, 1, &err), ST_INVALID);
    assert_string_equal(err.text, "the type of events Added is there twice");
    assert_true(journal_stream_valid(STR("session/0190a-b_c.d:e@f~")));
    assert_false(journal_stream_valid(STR("Session/1")));
    assert_false(journal_stream_valid(STR("/1")));
    assert_false(journal_stream_valid(STR("session/")));
    assert_false(journal_stream_valid(STR("session/a/b")));
    assert_false(journal_stream_valid(STR("session")));
    assert_false(journal_stream_valid(STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_stores, setup, teardown),
        cmocka_unit_test_setup_teardown(test_several, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_trace, setup, teardown),
        cmocka_unit_test_setup_teardown(test_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(test_conflict, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refuses, setup, teardown),
        cmocka_unit_test_setup_teardown(test_store_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(test_not_before_durable, setup, teardown),
        cmocka_unit_test_setup_teardown(test_large_is_published_light, setup, teardown),
        cmocka_unit_test_setup_teardown(test_types, setup, teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
