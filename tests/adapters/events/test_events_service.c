/* hexmcp.events/1 at its port: who may say and hear what. */
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "adapters/driven/events/events.h"
#include "tests/core/fakes/fake_hooks.h"
#include "tests/adapters/service_client.h"

static struct loop *loop;
static struct events *events;
static const struct service_port *port;

struct listener {
    struct told told;
    struct buffer heard;
};

static void hear(void *ctx, const struct service_event *event)
{
    struct listener *l = ctx;
    if (!event->last) {
        buffer_add_str(&l->heard, event->kind == EVENTS_LOST ? STR("lost") : event->bytes);
        buffer_add_char(&l->heard, '=');
        buffer_add_str(&l->heard, event->text);
        buffer_add_char(&l->heard, ' ');
    }
    told_event(&l->told, event);
}

static int begin(struct listener *l, enum events_op op, const char *plugin, const char *text,
                 struct error *err)
{
    const struct service_request q = {
        .op = op, .plugin = str_from(plugin), .text = str_from(text)};
    const struct service_sink sink = {l, hear};
    return port->open(port->ctx, &q, &sink, &l->told.id, err);
}

static void say(const struct listener *l, const char *topic, const char *json)
{
    port->tell(port->ctx, l->told.id, EVENTS_SAY, str_from(json), str_from(topic));
}

static void heard(struct listener *l, const char *text)
{
    uv_run(loop_uv(loop), UV_RUN_NOWAIT);
    uv_run(loop_uv(loop), UV_RUN_NOWAIT);
    buffer_add_char(&l->heard, '\0');
    assert_string_equal(l->heard.data, text);
    buffer_clear(&l->heard);
}

static void test_between_plugins(void **state)
{
    struct listener a = {0}, b = {0};
    (void)state;
    assert_int_equal(begin(&a, EVENTS_PUBLISH, "org.example.a", "", NULL), ST_OK);
    assert_int_equal(begin(&b, EVENTS_SUBSCRIBE, "org.example.b",
                           "{\"pattern\":\"plugin.org.example.a.**\",\"queue\":4}", NULL),
                     ST_OK);
    say(&a, "plugin.org.example.a.x.y", "{\"n\":1}");
    assert_int_equal(b.heard.len, 0);
    heard(&b, "plugin.org.example.a.x.y={\"n\":1} ");
    for (int i = 0; i < 6; i++)
        say(&a, "plugin.org.example.a.x", i % 2 ? "1" : "0");
    heard(&b, "lost=2 plugin.org.example.a.x=0 plugin.org.example.a.x=1 plugin.org.example.a.x=0 "
              "plugin.org.example.a.x=1 ");
    port->close(port->ctx, b.told.id);
    say(&a, "plugin.org.example.a.x", "1");
    heard(&b, "");
    port->close(port->ctx, a.told.id);
    port->close(port->ctx, a.told.id);
}

/* What comes over the wire of a helper is not believed. */
static void test_foreign_topics(void **state)
{
    static const char *const topics[] = {
        "plugin.org.example.b.x", "plugin.org.example.a",  "plugin.org.example.ab.x",
        "tools.listChanged",      "plugins.loaded",        "plugin.org.example.a..x",
        "plugin.org.example.a.",  "plugin.org.example.a.*", "", "plugin."};
    struct listener a = {0}, all = {0};
    (void)state;
    begin(&a, EVENTS_PUBLISH, "org.example.a", "", NULL);
    begin(&all, EVENTS_SUBSCRIBE, "b", "{\"pattern\":\"plugin.**\",\"queue\":100}", NULL);
    for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++)
        say(&a, topics[i], "1");
    say(&a, "plugin.org.example.a.x", "no JSON");
    say(&a, "plugin.org.example.a.x", "");
    say(&all, "plugin.b.x", "1"); /* a subscription is no publisher */
    heard(&all, "");
    say(&a, "plugin.org.example.a.x", "true");
    heard(&all, "plugin.org.example.a.x=true ");
    port->close(port->ctx, a.told.id);
    port->close(port->ctx, all.told.id);
}

static void test_hooks(void **state)
{
    struct fake_hook before = {.json = "{\"result\":\"modified\",\"data\":{\"/data/n\":2}}"};
    struct fake_hook after = {.json = "{\"result\":\"continue\"}"};
    struct listener a = {0}, all = {0};
    (void)state;
    fake_hooks_open();
    events_set_hooks(events, fake_hooks);
    fake_hooks_add(&before, "BeforeEventEmit");
    fake_hooks_add(&after, "AfterEventEmit");
    begin(&a, EVENTS_PUBLISH, "org.example.a", "", NULL);
    begin(&all, EVENTS_SUBSCRIBE, "b", "{\"pattern\":\"plugin.**\",\"queue\":2000}", NULL);
    say(&a, "plugin.org.example.a.x", "{\"n\":1}");
    heard(&all, "plugin.org.example.a.x={\"n\":2} ");
    assert_string_equal(before.saw, "{\"\":{\"topic\":\"plugin.org.example.a.x\",\"plugin\":"
                                    "\"org.example.a\",\"data\":{\"n\":1}}}");
    assert_string_equal(after.saw, "{\"\":{\"topic\":\"plugin.org.example.a.x\",\"plugin\":"
                                   "\"org.example.a\",\"data\":{\"n\":2}}}");
    before.json = "{\"result\":\"cancel\",\"reason\":\"no\"}";
    say(&a, "plugin.org.example.a.x", "1");
    heard(&all, "");
    assert_int_equal(after.runs, 1);
    before.late = true;
    say(&a, "plugin.org.example.a.x", "1");
    say(&a, "plugin.org.example.a.y", "2");
    say(&a, "plugin.org.example.a.z", "3");
    heard(&all, "");
    before.json = "{\"result\":\"continue\"}";
    fake_hook_answer(&before);
    heard(&all, "plugin.org.example.a.x=1 ");
    fake_hooks_expire();
    before.late = false;
    heard(&all, "plugin.org.example.a.y=2 ");
    fake_hook_answer(&before);
    heard(&all, "plugin.org.example.a.z=3 ");
    before.late = true;
    say(&a, "plugin.org.example.a.x", "4");
    events_set_hooks(events, NULL);
    assert_null(before.turn);
    say(&a, "plugin.org.example.a.x", "5");
    heard(&all, "plugin.org.example.a.x=5 ");
    fake_hooks_close();
    port->close(port->ctx, a.told.id);
    port->close(port->ctx, all.told.id);
}

static void refused(const char *text, int status, const char *reason)
{
    struct listener l = {0};
    struct error err = {0};
    assert_int_equal(begin(&l, EVENTS_SUBSCRIBE, "b", text, &err), status);
    assert_string_equal(err.text, reason);
}

static void test_patterns(void **state)
{
    (void)state;
    refused("{\"pattern\":\"**\",\"queue\":1}", ST_DENIED,
            "plugins may not subscribe to \"**\"; a pattern begins with \"plugin.\", \"tools.\" or "
            "\"plugins.\"");
    refused("{\"pattern\":\"session.x\",\"queue\":1}", ST_DENIED,
            "plugins may not subscribe to \"session.x\"; a pattern begins with \"plugin.\", "
            "\"tools.\" or \"plugins.\"");
    refused("{\"pattern\":\"toolsx.y\",\"queue\":1}", ST_DENIED,
            "plugins may not subscribe to \"toolsx.y\"; a pattern begins with \"plugin.\", "
            "\"tools.\" or \"plugins.\"");
    refused("{\"pattern\":\"tools..x\",\"queue\":1}", ST_INVALID,
            "\"tools..x\" is no pattern of topics: parts of letters, digits, '_' and '-', \"*\" or "
            "\"**\", with dots between them, at most 255 bytes");
    refused("{\"pattern\":\"tools.*\",\"queue\":0}", ST_INVALID,
            "a queue of 0 events; 1 to 65536 are allowed");
    refused("{}", ST_INVALID, "a subscription needs a pattern");
}

static void test_of_the_host(void **state)
{
    struct listener l = {0};
    const struct event_bus *bus = events_bus(events);
    (void)state;
    begin(&l, EVENTS_SUBSCRIBE, "b", "{\"pattern\":\"tools.*\",\"queue\":1,\"dropNew\":true}", NULL);
    bus->publish(bus->ctx, STR("tools.listChanged"), STR("{}"), NULL);
    bus->publish(bus->ctx, STR("tools.listChanged"), STR("{}"), NULL);
    heard(&l, "tools.listChanged={} lost=1 ");
    port->close(port->ctx, l.told.id);
}

static int set_up(void **state)
{
    (void)state;
    loop_new(1, &loop, NULL);
    assert_int_equal(events_new(loop_timers(loop), &events, NULL), ST_OK);
    port = events_port(events);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    loop_end_workers(loop);
    events_free(events);
    loop_free(loop);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_between_plugins),
        cmocka_unit_test(test_foreign_topics),
        cmocka_unit_test(test_hooks),
        cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_of_the_host),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
