/* The table hexmcp.http/1 over a port that the test plays: what a plugin gets, and when. */
#include "hexmcp/host/http.h"

#include <stdio.h>

#include "adapters/driven/http_client/http_client.h"
#include "adapters/driven/plugin_host/services/kinds.h"
#include "adapters/driven/plugin_host/services/requests.h"
#include "tests/adapters/plugin_host/fixture.h"

#define ITEMS "hexmcp.test.items"

struct world {
    struct fixture *f;
    struct service_port port;
    struct service_link link;
    hexmcp_http_1 table;
    struct service_sink sink;
    uint64_t id;
    struct buffer said; /* by the table to the port */
    struct buffer seen; /* by the plugin */
    int32_t answer;     /* of body() */
};

static void add(struct buffer *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct buffer *to, const char *format, ...)
{
    char line[400];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    buffer_add_str(to, str_from(line));
}

static int world_open(void *ctx, const struct service_request *q, const struct service_sink *sink,
                      uint64_t *id, struct error *err)
{
    struct world *w = ctx;
    (void)err;
    w->sink = *sink;
    *id = 1;
    add(&w->said, "open %u %.*s %.*s\n", q->op, STR_ARG(q->text), STR_ARG(q->bytes));
    return ST_OK;
}

static void world_tell(void *ctx, uint64_t id, uint32_t kind, struct str text, struct str bytes)
{
    struct world *w = ctx;
    (void)id;
    add(&w->said, "tell %u %.*s %.*s\n", kind, STR_ARG(text), STR_ARG(bytes));
}

static void world_close(void *ctx, uint64_t id)
{
    struct world *w = ctx;
    (void)id;
    add(&w->said, "close\n");
}

static void on_head(void *arg, hexmcp_str json)
{
    struct world *w = arg;
    add(&w->seen, "head %.*s\n", (int)json.len, json.ptr);
}

static int32_t on_body(void *arg, const void *data, size_t len)
{
    struct world *w = arg;
    if (len > 100)
        add(&w->seen, "body of %zu\n", len);
    else
        add(&w->seen, "body %.*s\n", (int)len, (const char *)data);
    return w->answer;
}

static void on_end(void *arg, int32_t status, hexmcp_str json)
{
    struct world *w = arg;
    add(&w->seen, "end %d %.*s\n", status, (int)json.len, json.ptr);
}

static void on_room(void *arg, size_t len)
{
    struct world *w = arg;
    add(&w->seen, "room %zu\n", len);
}

static const hexmcp_http_sink sink = {sizeof(sink), 0, on_head, on_body, on_end, on_room};

static void begin(struct world *w, void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    fixture_bundle(f, ITEMS);
    fixture_open(f);
    assert_int_equal(fixture_run(f, 1, ITEMS, "plain", "{}", true, &err), ST_OK);
    *w = (struct world){.f = f, .said = BUFFER_INIT, .seen = BUFFER_INIT};
    w->port = (struct service_port){.ctx = w,
                                    .id = "hexmcp.http/1",
                                    .open = world_open,
                                    .tell = world_tell,
                                    .close = world_close};
    w->link = (struct service_link){.plugin = f->host->plugins[0], .port = &w->port};
    http_kind.fill(&w->table, &w->link);
    assert_int_equal(http_kind.size, sizeof(w->table));
    assert_int_equal(w->table.size, sizeof(w->table));
}

static void ask(struct world *w, const char *json, const char *body)
{
    assert_int_equal(w->table.request(w->table.ctx, 0, (hexmcp_str){json, strlen(json)},
                                      (hexmcp_str){body, strlen(body)}, &sink, w, &w->id),
                     HEXMCP_OK);
    assert_true(w->id > 0);
    fixture_turn(w->f);
}

static void event(struct world *w, uint32_t kind, const char *text, struct str bytes)
{
    w->sink.event(w->sink.ctx, &(struct service_event){.kind = kind, .text = str_from(text),
                                                       .bytes = bytes, .fd = -1});
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
    buffer_clear(&w->said);
    buffer_clear(&w->seen);
}

static void an_answer_passes_through(void **state)
{
    struct world w;
    begin(&w, state);
    ask(&w, "{\"url\":\"http://a/\"}", "hello");
    is(&w.said, "open 1 {\"request\":{\"url\":\"http://a/\"}} hello\n");
    event(&w, HTTP_EVENT_SENT, "5", STR(""));
    event(&w, HTTP_EVENT_HEAD, "{\"status\":200}", STR(""));
    event(&w, HTTP_EVENT_BODY, "", STR("abc"));
    event(&w, HTTP_EVENT_COMPLETE, "{\"bytes\":3}", STR(""));
    is(&w.seen, "room 5\nhead {\"status\":200}\nbody abc\nend 0 {\"bytes\":3}\n");
    fixture_turn(w.f);
    is(&w.said, "close\n");
    is(&w.seen, "");
    assert_int_equal(w.table.resume(w.table.ctx, w.id), HEXMCP_E_NOT_FOUND);
    end(&w);
}

static void what_is_taken_is_told_in_portions(void **state)
{
    static const char piece[40000];
    struct world w;
    begin(&w, state);
    ask(&w, "{}", "");
    is(&w.said, "open 1 {\"request\":{}} \n");
    event(&w, HTTP_EVENT_BODY, "", (struct str){piece, sizeof(piece)});
    event(&w, HTTP_EVENT_BODY, "", (struct str){piece, sizeof(piece)});
    fixture_turn(w.f);
    is(&w.said, "tell 0 80000 \n");
    is(&w.seen, "body of 40000\nbody of 40000\n");
    w.table.cancel(w.table.ctx, w.id);
    fixture_turn(w.f);
    is(&w.seen, "end -7 {\"message\":\"the plugin ended the request\"}\n");
    end(&w);
}

static void a_pause_holds_everything_back(void **state)
{
    static const char piece[70000];
    struct world w;
    begin(&w, state);
    ask(&w, "{}", "");
    is(&w.said, "open 1 {\"request\":{}} \n");
    w.answer = HEXMCP_PENDING;
    event(&w, HTTP_EVENT_BODY, "", (struct str){piece, sizeof(piece)});
    event(&w, HTTP_EVENT_BODY, "", STR("two"));
    event(&w, HTTP_EVENT_BODY, "", STR("three"));
    event(&w, HTTP_EVENT_COMPLETE, "{\"bytes\":70008}", STR(""));
    is(&w.seen, "body of 70000\n");
    is(&w.said, "");
    assert_int_equal(w.table.resume(w.table.ctx, w.id), HEXMCP_OK);
    fixture_turn(w.f);
    is(&w.said, "tell 1  \n");
    event(&w, HTTP_EVENT_RESUMED, "", STR(""));
    is(&w.seen, "body twothree\n");
    w.answer = HEXMCP_OK;
    assert_int_equal(w.table.resume(w.table.ctx, w.id), HEXMCP_OK);
    event(&w, HTTP_EVENT_RESUMED, "", STR(""));
    is(&w.seen, "end 0 {\"bytes\":70008}\n");
    fixture_turn(w.f);
    is(&w.said, "tell 1  \ntell 0 70008 \nclose\n");
    end(&w);
}

static void an_error_ends_a_pause(void **state)
{
    struct world w;
    begin(&w, state);
    ask(&w, "{}", "");
    w.answer = HEXMCP_PENDING;
    event(&w, HTTP_EVENT_BODY, "", STR("one"));
    event(&w, HTTP_EVENT_BODY, "", STR("two"));
    w.sink.event(w.sink.ctx, &(struct service_event){.kind = HTTP_EVENT_END, .status = ST_TIMEOUT,
                                                     .text = STR("{\"message\":\"late\"}"),
                                                     .fd = -1, .last = true});
    is(&w.seen, "body one\nend -8 {\"message\":\"late\"}\n");
    end(&w);
}

static void a_body_that_fails_ends_the_request(void **state)
{
    struct world w;
    begin(&w, state);
    ask(&w, "{}", "");
    is(&w.said, "open 1 {\"request\":{}} \n");
    w.answer = HEXMCP_E_GENERIC;
    event(&w, HTTP_EVENT_BODY, "", STR("one"));
    fixture_turn(w.f);
    is(&w.said, "close\n");
    is(&w.seen, "body one\nend -7 {\"message\":\"the plugin ended the request\"}\n");
    end(&w);
}

static void what_is_written_is_told(void **state)
{
    struct world w;
    begin(&w, state);
    ask(&w, "{}", "");
    is(&w.said, "open 1 {\"request\":{}} \n");
    assert_int_equal(w.table.write(w.table.ctx, w.id, (hexmcp_str){"abc", 3}), HEXMCP_OK);
    assert_int_equal(w.table.finish(w.table.ctx, w.id), HEXMCP_OK);
    fixture_turn(w.f);
    is(&w.said, "tell 2  abc\ntell 3  \n");
    assert_int_equal(w.table.write(w.table.ctx, 99, (hexmcp_str){"abc", 3}), HEXMCP_E_NOT_FOUND);
    assert_int_equal(w.table.finish(w.table.ctx, 99), HEXMCP_E_NOT_FOUND);
    w.table.cancel(w.table.ctx, w.id);
    fixture_turn(w.f);
    end(&w);
}

static void a_sink_needs_its_functions(void **state)
{
    hexmcp_http_sink poor = sink;
    const hexmcp_str none = {"", 0};
    struct world w;
    begin(&w, state);
    assert_int_equal(w.table.request(w.table.ctx, 0, none, none, NULL, &w, NULL), HEXMCP_E_INVALID);
    poor.body = NULL;
    assert_int_equal(w.table.request(w.table.ctx, 0, none, none, &poor, &w, NULL), HEXMCP_E_INVALID);
    poor = sink;
    poor.size = offsetof(hexmcp_http_sink, end);
    assert_int_equal(w.table.request(w.table.ctx, 0, none, none, &poor, &w, NULL), HEXMCP_E_INVALID);
    poor = sink;
    poor.size = offsetof(hexmcp_http_sink, room); /* one of an older header */
    assert_int_equal(w.table.request(w.table.ctx, 0, none, none, &poor, &w, &w.id), HEXMCP_OK);
    fixture_turn(w.f);
    is(&w.said, "open 1 {\"request\":null} \n");
    event(&w, HTTP_EVENT_SENT, "5", STR(""));
    is(&w.seen, "");
    assert_int_equal(w.table.request(w.table.ctx, 0, none,
                                     (hexmcp_str){"", HEXMCP_HTTP_BODY_MAX + 1}, &sink, &w, NULL),
                     HEXMCP_E_TOO_LARGE);
    w.table.cancel(w.table.ctx, w.id);
    fixture_turn(w.f);
    end(&w);
}

static void requests_end_with_the_plugin(void **state)
{
    struct world w;
    begin(&w, state);
    ask(&w, "{}", "");
    w.answer = HEXMCP_PENDING;
    event(&w, HTTP_EVENT_BODY, "", STR("one"));
    fixture_close(w.f);
    is(&w.seen, "body one\nend -7 {\"message\":\"the plugin stops\"}\n");
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_answer_passes_through, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(what_is_taken_is_told_in_portions, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(a_pause_holds_everything_back, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(an_error_ends_a_pause, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_body_that_fails_ends_the_request, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(what_is_written_is_told, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_sink_needs_its_functions, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(requests_end_with_the_plugin, fixture_setup,
                                        fixture_teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
