/* The fake keeps the rules of ports/driven/event_store.h: versions, conflicts, keys, bounds, rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/buffer.h"
#include "tests/core/fakes/fake_event_store.h"

static struct fake_event_store *fake;
static const struct event_store *store;
static struct buffer said;

static int setup(void **state)
{
    (void)state;
    fake = fake_event_store_new();
    store = fake_event_store_port(fake);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fake_event_store_free(fake);
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
    char text[200];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    buffer_add_str(&said, str_from(text));
}

static void appended(void *arg, const struct error *err, const struct append_result *r)
{
    (void)arg;
    if (err)
        say("%s;", err->text);
    else if (r->conflict)
        say("conflict %.*s %d;", STR_ARG(r->stream), (int)r->actual);
    else
        say("%d v%d%s;", (int)r->position, (int)r->versions[r->count - 1],
            r->repeated ? " again" : "");
}

static void append(const char *key, const char *stream, enum expected_version expect,
                   uint64_t version)
{
    const struct stored_event e = {.type = STR("T"), .schema = 1, .data = STR("{}")};
    const struct stream_append a = {str_from(stream), expect, version, &e, 1};
    const struct event_batch batch = {str_from(key), &a, 1};
    store->append(store->ctx, &batch, appended, NULL);
}

static void event(void *arg, const struct stored_event *e)
{
    (void)arg;
    say("%.*s/%d@%d ", STR_ARG(e->stream), (int)e->version, (int)e->position);
}

static void end(void *arg, const struct error *err, const struct events_end *end)
{
    (void)arg;
    if (err)
        say("%s;", err->text);
    else
        say("v%d p%d%s;", (int)end->version, (int)end->position, end->more ? " more" : "");
}

static const struct events_sink sink = {NULL, event, end};

static void projected(void *arg, const struct error *err, bool conflict, uint64_t position)
{
    (void)arg;
    say("%s%d;", err ? err->text : conflict ? "conflict " : "", (int)position);
}

static void rows(void *arg, const struct error *err, const struct rows_result *r)
{
    (void)arg;
    if (err)
        say("%s;", err->text);
    for (size_t i = 0; !err && i < r->count; i++)
        say("%.*s=%.*s ", STR_ARG(r->rows[i].key), STR_ARG(r->rows[i].value));
    if (!err)
        say("@%d%s;", (int)r->position, r->more ? " more" : "");
}

static void test_append(void **state)
{
    (void)state;
    append("k", "a/1", EXPECT_NONE, 0);
    append("", "a/1", EXPECT_VERSION, 1);
    append("k", "a/1", EXPECT_NONE, 0);
    append("", "a/1", EXPECT_VERSION, 1);
    append("", "a/2", EXPECT_ANY, 0);
    was("1 v1;2 v2;1 v1 again;conflict a/1 2;3 v1;");
    fake_event_store_fail(fake, FAKE_APPEND, ST_UNAVAILABLE);
    append("", "a/2", EXPECT_ANY, 0);
    fake_event_store_conflict(fake, FAKE_APPEND, 9);
    append("", "a/2", EXPECT_ANY, 0);
    was("the store says no;conflict a/2 9;");
    assert_int_equal(fake_event_store_count(fake), 3);
}

static void test_read(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++)
        fake_event_store_add(fake, i == 1 ? STR("a/2") : STR("a/1"), i == 3 ? STR("U") : STR("T"),
                             STR("{}"));
    struct stream_query q = {.stream = STR("a/1"), .limit = 10};
    store->read(store->ctx, &q, &sink);
    was("a/1/1@1 a/1/2@3 a/1/3@4 v3 p0;");
    q = (struct stream_query){.stream = STR("a/1"), .from = 2, .to = 3, .backward = true,
                              .limit = 1};
    store->read(store->ctx, &q, &sink);
    was("a/1/3@4 v3 p0 more;");
    q = (struct stream_query){.stream = STR("a/1"), .until_ms = 3000, .limit = 9};
    store->read(store->ctx, &q, &sink);
    was("a/1/1@1 a/1/2@3 v3 p0;");
    const struct str types[] = {STR_INIT("T")};
    struct events_query all = {.after = 1, .types = types, .type_count = 1, .limit = 1};
    store->read_all(store->ctx, &all, &sink);
    was("a/2/1@2 v0 p2 more;");
    all.after = 3;
    store->read_all(store->ctx, &all, &sink);
    was("v0 p4;");
}

static void test_rows(void **state)
{
    (void)state;
    const struct projection_row some[] = {
        {STR_INIT("b"), STR_INIT("2")}, {STR_INIT("a"), STR_INIT("1")}, {STR_INIT("c"), STR_INIT("3")}};
    struct projection_write write = {
        .projection = STR("p~rebuild"), .position = 5, .rows = some, .count = 3};
    store->project(store->ctx, &write, projected, NULL);
    store->project(store->ctx, &write, projected, NULL);
    was("5;conflict 5;");
    struct rows_query q = {.projection = STR("p~rebuild"), .after = STR("a"), .limit = 1};
    store->rows(store->ctx, &q, rows, NULL);
    was("b=2 @5 more;");
    const struct projection_row none[] = {{STR_INIT("b"), {NULL, 0}}};
    write = (struct projection_write){.projection = STR("p~rebuild"), .expected = 5, .position = 6,
                                      .replaces = STR("p"), .rows = none, .count = 1};
    store->project(store->ctx, &write, projected, NULL);
    q = (struct rows_query){.projection = STR("p"), .backward = true, .limit = 10};
    store->rows(store->ctx, &q, rows, NULL);
    q.projection = STR("p~rebuild");
    store->rows(store->ctx, &q, rows, NULL);
    was("6;c=3 a=1 @6;@0;");
}

static void test_held(void **state)
{
    (void)state;
    fake_event_store_hold(fake, true);
    append("k", "a/1", EXPECT_NONE, 0);
    const struct stream_query q = {.stream = STR("a/1"), .limit = 10};
    store->read(store->ctx, &q, &sink);
    was("");
    assert_int_equal(fake_event_store_waiting(fake), 2);
    assert_int_equal(fake_event_store_release(fake, 1), 1);
    was("1 v1;");
    assert_int_equal(fake_event_store_release(fake, 10), 1);
    was("a/1/1@1 v1 p0;");
    append("", "a/1", EXPECT_ANY, 0); /* left for the end */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_append, setup, teardown),
        cmocka_unit_test_setup_teardown(test_read, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(test_held, setup, teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
