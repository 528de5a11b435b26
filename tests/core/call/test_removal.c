/* Items that come and go while calls of them run and wait; calls that end while others end. */
#include <string.h>

#include "tests/core/call/fixture.h"

#define GOOD "{\"content\":[]}"
#define ANY "{\"inputSchema\":{\"type\":\"object\"}}"

static int set_up(void **state)
{
    set_up_empty(state);
    publish(*state, item_of(ITEM_TOOL, "t", ANY));
    publish(*state, item_of(ITEM_TOOL, "other", ANY));
    return 0;
}

static void ends_well(struct world *w, struct record *r)
{
    complete(w, r->id, GOOD);
    assert_int_equal(r->done, 1);
    assert_int_equal(r->end, CALL_RESULT);
    assert_int_equal(r->released, 1);
}

static void test_running_and_waiting_calls_go_on(void **state)
{
    struct world *w = *state;
    struct record r[4], late;
    for (int i = 0; i < 4; i++)
        start(w, &r[i], "t", "{}");
    assert_int_equal(w->run_count, 2);
    withdraw(w, ITEM_TOOL, "t");
    assert_int_equal(start(w, &late, "t", "{}"), ST_NOT_FOUND);
    ends_well(w, &r[0]);
    assert_int_equal(w->run_count, 3);
    expect_text(w->runs[2].name, "t");
    for (int i = 1; i < 4; i++)
        ends_well(w, &r[i]);
    assert_int_equal(w->run_count, 4);
    assert_int_equal(dispatcher_live(w->dispatcher), 0);
}

static void test_slots_of_the_plugin_go_on_to_others(void **state)
{
    struct world *w = *state;
    struct record r[4];
    start(w, &r[0], "t", "{}");
    start(w, &r[1], "t", "{}");
    start(w, &r[2], "other", "{}");
    start(w, &r[3], "other", "{}");
    assert_int_equal(w->run_count, 3);
    withdraw(w, ITEM_TOOL, "t");
    ends_well(w, &r[0]);
    assert_int_equal(w->run_count, 4);
    assert_int_equal(w->runs[3].call, r[3].id);
    for (int i = 1; i < 4; i++)
        ends_well(w, &r[i]);
}

static void test_an_item_that_comes_back_has_slots_of_its_own(void **state)
{
    struct world *w = *state;
    struct record r[3];
    start(w, &r[0], "t", "{}");
    start(w, &r[1], "t", "{}");
    withdraw(w, ITEM_TOOL, "t");
    publish(w, item_of(ITEM_TOOL, "t", ANY));
    start(w, &r[2], "t", "{}");
    assert_int_equal(w->run_count, 3);
    for (int i = 0; i < 3; i++)
        ends_well(w, &r[i]);
}

static void test_waiting_calls_are_cancelled(void **state)
{
    struct world *w = *state;
    struct record r[4];
    for (int i = 0; i < 4; i++)
        start(w, &r[i], "t", "{}");
    withdraw(w, ITEM_TOOL, "t");
    w->service->cancel(w->service->ctx, r[3].id);
    w->service->cancel(w->service->ctx, r[2].id);
    assert_int_equal(r[2].end, CALL_CANCELLED);
    assert_int_equal(r[3].released, 1);
    ends_well(w, &r[0]);
    ends_well(w, &r[1]);
    assert_int_equal(w->run_count, 2);
    assert_int_equal(dispatcher_live(w->dispatcher), 0);
}

static void test_a_hanging_call_outlives_its_item(void **state)
{
    struct world *w = *state;
    struct record r[3];
    for (int i = 0; i < 3; i++)
        start(w, &r[i], "t", "{}");
    withdraw(w, ITEM_TOOL, "t");
    w->now_ns += 1000 * (uint64_t)MS;
    w->timer.fire(w->timer.arg);
    for (int i = 0; i < 3; i++)
        assert_int_equal(r[i].end, CALL_TOOL_ERROR);
    assert_int_equal(dispatcher_live(w->dispatcher), 2);
    w->events->released(w->events->ctx, w->runs[0].call);
    w->events->released(w->events->ctx, w->runs[1].call);
    assert_int_equal(dispatcher_live(w->dispatcher), 0);
    assert_int_equal(r[0].released + r[1].released + r[2].released, 3);
}

static void test_a_large_result_is_checked_when_the_item_is_gone(void **state)
{
    struct world *w = *state;
    struct record r;
    char *text = large_object();
    memcpy(text, "{\"content\":[]", 13);
    start(w, &r, "t", "{}");
    complete(w, r.id, text);
    free(text);
    withdraw(w, ITEM_TOOL, "t");
    run_jobs(w);
    assert_int_equal(r.end, CALL_RESULT);
}

static void test_the_dispatcher_goes_before_calls_of_removed_items(void **state)
{
    struct world *w = *state;
    struct record r[3];
    for (int i = 0; i < 3; i++)
        start(w, &r[i], "t", "{}");
    withdraw(w, ITEM_TOOL, "t");
    dispatcher_free(w->dispatcher);
    w->dispatcher = NULL;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(r[i].done + r[i].released, 0);
        json_free(r[i].doc);
    }
}

static void test_a_tool_that_is_published_later(void **state)
{
    struct world *w = *state;
    struct record r;
    assert_int_equal(start(w, &r, "late", "{}"), ST_NOT_FOUND);
    publish(w, item_of(ITEM_TOOL, "late", ANY));
    assert_int_equal(start(w, &r, "late", "{}"), ST_OK);
    ends_well(w, &r);
}

static void withdraw_it(struct record *r)
{
    withdraw(r->world, ITEM_TOOL, "t");
}

static void test_the_item_goes_while_its_call_ends(void **state)
{
    struct world *w = *state;
    struct record r = {.at_done = withdraw_it};
    struct error err;
    start_call(w, &r, (struct wanted){.target = "t"}, &err);
    ends_well(w, &r);
}

static void cancel_other(struct record *r)
{
    r->world->service->cancel(r->world->service->ctx, r->other->id);
}

/* The other's slot is free at once, and the one that is being reported waited for it. */
static void test_a_waiting_call_that_ends_does_not_run(void **state)
{
    struct world *w = *state;
    struct record first, second, waiting = {.at_done = cancel_other, .other = &first};
    struct error err;
    w->release_on_abandon = true;
    start(w, &first, "t", "{}");
    start(w, &second, "t", "{}");
    start_call(w, &waiting, (struct wanted){.target = "t"}, &err);
    assert_int_equal(w->run_count, 2);
    w->service->cancel(w->service->ctx, waiting.id);
    assert_int_equal(waiting.done, 1);
    assert_int_equal(waiting.end, CALL_CANCELLED);
    assert_int_equal(first.end, CALL_CANCELLED);
    assert_int_equal(w->run_count, 2);
    ends_well(w, &second);
    assert_int_equal(dispatcher_live(w->dispatcher), 0);
}

static void test_a_tool_for_others_is_not_there(void **state)
{
    static const struct caller alice = {.id = STR_INIT("alice"), .tenant = STR_INIT("local")};
    struct world *w = *state;
    struct item item = item_of(ITEM_TOOL, "hers", ANY);
    struct record r = {0};
    struct error err;
    item.callers = STR("[\"alice\"]");
    publish(w, item);
    assert_int_equal(start_call(w, &r, (struct wanted){.target = "hers"}, &err), ST_NOT_FOUND);
    assert_string_equal(err.text, "there is no tool \"hers\"");
    assert_int_equal(start_call(w, &r, (struct wanted){.target = "hers", .caller = &alice}, &err),
                     ST_OK);
    ends_well(w, &r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_running_and_waiting_calls_go_on),
        TEST(test_slots_of_the_plugin_go_on_to_others),
        TEST(test_an_item_that_comes_back_has_slots_of_its_own),
        TEST(test_waiting_calls_are_cancelled),
        TEST(test_a_hanging_call_outlives_its_item),
        TEST(test_a_large_result_is_checked_when_the_item_is_gone),
        TEST(test_the_dispatcher_goes_before_calls_of_removed_items),
        TEST(test_a_tool_that_is_published_later),
        TEST(test_the_item_goes_while_its_call_ends),
        TEST(test_a_waiting_call_that_ends_does_not_run),
        TEST(test_a_tool_for_others_is_not_there),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
