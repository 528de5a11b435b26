/* The life of a call. */
#include <stdio.h>
#include <string.h>

#include "tests/core/call/fixture.h"

static struct item tool(const char *name, const char *json)
{
    return item_of(ITEM_TOOL, name, json);
}

static int set_up(void **state)
{
    set_up_empty(state);
    struct world *w = *state;
    struct item plain = tool("plain", "{\"name\":\"plain\",\"inputSchema\":{\"type\":"
                                                 "\"object\",\"properties\":{\"n\":{\"type\":"
                                                 "\"integer\"}},\"additionalProperties\":false}}");
    struct item quick = tool("quick", "{\"inputSchema\":{\"type\":\"object\"}}");
    quick.run_inline = true;
    struct item typed =
        tool("typed", "{\"inputSchema\":{\"type\":\"object\"},\"outputSchema\":{\"type\":\"object\","
                      "\"required\":[\"sum\"]}}");
    struct item guarded = tool("guarded", "{\"inputSchema\":{\"type\":\"object\"}}");
    guarded.level = TOOL_RESTRICTED;
    struct item broken = tool("broken", "{\"inputSchema\":{\"type\":\"no-such-type\"}}");
    add(w, plain);
    add(w, quick);
    add(w, typed);
    add(w, guarded);
    add(w, broken);
    return 0;
}

/* ---- tests ------------------------------------------------------------------------------- */

static void test_unknown_tool(void **state)
{
    struct record r;
    assert_int_equal(start(*state, &r, "nobody", NULL), ST_NOT_FOUND);
    assert_int_equal(r.done, 0);
    assert_int_equal(r.released, 0);
}

static void test_arguments_reach_the_plugin_as_sent(void **state)
{
    struct world *w = *state;
    struct record r;
    assert_int_equal(start(w, &r, "plain", "{ \"n\" : 9007199254740993 }"), ST_OK);
    assert_int_equal(w->run_count, 1);
    assert_int_equal(w->runs[0].plugin, 7);
    assert_false(w->runs[0].on_loop);
    assert_int_equal(w->runs[0].arguments.len, 26);
    assert_memory_equal(w->runs[0].arguments.ptr, "{ \"n\" : 9007199254740993 }", 26);
    complete(w, r.id, "{\"content\":[]}");
    assert_int_equal(r.done, 1);
    assert_int_equal(r.end, CALL_RESULT);
    assert_string_equal(r.text, "{\"content\":[]}");
    assert_int_equal(r.released, 1);
    assert_int_equal(dispatcher_live(w->dispatcher), 0);
}

static void test_missing_arguments_are_an_empty_object(void **state)
{
    struct world *w = *state;
    struct record r;
    start(w, &r, "plain", NULL);
    assert_memory_equal(w->runs[0].arguments.ptr, "{}", 2);
    complete(w, r.id, "{\"content\":[]}");
}

static void test_wrong_arguments_are_a_tool_error(void **state)
{
    struct world *w = *state;
    struct record r;
    assert_int_equal(start(w, &r, "plain", "{\"n\":\"one\"}"), ST_OK);
    assert_int_equal(w->run_count, 0);
    assert_int_equal(r.done, 1);
    assert_int_equal(r.end, CALL_TOOL_ERROR);
    assert_non_null(strstr(r.text, "invalid arguments for tool \\\"plain\\\": "));
    assert_non_null(strstr(r.text, "/n"));
    assert_int_equal(r.id, 0);
}

static void test_inline_call_ends_before_return(void **state)
{
    struct world *w = *state;
    struct record r;
    w->inline_result = "{\"content\":[]}";
    assert_int_equal(start(w, &r, "quick", "{}"), ST_OK);
    assert_true(w->runs[0].on_loop);
    assert_int_equal(r.done, 1);
    assert_int_equal(r.id, 0);
    assert_false(w->timer.set);
}

static void test_large_arguments_leave_the_loop(void **state)
{
    struct world *w = *state;
    struct record r;
    char *text = large_object();
    start(w, &r, "quick", text);
    assert_int_equal(w->run_count, 0);
    assert_int_equal(w->job_count, 1);
    run_jobs(w);
    assert_int_equal(w->run_count, 1);
    assert_false(w->runs[0].on_loop);
    complete(w, r.id, "{\"content\":[]}");
    assert_int_equal(r.end, CALL_RESULT);
    free(text);
}

static void test_slots_and_queue(void **state)
{
    struct world *w = *state;
    struct record r[6];
    for (int i = 0; i < 5; i++)
        start(w, &r[i], "plain", "{}");
    assert_int_equal(w->run_count, 2);
    assert_int_equal(r[4].done, 1);
    assert_int_equal(r[4].end, CALL_TOOL_ERROR);
    assert_non_null(strstr(r[4].text, "tool \\\"plain\\\" is busy: 2 calls run and 2 wait; try again "
                                      "later"));
    complete(w, r[0].id, "{\"content\":[]}");
    assert_int_equal(w->run_count, 3);
    assert_int_equal(w->runs[2].call, r[2].id);
    complete(w, r[1].id, "{\"content\":[]}");
    complete(w, r[2].id, "{\"content\":[]}");
    complete(w, r[3].id, "{\"content\":[]}");
    for (int i = 0; i < 5; i++)
        assert_int_equal(r[i].done, 1);
    assert_int_equal(dispatcher_live(w->dispatcher), 0);
}

static void test_slots_of_the_plugin(void **state)
{
    struct world *w = *state;
    struct record r[4];
    start(w, &r[0], "plain", "{}");
    start(w, &r[1], "plain", "{}");
    start(w, &r[2], "typed", "{}");
    start(w, &r[3], "typed", "{}");
    assert_int_equal(w->run_count, 3);
    complete(w, r[0].id, "{\"content\":[]}");
    assert_int_equal(w->run_count, 4);
    assert_int_equal(w->runs[3].call, r[3].id);
    complete(w, r[1].id, "{\"content\":[]}");
    complete(w, r[2].id, "{\"structuredContent\":{\"sum\":1}}");
    complete(w, r[3].id, "{\"structuredContent\":{\"sum\":1}}");
}

static void test_many_inline_calls_that_waited(void **state)
{
    struct world *w = *state;
    struct record a, b, c[2];
    start(w, &a, "quick", "{}");
    start(w, &b, "quick", "{}");
    start(w, &c[0], "quick", "{}");
    start(w, &c[1], "quick", "{}");
    assert_int_equal(w->run_count, 2);
    w->inline_result = "{\"content\":[]}";
    complete(w, a.id, "{\"content\":[]}");
    assert_int_equal(c[0].done, 1);
    assert_int_equal(c[1].done, 1);
    complete(w, b.id, "{\"content\":[]}");
    assert_int_equal(dispatcher_live(w->dispatcher), 0);
}

static void test_deadline_of_a_running_call(void **state)
{
    struct world *w = *state;
    struct record r;
    start(w, &r, "plain", "{}");
    assert_true(w->timer.set);
    assert_int_equal(w->timer.delay_ms, 1000);
    uint64_t id = r.id;
    w->now_ns += 1000 * (uint64_t)MS;
    w->timer.fire(w->timer.arg);
    assert_int_equal(r.done, 1);
    assert_int_equal(r.end, CALL_TOOL_ERROR);
    assert_non_null(strstr(r.text, "tool \\\"plain\\\" did not finish within its time limit of 1000 "
                                   "ms and was stopped"));
    assert_int_equal(w->abandon_count, 1);
    assert_int_equal(r.released, 0);
    complete(w, id, "{\"content\":[]}");
    assert_int_equal(r.done, 1);
    w->events->released(w->events->ctx, id);
    assert_int_equal(r.released, 1);
    assert_int_equal(dispatcher_live(w->dispatcher), 0);
}

static void test_a_hanging_call_keeps_its_slot(void **state)
{
    struct world *w = *state;
    struct record r[3];
    start(w, &r[0], "plain", "{}");
    start(w, &r[1], "plain", "{}");
    w->now_ns += 999 * (uint64_t)MS;
    start(w, &r[2], "plain", "{}");
    w->now_ns += 1 * (uint64_t)MS;
    w->timer.fire(w->timer.arg);
    assert_int_equal(r[0].done + r[1].done, 2);
    assert_int_equal(w->run_count, 2);
    assert_true(w->timer.set);
    w->events->released(w->events->ctx, w->runs[0].call);
    assert_int_equal(w->run_count, 3);
    w->events->released(w->events->ctx, w->runs[1].call);
    complete(w, r[2].id, "{\"content\":[]}");
    assert_int_equal(r[2].end, CALL_RESULT);
}

static void test_deadline_of_a_waiting_call(void **state)
{
    struct world *w = *state;
    struct record r[3];
    w->release_on_abandon = true;
    for (int i = 0; i < 3; i++)
        start(w, &r[i], "plain", "{}");
    complete(w, r[0].id, "{\"content\":[]}");
    complete(w, r[1].id, "{\"content\":[]}");
    complete(w, r[2].id, "{\"content\":[]}");
    for (int i = 0; i < 3; i++)
        start(w, &r[i], "plain", "{}");
    w->release_on_abandon = false;
    w->now_ns += 2000 * (uint64_t)MS;
    w->timer.fire(w->timer.arg);
    assert_non_null(strstr(r[2].text, "was busy for the whole time limit of 1000 ms"));
    w->events->released(w->events->ctx, r[0].id);
    w->events->released(w->events->ctx, r[1].id);
    assert_int_equal(dispatcher_live(w->dispatcher), 0);
}

static void test_cancel_running_waiting_and_unknown(void **state)
{
    struct world *w = *state;
    struct record r[3];
    for (int i = 0; i < 3; i++)
        start(w, &r[i], "plain", "{}");
    w->service->cancel(w->service->ctx, r[2].id);
    assert_int_equal(r[2].end, CALL_CANCELLED);
    assert_int_equal(r[2].released, 1);
    w->service->cancel(w->service->ctx, r[0].id);
    w->service->cancel(w->service->ctx, r[0].id);
    assert_int_equal(r[0].done, 1);
    assert_int_equal(r[0].end, CALL_CANCELLED);
    assert_int_equal(w->abandon_count, 1);
    w->events->released(w->events->ctx, r[0].id);
    w->service->cancel(w->service->ctx, 12345);
    complete(w, r[1].id, "{\"content\":[]}");
    assert_int_equal(r[1].end, CALL_RESULT);
    assert_int_equal(dispatcher_live(w->dispatcher), 0);
}

static void test_cancel_while_a_worker_checks(void **state)
{
    struct world *w = *state;
    struct record r;
    char *text = large_object();
    start(w, &r, "quick", text);
    w->service->cancel(w->service->ctx, r.id);
    assert_int_equal(r.end, CALL_CANCELLED);
    assert_int_equal(r.released, 0);
    run_jobs(w);
    assert_int_equal(r.released, 1);
    assert_int_equal(w->run_count, 0);
    free(text);
}

static void test_ids_are_never_valid_again(void **state)
{
    struct world *w = *state;
    struct record first, second;
    start(w, &first, "plain", "{}");
    uint64_t old = first.id;
    complete(w, old, "{\"content\":[]}");
    start(w, &second, "plain", "{}");
    assert_int_not_equal(second.id, old);
    complete(w, old, "{\"content\":[{}]}");
    assert_int_equal(second.done, 0);
    complete(w, second.id, "{\"content\":[]}");
    assert_int_equal(second.end, CALL_RESULT);
}

static void test_progress_only_rises(void **state)
{
    struct world *w = *state;
    struct record r;
    const double values[] = {0, 1, 1, 0.5, 2, 2.5};
    start(w, &r, "plain", "{}");
    for (size_t i = 0; i < 6; i++)
        w->events->progress(w->events->ctx, r.id, values[i], 10, STR(""));
    assert_int_equal(r.progress, 4);
    assert_float_equal(r.last_progress, 2.5, 0);
    uint64_t id = r.id;
    complete(w, id, "{\"content\":[]}");
    w->events->progress(w->events->ctx, id, 3, 10, STR(""));
    assert_int_equal(r.progress, 4);
}

static void expect_failure(struct world *w, const char *name, const char *json, const char *text)
{
    struct record r;
    start(w, &r, name, "{}");
    complete(w, r.id, json);
    assert_int_equal(r.end, CALL_FAILED);
    assert_string_equal(r.text, text);
    assert_int_equal(r.code, ST_PROTOCOL);
}

static void test_broken_results(void **state)
{
    struct world *w = *state;
    expect_failure(w, "plain", "{\"content\":",
                   "plugin org.example.test broke its contract: tool \"plain\" returned broken "
                   "JSON: unexpected end at byte 11");
    expect_failure(w, "plain", "[]",
                   "plugin org.example.test broke its contract: the result of tool \"plain\" is not "
                   "a JSON object");
    expect_failure(w, "plain", "{}",
                   "plugin org.example.test broke its contract: the result of tool \"plain\" has "
                   "neither \"content\" nor \"structuredContent\"");
    expect_failure(w, "plain", "{\"content\":{}}",
                   "plugin org.example.test broke its contract: the result of tool \"plain\" has a "
                   "\"content\" that is not an array");
    expect_failure(w, "plain", "{\"content\":[{\"text\":\"x\"}]}",
                   "plugin org.example.test broke its contract: the result of tool \"plain\" has a "
                   "content block without a \"type\"");
    expect_failure(w, "typed", "{\"content\":[]}",
                   "plugin org.example.test broke its contract: the result of tool \"typed\" lacks "
                   "the \"structuredContent\" that its output schema asks for");
}

static void test_result_that_does_not_fit_its_schema(void **state)
{
    struct world *w = *state;
    struct record r;
    start(w, &r, "typed", "{}");
    complete(w, r.id, "{\"structuredContent\":{}}");
    assert_int_equal(r.end, CALL_TOOL_ERROR);
    assert_non_null(
        strstr(r.text, "the result of tool \\\"typed\\\" does not fit its output schema: "));
}

static void test_large_result_is_checked_off_the_loop(void **state)
{
    struct world *w = *state;
    struct record r;
    size_t len = DISPATCHER_LARGE + 100;
    char *text = malloc(len + 1);
    memset(text, ' ', len);
    memcpy(text, "{\"content\":[]", 13);
    text[len - 1] = '}';
    text[len] = '\0';
    start(w, &r, "plain", "{}");
    complete(w, r.id, text);
    free(text);
    assert_int_equal(r.done, 0);
    run_jobs(w);
    assert_int_equal(r.end, CALL_RESULT);
}

static void test_executor_full(void **state)
{
    struct world *w = *state;
    struct record r;
    char *text = large_object();
    w->executor_full = true;
    start(w, &r, "plain", text);
    free(text);
    assert_int_equal(r.end, CALL_TOOL_ERROR);
    assert_non_null(strstr(r.text, "all workers are busy; try again later"));
}

static void test_failures_by_code(void **state)
{
    struct world *w = *state;
    struct record r;
    struct error err;
    w->next_run_fails = ST_UNAVAILABLE;
    start(w, &r, "plain", "{}");
    assert_int_equal(r.end, CALL_TOOL_ERROR);
    start(w, &r, "plain", "{}");
    error_set(&err, ST_PROTOCOL, "it completed nothing");
    w->events->failed(w->events->ctx, r.id, &err);
    assert_int_equal(r.end, CALL_FAILED);
    assert_string_equal(r.text, "it completed nothing");
    start(w, &r, "plain", "{}");
    w->events->completed(w->events->ctx, r.id, RUN_FAIL,
                         STR("{\"code\":-4,\"message\":\"no such city\"}"));
    assert_int_equal(r.end, CALL_TOOL_ERROR);
    assert_string_equal(r.text, "{\"content\":[{\"type\":\"text\",\"text\":\"no such city\"}]}");
    start(w, &r, "plain", "{}");
    w->events->completed(w->events->ctx, r.id, RUN_FAIL, STR("{}"));
    assert_int_equal(r.end, CALL_FAILED);
    assert_string_equal(r.text, "tool \"plain\" failed (internal) and gave no reason");
}

static void test_policy(void **state)
{
    struct world *w = *state;
    struct record r;
    start(w, &r, "guarded", "{}");
    assert_int_equal(r.end, CALL_TOOL_ERROR);
    assert_non_null(strstr(r.text, "tool \\\"guarded\\\" is restricted and caller \\\"stdio\\\" may "
                                   "use tools up to level safe"));
}

static void test_broken_definition(void **state)
{
    struct record r;
    start(*state, &r, "broken", "{}");
    assert_int_equal(r.end, CALL_FAILED);
    assert_non_null(strstr(r.text, "the definition of tool \"broken\" cannot be used: inputSchema: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_unknown_tool),
        TEST(test_arguments_reach_the_plugin_as_sent),
        TEST(test_missing_arguments_are_an_empty_object),
        TEST(test_wrong_arguments_are_a_tool_error),
        TEST(test_inline_call_ends_before_return),
        TEST(test_large_arguments_leave_the_loop),
        TEST(test_slots_and_queue),
        TEST(test_slots_of_the_plugin),
        TEST(test_many_inline_calls_that_waited),
        TEST(test_deadline_of_a_running_call),
        TEST(test_a_hanging_call_keeps_its_slot),
        TEST(test_deadline_of_a_waiting_call),
        TEST(test_cancel_running_waiting_and_unknown),
        TEST(test_cancel_while_a_worker_checks),
        TEST(test_ids_are_never_valid_again),
        TEST(test_progress_only_rises),
        TEST(test_broken_results),
        TEST(test_result_that_does_not_fit_its_schema),
        TEST(test_large_result_is_checked_off_the_loop),
        TEST(test_executor_full),
        TEST(test_failures_by_code),
        TEST(test_policy),
        TEST(test_broken_definition),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
