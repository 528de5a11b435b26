/* Compiled twice: with assertions, and as await_ndebug without. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "hexmcp/await.h"
#include "hexmcp/test/fake_host.h"

struct wait {
    hexmcp_fake *fake;
    const hexmcp_host *host;
    uint64_t delay_ms;
    uint64_t timeout_ms;
    hexmcp_await *question;
    int32_t status;
    char *json;
    size_t len;
};

static const hexmcp_timer_1 *timer_of(const hexmcp_host *host)
{
    return host->get_interface(host->ctx, HEXMCP_TIMER_1);
}

static void *ask_timer(void *arg)
{
    struct wait *wait = arg;
    const hexmcp_timer_1 *timer = timer_of(wait->host);
    hexmcp_await *a = hexmcp_await_new(wait->host);
    int32_t asked = timer->after(timer->ctx, wait->delay_ms, hexmcp_await_reply, a);
    wait->status = hexmcp_await_wait(a, asked, wait->timeout_ms, &wait->json, &wait->len);
    return NULL;
}

static void *wait_for(void *arg)
{
    struct wait *wait = arg;
    wait->status = hexmcp_await_wait(wait->question, HEXMCP_OK, wait->timeout_ms, &wait->json,
                                     &wait->len);
    return NULL;
}

static void run(struct wait *wait, void *(*function)(void *))
{
    pthread_join(hexmcp_fake_worker(wait->fake, function, wait), NULL);
}

static void wait_until_asked(hexmcp_fake *fake)
{
    while (hexmcp_fake_timers(fake) == 0)
        sched_yield();
}

static void waits_for_the_reply(void **state)
{
    hexmcp_fake *fake = hexmcp_fake_new();
    struct wait wait = {.fake = fake, .host = hexmcp_fake_host(fake), .delay_ms = 50, .timeout_ms = 60000};
    pthread_t worker = hexmcp_fake_worker(fake, ask_timer, &wait);
    (void)state;
    wait_until_asked(fake);
    hexmcp_fake_advance(fake, 49);
    assert_int_equal(hexmcp_fake_timers(fake), 1);
    hexmcp_fake_advance(fake, 1);
    pthread_join(worker, NULL);
    assert_int_equal(wait.status, HEXMCP_OK);
    assert_string_equal(wait.json, "");
    assert_int_equal(wait.len, 0);
    free(wait.json);
    hexmcp_fake_free(fake);
}

static void a_reply_before_the_wait_is_kept(void **state)
{
    hexmcp_fake *fake = hexmcp_fake_new();
    struct wait wait = {.fake = fake, .host = hexmcp_fake_host(fake)};
    char source[] = "{\"a\":\0 1}";
    (void)state;
    wait.question = hexmcp_await_new(wait.host);
    hexmcp_await_reply(wait.question, HEXMCP_E_DENIED, (hexmcp_str){source, 9});
    memset(source, 'x', sizeof(source)); /* it was borrowed until return */
    run(&wait, wait_for);
    assert_int_equal(wait.status, HEXMCP_E_DENIED);
    assert_int_equal(wait.len, 9);
    assert_memory_equal(wait.json, "{\"a\":\0 1}", 10);
    free(wait.json);
    hexmcp_fake_free(fake);
}

static void a_late_reply_is_dropped(void **state)
{
    hexmcp_fake *fake = hexmcp_fake_new();
    struct wait wait = {.fake = fake, .host = hexmcp_fake_host(fake), .delay_ms = 10, .timeout_ms = 1};
    (void)state;
    run(&wait, ask_timer);
    assert_int_equal(wait.status, HEXMCP_E_TIMEOUT);
    assert_null(wait.json);
    hexmcp_fake_advance(fake, 10); /* frees the question: leak and address checks watch */
    assert_int_equal(hexmcp_fake_timers(fake), 0);
    hexmcp_fake_free(fake);
}

static void a_refused_question_ends_at_once(void **state)
{
    hexmcp_fake *fake = hexmcp_fake_new();
    struct wait wait = {.fake = fake, .host = hexmcp_fake_host(fake), .delay_ms = 86400001, .timeout_ms = 60000};
    (void)state;
    run(&wait, ask_timer);
    assert_int_equal(wait.status, HEXMCP_E_INVALID);
    assert_null(wait.json);
    hexmcp_fake_free(fake);
}

static void a_stopping_plugin_wakes_up(void **state)
{
    hexmcp_fake *fake = hexmcp_fake_new();
    struct wait wait = {.fake = fake, .host = hexmcp_fake_host(fake), .delay_ms = 5000, .timeout_ms = 60000};
    pthread_t worker = hexmcp_fake_worker(fake, ask_timer, &wait);
    (void)state;
    wait_until_asked(fake);
    hexmcp_fake_quiesce(fake);
    pthread_join(worker, NULL);
    assert_int_equal(wait.status, HEXMCP_E_CANCELLED);
    free(wait.json);
    hexmcp_fake_free(fake);
}

static void *reply_soon(void *arg)
{
    hexmcp_await_reply(arg, HEXMCP_OK, (hexmcp_str){"1", 1});
    return NULL;
}

static void reply_and_timeout_race_safely(void **state)
{
    hexmcp_fake *fake = hexmcp_fake_new();
    (void)state;
    for (int i = 0; i < 300; i++) {
        struct wait wait = {.fake = fake, .host = hexmcp_fake_host(fake), .timeout_ms = (uint64_t)(i % 2)};
        pthread_t replier, waiter;
        wait.question = hexmcp_await_new(wait.host);
        replier = hexmcp_fake_worker(fake, reply_soon, wait.question);
        waiter = hexmcp_fake_worker(fake, wait_for, &wait);
        pthread_join(replier, NULL);
        pthread_join(waiter, NULL);
        assert_true(wait.status == HEXMCP_OK || wait.status == HEXMCP_E_TIMEOUT);
        assert_true((wait.json != NULL) == (wait.status == HEXMCP_OK));
        free(wait.json);
    }
    hexmcp_fake_free(fake);
}

#ifdef NDEBUG
static void waiting_on_the_loop_is_refused(void **state)
{
    hexmcp_fake *fake = hexmcp_fake_new();
    struct wait wait = {.fake = fake, .host = hexmcp_fake_host(fake), .delay_ms = 10, .timeout_ms = 60000};
    (void)state;
    ask_timer(&wait); /* this thread is the loop */
    assert_int_equal(wait.status, HEXMCP_E_PROTOCOL);
    assert_null(wait.json);
    hexmcp_fake_advance(fake, 10);
    hexmcp_fake_free(fake);
}
#else
static void waiting_on_the_loop_is_refused(void **state)
{
    int status;
    pid_t child = fork();
    (void)state;
    if (child == 0) {
        hexmcp_fake *fake = hexmcp_fake_new();
        struct wait wait = {.fake = fake, .host = hexmcp_fake_host(fake), .delay_ms = 10, .timeout_ms = 60000};
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        signal(SIGABRT, SIG_DFL);
        fclose(stderr);
        ask_timer(&wait);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_for_the_reply),
        cmocka_unit_test(a_reply_before_the_wait_is_kept),
        cmocka_unit_test(a_late_reply_is_dropped),
        cmocka_unit_test(a_refused_question_ends_at_once),
        cmocka_unit_test(a_stopping_plugin_wakes_up),
        cmocka_unit_test(reply_and_timeout_race_safely),
        cmocka_unit_test(waiting_on_the_loop_is_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("await", tests, NULL, NULL);
}
