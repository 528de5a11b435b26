/* The bus of events: topics, patterns, order, losses, and what subscribers may do while they are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/buffer.h"
#include "core/events/bus.h"
#include "core/events/topic.h"

static unsigned wakes;
static struct bus *bus;
static const struct event_bus *port;

static void wake(void *ctx)
{
    (void)ctx;
    wakes++;
}

static void open_bus(void)
{
    bus_free(bus);
    wakes = 0;
    bus = bus_new(wake, NULL);
    port = bus_port(bus);
}

struct listener {
    struct buffer heard;
    uint64_t id;
    uint64_t leave_at; /* unsubscribes itself or `other` with this event */
    struct listener *other;
    unsigned echoes;
    unsigned depth;
};

static void heard(void *ctx, struct str topic, struct str json)
{
    struct listener *l = ctx;
    assert_int_equal(l->depth++, 0);
    buffer_add_str(&l->heard, topic);
    buffer_add_char(&l->heard, '=');
    buffer_add_str(&l->heard, json);
    buffer_add_char(&l->heard, ' ');
    if (l->leave_at && --l->leave_at == 0)
        port->unsubscribe(port->ctx, l->other ? l->other->id : l->id);
    if (l->echoes) {
        l->echoes--;
        assert_int_equal(port->publish(port->ctx, STR("echo.x"), STR("1"), NULL), ST_OK);
    }
    l->depth--;
}

static void lost(void *ctx, uint64_t count)
{
    struct listener *l = ctx;
    char text[32];
    snprintf(text, sizeof(text), "lost %d ", (int)count);
    buffer_add_str(&l->heard, str_from(text));
}

static int listen_to(struct listener *l, const char *pattern, uint32_t queue,
                     enum event_policy policy, struct error *err)
{
    const struct event_subscription what = {.pattern = str_from(pattern),
                                            .policy = policy,
                                            .queue = queue,
                                            .ctx = l,
                                            .event = heard,
                                            .lost = lost};
    return port->subscribe(port->ctx, &what, &l->id, err);
}

static void publish(const char *topic, const char *json)
{
    assert_int_equal(port->publish(port->ctx, str_from(topic), str_from(json), NULL), ST_OK);
}

static void was(struct listener *l, const char *text)
{
    buffer_add_char(&l->heard, '\0');
    assert_string_equal(l->heard.data, text);
    buffer_clear(&l->heard);
}

static void test_patterns(void **state)
{
    static const struct {
        const char *pattern, *topic;
        bool matches;
    } cases[] = {
        {"a.b", "a.b", true},        {"a.b", "a", false},         {"a.b", "a.b.c", false},
        {"a.*", "a.b", true},        {"a.*", "a", false},         {"a.*", "a.b.c", false},
        {"*.b", "a.b", true},        {"*", "a", true},            {"*", "a.b", false},
        {"**", "a.b.c", true},       {"a.**", "a", true},         {"a.**", "a.b.c", true},
        {"a.**", "b.a", false},      {"**.c", "a.b.c", true},     {"**.c", "c", true},
        {"**.c", "c.d", false},      {"a.**.d", "a.d", true},     {"a.**.d", "a.b.c.d", true},
        {"a.**.d", "a.b.c", false},  {"**.b.**.d", "a.b.b.c.d", true},
        {"**.b.*", "a.b.b.c", true}, {"**.b.*", "a.b.b", true},   {"**.*", "a", true},
        {"**.**", "a", true},        {"**.a.**.a", "a", false},   {"**.a.**.a", "a.a", true},
        {"a.*.c.**", "a.b.c", true}, {"ab", "a", false},          {"a.b", "a.bc", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (topic_matches(str_from(cases[i].pattern), str_from(cases[i].topic)) !=
            cases[i].matches)
            fail_msg("%s and %s", cases[i].pattern, cases[i].topic);
}

static void test_valid(void **state)
{
    char longest[260];
    (void)state;
    memset(longest, 'a', sizeof(longest));
    assert_true(topic_valid((struct str){longest, 255}));
    assert_false(topic_valid((struct str){longest, 256}));
    assert_true(topic_valid(STR("plugin.org.example-1.x_y.Z9")));
    assert_false(topic_valid(STR("")));
    assert_false(topic_valid(STR(".")));
    assert_false(topic_valid(STR("a.")));
    assert_false(topic_valid(STR(".a")));
    assert_false(topic_valid(STR("a..b")));
    assert_false(topic_valid(STR("a b")));
    assert_false(topic_valid(STR("a.*")));
    assert_true(topic_pattern_valid(STR("a.*.**")));
    assert_false(topic_pattern_valid(STR("a.b*")));
    assert_false(topic_pattern_valid(STR("a.***")));
}

static void test_publish(void **state)
{
    struct listener one = {0}, all = {0}, none = {0};
    (void)state;
    open_bus();
    publish("a.b", "0"); /* before anybody listens */
    assert_int_equal(wakes, 0);
    listen_to(&one, "a.*", 10, EVENT_DROP_OLDEST, NULL);
    listen_to(&all, "**", 10, EVENT_DROP_OLDEST, NULL);
    listen_to(&none, "c", 10, EVENT_DROP_OLDEST, NULL);
    publish("a.b", "{\"x\":1}");
    publish("b", "2");
    publish("a.c", "3");
    was(&one, "");
    assert_int_equal(wakes, 1);
    bus_deliver(bus, 100);
    was(&one, "a.b={\"x\":1} a.c=3 ");
    was(&all, "a.b={\"x\":1} b=2 a.c=3 ");
    was(&none, "");
    assert_int_equal(wakes, 1);
    publish("b", "4");
    assert_int_equal(wakes, 2);
    port->unsubscribe(port->ctx, all.id);
    port->unsubscribe(port->ctx, all.id);
    bus_deliver(bus, 100);
    was(&all, "");
}

static void test_losses(void **state)
{
    struct listener oldest = {0}, newest = {0};
    (void)state;
    open_bus();
    listen_to(&oldest, "t", 2, EVENT_DROP_OLDEST, NULL);
    listen_to(&newest, "t", 2, EVENT_DROP_NEW, NULL);
    publish("t", "1");
    publish("t", "2");
    publish("t", "3");
    publish("t", "4");
    publish("t", "5");
    bus_deliver(bus, 100);
    was(&oldest, "lost 3 t=4 t=5 ");
    was(&newest, "t=1 t=2 lost 3 ");
    publish("t", "6");
    bus_deliver(bus, 100);
    was(&oldest, "t=6 ");
    was(&newest, "t=6 ");
}

/* Large events are bounded by their bytes. */
static void test_bytes(void **state)
{
    struct listener l = {0};
    char *json = malloc(EVENT_JSON_MAX + 1);
    struct error err = {0};
    (void)state;
    memset(json, '1', EVENT_JSON_MAX + 1);
    open_bus();
    listen_to(&l, "t", EVENT_QUEUE_MAX, EVENT_DROP_OLDEST, NULL);
    assert_int_equal(port->publish(port->ctx, STR("t"), (struct str){json, EVENT_JSON_MAX + 1},
                                   &err),
                     ST_TOO_LARGE);
    assert_string_equal(err.text, "an event of 262145 bytes; at most 262144 are allowed");
    for (int i = 0; i < 100; i++)
        port->publish(port->ctx, STR("t"), (struct str){json, EVENT_JSON_MAX}, NULL);
    bus_deliver(bus, 1);
    assert_memory_equal(l.heard.data, "lost 37 t=1", 11);
    buffer_clear(&l.heard);
    free(json);
}

/* What is published while somebody is told comes later, and never from inside. */
static void test_from_inside(void **state)
{
    struct listener echo = {.echoes = 3}, leaver = {.leave_at = 1}, killer = {.leave_at = 1};
    struct listener victim = {0};
    (void)state;
    open_bus();
    listen_to(&echo, "**", 10, EVENT_DROP_OLDEST, NULL);
    publish("a", "1");
    bus_deliver(bus, 1);
    was(&echo, "a=1 ");
    assert_int_equal(wakes, 2);
    bus_deliver(bus, 100);
    was(&echo, "echo.x=1 echo.x=1 echo.x=1 ");
    port->unsubscribe(port->ctx, echo.id);
    listen_to(&leaver, "b", 10, EVENT_DROP_OLDEST, NULL);
    publish("b", "1");
    publish("b", "2");
    bus_deliver(bus, 100);
    was(&leaver, "b=1 ");
    listen_to(&victim, "c", 10, EVENT_DROP_OLDEST, NULL);
    listen_to(&killer, "c", 10, EVENT_DROP_OLDEST, NULL);
    killer.other = &victim;
    publish("c", "1");
    bus_deliver(bus, 100);
    was(&killer, "c=1 ");
    was(&victim, "");
}

/* One who is told much does not keep others waiting. */
static void test_turns(void **state)
{
    struct listener quiet = {0}, loud = {0};
    (void)state;
    open_bus();
    listen_to(&quiet, "quiet", 10, EVENT_DROP_OLDEST, NULL);
    listen_to(&loud, "loud", 1000, EVENT_DROP_OLDEST, NULL);
    for (int i = 0; i < 1000; i++)
        publish("loud", "1");
    publish("quiet", "1");
    bus_deliver(bus, 100);
    was(&quiet, "quiet=1 ");
    assert_int_equal(loud.heard.len, 99 * 7);
    buffer_clear(&loud.heard);
}

static void test_refuses(void **state)
{
    struct listener l = {0};
    struct error err = {0};
    (void)state;
    open_bus();
    assert_int_equal(listen_to(&l, "a..b", 1, EVENT_DROP_OLDEST, &err), ST_INVALID);
    assert_string_equal(err.text,
                        "\"a..b\" is no pattern of topics: parts of letters, digits, '_' and '-', "
                        "\"*\" or \"**\", with dots between them, at most 255 bytes");
    assert_int_equal(listen_to(&l, "a", 0, EVENT_DROP_OLDEST, &err), ST_INVALID);
    assert_string_equal(err.text, "a queue of 0 events; 1 to 65536 are allowed");
    assert_int_equal(port->publish(port->ctx, STR("a.*"), STR("1"), &err), ST_INVALID);
    assert_string_equal(err.text, "\"a.*\" is no topic: parts of letters, digits, '_' and '-' with "
                                  "dots between them, at most 255 bytes");
    for (unsigned i = 0; i < BUS_SUBSCRIPTIONS_MAX; i++)
        assert_int_equal(listen_to(&l, "a", 1, EVENT_DROP_OLDEST, &err), ST_OK);
    assert_int_equal(listen_to(&l, "a", 1, EVENT_DROP_OLDEST, &err), ST_BUSY);
    assert_string_equal(err.text, "there are 4096 subscriptions already; no more are allowed");
}

static int tear_down(void **state)
{
    (void)state;
    bus_free(bus);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_patterns), cmocka_unit_test(test_valid),
        cmocka_unit_test(test_publish),  cmocka_unit_test(test_losses),
        cmocka_unit_test(test_bytes),    cmocka_unit_test(test_from_inside),
        cmocka_unit_test(test_turns),    cmocka_unit_test(test_refuses),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
