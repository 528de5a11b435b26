#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "hexmcp/abi.h"
#include "tests/adapters/plugin_host/fixture.h"

#define BAD "hexmcp.test.bad"
#define GOOD "{\"content\":[{\"type\":\"text\",\"text\":\"ok\"}]}"
#define BREACH "-12 plugin hexmcp.test.bad broke its contract: "

static struct fixture *opened(void **state, const char *id)
{
    struct fixture *f = *state;
    fixture_bundle(f, id);
    fixture_open(f);
    return f;
}

static void run(struct fixture *f, uint64_t call, const char *id, const char *tool,
                const char *args, bool on_loop)
{
    struct error err = {0};
    int rc = fixture_run(f, call, id, tool, args, on_loop, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, ST_OK);
}

/* Runs the tool on a worker and waits for `line`, which must be the only report. */
static void run_on_worker(struct fixture *f, uint64_t call, const char *tool, const char *line)
{
    char want[1024];
    run(f, call, BAD, tool, "{}", false);
    fixture_wait(f, line);
    snprintf(want, sizeof(want), "%s\n", line);
    fixture_saw(f, want);
}

static void an_inline_call_ends_before_run_returns(void **state)
{
    struct fixture *f = opened(state, BAD);
    assert_int_equal(fixture_plugin(f, BAD).state, PLUGIN_VERIFIED);
    run(f, 1, BAD, "good", "{}", true);
    fixture_saw(f, "completed 1 0 " GOOD "\n");
    assert_int_equal(fixture_plugin(f, BAD).state, PLUGIN_ACTIVE);
}

static void threads_are_what_the_request_says(void **state)
{
    struct fixture *f = opened(state, BAD);
    run(f, 1, BAD, "where", "{}", true);
    fixture_saw(f, "completed 1 0 {\"structuredContent\":{\"loop\":1,\"worker\":0}}\n");
    run_on_worker(f, 2, "where",
                  "completed 2 0 {\"structuredContent\":{\"loop\":0,\"worker\":1}}");
}

static void answers_pass_unchecked(void **state)
{
    struct fixture *f = opened(state, BAD);
    run_on_worker(f, 1, "broken-json", "completed 1 0 {\"content\":[}");
    run_on_worker(f, 2, "complete-and-pending", "completed 2 0 " GOOD);
    run_on_worker(f, 3, "wrong-id", "completed 3 0 " GOOD);
    assert_true(fixture_logged(f, "3 " BAD ": completed call 1000003, which is not running: "
                                  "completed before, or given up"));
}

static void errors_of_a_plugin_are_passed_on(void **state)
{
    struct fixture *f = opened(state, BAD);
    run_on_worker(f, 1, "fail", "failed 1 -6 no grant for that");
    run_on_worker(f, 2, "no-text", "failed 2 -9 the plugin gave no reason");
    run_on_worker(f, 3, "unheard-of", "failed 3 -4 no such tool");
}

static void breaches_are_told(void **state)
{
    struct fixture *f = opened(state, BAD);
    run_on_worker(f, 1, "nothing",
                  "failed 1 " BREACH "tool \"nothing\" returned HEXMCP_OK without completing the "
                  "call");
    run_on_worker(f, 2, "complete-and-fail",
                  "failed 2 " BREACH "tool \"complete-and-fail\" returned the error -3 after it "
                  "completed the call");
    run_on_worker(f, 3, "endless-text",
                  "failed 3 " BREACH "its error text is longer than 479 bytes");
    run_on_worker(f, 4, "status",
                  "failed 4 " BREACH "tool \"status\" returned the unknown status 7");
    run_on_worker(f, 5, "outcome",
                  "failed 5 " BREACH "tool \"outcome\" completed the call with the unknown outcome "
                  "9");
    run_on_worker(f, 6, "huge",
                  "failed 6 " BREACH "tool \"huge\" gave a result of 67108865 bytes; the limit is "
                  "64 MiB");
    /* and the plugin goes on */
    run_on_worker(f, 7, "good", "completed 7 0 " GOOD);
}

static void the_second_complete_is_told_apart(void **state)
{
    struct fixture *f = opened(state, BAD);
    run_on_worker(f, 1, "twice", "completed 1 0 " GOOD);
    assert_true(fixture_logged(f, "3 " BAD ": completed call 1, which is not running: completed "
                                  "before, or given up"));
}

static void logs_and_progress_come_before_the_end(void **state)
{
    struct fixture *f = opened(state, BAD);
    run(f, 1, BAD, "log", "{}", true);
    const char *want = "log 1 3 hexmcp.test.bad: a warning\nprogress 1 1/2 half\n"
                       "completed 1 0 " GOOD "\n";
    fixture_saw(f, want);
    run(f, 2, BAD, "log", "{}", false);
    fixture_wait(f, "completed 2 0 " GOOD);
    fixture_saw(f, "log 2 3 hexmcp.test.bad: a warning\nprogress 2 1/2 half\n"
                   "completed 2 0 " GOOD "\n");
    assert_true(fixture_logged(f, "3 " BAD ": a warning"));
}

static void a_late_complete_meets_no_call(void **state)
{
    struct fixture *f = opened(state, BAD);
    run(f, 1, BAD, "late", "{}", true);
    fixture_saw(f, "");
    f->runtime->abandon(f->runtime->ctx, 1);
    fixture_saw(f, "released 1\n");
    run(f, 2, BAD, "late", "{}", true); /* completes call 1 first */
    fixture_saw(f, "completed 2 0 {\"structuredContent\":{\"late\":true}}\n");
    assert_true(fixture_logged(f, "3 " BAD ": completed call 1, which is not running: completed "
                                  "before, or given up"));
}

static void an_async_tool_takes_its_steps(void **state)
{
    if (fixture_passes(*state, "its timers are those of the helper, see test_helpers.c"))
        return;
    struct fixture *f = opened(state, "hexmcp.test.slow");
    run(f, 1, "hexmcp.test.slow", "slow_async", "{\"steps\":2,\"delay_ms\":100}", true);
    fixture_saw(f, "");
    fixture_advance(f, 99);
    fixture_saw(f, "");
    /* the timer was asked for through the inbox: it started when the call returned */
    fixture_advance(f, 1);
    fixture_wait(f, "progress 1 1/2 step 1 of 2");
    fixture_advance(f, 100);
    fixture_wait(f, "completed 1 0 {\"content\":[{\"type\":\"text\",\"text\":\"2 steps\"}],"
                    "\"structuredContent\":{\"steps\":2}}");
}

static void cancelling_reaches_the_plugin(void **state)
{
    if (fixture_passes(*state, "its timers are those of the helper, see test_helpers.c"))
        return;
    struct fixture *f = opened(state, "hexmcp.test.slow");
    run(f, 1, "hexmcp.test.slow", "slow", "{\"steps\":100000,\"delay_ms\":1}", false);
    fixture_wait_for(f, "progress 1 ");
    f->runtime->cancel(f->runtime->ctx, 1);
    f->runtime->cancel(f->runtime->ctx, 1);
    f->runtime->cancel(f->runtime->ctx, 4711);
    fixture_wait_for(f, "completed 1 3 ");
    buffer_clear(&f->seen);
    run(f, 2, "hexmcp.test.slow", "slow_async", "{\"steps\":5,\"delay_ms\":10}", true);
    f->runtime->cancel(f->runtime->ctx, 2);
    fixture_advance(f, 10);
    fixture_wait(f, "completed 2 3 {\"content\":[{\"type\":\"text\",\"text\":\"0 steps\"}],"
                    "\"structuredContent\":{\"steps\":0}}");
}

/* Four calls that do not come back: three lost workers, then quarantine. */
static void hanging_calls_lead_to_quarantine(void **state)
{
    if (fixture_passes(*state, "a helper with lost workers is replaced, see test_helpers.c"))
        return;
    struct fixture *f = *state;
    char args[600];
    struct error err;
    fixture_bundle(f, BAD);
    fixture_open(f);
    snprintf(args, sizeof(args), "{\"until\":\"%s\"}", fixture_path(f, "go"));
    for (uint64_t call = 1; call <= 3; call++) {
        run(f, call, BAD, "hang", args, false);
        fixture_wait_for(f, "progress"); /* it is inside */
        buffer_clear(&f->seen);
        f->runtime->abandon(f->runtime->ctx, call);
        fixture_saw(f, "");
        fixture_advance(f, 1999);
        assert_int_equal(f->lost, call - 1);
        fixture_advance(f, 1);
        assert_int_equal(f->lost, call);
    }
    assert_true(fixture_logged(f, "3 " BAD ": tool \"hang\" does not return from call 2; its "
                                  "worker is lost (2 so far)"));
    struct plugin_facts facts = fixture_plugin(f, BAD);
    assert_int_equal(facts.state, PLUGIN_QUARANTINED);
    assert_int_equal(facts.lost_workers, 3);
    assert_int_equal(fixture_run(f, 9, BAD, "good", "{}", true, &err), ST_UNAVAILABLE);
    assert_string_equal(err.text,
                        "plugin hexmcp.test.bad is quarantined: 3 of its calls did not return "
                        "within 2000 ms after they were given up; restart hexmcp to use it again");
    /* Its threads are inside, so it is left alone. */
    assert_int_equal(plugin_host_stop(f->host, 50), 1);
    assert_true(fixture_logged(f, "3 " BAD ": left as it is: a call has not returned"));
    fixture_write(f, "go", "");
    fixture_wait(f, "released 1");
    fixture_wait(f, "released 2");
    fixture_wait(f, "released 3");
}

static void a_call_that_returns_in_the_grace_is_not_lost(void **state)
{
    struct fixture *f = *state;
    char args[600];
    fixture_bundle(f, BAD);
    fixture_open(f);
    snprintf(args, sizeof(args), "{\"until\":\"%s\"}", fixture_path(f, "go"));
    run(f, 1, BAD, "hang", args, false);
    fixture_wait_for(f, "progress 1 "); /* it is inside */
    buffer_clear(&f->seen);
    f->runtime->abandon(f->runtime->ctx, 1);
    fixture_write(f, "go", "");
    fixture_wait(f, "released 1");
    fixture_advance(f, 10000);
    assert_int_equal(f->lost, 0);
    fixture_saw(f, "released 1\n");
}

static void a_busy_executor_is_told(void **state)
{
    if (fixture_passes(*state, "its workers are those of the helper"))
        return;
    struct fixture *f = opened(state, BAD);
    struct error err;
    f->busy = true;
    assert_int_equal(fixture_run(f, 1, BAD, "good", "{}", false, &err), ST_BUSY);
    assert_string_equal(err.text, "the queue is full");
    f->busy = false;
    run_on_worker(f, 1, "good", "completed 1 0 " GOOD);
}

static void cannot_load(void **state, const char *id, const char *reason)
{
    struct fixture *f = opened(state, id);
    struct error err;
    char text[600];
    snprintf(text, sizeof(text), "plugin %s cannot be used: %s", id, reason);
    /* the second time without trying again */
    for (int i = 0; i < 2; i++) {
        assert_int_equal(fixture_run(f, 1, id, "good", "{}", true, &err), ST_UNAVAILABLE);
        assert_string_equal(err.text, text);
    }
    assert_int_equal(fixture_plugin(f, id).state, PLUGIN_FAILED);
    snprintf(text, sizeof(text), "4 %s: cannot be used: %s", id, reason);
    assert_true(fixture_logged(f, text));
}

static void a_failing_create(void **state)
{
    cannot_load(state, BAD "-create", "create failed: the weather is bad");
}

static void a_library_with_an_undefined_symbol(void **state)
{
    cannot_load(state, BAD "-undefined",
                "plugin.so cannot be loaded: undefined symbol: hexmcp_test_is_nowhere");
}

static void a_failing_init(void **state)
{
    cannot_load(state, BAD "-init", "init failed: \"port\" is missing");
    assert_true(fixture_logged(*state, "0 " BAD "-init: destroyed"));
}

static void a_file_that_changed_is_not_loaded(void **state)
{
    struct fixture *f = opened(state, BAD);
    struct error err;
    fixture_write(f, BAD "/plugin.so", "something else");
    assert_int_equal(fixture_run(f, 1, BAD, "good", "{}", true, &err), ST_UNAVAILABLE);
    assert_string_equal(err.text, "plugin hexmcp.test.bad cannot be used: plugin.so has changed since "
                                  "hexmcp started; restart it");
}

static struct str some_settings(void *ctx, struct str id)
{
    (void)ctx;
    return str_eq(id, STR(BAD)) ? STR("{\"a\":1}") : STR("");
}

static int check_settings(void *ctx, struct str schema, struct str settings, struct buffer *filled,
                          struct error *err)
{
    bool *bad = ctx;
    assert_true(str_eq(schema, STR("{\"type\":\"object\",\"additionalProperties\":false}")));
    assert_true(str_eq(settings, STR("{\"a\":1}")));
    if (*bad)
        return error_set(err, ST_CONFIG, "/a: not allowed");
    buffer_add_str(filled, STR("{\"a\":1,\"b\":2}"));
    return ST_OK;
}

static void settings_are_checked_and_completed(void **state)
{
    struct fixture *f = *state;
    struct error err;
    bool bad = false;
    f->config.settings = some_settings;
    f->config.checks.ctx = &bad;
    f->config.checks.check_settings = check_settings;
    opened(state, BAD);
    run(f, 1, BAD, "good", "{}", true);
    assert_true(fixture_logged(f, "0 " BAD ": {\"a\":1,\"b\":2}"));
    fixture_close(f);
    bad = true;
    fixture_open(f);
    assert_int_equal(fixture_run(f, 1, BAD, "good", "{}", true, &err), ST_UNAVAILABLE);
    assert_string_equal(err.text, "plugin hexmcp.test.bad cannot be used: its settings do not fit: "
                                  "/a: not allowed");
}

static void stopping_ends_what_runs(void **state)
{
    if (fixture_passes(*state, "what is given up is not waited for"))
        return;
    struct fixture *f = opened(state, "hexmcp.test.slow");
    fixture_bundle(f, BAD);
    fixture_close(f);
    fixture_open(f);
    run(f, 1, BAD, "good", "{}", true);
    run(f, 2, "hexmcp.test.slow", "slow_async", "{\"steps\":5,\"delay_ms\":10}", true);
    fixture_saw(f, "completed 1 0 " GOOD "\n");
    assert_int_equal(plugin_host_stop(f->host, 2000), 0);
    /* its timer was answered with CANCELLED, upon which it completed the call */
    fixture_saw(f, "completed 2 3 {\"content\":[{\"type\":\"text\",\"text\":\"0 steps\"}],"
                   "\"structuredContent\":{\"steps\":0}}\n");
    assert_true(fixture_logged(f, "0 " BAD ": destroyed"));
    assert_int_equal(fixture_plugin(f, BAD).state, PLUGIN_RETIRED);
    struct error err;
    assert_int_equal(fixture_run(f, 3, BAD, "good", "{}", true, &err), ST_UNAVAILABLE);
    assert_string_equal(err.text, "plugin hexmcp.test.bad is retired: it takes no calls");
}

static void a_plugin_that_hangs_in_stop_is_left(void **state)
{
    if (fixture_passes(*state, "its helper is killed, see test_helpers.c"))
        return;
    struct fixture *f = opened(state, BAD "-stop");
    run(f, 1, BAD "-stop", "good", "{}", true);
    assert_int_equal(plugin_host_stop(f->host, 50), 1);
    assert_true(fixture_logged(f, "3 " BAD "-stop: left as it is: it does not stop in time"));
    f->host = NULL; /* its thread is in there for ever */
}

/* Many calls of both kinds at once, some cancelled, some given up: for the thread sanitizer. */
static void many_calls_at_once(void **state)
{
    struct fixture *f = opened(state, "hexmcp.test.slow");
    for (uint64_t call = 1; call <= 48; call++) {
        run(f, call, "hexmcp.test.slow", "slow", "{\"steps\":5,\"delay_ms\":1}", false);
        if (call % 3 == 0)
            f->runtime->cancel(f->runtime->ctx, call);
        if (call % 4 == 0)
            f->runtime->abandon(f->runtime->ctx, call);
    }
    while (fixture_count(f, "completed") + fixture_count(f, "released") < 48)
        assert_true(fixture_turn(f));
    assert_int_equal(fixture_count(f, "released"), 12);
}

static void a_tool_that_takes_no_answers(void **state)
{
    struct fixture *f = opened(state, BAD);
    struct error err;
    struct run_request request = {
        .call = 1,
        .name = STR_INIT("good"),
        .arguments = STR_INIT("{}"),
        .resume = true,
        .state = STR_INIT("null"),
        .answers = STR_INIT("{}"),
        .on_loop = true,
    };
    assert_int_equal(f->runtime->run(f->runtime->ctx, &request, &err), ST_OK);
    fixture_saw(f, "failed 1 -5 the plugin takes no answers\n");
    request.plugin = 7;
    assert_int_equal(f->runtime->run(f->runtime->ctx, &request, &err), ST_NOT_FOUND);
    assert_string_equal(err.text, "there is no plugin number 7");
}

/* A constructor runs with dlopen: it must not run before the first call, whatever is asked about
 * the plugin before. It writes to descriptor 1, which is a file here. */
static void nothing_of_a_plugin_runs_before_its_first_call(void **state)
{
    if (fixture_passes(*state, "nothing of it runs here at all"))
        return;
    struct fixture *f = *state;
    fixture_bundle(f, BAD "-constructor");
    fflush(stdout);
    int kept = dup(1), file = open(fixture_path(f, "out"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    dup2(file, 1);
    fixture_open(f);
    struct plugin_facts facts = fixture_plugin(f, BAD "-constructor");
    fflush(stdout);
    off_t before = lseek(file, 0, SEEK_END);
    run(f, 1, BAD "-constructor", "good", "{}", true);
    fflush(stdout);
    off_t after = lseek(file, 0, SEEK_END);
    dup2(kept, 1);
    close(kept);
    close(file);
    assert_int_equal(facts.state, PLUGIN_VERIFIED);
    assert_int_equal(before, 0);
    assert_int_equal(after, strlen("hello from a constructor\n"));
}

#define T(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(an_inline_call_ends_before_run_returns),
        T(threads_are_what_the_request_says),
        T(answers_pass_unchecked),
        T(errors_of_a_plugin_are_passed_on),
        T(breaches_are_told),
        T(the_second_complete_is_told_apart),
        T(logs_and_progress_come_before_the_end),
        T(a_late_complete_meets_no_call),
        T(an_async_tool_takes_its_steps),
        T(cancelling_reaches_the_plugin),
        T(hanging_calls_lead_to_quarantine),
        T(a_call_that_returns_in_the_grace_is_not_lost),
        T(a_busy_executor_is_told),
        T(a_failing_create),
        T(a_library_with_an_undefined_symbol),
        T(a_failing_init),
        T(a_file_that_changed_is_not_loaded),
        T(settings_are_checked_and_completed),
        T(stopping_ends_what_runs),
        T(a_plugin_that_hangs_in_stop_is_left),
        T(many_calls_at_once),
        T(a_tool_that_takes_no_answers),
        T(nothing_of_a_plugin_runs_before_its_first_call),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
