/* When tasks go: not before their time, whatever the clocks do. */
#include "tests/core/task/fixture.h"

static uint64_t start_for(struct world *w, uint64_t ttl_ms)
{
    struct task_view view;
    struct task_options options = {.ttl_ms = ttl_ms};
    assert_int_equal(start_with(w, &somebody, "slow", NULL, &options, &view), ST_OK);
    return view.ttl_ms;
}

static bool exists(struct world *w, const char *id)
{
    return get_as(w, &somebody, id) == ST_OK;
}

static void test_ttl(void **state)
{
    struct world *w = *state;
    assert_int_equal(start_for(w, 0), 3600000);
    assert_int_equal(start_for(w, 1), 1);
    assert_int_equal(start_for(w, 86400000), 86400000);
    assert_int_equal(start_for(w, 86400001), 86400000);
    assert_int_equal(start_for(w, UINT64_MAX), 86400000);
}

static void test_no_limits(void **state)
{
    struct world *w = *state;
    w->parts.limits.max_ttl_ms = 0;
    w->parts.limits.default_ttl_ms = 0;
    restart(w);
    assert_int_equal(start_for(w, 0), 0);
    assert_false(task_timer(w)->set);
    assert_true(start_for(w, UINT64_MAX) == UINT64_MAX);
    assert_false(task_timer(w)->set);
    assert_int_equal(start_for(w, 500), 500);
    assert_int_equal(task_timer(w)->delay_ms, 500);
    w->parts.limits.max_ttl_ms = 700;
    restart(w);
    assert_int_equal(start_for(w, 0), 700);
}

static void test_never_early(void **state)
{
    struct world *w = *state;
    start_for(w, 1000);
    finish(w, 0, CALL_RESULT, "{}");
    assert_int_equal(task_timer(w)->delay_ms, 1000);
    pass(w, 999);
    assert_true(exists(w, ID_1));
    /* the timer comes too soon */
    w->now_ns += NS_PER_MS - 1;
    task_timer(w)->fire(task_timer(w)->arg);
    assert_true(exists(w, ID_1));
    assert_true(task_timer(w)->set);
    assert_int_equal(task_timer(w)->delay_ms, 1);
    w->now_ns++;
    task_timer(w)->fire(task_timer(w)->arg);
    assert_false(exists(w, ID_1));
    assert_false(task_timer(w)->set);
    assert_told(w, "01 completed\n");
}

/* How long a task is kept is a duration: setting the clock plays no part. */
static void test_wall_clock_plays_no_part(void **state)
{
    struct world *w = *state;
    start_for(w, 1000);
    w->wall_ms += 1000000;
    task_timer(w)->fire(task_timer(w)->arg);
    assert_true(exists(w, ID_1));
    w->wall_ms -= 2000000;
    pass(w, 1000);
    assert_false(exists(w, ID_1));
}

static void test_running_tasks_are_cancelled(void **state)
{
    struct world *w = *state;
    w->done_late = true;
    start_for(w, 10);
    start_for(w, 10);
    finish(w, 1, CALL_INPUT_REQUIRED, "{\"requests\":{\"a\":{}}}");
    w->told[0] = '\0';
    pass(w, 10);
    assert_told(w, "01 cancelled\n02 cancelled\n");
    assert_true(w->calls[0].cancelled);
    assert_false(exists(w, ID_1));
    assert_false(exists(w, ID_2));
    finish(w, 0, CALL_RESULT, "{}");
    release(w, 0);
    assert_told(w, "");
}

static void test_one_timer_for_all(void **state)
{
    struct world *w = *state;
    start_for(w, 300);
    start_for(w, 100);
    assert_int_equal(task_timer(w)->delay_ms, 100);
    start_for(w, 200);
    assert_int_equal(task_timer(w)->delay_ms, 100);
    pass(w, 100);
    assert_true(exists(w, ID_1));
    assert_false(exists(w, ID_2));
    assert_int_equal(task_timer(w)->delay_ms, 100);
    pass(w, 100);
    assert_false(exists(w, ID_3));
    assert_int_equal(task_timer(w)->delay_ms, 100);
    pass(w, 100);
    assert_false(exists(w, ID_1));
    assert_false(task_timer(w)->set);
}

static void test_room_after_expiry(void **state)
{
    struct world *w = *state;
    struct task_view view;
    w->parts.limits.per_owner = 1;
    restart(w);
    start_for(w, 10);
    uint64_t order = get(w, ID_1).order;
    assert_int_equal(
        start_with(w, &somebody, "slow", NULL, &(struct task_options){0}, &view), ST_BUSY);
    pass(w, 10);
    start_for(w, 10);
    /* the place of a task that is gone is still a place in the list */
    assert_int_equal(w->service->next(w->service->ctx, &somebody, order, &view, &w->err), ST_OK);
    assert_text(view.id, ID_2);
}

static void test_restart(void **state)
{
    struct world *w = *state;
    start_for(w, 1000);
    start_for(w, 400);
    start_for(w, 5000);
    w->wall_ms += 600;
    restart(w);
    assert_int_equal(task_timer(w)->delay_ms, 0);
    pass(w, 0);
    assert_true(exists(w, ID_1));
    assert_false(exists(w, ID_2));
    assert_int_equal(task_timer(w)->delay_ms, 400);
    pass(w, 400);
    assert_false(exists(w, ID_1));
    /* a clock that went back before the restart does not make it longer than it was */
    w->wall_ms = START_MS - 1000000;
    restart(w);
    assert_int_equal(task_timer(w)->delay_ms, 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        CASE(test_ttl),
        CASE(test_no_limits),
        CASE(test_never_early),
        CASE(test_wall_clock_plays_no_part),
        CASE(test_running_tasks_are_cancelled),
        CASE(test_one_timer_for_all),
        CASE(test_room_after_expiry),
        CASE(test_restart),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
