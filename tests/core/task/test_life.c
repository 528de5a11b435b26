/* From the start of a task to its end: what is stored, shown and told. */
#include "tests/core/task/fixture.h"

#include "core/json/json.h"

static void test_start(void **state)
{
    struct world *w = *state;
    struct task_view view = start(w, "slow", "{ \"n\" : 1 }");
    assert_text(view.id, ID_1);
    assert_text(view.tool, "slow");
    assert_int_equal(view.status, TASK_WORKING);
    assert_false(view.tool_error);
    assert_text(view.message, "");
    assert_int_equal(view.created_ms, START_MS);
    assert_int_equal(view.updated_ms, START_MS);
    assert_int_equal(view.ttl_ms, 3600000);
    assert_int_equal(view.poll_ms, 1000);
    assert_int_equal(w->call_count, 1);
    assert_int_equal(w->calls[0].request.action, ACTION_CALL);
    assert_string_equal(w->calls[0].target, "slow");
    assert_string_equal(w->calls[0].arguments, "{ \"n\" : 1 }");
    assert_string_equal(w->calls[0].caller, "stdio");
    assert_string_equal(w->calls[0].traceparent, "00-trace");
    assert_int_equal(w->calls[0].request.context.deadline_ns, 0);
    assert_int_equal(w->calls[0].request.context.monotonic_ns, w->now_ns);
    assert_false(w->calls[0].request.resume);
    assert_told(w, "");
}

static void test_copies_outlive_start(void **state)
{
    struct world *w = *state;
    start(w, "slow", "{\"n\":1}");
    assert_text(json_text(w->calls[0].request.arguments), "{\"n\":1}");
    assert_text(w->calls[0].request.target, "slow");
    assert_text(w->calls[0].request.context.caller->id, "stdio");
    assert_text(w->calls[0].request.context.caller->tenant, "local");
    assert_true(w->calls[0].request.context.caller->authenticated);
    assert_true(w->calls[0].request.context.caller != somebody.caller);
    struct task_view view;
    assert_int_equal(
        start_with(w, &stranger, "slow", NULL, &(struct task_options){0}, &view), ST_OK);
    assert_false(w->calls[1].request.context.caller->authenticated);
}

static void test_result(void **state)
{
    struct world *w = *state;
    start(w, "slow", NULL);
    w->wall_ms += 7;
    finish(w, 0, CALL_RESULT, "{\"content\":[]}");
    release(w, 0);
    struct task_view view = get(w, ID_1);
    assert_int_equal(view.status, TASK_COMPLETED);
    assert_false(view.tool_error);
    assert_text(view.result, "{\"content\":[]}");
    assert_text(view.message, "");
    assert_int_equal(view.created_ms, START_MS);
    assert_int_equal(view.updated_ms, START_MS + 7);
    assert_told(w, "01 completed\n");
}

static void test_tool_error(void **state)
{
    struct world *w = *state;
    start(w, "slow", NULL);
    start(w, "slow", NULL);
    finish(w, 0, CALL_TOOL_ERROR, "{\"content\":[1]}");
    finish_error(w, 1, CALL_TOOL_ERROR, "{\"content\":[2]}", ST_TIMEOUT, "it took too long");
    struct task_view view = get(w, ID_1);
    assert_int_equal(view.status, TASK_COMPLETED);
    assert_true(view.tool_error);
    assert_text(view.result, "{\"content\":[1]}");
    assert_text(view.message, "the tool reported an error");
    view = get(w, ID_2);
    assert_true(view.tool_error);
    assert_text(view.result, "{\"content\":[2]}");
    assert_text(view.message, "it took too long");
    release(w, 0);
    release(w, 1);
}

static void test_failure(void **state)
{
    struct world *w = *state;
    start(w, "slow", NULL);
    finish_error(w, 0, CALL_FAILED, NULL, ST_PROTOCOL, "the plugin broke its contract");
    release(w, 0);
    struct task_view view = get(w, ID_1);
    assert_int_equal(view.status, TASK_FAILED);
    assert_int_equal(view.error_code, ST_PROTOCOL);
    assert_text(view.error, "the plugin broke its contract");
    assert_text(view.message, "the plugin broke its contract");
    assert_text(view.result, "");
    assert_told(w, "01 failed\n");
}

static void test_end_before_start_returns(void **state)
{
    struct world *w = *state;
    w->inline_result = "{\"content\":[]}";
    w->inline_end = CALL_RESULT;
    struct task_view view = start(w, "quick", NULL);
    assert_int_equal(view.status, TASK_COMPLETED);
    assert_text(view.result, "{\"content\":[]}");
    assert_told(w, "");
}

static void test_unknown_tool_leaves_nothing(void **state)
{
    struct world *w = *state;
    struct task_view view;
    struct task_options options = {0};
    w->call_fails = ST_NOT_FOUND;
    assert_int_equal(start_with(w, &somebody, "nobody", "{}", &options, &view), ST_NOT_FOUND);
    assert_string_equal(w->err.text, "there is no such tool");
    assert_int_equal(get_as(w, &somebody, ID_1), ST_NOT_FOUND);
    assert_int_equal(w->service->next(w->service->ctx, &somebody, 0, &view, &w->err),
                     ST_NOT_FOUND);
}

static void test_only_tools(void **state)
{
    struct world *w = *state;
    struct task_view view;
    struct call_request request = {
        .action = ACTION_READ, .target = STR("file:///a"), .context = somebody};
    assert_int_equal(
        w->service->start(w->service->ctx, &request, &(struct task_options){0}, &view, &w->err),
        ST_INVALID);
    assert_string_equal(w->err.text, "only a call of a tool can be a task");
}

static void test_foreign_tasks_are_unknown(void **state)
{
    struct world *w = *state;
    const struct call_context *others[] = {&stranger, &other_tenant};
    struct task_view view;
    struct json_doc *doc;
    start(w, "slow", NULL);
    assert_int_equal(json_parse(STR("{}"), &doc, &w->err), ST_OK);
    for (int i = 0; i < 2; i++) {
        const char *text = "there is no task \"" ID_1 "\"; it may have expired";
        assert_int_equal(get_as(w, others[i], ID_1), ST_NOT_FOUND);
        assert_string_equal(w->err.text, text);
        w->err.text[0] = '\0';
        assert_int_equal(
            w->service->cancel(w->service->ctx, others[i], STR(ID_1), &view, &w->err),
            ST_NOT_FOUND);
        assert_string_equal(w->err.text, text);
        w->err.text[0] = '\0';
        assert_int_equal(
            w->service->answer(w->service->ctx, others[i], STR(ID_1), json_root(doc), &w->err),
            ST_NOT_FOUND);
        assert_string_equal(w->err.text, text);
        assert_int_equal(w->service->next(w->service->ctx, others[i], 0, &view, &w->err),
                         ST_NOT_FOUND);
    }
    assert_int_equal(get_as(w, &somebody, ID_2), ST_NOT_FOUND);
    assert_string_equal(w->err.text, "there is no task \"" ID_2 "\"; it may have expired");
    assert_int_equal(get_as(w, &somebody, ""), ST_NOT_FOUND);
    assert_int_equal(get(w, ID_1).status, TASK_WORKING);
    json_free(doc);
}

static void test_list(void **state)
{
    struct world *w = *state;
    struct task_view view;
    struct task_options options = {.client = STR("x")};
    start(w, "a", NULL);
    assert_int_equal(start_with(w, &stranger, "b", NULL, &options, &view), ST_OK);
    start(w, "c", NULL);
    assert_int_equal(w->service->next(w->service->ctx, &somebody, 0, &view, &w->err), ST_OK);
    assert_text(view.id, ID_1);
    uint64_t first = view.order;
    assert_int_equal(w->service->next(w->service->ctx, &somebody, first, &view, &w->err), ST_OK);
    assert_text(view.id, ID_3);
    assert_int_equal(w->service->next(w->service->ctx, &somebody, view.order, &view, &w->err),
                     ST_NOT_FOUND);
    assert_int_equal(w->service->next(w->service->ctx, &stranger, 0, &view, &w->err), ST_OK);
    assert_text(view.id, ID_2);
    assert_text(view.client, "x");
}

static void test_limit_of_tasks(void **state)
{
    struct world *w = *state;
    struct task_view view;
    struct task_options options = {0};
    w->parts.limits.per_owner = 2;
    restart(w);
    start(w, "a", NULL);
    start(w, "b", NULL);
    finish(w, 0, CALL_RESULT, "{}");
    assert_int_equal(start_with(w, &somebody, "c", NULL, &options, &view), ST_BUSY);
    assert_string_equal(w->err.text, "there are 2 tasks already, and no more are allowed; try "
                                     "again when some have expired");
    assert_int_equal(w->call_count, 2);
    assert_int_equal(start_with(w, &stranger, "c", NULL, &options, &view), ST_OK);
    assert_int_equal(start_with(w, &other_tenant, "c", NULL, &options, &view), ST_OK);
}

static void test_limit_of_results(void **state)
{
    struct world *w = *state;
    w->parts.limits.result_bytes = 14;
    restart(w);
    start(w, "a", NULL);
    start(w, "b", NULL);
    finish(w, 0, CALL_RESULT, "{\"content\":[]}");
    finish(w, 1, CALL_RESULT, "{\"content\":[1]}");
    assert_int_equal(get(w, ID_1).status, TASK_COMPLETED);
    struct task_view view = get(w, ID_2);
    assert_int_equal(view.status, TASK_FAILED);
    assert_int_equal(view.error_code, ST_TOO_LARGE);
    assert_text(view.error, "the result of the tool has 15 bytes; a task keeps at most 14");
}

static void test_randomness(void **state)
{
    struct world *w = *state;
    struct task_view view;
    struct task_options options = {0};
    start(w, "a", NULL);
    w->random_fails = true;
    assert_int_equal(start_with(w, &somebody, "a", NULL, &options, &view), ST_UNAVAILABLE);
    assert_string_equal(w->err.text, "no randomness");
    w->random_fails = false;
    w->random_repeats = true;
    assert_int_equal(start_with(w, &somebody, "a", NULL, &options, &view), ST_GENERIC);
    assert_string_equal(w->err.text, "the system's randomness repeats itself");
    assert_int_equal(w->call_count, 1);
    assert_int_equal(get(w, ID_1).status, TASK_WORKING);
}

static void test_clock_that_goes_back(void **state)
{
    struct world *w = *state;
    start(w, "a", NULL);
    w->wall_ms -= 5000;
    finish(w, 0, CALL_RESULT, "{}");
    assert_int_equal(get(w, ID_1).updated_ms, START_MS);
}

/* ---- reports ----------------------------------------------------------------------------- */

static char heard[512];

static void on_progress(void *user, struct str id, double progress, double total,
                        struct str message)
{
    (void)user;
    size_t len = strlen(heard);
    snprintf(heard + len, sizeof(heard) - len, "%.2s %g/%g %.*s\n", id.ptr, progress, total,
             STR_ARG(message));
}

static void on_log(void *user, struct str id, enum log_level level, struct str logger,
                   struct str text)
{
    (void)user;
    size_t len = strlen(heard);
    snprintf(heard + len, sizeof(heard) - len, "%.2s %d %.*s: %.*s\n", id.ptr, (int)level,
             STR_ARG(logger), STR_ARG(text));
}

static void report(struct world *w, int call)
{
    const struct call_request *request = &w->calls[call].request;
    heard[0] = '\0';
    request->observer->progress(request->user, 1, 2, STR("half"));
    request->observer->log(request->user, LOG_LEVEL_INFO, STR("me"), STR("hello"));
}

static void test_reports(void **state)
{
    static const struct task_observer observer = {on_progress, on_log}, deaf = {NULL, NULL};
    struct world *w = *state;
    struct task_view view;
    struct task_options options = {.observer = &observer, .user = w};
    assert_int_equal(start_with(w, &somebody, "a", NULL, &options, &view), ST_OK);
    assert_int_equal(start_with(w, &somebody, "a", NULL, &options, &view), ST_OK);
    options.observer = &deaf;
    assert_int_equal(start_with(w, &somebody, "a", NULL, &options, &view), ST_OK);
    report(w, 0);
    assert_string_equal(heard, "01 1/2 half\n01 1 me: hello\n");
    report(w, 2);
    assert_string_equal(heard, "");
    w->service->detach(w->service->ctx, STR(ID_1), "another user");
    report(w, 0);
    assert_string_equal(heard, "01 1/2 half\n01 1 me: hello\n");
    w->service->detach(w->service->ctx, STR(ID_1), w);
    report(w, 0);
    assert_string_equal(heard, "");
    report(w, 1);
    assert_string_equal(heard, "02 1/2 half\n02 1 me: hello\n");
    w->service->detach(w->service->ctx, STR("unknown"), w);
    w->service->detach(w->service->ctx, STR(""), w);
    report(w, 1);
    assert_string_equal(heard, "");
    finish(w, 1, CALL_RESULT, "{}");
    assert_int_equal(get(w, ID_2).status, TASK_COMPLETED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        CASE(test_start),
        CASE(test_copies_outlive_start),
        CASE(test_result),
        CASE(test_tool_error),
        CASE(test_failure),
        CASE(test_end_before_start_returns),
        CASE(test_unknown_tool_leaves_nothing),
        CASE(test_only_tools),
        CASE(test_foreign_tasks_are_unknown),
        CASE(test_list),
        CASE(test_limit_of_tasks),
        CASE(test_limit_of_results),
        CASE(test_randomness),
        CASE(test_clock_that_goes_back),
        CASE(test_reports),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
