/* The table of operations: what is refused before it runs, pieces, ends at once and later, cancelling. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/str.h"
#include "core/operation/operations.h"

struct world {
    struct operations *ops;
    const struct operation_service *service;
    struct operation_call *kept; /* by "store.keep" */
    int done;
    int code;
    char text[ERROR_TEXT_SIZE]; /* the answer or the error */
    char pieces[100];
    struct caller caller;
};

static void echo(void *domain, struct operation_call *call)
{
    (void)domain;
    operation_answer(call, json_text(operation_arguments(call)));
}

static void keep(void *domain, struct operation_call *call)
{
    struct world *w = domain;
    w->kept = call;
}

static void pour(void *domain, struct operation_call *call)
{
    struct error err;
    (void)domain;
    if (!operation_piece(call, STR("{\"part\":1}"), operation_bytes(call))) {
        error_set(&err, ST_UNSUPPORTED, "store.pour answers in pieces, and nobody takes them");
        operation_fail(call, &err);
        return;
    }
    operation_answer(call, STR("{}"));
}

static const struct operation table[] = {
    {"store.pour", "Pour", "Answers in pieces.", "{\"type\":\"object\"}", OPERATION_READS, pour},
    {"store.echo", "Echo", "Answers its arguments.",
     "{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\"}},\"required\":[\"n\"],"
     "\"additionalProperties\":false}",
     OPERATION_CHANGES, echo},
    {"store.keep", "Keep", "Answers later.", "{\"type\":\"object\"}", OPERATION_DESTROYS, keep},
};

static void done(void *arg, const struct error *err, struct str json)
{
    struct world *w = arg;
    w->done++;
    w->code = err ? err->code : ST_OK;
    snprintf(w->text, sizeof(w->text), "%.*s", err ? 400 : (int)json.len, err ? err->text : json.ptr);
}

static void piece(void *arg, struct str json, struct str bytes)
{
    struct world *w = arg;
    snprintf(w->pieces, sizeof(w->pieces), "%.*s %.*s", STR_ARG(json), STR_ARG(bytes));
}

static uint64_t execute(struct world *w, const char *name, const char *arguments, bool pieces)
{
    uint64_t id = 99;
    const struct call_context context = {.caller = &w->caller, .wall_ms = 5,
                                         .traceparent = STR("parent"), .tracestate = STR("state")};
    const struct operation_request request = {.name = str_from(name),
                                              .arguments = str_from(arguments),
                                              .bytes = STR("some bytes"),
                                              .context = &context};
    const struct operation_observer observer = {w, pieces ? piece : NULL, done};
    w->done = 0;
    w->service->execute(w->service->ctx, &request, &observer, &id);
    return id;
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    w->caller = (struct caller){.id = STR("me"), .tenant = STR("local")};
    assert_int_equal(operations_new(NULL, &w->ops, NULL), ST_OK);
    assert_int_equal(operations_add(w->ops, table, 3, w, NULL), ST_OK);
    w->service = operations_service(w->ops);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    operations_free(w->ops);
    free(w);
    return 0;
}

static void test_runs(void **state)
{
    struct world *w = *state;
    assert_int_equal(execute(w, "store.echo", "{\"n\": 7}", false), 0);
    assert_int_equal(w->done, 1);
    assert_int_equal(w->code, ST_OK);
    assert_string_equal(w->text, "{\"n\": 7}");
}

static void test_refuses(void **state)
{
    struct world *w = *state;
    assert_int_equal(execute(w, "store.ehco", "{}", false), 0);
    assert_int_equal(w->code, ST_NOT_FOUND);
    assert_string_equal(w->text,
                        "there is no operation \"store.ehco\"; did you mean \"store.echo\"?");
    execute(w, "zzz", "{}", false);
    assert_string_equal(w->text, "there is no operation \"zzz\"");
    execute(w, "store.echo", "{\"n\":\"x\"}", false);
    assert_int_equal(w->code, ST_INVALID);
    assert_string_equal(w->text, "store.echo: /n: must be an integer, is a string");
    execute(w, "store.echo", "{", false);
    assert_int_equal(w->code, ST_INVALID);
    assert_int_equal(w->done, 1);
}

static void test_pieces(void **state)
{
    struct world *w = *state;
    execute(w, "store.pour", "", true);
    assert_string_equal(w->pieces, "{\"part\":1} some bytes");
    assert_string_equal(w->text, "{}");
    execute(w, "store.pour", "", false);
    assert_int_equal(w->code, ST_UNSUPPORTED);
}

static void test_later(void **state)
{
    struct world *w = *state;
    char arguments[] = "{\"a\":1}";
    uint64_t id = execute(w, "store.keep", arguments, false);
    memset(arguments, 'x', sizeof(arguments) - 1);
    assert_true(str_eq(json_text(operation_arguments(w->kept)), STR("{\"a\":1}")));
    assert_true(id > 0);
    assert_int_equal(w->done, 0);
    const struct call_context *context = operation_context(w->kept);
    assert_memory_equal(context->caller->id.ptr, "me", 2);
    assert_int_equal(context->caller->id.len, 2);
    assert_ptr_not_equal(context->caller->id.ptr, w->caller.id.ptr);
    assert_memory_equal(context->caller->tenant.ptr, "local", 5);
    assert_int_equal(context->wall_ms, 5);
    assert_true(str_eq(context->traceparent, STR("parent")));
    assert_true(str_eq(context->tracestate, STR("state")));
    assert_false(operation_cancelled(w->kept));
    operation_answer(w->kept, STR("{\"late\":true}"));
    assert_int_equal(w->done, 1);
    assert_string_equal(w->text, "{\"late\":true}");
}

static void test_cancelled(void **state)
{
    struct world *w = *state;
    uint64_t id = execute(w, "store.keep", "{}", true);
    w->service->cancel(w->service->ctx, id);
    w->service->cancel(w->service->ctx, id + 1);
    assert_true(operation_cancelled(w->kept));
    assert_false(operation_piece(w->kept, STR("{}"), STR("")));
    operation_answer(w->kept, STR("{}"));
    assert_int_equal(w->done, 0);
    execute(w, "store.keep", "{}", true); /* left for operations_free */
}

static void test_table(void **state)
{
    struct world *w = *state;
    struct operation_facts facts;
    struct error err;
    assert_true(w->service->at(w->service->ctx, 0, &facts));
    assert_true(str_eq(facts.name, STR("store.echo")));
    assert_int_equal(facts.effect, OPERATION_CHANGES);
    assert_true(w->service->at(w->service->ctx, 2, &facts));
    assert_true(str_eq(facts.name, STR("store.pour")));
    assert_false(w->service->at(w->service->ctx, 3, &facts));
    assert_int_equal(operations_add(w->ops, table, 1, w, &err), ST_INVALID);
    assert_string_equal(err.text, "the operation store.pour is there twice");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_runs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refuses, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pieces, setup, teardown),
        cmocka_unit_test_setup_teardown(test_later, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cancelled, setup, teardown),
        cmocka_unit_test_setup_teardown(test_table, setup, teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
