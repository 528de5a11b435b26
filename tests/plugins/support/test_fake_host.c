#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/plugins/support/fake_host.h"

#define S(text) ((hexmcp_str){text, sizeof(text) - 1})

static struct fake_host *fake;
static const hexmcp_host *host;

static int begin(void **state)
{
    (void)state;
    fake = fake_host_new();
    host = fake_host_table(fake);
    return 0;
}

static int end(void **state)
{
    (void)state;
    fake_host_free(fake);
    return 0;
}

static void close_call(hexmcp_call call, const char *json)
{
    hexmcp_error none = {sizeof(none), 0, ""};
    struct answer answer;
    fake_host_close(fake, call, HEXMCP_OK, &none, &answer);
    assert_string_equal(answer.json, json);
    answer_free(&answer);
}

static void keeps_the_first_completion_only(void **state)
{
    hexmcp_call call = fake_host_open(fake);
    (void)state;
    assert_int_equal(host->complete(host->ctx, call, HEXMCP_RESULT, S("{}")), HEXMCP_OK);
    close_call(call, "{}");
    assert_int_equal(host->complete(host->ctx, call, HEXMCP_RESULT, S("1")), HEXMCP_E_NOT_FOUND);
    assert_int_equal(host->complete(host->ctx, 0, HEXMCP_RESULT, S("1")), HEXMCP_E_NOT_FOUND);
}

static void tells_of_cancellation(void **state)
{
    const hexmcp_call_info_1 *info = host->get_interface(host->ctx, HEXMCP_CALL_1);
    hexmcp_call call = fake_host_open(fake);
    (void)state;
    assert_int_equal(info->cancelled(info->ctx, call), 0);
    assert_int_equal(info->remaining_ms(info->ctx, call), 30000);
    fake_host_cancel(fake, call);
    assert_int_equal(info->cancelled(info->ctx, call), 1);
    assert_int_equal(info->remaining_ms(info->ctx, call), 0);
    assert_int_equal(info->cancelled(info->ctx, 999), 1);
    host->complete(host->ctx, call, HEXMCP_CANCELLED, S(""));
    close_call(call, "");
}

static void counts_rising_progress(void **state)
{
    hexmcp_call call = fake_host_open(fake);
    (void)state;
    assert_int_equal(host->progress(host->ctx, call, 1, 3, S("one")), HEXMCP_OK);
    assert_int_equal(host->progress(host->ctx, call, 1, 3, S("again")), HEXMCP_OK);
    assert_int_equal(host->progress(host->ctx, call, 2, 3, S("")), HEXMCP_OK);
    assert_int_equal(fake_host_progress_count(fake), 2);
    host->complete(host->ctx, call, HEXMCP_RESULT, S("{}"));
    assert_int_equal(host->progress(host->ctx, call, 3, 3, S("")), HEXMCP_E_NOT_FOUND);
    close_call(call, "{}");
}

static void keeps_the_last_log_line(void **state)
{
    (void)state;
    assert_string_equal(fake_host_last_log(fake), "");
    host->log(host->ctx, 0, HEXMCP_LOG_WARNING, S("careful"));
    assert_string_equal(fake_host_last_log(fake), "3: careful");
}

static void *ask_where(void *arg)
{
    const hexmcp_thread_check_1 *check = host->get_interface(host->ctx, HEXMCP_THREAD_CHECK_1);
    int *where = arg;
    where[0] = check->is_loop(check->ctx);
    where[1] = check->is_worker(check->ctx);
    return NULL;
}

static void knows_its_threads(void **state)
{
    int where[2];
    (void)state;
    ask_where(where);
    assert_int_equal(where[0], 1);
    assert_int_equal(where[1], 0);
    pthread_join(fake_host_worker(ask_where, where), NULL);
    assert_int_equal(where[0], 0);
    assert_int_equal(where[1], 1);
}

static char order[8];

static void note(void *arg, int32_t status, hexmcp_str json)
{
    (void)json;
    assert_int_equal(status, HEXMCP_OK);
    strcat(order, arg);
}

static void answers_timers_in_order(void **state)
{
    const hexmcp_timer_1 *timer = host->get_interface(host->ctx, HEXMCP_TIMER_1);
    char a[] = "a", b[] = "b", c[] = "c";
    (void)state;
    order[0] = '\0';
    assert_int_equal(timer->after(timer->ctx, 20, note, c), HEXMCP_OK);
    assert_int_equal(timer->after(timer->ctx, 10, note, b), HEXMCP_OK);
    assert_int_equal(timer->after(timer->ctx, 0, note, a), HEXMCP_OK);
    assert_int_equal(timer->after(timer->ctx, 86400001, note, a), HEXMCP_E_INVALID);
    fake_host_advance(fake, 0);
    assert_string_equal(order, "a");
    fake_host_advance(fake, 20);
    assert_string_equal(order, "abc");
}

static void refuses_too_many_timers(void **state)
{
    const hexmcp_timer_1 *timer = host->get_interface(host->ctx, HEXMCP_TIMER_1);
    char nothing[] = "";
    (void)state;
    for (int i = 0; i < 1024; i++)
        assert_int_equal(timer->after(timer->ctx, 1, note, nothing), HEXMCP_OK);
    assert_int_equal(timer->after(timer->ctx, 1, note, nothing), HEXMCP_E_BUSY);
    fake_host_advance(fake, 1);
    assert_int_equal(fake_host_timer_count(fake), 0);
}

static void knows_no_other_interface(void **state)
{
    (void)state;
    assert_null(host->get_interface(host->ctx, "hexmcp.timer/2"));
    assert_null(host->get_interface(host->ctx, "hexmcp.timer/1 "));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(keeps_the_first_completion_only),
        TEST(tells_of_cancellation),
        TEST(counts_rising_progress),
        TEST(keeps_the_last_log_line),
        TEST(knows_its_threads),
        TEST(answers_timers_in_order),
        TEST(refuses_too_many_timers),
        TEST(knows_no_other_interface),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("fake-host", tests, NULL, NULL);
}
