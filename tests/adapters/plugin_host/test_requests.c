/* Requests of plugins to services of the world. */
#include "adapters/driven/plugin_host/services/requests.h"

#include <stdio.h>

#include "tests/adapters/plugin_host/fixture.h"

#define ITEMS "hexmcp.test.items"

/* A service that does what the test says, and what the plugin's side saw. */
struct world {
    struct fixture *f;
    struct service_port port;
    struct service_link link;
    struct service_sink sink; /* of the newest request */
    uint64_t opened;
    const char *refusal;
    struct buffer log;
    struct buffer seen;
};

static int world_open(void *ctx, const struct service_request *q, const struct service_sink *sink,
                      uint64_t *id, struct error *err)
{
    struct world *w = ctx;
    if (w->refusal)
        return error_set(err, ST_DENIED, "%s", w->refusal);
    w->sink = *sink;
    *id = ++w->opened;
    char line[200];
    snprintf(line, sizeof(line), "open %u %.*s call %d deadline %d %.*s %.*s\n", q->op,
             STR_ARG(q->plugin), (int)q->call, (int)(q->deadline_ns / 1000000), STR_ARG(q->text),
             STR_ARG(q->bytes));
    buffer_add_str(&w->log, str_from(line));
    return ST_OK;
}

static void world_tell(void *ctx, uint64_t id, uint32_t kind, struct str text, struct str bytes)
{
    struct world *w = ctx;
    char line[200];
    snprintf(line, sizeof(line), "tell %d %u %.*s %.*s\n", (int)id, kind, STR_ARG(text),
             STR_ARG(bytes));
    buffer_add_str(&w->log, str_from(line));
}

static void world_close(void *ctx, uint64_t id)
{
    struct world *w = ctx;
    char line[200];
    snprintf(line, sizeof(line), "close %d\n", (int)id);
    buffer_add_str(&w->log, str_from(line));
}

static void seen(void *arg, const struct service_event *event)
{
    struct world *w = arg;
    char line[200];
    snprintf(line, sizeof(line), "event %u %d %.*s %.*s%s\n", event->kind, event->status,
             STR_ARG(event->text), STR_ARG(event->bytes), event->last ? " last" : "");
    buffer_add_str(&w->seen, str_from(line));
}

static void begin(struct world *w, void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    fixture_bundle(f, ITEMS);
    fixture_open(f);
    assert_int_equal(fixture_run(f, 1, ITEMS, "plain", "{}", true, &err), ST_OK);
    *w = (struct world){.f = f, .log = BUFFER_INIT, .seen = BUFFER_INIT};
    w->port = (struct service_port){.ctx = w,
                                    .id = "hexmcp.world/1",
                                    .open = world_open,
                                    .tell = world_tell,
                                    .close = world_close};
    w->link = (struct service_link){.plugin = f->host->plugins[0], .port = &w->port};
}

static void is(struct buffer *b, const char *text)
{
    buffer_add_char(b, '\0');
    assert_false(buffer_failed(b));
    assert_string_equal(b->data, text);
    buffer_reset(b, SIZE_MAX);
}

static void end(struct world *w)
{
    buffer_clear(&w->log);
    buffer_clear(&w->seen);
}

static uint64_t ask(struct world *w, hexmcp_call call)
{
    uint64_t id = 0;
    const struct request q = {
        .op = 7, .call = call, .text = {"{}", 2}, .bytes = {"abc", 3}, .event = seen, .arg = w};
    assert_int_equal(request_open(&w->link, &q, &id), HEXMCP_OK);
    assert_true(id > 0);
    return id;
}

static void events_come_until_the_last(void **state)
{
    struct world w;
    begin(&w, state);
    uint64_t id = ask(&w, 0);
    assert_int_equal(request_tell(&w.link, id, 3, (hexmcp_str){"{1}", 3}, (hexmcp_str){"", 0}),
                     HEXMCP_OK);
    is(&w.log, "");
    fixture_turn(w.f);
    is(&w.log, "open 7 hexmcp.test.items call 0 deadline 0 {} abc\ntell 1 3 {1} \n");
    w.sink.event(w.sink.ctx, &(struct service_event){.kind = 1, .bytes = STR("xy"), .fd = -1});
    w.sink.event(w.sink.ctx,
                 &(struct service_event){.kind = 2, .text = STR("{}"), .fd = -1, .last = true});
    is(&w.seen, "event 1 0  xy\nevent 2 0 {}  last\n");
    assert_int_equal(request_tell(&w.link, id, 3, (hexmcp_str){"", 0}, (hexmcp_str){"", 0}),
                     HEXMCP_E_NOT_FOUND);
    request_close(&w.link, id); /* unknown by now: nothing */
    end(&w);
}

static void what_fails_at_the_port_is_the_last_event(void **state)
{
    struct world w;
    begin(&w, state);
    w.refusal = "no";
    ask(&w, 0);
    fixture_turn(w.f);
    is(&w.seen, "event 0 -6 {\"message\":\"no\"}  last\n");
    ask(&w, 99);
    fixture_turn(w.f);
    is(&w.seen, "event 0 -4 {\"message\":\"the call that the request is for has ended\"}  last\n");
    end(&w);
}

static void the_plugin_ends_a_request(void **state)
{
    struct world w;
    begin(&w, state);
    uint64_t id = ask(&w, 0);
    request_close(&w.link, id);
    request_close(&w.link, id);
    fixture_turn(w.f);
    is(&w.log, "open 7 hexmcp.test.items call 0 deadline 0 {} abc\nclose 1\n");
    is(&w.seen, "event 0 -7 {\"message\":\"the plugin ended the request\"}  last\n");
    end(&w);
}

static void a_request_ends_with_its_call(void **state)
{
    struct world w;
    struct error err = {0};
    begin(&w, state);
    assert_int_equal(fixture_run(w.f, 5, ITEMS, "waits", "{}", true, &err), ST_OK);
    ask(&w, 5);
    fixture_turn(w.f);
    is(&w.log, "open 7 hexmcp.test.items call 5 deadline 1000 {} abc\n");
    w.f->runtime->abandon(w.f->runtime->ctx, 5);
    is(&w.log, "close 1\n");
    is(&w.seen, "event 0 -7 {\"message\":\"the call that the request is for has ended\"}  last\n");
    end(&w);
}

static void a_plugin_that_stops_has_no_requests(void **state)
{
    struct world w;
    begin(&w, state);
    ask(&w, 0);
    fixture_turn(w.f);
    ask(&w, 0);
    assert_int_equal(plugin_host_stop(w.f->host, 1000), 0);
    is(&w.log, "open 7 hexmcp.test.items call 0 deadline 0 {} abc\nclose 1\n");
    is(&w.seen, "event 0 -7 {\"message\":\"the plugin stops\"}  last\n"
                "event 0 -7 {\"message\":\"the plugin stops\"}  last\n");
    const struct request q = {.event = seen, .arg = &w};
    assert_int_equal(request_open(&w.link, &q, NULL), HEXMCP_E_UNAVAILABLE);
    end(&w);
}

static void requests_are_bounded(void **state)
{
    struct world w;
    begin(&w, state);
    const struct request q = {.event = seen, .arg = &w};
    for (int i = 0; i < 1024; i++)
        assert_int_equal(request_open(&w.link, &q, NULL), HEXMCP_OK);
    assert_int_equal(request_open(&w.link, &q, NULL), HEXMCP_E_BUSY);
    struct request large = q;
    large.bytes = (hexmcp_str){"", ((size_t)64 << 20) + 1};
    assert_int_equal(request_open(&w.link, &large, NULL), HEXMCP_E_TOO_LARGE);
    assert_int_equal(plugin_host_stop(w.f->host, 1000), 0);
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(events_come_until_the_last, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(what_fails_at_the_port_is_the_last_event, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(the_plugin_ends_a_request, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(a_request_ends_with_its_call, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(a_plugin_that_stops_has_no_requests, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(requests_are_bounded, fixture_setup, fixture_teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
