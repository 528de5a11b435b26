/* Ends that are not the tool's: cancellation and its races, shutdown, restart. */
#include "tests/core/task/fixture.h"

static void test_cancel(void **state)
{
    struct world *w = *state;
    struct task_view view;
    start(w, "slow", NULL);
    w->wall_ms += 3;
    assert_int_equal(cancel(w, ID_1, &view), ST_OK);
    assert_text(view.id, ID_1);
    assert_int_equal(view.status, TASK_CANCELLED);
    assert_text(view.message, "the client cancelled the task");
    assert_int_equal(view.updated_ms, START_MS + 3);
    assert_true(w->calls[0].cancelled);
    assert_told(w, "01 cancelled\n");
    release(w, 0);
    assert_int_equal(cancel(w, ID_1, &view), ST_INVALID);
    assert_string_equal(w->err.text,
                        "the task \"" ID_1 "\" has already ended: it is cancelled");
    assert_told(w, "");
}

static void test_cancel_after_the_end(void **state)
{
    struct world *w = *state;
    struct task_view view;
    start(w, "slow", NULL);
    finish(w, 0, CALL_RESULT, "{}");
    assert_int_equal(cancel(w, ID_1, &view), ST_INVALID);
    assert_string_equal(w->err.text,
                        "the task \"" ID_1 "\" has already ended: it is completed");
    assert_false(w->calls[0].cancelled);
    assert_int_equal(cancel(w, ID_2, &view), ST_NOT_FOUND);
}

static void test_result_after_cancel(void **state)
{
    struct world *w = *state;
    struct task_view view;
    w->done_late = true;
    start(w, "slow", NULL);
    assert_int_equal(cancel(w, ID_1, &view), ST_OK);
    assert_told(w, "01 cancelled\n");
    finish(w, 0, CALL_RESULT, "{\"content\":[]}");
    release(w, 0);
    assert_int_equal(get(w, ID_1).status, TASK_CANCELLED);
    assert_text(get(w, ID_1).result, "");
    assert_told(w, "");
}

static void test_question_after_cancel(void **state)
{
    struct world *w = *state;
    struct task_view view;
    w->done_late = true;
    start(w, "slow", NULL);
    assert_int_equal(cancel(w, ID_1, &view), ST_OK);
    finish(w, 0, CALL_INPUT_REQUIRED, "{\"requests\":{\"a\":{}}}");
    assert_int_equal(get(w, ID_1).status, TASK_CANCELLED);
    assert_int_equal(answer(w, ID_1, "{\"a\":{}}"), ST_OK);
    assert_int_equal(w->call_count, 1);
}

static void test_cancel_while_input_is_required(void **state)
{
    struct world *w = *state;
    struct task_view view;
    start(w, "ask", NULL);
    finish(w, 0, CALL_INPUT_REQUIRED, "{\"requests\":{\"a\":{}},\"state\":1}");
    release(w, 0);
    assert_int_equal(cancel(w, ID_1, &view), ST_OK);
    assert_int_equal(view.status, TASK_CANCELLED);
    assert_text(view.requests, "");
    assert_false(w->calls[0].cancelled);
    assert_told(w, "01 input_required\n01 cancelled\n");
    assert_int_equal(answer(w, ID_1, "{\"a\":{}}"), ST_OK);
    assert_int_equal(w->call_count, 1);
}

/* Who hears that the task works again cancels it: then the tool is not called. */
static void test_cancel_by_a_listener(void **state)
{
    struct world *w = *state;
    start(w, "ask", NULL);
    finish(w, 0, CALL_INPUT_REQUIRED, "{\"requests\":{\"a\":{}}}");
    w->cancel_when_told = true;
    assert_int_equal(answer(w, ID_1, "{\"a\":{}}"), ST_OK);
    assert_int_equal(get(w, ID_1).status, TASK_CANCELLED);
    assert_int_equal(w->call_count, 1);
    assert_told(w, "01 input_required\n01 working\n01 cancelled\n");
}

/* The id of the call is not known yet. */
static void test_cancel_while_the_call_starts(void **state)
{
    struct world *w = *state;
    w->cancel_inside = true;
    struct task_view view = start(w, "slow", NULL);
    assert_int_equal(view.status, TASK_CANCELLED);
    assert_true(w->calls[0].cancelled);
    assert_told(w, "");
}

static void test_cancel_by_the_server(void **state)
{
    struct world *w = *state;
    start(w, "slow", NULL);
    finish(w, 0, CALL_CANCELLED, NULL);
    assert_int_equal(get(w, ID_1).status, TASK_CANCELLED);
    assert_text(get(w, ID_1).message, "the server cancelled the call");
    assert_told(w, "01 cancelled\n");
}

static void test_shutdown(void **state)
{
    struct world *w = *state;
    start(w, "slow", NULL);
    start(w, "ask", NULL);
    start(w, "quick", NULL);
    finish(w, 1, CALL_INPUT_REQUIRED, "{\"requests\":{\"a\":{}}}");
    finish(w, 2, CALL_RESULT, "{}");
    w->told[0] = '\0';
    tasks_shutdown(w->tasks);
    assert_told(w, "01 cancelled\n02 cancelled\n");
    assert_true(w->calls[0].cancelled);
    assert_text(get(w, ID_1).message, "the server was shut down");
    assert_int_equal(get(w, ID_3).status, TASK_COMPLETED);
}

static void test_restart(void **state)
{
    struct world *w = *state;
    start(w, "slow", NULL);
    start(w, "ask", NULL);
    start(w, "quick", NULL);
    finish(w, 1, CALL_INPUT_REQUIRED, "{\"requests\":{\"a\":{}}}");
    finish(w, 2, CALL_RESULT, "{\"content\":[]}");
    uint64_t order = get(w, ID_3).order;
    w->store.durable = true;
    restart(w);
    assert_true(w->service->durable);
    for (int i = 0; i < 2; i++) {
        struct task_view view = get(w, i ? ID_1 : ID_2);
        assert_int_equal(view.status, TASK_FAILED);
        assert_int_equal(view.error_code, ST_UNAVAILABLE);
        assert_text(view.error, "the server was restarted before the task had ended");
        assert_text(view.requests, "");
    }
    assert_text(get(w, ID_3).result, "{\"content\":[]}");
    assert_true(start(w, "slow", NULL).order > order);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        CASE(test_cancel),
        CASE(test_cancel_after_the_end),
        CASE(test_result_after_cancel),
        CASE(test_question_after_cancel),
        CASE(test_cancel_while_input_is_required),
        CASE(test_cancel_by_a_listener),
        CASE(test_cancel_while_the_call_starts),
        CASE(test_cancel_by_the_server),
        CASE(test_shutdown),
        CASE(test_restart),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
