/* A store that fails, and want of memory: each task still ends once, and nothing leaks. */
#include "tests/core/task/fixture.h"

#include "core/json/json.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *data, size_t size);
void __real_free(void *data);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *data, size_t size);
void __wrap_free(void *data);

static struct {
    bool on;
    size_t left; /* allocations until one fails */
    bool failed;
    long live; /* blocks */
} memory;

static bool refuses(void)
{
    if (!memory.on || memory.failed || memory.left-- > 0)
        return false;
    return memory.failed = true;
}

void *__wrap_malloc(size_t size)
{
    void *data = refuses() ? NULL : __real_malloc(size);
    memory.live += data != NULL;
    return data;
}

void *__wrap_calloc(size_t count, size_t size)
{
    void *data = refuses() ? NULL : __real_calloc(count, size);
    memory.live += data != NULL;
    return data;
}

void *__wrap_realloc(void *data, size_t size)
{
    void *moved = refuses() ? NULL : __real_realloc(data, size);
    memory.live += !data && moved;
    return moved;
}

void __wrap_free(void *data)
{
    memory.live -= data != NULL;
    __real_free(data);
}

/* ---- the store --------------------------------------------------------------------------- */

static void test_start(void **state)
{
    struct world *w = *state;
    struct task_view view;
    w->puts_until_fault = 0;
    w->faults = 1;
    assert_int_equal(start_with(w, &somebody, "slow", NULL, &(struct task_options){0}, &view),
                     ST_UNAVAILABLE);
    assert_string_equal(w->err.text, "the disk is full");
    assert_int_equal(w->call_count, 0);
    assert_int_equal(get_as(w, &somebody, ID_1), ST_NOT_FOUND);
    assert_false(task_timer(w)->set);
}

static void test_result(void **state)
{
    struct world *w = *state;
    start(w, "slow", NULL);
    w->puts_until_fault = 0;
    w->faults = 1;
    finish(w, 0, CALL_RESULT, "{}");
    struct task_view view = get(w, ID_1);
    assert_int_equal(view.status, TASK_FAILED);
    assert_int_equal(view.error_code, ST_UNAVAILABLE);
    assert_text(view.error, "the outcome of the task could not be stored: the disk is full");
    assert_text(view.result, "");
    assert_told(w, "01 failed\n");
}

static void test_result_and_failure(void **state)
{
    struct world *w = *state;
    start(w, "slow", NULL);
    w->puts_until_fault = 0;
    w->faults = 2;
    finish(w, 0, CALL_RESULT, "{}");
    struct task_view view = get(w, ID_1);
    assert_int_equal(view.status, TASK_FAILED);
    assert_int_equal(view.error_code, ST_UNAVAILABLE);
    assert_text(view.error, "the outcome of the task could not be stored");
    assert_told(w, "01 failed\n");
    assert_int_equal(cancel(w, ID_1, &view), ST_INVALID);
    assert_string_equal(w->err.text, "the task \"" ID_1 "\" has already ended: it is failed");
    pass(w, 3600000);
    assert_int_equal(get_as(w, &somebody, ID_1), ST_NOT_FOUND);
}

static void test_cancel(void **state)
{
    struct world *w = *state;
    struct task_view view;
    start(w, "slow", NULL);
    w->puts_until_fault = 0;
    w->faults = 2;
    assert_int_equal(cancel(w, ID_1, &view), ST_OK);
    assert_int_equal(view.status, TASK_FAILED);
    assert_true(w->calls[0].cancelled);
}

static void test_question(void **state)
{
    struct world *w = *state;
    start(w, "ask", NULL);
    w->puts_until_fault = 0;
    w->faults = 1;
    finish(w, 0, CALL_INPUT_REQUIRED, "{\"requests\":{\"a\":{}}}");
    assert_int_equal(get(w, ID_1).status, TASK_FAILED);
    assert_text(get(w, ID_1).error, "the disk is full");
    assert_told(w, "01 failed\n");
}

/* Answers that could not be stored were not given; they can be given again. */
static void test_answers(void **state)
{
    struct world *w = *state;
    start(w, "ask", NULL);
    finish(w, 0, CALL_INPUT_REQUIRED, "{\"requests\":{\"a\":{},\"b\":{}},\"state\":1}");
    w->puts_until_fault = 0;
    w->faults = 2;
    assert_int_equal(answer(w, ID_1, "{\"a\":{}}"), ST_UNAVAILABLE);
    assert_int_equal(answer(w, ID_1, "{\"a\":{},\"b\":{}}"), ST_UNAVAILABLE);
    assert_text(get(w, ID_1).requests, "{\"a\":{},\"b\":{}}");
    assert_int_equal(get(w, ID_1).status, TASK_INPUT_REQUIRED);
    assert_int_equal(w->call_count, 1);
    assert_told(w, "01 input_required\n");
    assert_int_equal(answer(w, ID_1, "{\"a\":{},\"b\":{}}"), ST_OK);
    assert_string_equal(w->calls[1].answers, "{\"a\":{},\"b\":{}}");
    assert_string_equal(w->calls[1].state, "1");
}

static void test_stored_task_with_a_broken_id(void **state)
{
    struct world *w = *state;
    const struct task_store *store = task_store_memory_port(w->memory);
    struct task_record record = {.id = STR("short"), .order = 1, .status = TASK_COMPLETED};
    struct tasks *tasks = NULL;
    assert_int_equal(store->put(store->ctx, &record, &w->err), ST_OK);
    assert_int_equal(tasks_new(&w->parts, &tasks, &w->err), ST_INVALID);
    assert_string_equal(w->err.text, "the stored task \"short\" has no valid id");
    assert_null(tasks);
}

/* ---- memory ------------------------------------------------------------------------------ */

/* A task with two rounds. True if it got to its result. */
static bool live(struct world *w)
{
    struct task_view view;
    struct task_options options = {.ttl_ms = 1000, .client = STR("c")};
    struct call_request request = {
        .action = ACTION_CALL, .target = STR("ask"), .context = somebody};
    int rc = w->service->start(w->service->ctx, &request, &options, &view, &w->err);
    if (rc) {
        assert_int_equal(rc, ST_NOMEM);
        return false;
    }
    return true;
}

/* The fake parses; that it always has the memory for. */
static void finish_short(struct world *w, int call, enum call_end end, const char *json)
{
    bool on = memory.on;
    struct json_doc *doc;
    memory.on = false;
    assert_int_equal(json_parse(str_from(json), &doc, NULL), ST_OK);
    memory.on = on;
    w->calls[call].done = true;
    w->calls[call].request.observer->done(
        w->calls[call].request.user,
        &(struct call_outcome){.end = end, .result = json_root(doc)});
    memory.on = false;
    release(w, call);
    json_free(doc);
    memory.on = on;
}

static int answer_short(struct world *w, const char *json)
{
    bool on = memory.on;
    struct json_doc *doc;
    memory.on = false;
    assert_int_equal(json_parse(str_from(json), &doc, NULL), ST_OK);
    memory.on = on;
    int rc = w->service->answer(w->service->ctx, &somebody, STR(ID_1), json_root(doc), &w->err);
    json_free(doc);
    return rc;
}

/* The whole life with the n-th allocation refused. False if there are fewer. */
static bool live_without(size_t n)
{
    struct world *w;
    set_up((void **)&w);
    memory.on = true;
    memory.left = n;
    memory.failed = false;
    if (live(w)) {
        finish_short(w, 0, CALL_INPUT_REQUIRED,
                     "{\"requests\":{\"a\":{},\"7\\n\":{}},\"state\":1}");
        int rc = answer_short(w, "{\"a\":{},\"1.7\\n\":{}}");
        if (rc)
            assert_int_equal(rc, ST_NOMEM);
        if (rc) /* the client tries again */
            assert_int_equal(answer_short(w, "{\"a\":{},\"1.7\\n\":{}}"), ST_OK);
        if (w->call_count == 2)
            finish_short(w, 1, CALL_RESULT, "{\"content\":[]}");
        memory.on = false;
        struct task_view view = get(w, ID_1);
        assert_true(view.status == TASK_COMPLETED || view.status == TASK_FAILED);
        if (view.status == TASK_FAILED)
            assert_true(view.error_code == ST_NOMEM || view.error_code == ST_UNAVAILABLE);
        if (!memory.failed)
            assert_text(view.result, "{\"content\":[]}");
        pass(w, 1000);
    }
    memory.on = false;
    struct task_view view;
    assert_int_equal(w->service->next(w->service->ctx, &somebody, 0, &view, &w->err),
                     ST_NOT_FOUND);
    tear_down((void **)&w);
    return memory.failed;
}

static void test_want_of_memory(void **state)
{
    size_t n = 0;
    (void)state;
    while (live_without(n))
        n++;
    assert_true(n > 20);
}

/* One task that ends by its tool, one that is cancelled, one of no tool; all expire. */
static void live_and_expire(struct world *w)
{
    struct task_view view;
    w->call_count = 0;
    w->next_random = 0;
    start(w, "slow", "{\"n\":1}");
    finish(w, 0, CALL_INPUT_REQUIRED, "{\"requests\":{\"a\":{}}}");
    release(w, 0);
    assert_int_equal(answer(w, ID_1, "{\"a\":{}}"), ST_OK);
    finish(w, 1, CALL_RESULT, "{}");
    release(w, 1);
    start(w, "slow", "{}");
    assert_int_equal(cancel(w, ID_2, &view), ST_OK);
    release(w, 2);
    w->call_fails = ST_NOT_FOUND;
    assert_int_equal(start_with(w, &somebody, "nobody", "{}", &(struct task_options){0}, &view),
                     ST_NOT_FOUND);
    w->call_fails = 0;
    pass(w, 3600000);
    w->told[0] = '\0';
}

static void test_nothing_is_left(void **state)
{
    struct world *w = *state;
    live_and_expire(w);
    long live = memory.live;
    live_and_expire(w);
    assert_int_equal(memory.live, live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        CASE(test_start),
        CASE(test_result),
        CASE(test_result_and_failure),
        CASE(test_cancel),
        CASE(test_question),
        CASE(test_answers),
        CASE(test_stored_task_with_a_broken_id),
        CASE(test_nothing_is_left),
        cmocka_unit_test(test_want_of_memory),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
