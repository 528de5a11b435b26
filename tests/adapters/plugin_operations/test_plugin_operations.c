/* The service hexmcp.operations/1, over a real table of operations. */
#include <stdio.h>
#include <stdlib.h>

#include "adapters/driven/clock/clock.h"
#include "adapters/driven/plugin_operations/plugin_operations.h"
#include "core/operation/operations.h"
#include "tests/adapters/service_client.h"

static struct loop *loop;
static struct operations *operations;
static struct plugin_operations *service;
static struct operation_call *waiting;
static struct told answer;
static struct buffer pieces;

static const struct str rules[] = {STR_INIT("test.*"), STR_INIT("other.one")};
static const struct plugin_grants grants = {.operations = rules, .operation_count = 2};

/* ---- operations ---------------------------------------------------------------------------------- */

/* Who asked, with what. */
static void run_who(void *domain, struct operation_call *call)
{
    const struct call_context *context = operation_context(call);
    struct str text = json_text(operation_arguments(call)), bytes = operation_bytes(call);
    char json[512];
    (void)domain;
    snprintf(json, sizeof(json),
             "{\"caller\":\"%.*s\",\"tenant\":\"%.*s\",\"trace\":\"%.*s\",\"deadline\":%d,"
             "\"arguments\":%.*s,\"bytes\":\"%.*s\"}",
             STR_ARG(context->caller->id), STR_ARG(context->caller->tenant),
             STR_ARG(context->traceparent), (int)context->deadline_ns, STR_ARG(text),
             STR_ARG(bytes));
    operation_answer(call, str_from(json));
}

static void run_later(void *domain, struct operation_call *call)
{
    (void)domain;
    waiting = call;
}

static void run_pieces(void *domain, struct operation_call *call)
{
    struct error err;
    (void)domain;
    if (operation_piece(call, STR("{\"n\":1}"), STR("a\0b")) &&
        operation_piece(call, STR("{\"n\":2}"), STR(""))) {
        operation_answer(call, STR("{\"pieces\":2}"));
        return;
    }
    error_set(&err, ST_UNSUPPORTED, "nobody takes the pieces");
    operation_fail(call, &err);
}

#define ANY "{\"type\":\"object\"}"

static const struct operation table[] = {
    {"test.who", "", "", ANY, OPERATION_READS, run_who},
    {"test.later", "", "", ANY, OPERATION_READS, run_later},
    {"test.pieces", "", "", ANY, OPERATION_READS, run_pieces},
    {"test.strict", "", "", "{\"type\":\"object\",\"required\":[\"a\"]}", OPERATION_READS, run_who},
    {"other.one", "", "", ANY, OPERATION_READS, run_who},
    {"other.two", "", "", ANY, OPERATION_READS, run_who},
};

/* ---- asking -------------------------------------------------------------------------------------- */

#define NAMED(name, bytes) STR(name "\0" bytes)

static struct service_request request(struct str named, const char *arguments)
{
    return (struct service_request){.op = OPERATIONS_EXECUTE,
                                    .plugin = STR("org.example.p"),
                                    .grants = &grants,
                                    .text = str_from(arguments),
                                    .bytes = named};
}

static int ask_request(const struct service_request *q, const char *expected)
{
    told_clear(&answer);
    service_begin(plugin_operations_port(service), q, &answer);
    service_wait(loop, &answer);
    assert_string_equal(answer.text.data, expected);
    return answer.status;
}

static int ask(struct str named, const char *arguments, const char *expected)
{
    const struct service_request q = request(named, arguments);
    return ask_request(&q, expected);
}

static void test_runs_as_the_caller(void **state)
{
    static const struct caller caller = {.id = STR_INIT("key-7"), .tenant = STR_INIT("acme")};
    struct service_request q;
    (void)state;
    q = request(NAMED("test.who", "bytes"), "{\"a\":1}");
    q.caller = &caller;
    q.traceparent = STR("00-1-2-03");
    q.deadline_ns = 5;
    assert_int_equal(ask_request(&q, "{\"caller\":\"key-7\",\"tenant\":\"acme\",\"trace\":"
                                     "\"00-1-2-03\",\"deadline\":5,\"arguments\":{\"a\":1},\"bytes\":"
                                     "\"bytes\"}"),
                     ST_OK);
    assert_int_equal(ask(NAMED("other.one", ""), "",
                         "{\"caller\":\"plugin:org.example.p\",\"tenant\":\"local\",\"trace\":\"\","
                         "\"deadline\":0,\"arguments\":{},\"bytes\":\"\"}"),
                     ST_OK);
}

static void test_refuses(void **state)
{
    const struct service_port *port = plugin_operations_port(service);
    static const struct plugin_grants none;
    const char *missing;
    struct service_request q = request(NAMED("test.who", ""), "{}");
    (void)state;
    assert_true(port->allows(port->ctx, &grants, &missing));
    assert_false(port->allows(port->ctx, &none, &missing));
    assert_string_equal(missing, "\"operations\"");
    assert_int_equal(ask(NAMED("other.two", ""), "{}",
                         "plugin.json does not ask for \"other.two\" in \"grants\", \"operations\", or "
                         "nobody granted it"),
                     ST_DENIED);
    assert_int_equal(ask(STR("test.who"), "{}", "a request without the name of an operation"),
                     ST_INVALID);
    assert_int_equal(ask(NAMED("", ""), "{}", "a request without the name of an operation"),
                     ST_INVALID);
    q.op = 9;
    assert_int_equal(ask_request(&q, "hexmcp.operations/1 has no operation 9"), ST_UNSUPPORTED);
    assert_int_equal(ask(NAMED("test.wh", ""), "{}",
                         "{\"message\":\"there is no operation \\\"test.wh\\\"; did you mean "
                         "\\\"test.who\\\"?\"}"),
                     ST_NOT_FOUND);
    assert_int_equal(ask(NAMED("test.strict", ""), "{}",
                         "{\"message\":\"test.strict: missing required property \\\"a\\\"\"}"),
                     ST_INVALID);
    assert_int_equal(ask(NAMED("test.who", ""), "[]",
                         "{\"message\":\"test.who: must be an object, is an array\"}"),
                     ST_INVALID);
}

/* ---- pieces -------------------------------------------------------------------------------------- */

static void piece_came(void *ctx, const struct service_event *event)
{
    if (event->last) {
        told_event(ctx, event);
        return;
    }
    assert_int_equal(event->kind, OPERATIONS_PIECE);
    buffer_add_str(&pieces, event->text);
    buffer_add_str(&pieces, event->bytes);
}

static void test_pieces(void **state)
{
    const struct service_port *port = plugin_operations_port(service);
    struct service_request q = request(NAMED("test.pieces", ""), "{}");
    const struct service_sink sink = {&answer, piece_came};
    (void)state;
    assert_int_equal(ask_request(&q, "{\"message\":\"nobody takes the pieces\"}"), ST_UNSUPPORTED);
    told_clear(&answer);
    q.op = OPERATIONS_EXECUTE_PIECES;
    assert_int_equal(port->open(port->ctx, &q, &sink, &answer.id, NULL), ST_OK);
    assert_int_equal(pieces.len, 0); /* not before open() has returned */
    service_wait(loop, &answer);
    assert_string_equal(answer.text.data, "{\"pieces\":2}");
    assert_int_equal(pieces.len, 17);
    assert_memory_equal(pieces.data, "{\"n\":1}a\0b{\"n\":2}", 17);
    buffer_clear(&pieces);
}

/* ---- later ---------------------------------------------------------------------------------------- */

static void begin_later(void)
{
    const struct service_request q = request(NAMED("test.later", ""), "{}");
    told_clear(&answer);
    waiting = NULL;
    assert_int_equal(service_begin(plugin_operations_port(service), &q, &answer), ST_OK);
    assert_non_null(waiting);
}

static void turn(void)
{
    ask(NAMED("other.one", ""), "",
        "{\"caller\":\"plugin:org.example.p\",\"tenant\":\"local\",\"trace\":\"\",\"deadline\":0,"
        "\"arguments\":{},\"bytes\":\"\"}");
}

static void test_later_and_close(void **state)
{
    const struct service_port *port = plugin_operations_port(service);
    (void)state;
    begin_later();
    operation_answer(waiting, STR("{\"at\":\"once\"}"));
    service_wait(loop, &answer);
    assert_string_equal(answer.text.data, "{\"at\":\"once\"}");
    begin_later();
    port->close(port->ctx, answer.id);
    assert_true(operation_cancelled(waiting));
    operation_answer(waiting, STR("{}"));
    turn();
    begin_later(); /* closed with its answer on the way */
    operation_answer(waiting, STR("{}"));
    port->close(port->ctx, answer.id);
    port->close(port->ctx, 999);
    turn();
}

static void test_no_operations(void **state)
{
    (void)state;
    begin_later();
    plugin_operations_set(service, NULL);
    assert_true(operation_cancelled(waiting));
    service_wait(loop, &answer);
    assert_string_equal(answer.text.data, "{\"message\":\"hexmcp stops\"}");
    assert_int_equal(answer.status, ST_CANCELLED);
    assert_int_equal(ask(NAMED("test.who", ""), "{}",
                         "the operation test.who cannot be executed: there are no operations here"),
                     ST_UNAVAILABLE);
    plugin_operations_set(service, operations_service(operations));
}

static int set_up(void **state)
{
    (void)state;
    assert_int_equal(loop_new(1, &loop, NULL), ST_OK);
    assert_int_equal(operations_new(NULL, &operations, NULL), ST_OK);
    assert_int_equal(operations_add(operations, table, sizeof(table) / sizeof(table[0]), NULL, NULL),
                     ST_OK);
    assert_int_equal(plugin_operations_new(system_clock_port(), loop_timers(loop), &service, NULL),
                     ST_OK);
    plugin_operations_set(service, operations_service(operations));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    plugin_operations_free(service);
    operations_free(operations);
    loop_end_workers(loop);
    loop_free(loop);
    told_clear(&answer);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs_as_the_caller), cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_pieces),             cmocka_unit_test(test_later_and_close),
        cmocka_unit_test(test_no_operations),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
