/* Tasks in a store that other processes share, and that waits: who is told of what, and when. */
#include "tests/core/task/fixture.h"

#include "adapters/driven/task_store_values/task_store_values.h"
#include "core/base/error.h"
#include "core/json/json.h"
#include "tests/core/fakes/fake_key_value_store.h"

static struct fake_kv kv;
static struct task_store_values *stores[2];
static struct tasks *other; /* the service of the second process */
static const struct task_service *others;
static uint8_t seed;
static int told_count, told_code;

static struct timer *create(void *ctx, void (*fire)(void *), void *arg)
{
    struct timer *timer = calloc(1, sizeof(*timer));
    (void)ctx;
    *timer = (struct timer){.fire = fire, .arg = arg};
    return timer;
}

static void set(void *ctx, struct timer *timer, uint64_t delay_ms)
{
    (void)ctx;
    timer->delay_ms = delay_ms;
}

static void free_timer(void *ctx, struct timer *timer)
{
    (void)ctx;
    free(timer);
}

static int fill(void *ctx, void *out, size_t len, struct error *err)
{
    (void)ctx;
    (void)err;
    memset(out, ++seed, len);
    return ST_OK;
}

static const struct timer_port timers = {.create = create, .set = set, .free = free_timer};
static const struct random_port random_bytes = {NULL, fill};

static const struct task_store *open_store(struct world *w, int i)
{
    const struct task_store_values_config config = {&kv.port, w->parts.clock, &timers, &random_bytes};
    assert_int_equal(task_store_values_new(&config, &stores[i], NULL), ST_OK);
    return task_store_values_port(stores[i]);
}

static int set_up_shared(void **state)
{
    set_up(state);
    struct world *w = *state;
    fake_kv_init(&kv);
    kv.now_ms = START_MS;
    w->parts.store = open_store(w, 0);
    restart(w);
    struct task_parts parts = w->parts;
    parts.store = open_store(w, 1);
    assert_int_equal(tasks_new(&parts, &other, NULL), ST_OK);
    others = tasks_service(other);
    return 0;
}

static int tear_down_shared(void **state)
{
    struct world *w = *state;
    tasks_free(other);
    tasks_free(w->tasks);
    w->tasks = NULL;
    task_store_values_free(stores[0]);
    task_store_values_free(stores[1]);
    fake_kv_clear(&kv);
    return tear_down(state);
}

static void told(void *arg, const struct error *err)
{
    (void)arg;
    told_count++;
    told_code = err ? err->code : ST_OK;
}

static uint64_t ready(const struct task_service *service, const char *id)
{
    uint64_t ticket = 0;
    told_count = 0;
    service->ready(service->ctx, somebody.caller, str_from(id), told, NULL, &ticket);
    return ticket;
}

static struct task_view look(const struct task_service *service, const char *id)
{
    struct task_view view;
    struct error err;
    assert_int_equal(service->get(service->ctx, &somebody, str_from(id), &view, &err), ST_OK);
    return view;
}

static void test_told_when_stored(void **state)
{
    struct world *w = *state;
    kv.hold = true;
    struct task_view view = start(w, "dig", NULL);
    assert_text(view.id, ID_1);
    assert_true(ready(w->service, ID_1) > 0);
    fake_kv_release(&kv);
    assert_int_equal(told_count, 1);
    assert_told(w, "");
    finish(w, 0, CALL_RESULT, "{\"content\":[]}");
    assert_told(w, ""); /* not before it is stored */
    fake_kv_release(&kv);
    assert_told(w, "01 completed\n");
    assert_int_equal(ready(w->service, ID_1), 0);
    assert_int_equal(told_count, 1);
}

static void test_seen_by_another_process(void **state)
{
    struct world *w = *state;
    struct error err;
    struct task_view view;
    struct json_doc *answers;
    start(w, "dig", NULL);
    assert_int_equal(others->get(others->ctx, &somebody, STR(ID_1), &view, &err), ST_NOT_FOUND);
    ready(others, ID_1);
    assert_int_equal(look(others, ID_1).status, TASK_WORKING);
    assert_int_equal(others->get(others->ctx, &stranger, STR(ID_1), &view, &err), ST_NOT_FOUND);
    assert_int_equal(others->cancel(others->ctx, &somebody, STR(ID_1), &view, &err), ST_UNAVAILABLE);
    assert_string_equal(err.text, "the task \"" ID_1 "\" runs in another process; cancel it there");
    assert_int_equal(json_parse(STR("{}"), &answers, NULL), ST_OK);
    assert_int_equal(others->answer(others->ctx, &somebody, STR(ID_1), json_root(answers), &err),
                     ST_UNAVAILABLE);
    assert_string_equal(err.text, "the task \"" ID_1 "\" runs in another process; answer it there");
    json_free(answers);
    finish(w, 0, CALL_RESULT, "{\"content\":[7]}");
    ready(others, "");
    assert_text(look(others, ID_1).result, "{\"content\":[7]}");
}

/* The process is gone without a word; half a minute later everybody knows. */
static void test_outlives_a_killed_process(void **state)
{
    struct world *w = *state;
    start(w, "dig", NULL);
    start(w, "drill", NULL);
    finish(w, 1, CALL_RESULT, "{\"content\":[7]}");
    ready(others, "");
    assert_text(look(others, ID_2).result, "{\"content\":[7]}");
    assert_int_equal(look(others, ID_1).status, TASK_WORKING);
    kv.now_ms += 31000;
    ready(others, ID_1);
    assert_int_equal(look(others, ID_1).status, TASK_FAILED);
    assert_int_equal(look(others, ID_1).error_code, ST_UNAVAILABLE);
    assert_text(look(others, ID_1).message, "the server was restarted before the task had ended");
    assert_non_null(strstr(fake_kv_value(&kv, STR("tasks"), STR("task/" ID_1)).ptr, "\"status\":3"));
    assert_told(w, "02 completed\n");
}

static void test_store_that_fails(void **state)
{
    struct world *w = *state;
    kv.fail_after = 0;
    start(w, "dig", NULL);
    kv.fail_after = 0;
    ready(w->service, ID_1);
    assert_int_equal(told_count, 1);
    assert_int_equal(told_code, ST_UNAVAILABLE);
    kv.fail_after = 0;
    ready(others, ID_1);
    assert_int_equal(told_code, ST_UNAVAILABLE);
}

static void test_forgotten(void **state)
{
    struct world *w = *state;
    kv.hold = true;
    start(w, "dig", NULL);
    uint64_t ticket = ready(w->service, ID_1);
    w->service->forget(w->service->ctx, ticket + 1);
    w->service->forget(w->service->ctx, ticket);
    ready(w->service, ID_1);
    ready(others, "");
    tasks_free(other);
    other = NULL;
    tasks_free(w->tasks); /* with one that waits */
    w->tasks = NULL;
    kv.hold = false;
    fake_kv_release(&kv);
    assert_int_equal(told_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_told_when_stored, set_up_shared, tear_down_shared),
        cmocka_unit_test_setup_teardown(test_seen_by_another_process, set_up_shared, tear_down_shared),
        cmocka_unit_test_setup_teardown(test_outlives_a_killed_process, set_up_shared,
                                        tear_down_shared),
        cmocka_unit_test_setup_teardown(test_store_that_fails, set_up_shared, tear_down_shared),
        cmocka_unit_test_setup_teardown(test_forgotten, set_up_shared, tear_down_shared),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
