/* Following the store, and the operations event.list, event.read and event.tail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/journal/operations.h"
#include "tests/core/journal/world.h"

static struct world *w;
static struct followers *followers;
static struct operations *table;
static struct event_operations *operations;
static struct buffer said;
static int64_t due_ms; /* of the only timer; -1: it does not run */
static void (*fire)(void *arg);
static void *fire_arg;
static int refuse; /* this many events are not taken */
static struct follower *stop;

static struct timer *timer_create(void *ctx, void (*with)(void *arg), void *arg)
{
    fire = with;
    fire_arg = arg;
    return ctx;
}

static void timer_set(void *ctx, struct timer *timer, uint64_t delay_ms)
{
    (void)ctx;
    (void)timer;
    due_ms = (int64_t)delay_ms;
}

static void timer_stop(void *ctx, struct timer *timer)
{
    (void)ctx;
    (void)timer;
    due_ms = -1;
}

/* Lets the timer fire while it is due at once; with `later` also once when it is due later. */
static void turn(bool later)
{
    for (int i = 0; i < 1000 && (due_ms == 0 || (later && due_ms > 0)); i++) {
        later = later && due_ms == 0;
        due_ms = -1;
        fire(fire_arg);
    }
}

static const struct timer_port timers = {(void *)&due_ms, timer_create, timer_set, timer_stop,
                                         timer_stop};

static int setup(void **state)
{
    (void)state;
    w = world_new();
    due_ms = -1;
    refuse = 0;
    stop = NULL;
    assert_int_equal(followers_new(fake_event_store_port(w->store), &timers, &followers, NULL), 0);
    assert_int_equal(operations_new(NULL, &table, NULL), 0);
    const struct event_operations_parts parts = {fake_event_store_port(w->store), w->journal,
                                                 followers};
    assert_int_equal(event_operations_new(&parts, table, &operations, NULL), 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    event_operations_free(operations);
    operations_free(table);
    followers_free(followers);
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
    char text[3000];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    buffer_add_str(&said, str_from(text));
}

static void add(const char *stream, const char *type, int count)
{
    for (int i = 0; i < count; i++)
        fake_event_store_add(w->store, str_from(stream), str_from(type), STR("{\"by\":1}"));
}

static bool event(void *arg, const struct stored_event *e)
{
    if (refuse && refuse--)
        return false;
    say("%s%d ", (const char *)arg, (int)e->position);
    if (stop) {
        follow_stop(stop);
        stop = NULL;
    }
    return true;
}

static void failed(void *arg, const struct error *err)
{
    say("%s%s ", (const char *)arg, err->text);
}

static struct follower *follow(const char *name, struct follow_what what)
{
    struct follower *one;
    const struct follow_sink sink = {(void *)(uintptr_t)name, event, NULL, failed};
    assert_int_equal(follow_start(followers, &what, &sink, &one, NULL), ST_OK);
    return one;
}

static void test_follows(void **state)
{
    const struct str types[] = {STR_INIT("Cleared")};
    (void)state;
    add("sum/1", "Added", 3);
    follow("a", (struct follow_what){.after = 1});
    follow("b", (struct follow_what){.from_end = true});
    follow("c", (struct follow_what){.types = types, .type_count = 1});
    was("");
    turn(false);
    was("a2 a3 ");
    add("sum/1", "Cleared", 1); /* another process */
    turn(false);
    was("");
    turn(true);
    was("c4 b4 a4 ");
    add("sum/1", "Added", 1);
    followers_committed(followers, 5);
    turn(false);
    was("b5 a5 ");
}

static void test_many(void **state)
{
    (void)state;
    add("sum/1", "Added", 1000);
    follow("", (struct follow_what){.after = 990});
    struct follower *all = follow("", (struct follow_what){0});
    turn(false);
    assert_int_equal(fake_event_store_calls(w->store, FAKE_READ_ALL), 17);
    buffer_clear(&said);
    follow_stop(all);
    follow_stop(NULL);
}

static void test_not_now(void **state)
{
    (void)state;
    add("sum/1", "Added", 3);
    struct follower *one = follow("", (struct follow_what){0});
    refuse = 1;
    turn(true);
    turn(true);
    was("");
    follow_resume(one);
    turn(false);
    was("1 2 3 ");
}

static void test_fails_and_stops(void **state)
{
    (void)state;
    add("sum/1", "Added", 3);
    struct follower *a = follow("a", (struct follow_what){0});
    fake_event_store_fail(w->store, FAKE_READ_ALL, ST_UNAVAILABLE);
    turn(false);
    was("athe store says no ");
    turn(true);
    was("a1 a2 a3 ");
    struct follower *b = follow("b", (struct follow_what){0});
    stop = b; /* itself, with its first event */
    turn(false);
    was("b1 ");
    add("sum/1", "Added", 1);
    b = follow("b", (struct follow_what){.after = 3});
    stop = a; /* the other one, before its turn */
    turn(true);
    was("b4 ");
    fake_event_store_hold(w->store, true);
    followers_committed(followers, 9);
    turn(false);
    followers_free(followers); /* while the store has its question */
    followers = NULL;
    fake_event_store_release(w->store, 9);
    was("");
}

/* ---- operations ----------------------------------------------------------------------------- */

static const struct caller operator_ = {.id = STR_INIT("stdio"), .tenant = STR_INIT("local")};
static const struct caller other = {.id = STR_INIT("other"), .tenant = STR_INIT("local")};
static const struct caller stranger = {.id = STR_INIT("stdio"), .tenant = STR_INIT("acme")};

static void piece(void *arg, struct str json, struct str bytes)
{
    (void)arg;
    (void)bytes;
    say("piece %.*s ", STR_ARG(json));
}

static void done(void *arg, const struct error *err, struct str json)
{
    (void)arg;
    if (err)
        say("%d %s", err->code, err->text);
    else
        say("%.*s", STR_ARG(json));
}

static uint64_t execute_as(const struct caller *caller, const char *name, const char *arguments,
                           bool pieces)
{
    uint64_t id;
    const struct call_context context = {.caller = caller};
    const struct operation_request request = {
        .name = str_from(name), .arguments = str_from(arguments), .context = &context};
    const struct operation_observer observer = {NULL, pieces ? piece : NULL, done};
    const struct operation_service *service = operations_service(table);
    service->execute(service->ctx, &request, &observer, &id);
    return id;
}

#define EVENT(stream, version, position, at, type, schema, data) \
    "{\"id\":\"00000000-0000-7000-8000-000000000000\",\"stream\":\"" stream "\",\"version\":" version \
    ",\"position\":" position ",\"type\":\"" type "\",\"schema\":" schema \
    ",\"at\":\"1970-01-01T00:00:0" at ".000Z\",\"correlation\":\"c\",\"caller\":\"other\"," \
    "\"tenant\":\"local\",\"data\":" data "}"

static void test_list(void **state)
{
    (void)state;
    add("sum/1", "Added", 1);
    add("sum/2", "Cleared", 1);
    execute_as(&operator_, "event.list", "{}", false);
    was("{\"events\":[" EVENT("sum/1", "1", "1", "1", "Added", "2", "{\"n\":1}") ","
        EVENT("sum/2", "1", "2", "2", "Cleared", "1", "{\"by\":1}") "],\"position\":2,\"more\":false}");
    execute_as(&operator_, "event.list", "{\"raw\":true,\"limit\":1}", false);
    was("{\"events\":[" EVENT("sum/1", "1", "1", "1", "Added", "1", "{\"by\":1}")
        "],\"position\":1,\"more\":true}");
    execute_as(&other, "event.list", "{\"after\":1,\"types\":[\"Cleared\",\"X\"]}", false);
    was("{\"events\":[" EVENT("sum/2", "1", "2", "2", "Cleared", "1", "{\"by\":1}")
        "],\"position\":2,\"more\":false}");
    execute_as(&stranger, "event.list", "", false);
    was("{\"events\":[],\"position\":2,\"more\":false}");
    execute_as(&operator_, "event.list", "{\"limit\":0}", false);
    was("-3 event.list: /limit: must be at least 1, is 0");
    fake_event_store_fail(w->store, FAKE_READ_ALL, ST_UNAVAILABLE);
    execute_as(&operator_, "event.list", "", false);
    was("-10 the store says no");
    struct stored_event newer = {.id = STR("i"), .stream = STR("sum/1"), .type = STR("Added"),
                                 .schema = 9, .tenant = STR("local"), .data = STR("{}")};
    fake_event_store_add_event(w->store, &newer);
    execute_as(&operator_, "event.list", "", false);
    was("-5 the event Added in sum/1 (version 2) has schema 9, and this hexmcp knows up to 2: a newer "
        "hexmcp wrote it; use that one or a later one");
}

static void test_read(void **state)
{
    (void)state;
    add("sum/1", "Cleared", 3);
    execute_as(&operator_, "event.read",
               "{\"stream\":\"sum/1\",\"from\":2,\"to\":2,\"untilMs\":9000}", false);
    was("{\"events\":[" EVENT("sum/1", "2", "2", "2", "Cleared", "1", "{\"by\":1}")
        "],\"version\":3,\"more\":false}");
    execute_as(&other, "event.read", "{\"stream\":\"sum/1\",\"backward\":true,\"limit\":1}", false);
    was("{\"events\":[" EVENT("sum/1", "3", "3", "3", "Cleared", "1", "{\"by\":1}")
        "],\"version\":3,\"more\":true}");
    execute_as(&stranger, "event.read", "{\"stream\":\"sum/1\"}", false);
    was("-4 there is no stream \"sum/1\"");
    execute_as(&operator_, "event.read", "{\"stream\":\"sum/9\"}", false);
    was("-4 there is no stream \"sum/9\"");
}

static void test_tail(void **state)
{
    (void)state;
    add("sum/1", "Cleared", 1);
    uint64_t id = execute_as(&other, "event.tail", "{\"after\":0}", true);
    execute_as(&stranger, "event.tail", "{}", true);
    turn(false);
    was("piece " EVENT("sum/1", "1", "1", "1", "Cleared", "1", "{\"by\":1}") " ");
    operations_service(table)->cancel(operations_service(table)->ctx, id);
    add("sum/1", "Cleared", 1);
    turn(true);
    was("");
    execute_as(&operator_, "event.tail", "{\"after\":0}", false);
    turn(false);
    was("-5 event.tail answers in pieces, and nobody takes them");
    fake_event_store_fail(w->store, FAKE_READ_ALL, ST_UNAVAILABLE);
    execute_as(&operator_, "event.tail", "{\"types\":[\"Added\"]}", true);
    turn(false);
    was("-10 the store says no");
}

static void test_freed(void **state)
{
    (void)state;
    add("sum/1", "Cleared", 1);
    fake_event_store_hold(w->store, true);
    execute_as(&operator_, "event.list", "", false);
    execute_as(&operator_, "event.read", "{\"stream\":\"sum/1\"}", false);
    execute_as(&operator_, "event.tail", "", true);
    event_operations_free(operations);
    operations = NULL;
    fake_event_store_release(w->store, 9);
    was("");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_follows, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many, setup, teardown),
        cmocka_unit_test_setup_teardown(test_not_now, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fails_and_stops, setup, teardown),
        cmocka_unit_test_setup_teardown(test_list, setup, teardown),
        cmocka_unit_test_setup_teardown(test_read, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tail, setup, teardown),
        cmocka_unit_test_setup_teardown(test_freed, setup, teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
