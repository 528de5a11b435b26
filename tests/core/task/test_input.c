/* Input that a tool asks for: rounds, answers in pieces, keys, and clients that cannot give it. */
#include "tests/core/task/fixture.h"

#include "core/json/json.h"
#include "core/json/writer.h"

static void test_two_rounds(void **state)
{
    struct world *w = *state;
    start(w, "ask", "{\"n\":1}");
    w->wall_ms += 5;
    finish(w, 0, CALL_INPUT_REQUIRED,
           "{\"requests\":{\"a\":{\"method\":\"x\"},\"b\\n\":{}},\"state\":{\"at\":1}}");
    release(w, 0);
    struct task_view view = get(w, ID_1);
    assert_int_equal(view.status, TASK_INPUT_REQUIRED);
    assert_text(view.message, "the tool waits for input");
    assert_text(view.requests, "{\"a\":{\"method\":\"x\"},\"b\\n\":{}}");
    assert_int_equal(view.updated_ms, START_MS + 5);
    assert_told(w, "01 input_required\n");

    assert_int_equal(answer(w, ID_1, "{\"b\\u000a\":{\"v\":2}}"), ST_OK);
    view = get(w, ID_1);
    assert_int_equal(view.status, TASK_INPUT_REQUIRED);
    assert_text(view.requests, "{\"a\":{\"method\":\"x\"}}");
    assert_told(w, "01 input_required\n");
    assert_int_equal(w->call_count, 1);

    w->wall_ms += 5;
    assert_int_equal(answer(w, ID_1, "{\"a\":{\"v\":1},\"b\\n\":{\"v\":3}}"), ST_OK);
    view = get(w, ID_1);
    assert_int_equal(view.status, TASK_WORKING);
    assert_text(view.message, "");
    assert_text(view.requests, "");
    assert_int_equal(view.updated_ms, START_MS + 10);
    assert_told(w, "01 working\n");
    assert_int_equal(w->call_count, 2);
    assert_true(w->calls[1].request.resume);
    assert_string_equal(w->calls[1].target, "ask");
    assert_string_equal(w->calls[1].arguments, "{\"n\":1}");
    assert_string_equal(w->calls[1].state, "{\"at\":1}");
    assert_string_equal(w->calls[1].answers, "{\"b\\n\":{\"v\":2},\"a\":{\"v\":1}}");

    finish(w, 1, CALL_INPUT_REQUIRED, "{\"requests\":{\"a\":{\"method\":\"y\"}},\"state\":2}");
    release(w, 1);
    view = get(w, ID_1);
    assert_text(view.requests, "{\"2.a\":{\"method\":\"y\"}}");
    assert_told(w, "01 input_required\n");
    assert_int_equal(answer(w, ID_1, "{\"a\":{}}"), ST_OK);
    assert_told(w, "");
    assert_int_equal(answer(w, ID_1, "{\"2.a\":{\"v\":4}}"), ST_OK);
    assert_string_equal(w->calls[2].state, "2");
    assert_string_equal(w->calls[2].answers, "{\"a\":{\"v\":4}}");
    assert_told(w, "01 working\n");
    finish(w, 2, CALL_RESULT, "{\"content\":[]}");
    release(w, 2);
    assert_text(get(w, ID_1).result, "{\"content\":[]}");
    assert_told(w, "01 completed\n");
}

/* A key of the first round that looks like one of a later round would be used twice. */
static void test_keys_are_never_used_again(void **state)
{
    struct world *w = *state;
    start(w, "ask", NULL);
    finish(w, 0, CALL_INPUT_REQUIRED,
           "{\"requests\":{\"2.a\":{},\"1.2.a\":{},\"7\":{},\".\":{},\"\":{}}}");
    assert_text(get(w, ID_1).requests,
                "{\"1.2.a\":{},\"1.1.2.a\":{},\"1.7\":{},\".\":{},\"\":{}}");
    assert_int_equal(answer(w, ID_1, "{\"1.2.a\":{\"v\":1},\"1.1.2.a\":{\"v\":2},\"1.7\":{\"v\":3},"
                                     "\".\":{\"v\":4},\"\":{\"v\":5}}"),
                     ST_OK);
    assert_string_equal(w->calls[1].answers, "{\"2.a\":{\"v\":1},\"1.2.a\":{\"v\":2},"
                                             "\"7\":{\"v\":3},\".\":{\"v\":4},\"\":{\"v\":5}}");
    assert_string_equal(w->calls[1].state, "");
    finish(w, 1, CALL_INPUT_REQUIRED, "{\"requests\":{\"a\":{},\"2.a\":{},\"\":{}}}");
    assert_text(get(w, ID_1).requests, "{\"2.a\":{},\"2.2.a\":{},\"2.\":{}}");
    assert_int_equal(answer(w, ID_1, "{\"2.a\":{\"v\":1},\"2.2.a\":{\"v\":2},\"2.\":{\"v\":3}}"),
                     ST_OK);
    assert_string_equal(w->calls[2].answers,
                        "{\"a\":{\"v\":1},\"2.a\":{\"v\":2},\"\":{\"v\":3}}");
}

static void test_unknown_keys(void **state)
{
    struct world *w = *state;
    start(w, "ask", NULL);
    assert_int_equal(answer(w, ID_1, "{\"a\":{}}"), ST_OK);
    finish(w, 0, CALL_INPUT_REQUIRED, "{\"requests\":{\"a\":{}}}");
    int puts = w->puts;
    assert_told(w, "01 input_required\n");
    assert_int_equal(answer(w, ID_1, "{}"), ST_OK);
    assert_int_equal(answer(w, ID_1, "{\"b\":{},\"1.a\":{}}"), ST_OK);
    assert_int_equal(w->puts, puts);
    assert_told(w, "");
    assert_int_equal(answer(w, ID_1, "{\"b\":{},\"a\":{}}"), ST_OK);
    assert_string_equal(w->calls[1].answers, "{\"a\":{}}");
    assert_int_equal(answer(w, ID_1, "{\"a\":{}}"), ST_OK);
    finish(w, 1, CALL_RESULT, "{}");
    assert_int_equal(answer(w, ID_1, "{\"a\":{}}"), ST_OK);
    assert_int_equal(w->call_count, 2);
}

static void test_wrong_answers(void **state)
{
    struct world *w = *state;
    start(w, "ask", NULL);
    finish(w, 0, CALL_INPUT_REQUIRED, "{\"requests\":{\"a\":{},\"b\":{}}}");
    assert_int_equal(answer(w, ID_1, "[]"), ST_INVALID);
    assert_string_equal(w->err.text, "the answers to a task must be an object of objects");
    assert_int_equal(answer(w, ID_1, "{\"a\":{},\"b\":true}"), ST_INVALID);
    assert_string_equal(w->err.text, "the answer \"b\" is not an object");
    assert_text(get(w, ID_1).requests, "{\"a\":{},\"b\":{}}");
    assert_int_equal(answer(w, ID_2, "{}"), ST_NOT_FOUND);
}

static char admitted[256];

/* "no" cannot be asked, and "may" need not. */
static int admit(struct str client, struct json requests, struct buffer *out, struct error *err)
{
    struct json_writer w = json_writer(out);
    struct json_iter it = json_iter(requests);
    snprintf(admitted, sizeof(admitted), "%.*s %.*s", STR_ARG(client),
             STR_ARG(json_text(requests)));
    if (json_exists(json_get(requests, STR("no"))))
        return error_set(err, ST_UNSUPPORTED, "the client knows no elicitation");
    json_begin_object(&w);
    while (json_next(&it))
        if (!json_is(it.key, STR("may")))
            json_put_member(&w, it.key, it.value);
    json_end_object(&w);
    return ST_OK;
}

static void test_admission(void **state)
{
    struct world *w = *state;
    struct task_view view;
    struct task_options options = {.client = STR("form only"), .admit = admit};
    assert_int_equal(start_with(w, &somebody, "ask", NULL, &options, &view), ST_OK);
    assert_text(view.client, "form only");
    finish(w, 0, CALL_INPUT_REQUIRED, "{\"requests\":{\"7\":{}}}");
    assert_string_equal(admitted, "form only {\"7\":{}}");
    assert_int_equal(get(w, ID_1).status, TASK_INPUT_REQUIRED);
    assert_int_equal(answer(w, ID_1, "{\"1.7\":{}}"), ST_OK);
    finish(w, 1, CALL_INPUT_REQUIRED, "{\"requests\":{\"no\":{}}}");
    view = get(w, ID_1);
    assert_int_equal(view.status, TASK_FAILED);
    assert_int_equal(view.error_code, ST_UNSUPPORTED);
    assert_text(view.error,
                "the tool asks for input that cannot be had: the client knows no elicitation");
    assert_text(view.requests, "");
}

static void start_asking(struct world *w)
{
    struct task_view view;
    struct task_options options = {.admit = admit};
    assert_int_equal(start_with(w, &somebody, "ask", NULL, &options, &view), ST_OK);
}

static void test_what_need_not_be_asked_is_not_waited_for(void **state)
{
    struct world *w = *state;
    start_asking(w);
    finish(w, 0, CALL_INPUT_REQUIRED, "{\"requests\":{\"may\":{},\"a\":{}},\"state\":1}");
    assert_text(get(w, ID_1).requests, "{\"a\":{}}");
    assert_int_equal(answer(w, ID_1, "{\"a\":{\"v\":1}}"), ST_OK);
    assert_int_equal(w->call_count, 2);
    assert_string_equal(w->calls[1].answers, "{\"a\":{\"v\":1}}");
}

static void test_a_tool_goes_on_when_nothing_can_be_asked(void **state)
{
    struct world *w = *state;
    start_asking(w);
    finish(w, 0, CALL_INPUT_REQUIRED, "{\"requests\":{\"may\":{}},\"state\":{\"at\":1}}");
    assert_told(w, "");
    assert_int_equal(get(w, ID_1).status, TASK_WORKING);
    assert_int_equal(w->call_count, 2);
    assert_true(w->calls[1].request.resume);
    assert_string_equal(w->calls[1].state, "{\"at\":1}");
    assert_string_equal(w->calls[1].answers, "{}");
    finish(w, 1, CALL_RESULT, "{\"content\":[]}");
    assert_told(w, "01 completed\n");
}

static void test_a_tool_that_asks_without_end_is_stopped(void **state)
{
    struct world *w = *state;
    start_asking(w);
    for (int i = 0; i < 32; i++) {
        finish(w, i, CALL_INPUT_REQUIRED, "{\"requests\":{\"may\":{}}}");
        assert_int_equal(get(w, ID_1).status, TASK_WORKING);
    }
    finish(w, 32, CALL_INPUT_REQUIRED, "{\"requests\":{\"may\":{}}}");
    struct task_view view = get(w, ID_1);
    assert_int_equal(view.status, TASK_FAILED);
    assert_int_equal(view.error_code, ST_PROTOCOL);
    assert_text(view.error, "the tool asked for input 32 times and was stopped");
}

static void test_question_without_requests(void **state)
{
    struct world *w = *state;
    start(w, "ask", NULL);
    finish(w, 0, CALL_INPUT_REQUIRED, "{\"state\":1}");
    struct task_view view = get(w, ID_1);
    assert_int_equal(view.status, TASK_FAILED);
    assert_int_equal(view.error_code, ST_PROTOCOL);
    assert_text(view.error,
                "the tool waits for input and does not say for which, which a task cannot do");
}

static void test_large_question(void **state)
{
    struct world *w = *state;
    w->parts.limits.result_bytes = 21;
    restart(w);
    start(w, "ask", NULL);
    start(w, "ask", NULL);
    finish(w, 0, CALL_INPUT_REQUIRED, "{\"requests\":{\"a\":{}}}");
    finish(w, 1, CALL_INPUT_REQUIRED, "{\"requests\":{\"aa\":{}}}");
    assert_int_equal(get(w, ID_1).status, TASK_INPUT_REQUIRED);
    assert_text(get(w, ID_2).error,
                "the question of the tool has 22 bytes; a task keeps at most 21");
}

static void test_tool_that_goes_between_rounds(void **state)
{
    struct world *w = *state;
    start(w, "ask", NULL);
    finish(w, 0, CALL_INPUT_REQUIRED, "{\"requests\":{\"a\":{}}}");
    w->call_fails = ST_NOT_FOUND;
    assert_int_equal(answer(w, ID_1, "{\"a\":{}}"), ST_OK);
    struct task_view view = get(w, ID_1);
    assert_int_equal(view.status, TASK_FAILED);
    assert_int_equal(view.error_code, ST_NOT_FOUND);
    assert_text(view.error, "there is no such tool");
    assert_told(w, "01 input_required\n01 working\n01 failed\n");
}

static void test_round_that_ends_at_once(void **state)
{
    struct world *w = *state;
    start(w, "ask", NULL);
    finish(w, 0, CALL_INPUT_REQUIRED, "{\"requests\":{\"a\":{}}}");
    w->inline_end = CALL_INPUT_REQUIRED;
    w->inline_result = "{\"requests\":{\"a\":{}}}";
    assert_int_equal(answer(w, ID_1, "{\"a\":{}}"), ST_OK);
    assert_text(get(w, ID_1).requests, "{\"2.a\":{}}");
    assert_told(w, "01 input_required\n01 working\n01 input_required\n");
}

/* A plain call has asked; its answers begin the task. */
static void test_task_that_begins_with_answers(void **state)
{
    struct world *w = *state;
    const struct call_request what = {.action = ACTION_CALL,
                                      .target = STR("ask"),
                                      .context = somebody,
                                      .resume = true,
                                      .state = STR("7"),
                                      .answers = STR("{\"a\":{}}")};
    struct task_view view;
    assert_int_equal(w->service->start(w->service->ctx, &what, &(struct task_options){0}, &view,
                                       &w->err),
                     ST_OK);
    assert_int_equal(view.status, TASK_WORKING);
    assert_true(w->calls[0].request.resume);
    assert_string_equal(w->calls[0].state, "7");
    assert_string_equal(w->calls[0].answers, "{\"a\":{}}");
    finish(w, 0, CALL_INPUT_REQUIRED, "{\"requests\":{\"a\":{}},\"state\":8}");
    release(w, 0);
    assert_int_equal(answer(w, ID_1, "{\"a\":{\"v\":1}}"), ST_OK);
    assert_string_equal(w->calls[1].state, "8");
    assert_string_equal(w->calls[1].answers, "{\"a\":{\"v\":1}}");
    finish(w, 1, CALL_RESULT, "{\"content\":[]}");
    release(w, 1);
    assert_int_equal(get(w, ID_1).status, TASK_COMPLETED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        CASE(test_two_rounds),
        CASE(test_keys_are_never_used_again),
        CASE(test_unknown_keys),
        CASE(test_wrong_answers),
        CASE(test_admission),
        CASE(test_what_need_not_be_asked_is_not_waited_for),
        CASE(test_a_tool_goes_on_when_nothing_can_be_asked),
        CASE(test_a_tool_that_asks_without_end_is_stopped),
        CASE(test_question_without_requests),
        CASE(test_large_question),
        CASE(test_tool_that_goes_between_rounds),
        CASE(test_round_that_ends_at_once),
        CASE(test_task_that_begins_with_answers),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
