#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/plugins/everything/opened.h"

#define GO "{\"go\":{\"action\":\"accept\",\"content\":{}}}"

static void works_in_steps(void **state)
{
    unsigned before = hexmcp_fake_notes(opened.fake, HEXMCP_FAKE_NOTE_PROGRESS);
    (void)state;
    assert_first(TOOL, "slow-task", "{}", HEXMCP_RESULT, TEXT_RESULT("done in 3 steps"));
    assert_int_equal(hexmcp_fake_notes(opened.fake, HEXMCP_FAKE_NOTE_PROGRESS) - before, 3);
}

static void asks_at_half(void **state)
{
    unsigned before = hexmcp_fake_notes(opened.fake, HEXMCP_FAKE_NOTE_PROGRESS);
    (void)state;
    assert_first(TOOL, "task-only", "{\"steps\":4}", HEXMCP_INPUT_REQUIRED,
                 JSON({"requests": {"go": {"method": "elicitation/create", "params": {
                     "message": "Half is done. Go on?",
                     "requestedSchema": {"type": "object", "properties": {}}}}},
                     "state": {"half": true}}));
    assert_int_equal(hexmcp_fake_notes(opened.fake, HEXMCP_FAKE_NOTE_PROGRESS) - before, 2);
    assert_next(TOOL, "task-only", "{\"steps\":4}", "{\"half\":true}", GO, HEXMCP_RESULT,
                TEXT_RESULT("done in 4 steps"));
    assert_int_equal(hexmcp_fake_notes(opened.fake, HEXMCP_FAKE_NOTE_PROGRESS) - before, 4);
    assert_next(TOOL, "task-only", "{\"steps\":4}", "{\"half\":true}",
                "{\"go\":{\"action\":\"decline\"}}", HEXMCP_RESULT, TEXT_RESULT("stopped at half"));
    assert_next(TOOL, "task-only", "{\"steps\":4}", "{\"half\":true}", "{}", HEXMCP_RESULT,
                TEXT_RESULT("stopped at half"));
}

struct work {
    hexmcp_call call;
    int32_t status;
    hexmcp_error err;
};

static void *slow_task(void *arg)
{
    struct work *work = arg;
    work->status =
        opened.tool->call(opened.tool->self, work->call, hexmcp_str_from("slow-task"),
                          hexmcp_str_from("{\"steps\":2,\"delayMs\":50}"), &work->err);
    return NULL;
}

static void wait_for_timer(void)
{
    const struct timespec moment = {0, 1000000};
    for (int i = 0; i < 10000 && hexmcp_fake_timers(opened.fake) == 0; i++)
        nanosleep(&moment, NULL);
    assert_int_equal(hexmcp_fake_timers(opened.fake), 1);
}

static void ends(struct work *work, pthread_t thread, uint32_t outcome, const char *json)
{
    hexmcp_fake_answer answer;
    pthread_join(thread, NULL);
    hexmcp_fake_close(opened.fake, work->call, work->status, &work->err, &answer);
    assert_int_equal(answer.outcome, outcome);
    assert_string_equal(answer.json, json);
    hexmcp_fake_answer_free(&answer);
}

/* 50 ms are slices of 20, 20 and 10. */
static void waits_in_slices(void **state)
{
    struct work work = {hexmcp_fake_open(opened.fake), 0, {.size = sizeof(hexmcp_error)}};
    pthread_t thread = hexmcp_fake_worker(opened.fake, slow_task, &work);
    static const uint64_t slices[] = {20, 20, 10, 20, 20, 10};
    (void)state;
    for (size_t i = 0; i < 6; i++) {
        wait_for_timer();
        hexmcp_fake_advance(opened.fake, slices[i]);
    }
    ends(&work, thread, HEXMCP_RESULT, TEXT_RESULT("done in 2 steps"));
}

static void stops_when_cancelled(void **state)
{
    struct work work = {hexmcp_fake_open(opened.fake), 0, {.size = sizeof(hexmcp_error)}};
    pthread_t thread = hexmcp_fake_worker(opened.fake, slow_task, &work);
    (void)state;
    wait_for_timer();
    hexmcp_fake_mark_cancelled(opened.fake, work.call);
    hexmcp_fake_advance(opened.fake, 20);
    ends(&work, thread, HEXMCP_CANCELLED, "{}");
}

static void is_interrupted_by_the_end(void **state)
{
    struct work work = {hexmcp_fake_open(opened.fake), 0, {.size = sizeof(hexmcp_error)}};
    pthread_t thread = hexmcp_fake_worker(opened.fake, slow_task, &work);
    (void)state;
    wait_for_timer();
    hexmcp_fake_quiesce(opened.fake);
    ends(&work, thread, HEXMCP_CANCELLED, "{}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(works_in_steps),
        cmocka_unit_test(asks_at_half),
        cmocka_unit_test(waits_in_slices),
        cmocka_unit_test(stops_when_cancelled),
        cmocka_unit_test(is_interrupted_by_the_end),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("everything_tasks", tests, open_everything,
                                       close_everything);
}
