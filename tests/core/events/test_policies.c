/* The bus: conditions on members, publishers that wait, spills, figures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/buffer.h"
#include "core/events/bus.h"

static struct bus *bus;
static const struct event_bus *port;
static struct buffer said;
static unsigned wakes;

static void wake(void *ctx)
{
    (void)ctx;
    wakes++;
}

/* ---- a spill in memory ---------------------------------------------------------------------- */

struct spill {
    struct buffer texts[8];
    size_t first, count;
};

static int spills_open, fail_put, fail_take;

static struct spill *spill_open(void *ctx)
{
    (void)ctx;
    spills_open++;
    return calloc(1, sizeof(struct spill));
}

static int spill_put(struct spill *spill, struct str topic, struct str json, struct error *err)
{
    if (spill->count == 8 || fail_put)
        return error_set(err, ST_TOO_LARGE, "full");
    struct buffer *text = &spill->texts[spill->count++];
    buffer_add_str(text, topic);
    buffer_add_str(text, json);
    return ST_OK;
}

static int spill_take(struct spill *spill, struct str *topic, struct str *json, struct error *err)
{
    if (fail_take)
        return error_set(err, ST_GENERIC, "unreadable");
    struct str text = buffer_str(&spill->texts[spill->first++]);
    *topic = (struct str){text.ptr, 3};
    *json = (struct str){text.ptr + 3, text.len - 3};
    return ST_OK;
}

static void spill_close(struct spill *spill)
{
    for (size_t i = 0; i < 8; i++)
        buffer_clear(&spill->texts[i]);
    free(spill);
    spills_open--;
}

static const struct event_spill spills = {NULL, spill_open, spill_put, spill_take, spill_close};

/* ---- the bus -------------------------------------------------------------------------------- */

static int setup(void **state)
{
    (void)state;
    bus = bus_new(wake, NULL);
    port = bus_port(bus);
    wakes = 0;
    fail_put = fail_take = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    bus_free(bus);
    buffer_clear(&said);
    assert_int_equal(spills_open, 0);
    return 0;
}

static void was(const char *text)
{
    buffer_add_char(&said, '\0');
    assert_string_equal(said.data, text);
    buffer_clear(&said);
}

static void event(void *ctx, struct str topic, struct str json)
{
    (void)ctx;
    buffer_add_str(&said, topic);
    buffer_add_char(&said, '=');
    buffer_add_str(&said, json);
    buffer_add_char(&said, ' ');
}

static void lost(void *ctx, uint64_t count)
{
    (void)ctx;
    buffer_add_str(&said, STR("lost "));
    buffer_add_u64(&said, count);
    buffer_add_char(&said, ' ');
}

static uint64_t listen_to(enum event_policy policy, uint32_t queue, const struct event_match *matches,
                          size_t count, struct error *err)
{
    uint64_t id = 0;
    const struct event_subscription what = {.pattern = STR("a.*"),
                                            .policy = policy,
                                            .queue = queue,
                                            .event = event,
                                            .lost = lost,
                                            .matches = matches,
                                            .match_count = count};
    port->subscribe(port->ctx, &what, &id, err);
    return id;
}

static int publish(const char *json, struct error *err)
{
    return port->publish(port->ctx, STR("a.b"), str_from(json), err);
}

static void publish_many(int from, int to)
{
    char json[12];
    for (int i = from; i <= to; i++) {
        snprintf(json, sizeof(json), "%d", i);
        assert_int_equal(publish(json, NULL), ST_OK);
    }
}

static void test_conditions(void **state)
{
    const struct event_match matches[] = {{STR_INIT("type"), STR_INIT("Done")},
                                          {STR_INIT("data.code"), STR_INIT("7")},
                                          {STR_INIT("data.ok"), STR_INIT("true")}};
    (void)state;
    assert_true(listen_to(EVENT_DROP_OLDEST, 10, matches, 3, NULL) > 0);
    publish("{\"type\":\"Done\",\"data\":{\"code\":7,\"ok\":true}}", NULL);
    publish("{\"type\":\"Do\\u006ee\",\"data\":{\"ok\":true,\"code\":7,\"x\":1}}", NULL);
    publish("{\"type\":\"Done\",\"data\":{\"code\":8,\"ok\":true}}", NULL);
    publish("{\"type\":\"Done\",\"data\":{\"code\":7,\"ok\":null}}", NULL);
    publish("{\"type\":\"Done\",\"data\":[7]}", NULL);
    publish("7", NULL);
    publish("{\"type\":{},\"data\":{\"code\":7,\"ok\":true}}", NULL);
    bus_deliver(bus, 100);
    was("a.b={\"type\":\"Done\",\"data\":{\"code\":7,\"ok\":true}} "
        "a.b={\"type\":\"Do\\u006ee\",\"data\":{\"ok\":true,\"code\":7,\"x\":1}} ");
}

static void test_wrong_conditions(void **state)
{
    static const char *const wrong[] = {"", ".a", "a.", "a..b"};
    struct event_match match = {.equals = STR("x")}, many[9] = {{STR_INIT("a"), STR_INIT("b")}};
    struct error err;
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        match.path = str_from(wrong[i]);
        assert_int_equal(listen_to(EVENT_DROP_NEW, 1, &match, 1, &err), 0);
    }
    assert_string_equal(err.text, "\"a..b\" is no path to a member: names with dots between them");
    assert_int_equal(listen_to(EVENT_DROP_NEW, 1, many, 9, &err), 0);
    assert_string_equal(err.text, "9 conditions; at most 8 are allowed");
}

static void ready(void *arg)
{
    buffer_add_str(&said, str_from(arg));
}

static char name_a[] = "ready ", name_b[] = "never ";

static void test_blocks(void **state)
{
    struct error err;
    (void)state;
    uint64_t id = listen_to(EVENT_BLOCK, 4, NULL, 0, NULL);
    listen_to(EVENT_DROP_OLDEST, 10, NULL, 0, NULL);
    publish_many(1, 4);
    assert_int_equal(publish("5", &err), ST_BUSY);
    assert_string_equal(err.text, "a subscriber to \"a.*\" has no room: wait until it has drained");
    assert_int_equal(port->publish(port->ctx, STR("other"), STR("1"), NULL), ST_OK);
    assert_int_equal(port->drained(port->ctx, ready, name_a, NULL), ST_OK);
    assert_int_equal(port->drained(port->ctx, ready, name_b, NULL), ST_OK);
    port->forget(port->ctx, name_b);
    bus_deliver(bus, 5); /* the newer subscription's four, and one */
    was("a.b=1 a.b=2 a.b=3 a.b=4 a.b=1 ");
    bus_deliver(bus, 1);
    was("a.b=2 ready ");
    publish_many(5, 6);
    assert_int_equal(publish("7", NULL), ST_BUSY);
    assert_int_equal(port->drained(port->ctx, ready, name_a, NULL), ST_OK);
    port->unsubscribe(port->ctx, id);
    assert_int_equal(publish("7", NULL), ST_OK);
    bus_deliver(bus, 100);
    was("a.b=5 a.b=6 a.b=7 ready ");
    assert_int_equal(port->drained(port->ctx, ready, name_b, NULL), ST_OK); /* left for the end */
}

static void test_spills(void **state)
{
    (void)state;
    bus_spill_to(bus, &spills);
    listen_to(EVENT_SPILL, 2, NULL, 0, NULL);
    publish_many(1, 5);
    assert_int_equal(spills_open, 1);
    bus_deliver(bus, 1);
    publish_many(6, 6); /* behind those that wait in the spill, though the ring has room */
    bus_deliver(bus, 100);
    was("a.b=1 a.b=2 a.b=3 a.b=4 a.b=5 a.b=6 ");
    assert_int_equal(spills_open, 0);
    publish_many(1, 12); /* 2 and 8 */
    bus_deliver(bus, 100);
    was("a.b=1 a.b=2 a.b=3 a.b=4 a.b=5 a.b=6 a.b=7 a.b=8 a.b=9 a.b=10 lost 2 ");
    publish_many(1, 4);
    fail_take = 1;
    bus_deliver(bus, 100);
    was("a.b=1 a.b=2 lost 2 ");
    publish_many(1, 4); /* left for the end */
}

static void test_spills_nowhere(void **state)
{
    (void)state;
    listen_to(EVENT_SPILL, 2, NULL, 0, NULL);
    publish_many(1, 5);
    bus_deliver(bus, 100);
    was("a.b=1 a.b=2 lost 3 ");
}

static void test_figures(void **state)
{
    struct event_stats stats;
    struct str pattern;
    (void)state;
    assert_false(port->wanted(port->ctx, STR("a.b")));
    uint64_t id = listen_to(EVENT_BLOCK, 1, NULL, 0, NULL);
    listen_to(EVENT_DROP_NEW, 3, NULL, 0, NULL);
    assert_true(port->wanted(port->ctx, STR("a.b")));
    assert_false(port->wanted(port->ctx, STR("a.b.c")));
    publish("1", NULL);
    publish("2", NULL);
    bus_deliver(bus, 1);
    port->stats(port->ctx, &stats);
    assert_int_equal(stats.published, 1);
    assert_int_equal(stats.refused, 1);
    assert_int_equal(stats.told, 1);
    assert_int_equal(stats.waiting, 1);
    assert_int_equal(stats.subscriptions, 2);
    bus_deliver(bus, 100);
    port->unsubscribe(port->ctx, id);
    port->stats(port->ctx, &stats);
    assert_int_equal(stats.told, 2);
    assert_int_equal(stats.subscriptions, 1);
    assert_true(port->at(port->ctx, 0, &pattern, &stats));
    assert_true(str_eq(pattern, STR("a.*")));
    assert_int_equal(stats.published, 1);
    assert_false(port->at(port->ctx, 1, &pattern, &stats));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_conditions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wrong_conditions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_blocks, setup, teardown),
        cmocka_unit_test_setup_teardown(test_spills, setup, teardown),
        cmocka_unit_test_setup_teardown(test_spills_nowhere, setup, teardown),
        cmocka_unit_test_setup_teardown(test_figures, setup, teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
