/* What is special of plugins in helpers: how they end, and what they cannot do. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapters/driven/plugin_host/sandbox/sanitized.h"
#include "tests/adapters/plugin_host/fixture.h"

#define WILD "hexmcp.test.wild"
#define BAD "hexmcp.test.bad"
#define SAID(text) "{\"content\":[{\"type\":\"text\",\"text\":\"" text "\"}]}"

static struct fixture *opened(void **state, const char *id)
{
    struct fixture *f = *state;
    fixture_bundle(f, id);
    fixture_open(f);
    return f;
}

static void start(struct fixture *f, uint64_t call, const char *tool, const char *args)
{
    struct error err = {0};
    struct plugin_facts facts;
    uint32_t number = 0;
    while (plugin_host_at(f->host, number, &facts) && !str_eq(facts.id, STR(WILD)))
        number++;
    struct run_request request = {.call = call,
                                  .plugin = number,
                                  .name = str_from(tool),
                                  .arguments = str_from(args),
                                  .on_loop = tool[0] == 'd',
                                  .deadline_ns = (f->now_ms + 100000) * 1000000};
    int rc = f->runtime->run(f->runtime->ctx, &request, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, ST_OK);
}

/* The call ends with this line; nothing else is reported. */
static void ends(struct fixture *f, const char *line)
{
    char want[1200];
    fixture_wait(f, line);
    snprintf(want, sizeof(want), "%s\n", line);
    fixture_saw(f, want);
}

static void works(struct fixture *f, uint64_t call)
{
    char line[100];
    start(f, call, "do", "{\"what\":\"nothing\"}");
    snprintf(line, sizeof(line), "completed %d 0 " SAID("done"), (int)call);
    ends(f, line);
}

static size_t children(void)
{
    char path[64], line[4096] = "";
    snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
    FILE *file = fopen(path, "r");
    if (file && !fgets(line, sizeof(line), file))
        line[0] = '\0';
    if (file)
        fclose(file);
    size_t count = 0;
    for (const char *at = line; *at; at++)
        count += *at == ' ';
    return count;
}

static size_t descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    size_t count = 0;
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

/* ---- ends ----------------------------------------------------------------------------------- */

static void each_signal_is_told(void **state)
{
    static const struct {
        int signal;
        const char *name;
    } cases[] = {{SIGSEGV, "segmentation fault"}, {SIGABRT, "aborted"},
                 {SIGBUS, "bus error"},           {SIGFPE, "floating point exception"},
                 {SIGILL, "illegal instruction"}, {SIGTERM, "terminated"},
                 {SIGUSR1, "user defined signal 1"}};
    struct fixture *f = *state;
    f->isolation.crash_limit = 0;
    opened(state, WILD);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char args[80], line[400];
        uint64_t call = 2 * i + 1;
        snprintf(args, sizeof(args), "{\"what\":\"signal\",\"n\":%d}", cases[i].signal);
        start(f, call, "do", args);
        snprintf(line, sizeof(line),
                 "failed %d -10 plugin " WILD " crashed with signal %d (%s) while this call ran; its "
                 "last words: the end is near",
                 (int)call, cases[i].signal, cases[i].name);
        ends(f, line);
        assert_int_equal(fixture_plugin(f, WILD).state, PLUGIN_VERIFIED);
        fixture_advance(f, 400000); /* no backoff, as the crash is long ago */
        works(f, call + 1);
    }
}

/* The sandbox is tested without sanitizers: their runtime blocks signals and looks for leaks by other
 * processes, which the filter of system calls refuses. */
static bool left_out(void)
{
    if (SANITIZED)
        print_message("# left out: the sandbox does not go with a sanitizer\n");
    return SANITIZED;
}

static void an_exit_is_told(void **state)
{
    if (left_out())
        return;
    struct fixture *f = opened(state, WILD);
    start(f, 1, "work", "{\"what\":\"exit\",\"n\":3}");
    ends(f, "failed 1 -10 plugin " WILD " ended its process with exit code 3 while this call ran; its "
            "last words: the end is near");
    start(f, 2, "do", "{\"what\":\"abort\"}");
    ends(f, "failed 2 -10 plugin " WILD " crashed with signal 6 (aborted) while this call ran; its last "
            "words: the end is near");
}

static void a_kill_from_outside_fails_only_its_calls(void **state)
{
    struct fixture *f = *state;
    fixture_bundle(f, BAD);
    opened(state, WILD);
    works(f, 1);
    start(f, 2, "do", "{\"what\":\"pid\"}");
    fixture_wait_for(f, "completed 2 ");
    int pid = atoi(strstr(f->seen.data, "\"text\":\"") + 8);
    buffer_clear(&f->seen);
    struct error err;
    assert_int_equal(fixture_run(f, 3, BAD, "good", "{}", true, &err), ST_OK);
    fixture_wait_for(f, "completed 3 ");
    buffer_clear(&f->seen);
    start(f, 4, "do", "{\"what\":\"hang\"}");
    kill(pid, SIGKILL);
    ends(f, "failed 4 -10 plugin " WILD " was killed (signal 9), by somebody or because the machine has "
            "no memory left while this call ran");
    assert_int_equal(fixture_plugin(f, BAD).state, PLUGIN_ACTIVE);
    works(f, 5);
}

static void three_crashes_are_enough(void **state)
{
    struct fixture *f = opened(state, WILD);
    struct error err;
    for (uint64_t call = 1; call <= 3; call++) {
        start(f, call, "do", "{\"what\":\"abort\"}");
        if (call == 3) { /* waits a second after the second crash */
            fixture_saw(f, "");
            assert_int_equal(fixture_plugin(f, WILD).state, PLUGIN_STARTING);
            fixture_advance(f, 1000);
        }
        char begin[32];
        snprintf(begin, sizeof(begin), "failed %d -10 ", (int)call);
        fixture_wait_for(f, begin);
        buffer_clear(&f->seen);
    }
    struct plugin_facts facts = fixture_plugin(f, WILD);
    assert_int_equal(facts.state, PLUGIN_QUARANTINED);
    assert_int_equal(fixture_run(f, 4, WILD, "do", "{}", true, &err), ST_UNAVAILABLE);
    assert_string_equal(err.text,
                        "plugin " WILD " is quarantined: its helper ended 3 times within 300 s, the "
                        "last time it crashed with signal 6 (aborted); restart hexmcp to use it again");
    assert_int_equal(children(), 0);
}

static void a_hang_is_found(void **state)
{
    struct fixture *f = opened(state, WILD);
    works(f, 1);
    start(f, 2, "do", "{\"what\":\"hang\"}");
    fixture_advance(f, 4000);
    fixture_advance(f, 1000); /* asks */
    fixture_advance(f, 9000);
    fixture_saw(f, "");
    fixture_advance(f, 1000);
    ends(f, "failed 2 -10 plugin " WILD " did not answer for 10000 ms and was ended while this call "
            "ran");
    works(f, 3);
}

static void a_worker_that_is_busy_is_no_hang(void **state)
{
    struct fixture *f = opened(state, WILD);
    works(f, 1);
    start(f, 2, "work", "{\"what\":\"sleep\",\"n\":300}");
    for (int i = 0; i < 40; i++) {
        fixture_advance(f, 1000);
        fixture_hear(f, 5);
    }
    ends(f, "completed 2 0 " SAID("done"));
}

static void a_plugin_that_hangs_at_its_start(void **state)
{
    struct fixture *f = *state;
    f->isolation.helper = "/bin/cat"; /* which reads what is nothing, and ends */
    opened(state, WILD);
    start(f, 1, "do", "{}");
    ends(f, "failed 1 -10 plugin " WILD " ended its process with exit code 0 while it started");
    f->isolation.helper = "/nowhere/hexmcp-plugin-host";
    start(f, 2, "do", "{}");
    fixture_advance(f, 1);
    ends(f, "failed 2 -10 plugin " WILD " cannot start its helper /nowhere/hexmcp-plugin-host: No such "
            "file or directory while it started");
}

static void who_breaks_the_wire_is_killed(void **state)
{
    struct fixture *f = opened(state, WILD);
    start(f, 1, "do", "{\"what\":\"garbage\"}");
    ends(f, "failed 1 -10 plugin " WILD " broke the wire: a message of 31 bytes has no header that fits "
            "while this call ran");
    start(f, 2, "work", "{\"what\":\"close\"}");
    fixture_wait_for(f, "failed 2 -10 plugin " WILD " "); /* it cannot go on without */
    buffer_clear(&f->seen);
    fixture_advance(f, 1000);
    works(f, 3);
}

#define BURNT(call) \
    "failed " #call " -10 plugin " WILD " used more than 1 s of processor time for a call, which is " \
    "what \"cpuSeconds\" grants, and was ended while this call ran"

static void too_much_processor_time(void **state)
{
    struct fixture *f = opened(state, WILD);
    works(f, 1);
    start(f, 2, "work", "{\"what\":\"burn\",\"n\":200}");
    ends(f, "completed 2 0 " SAID("burnt"));
}

static void grants_a_second(void *ctx, const struct plugin_facts *facts, struct plugin_verdict *verdict)
{
    (void)ctx;
    (void)facts;
    buffer_add_str(&verdict->grants, STR("{\"cpuSeconds\":1}"));
    verdict->decision = PLUGIN_UNDECIDED;
}

/* What a caller asks for is no fault of the plugin: it is not quarantined, and goes on at once. */
static void too_much_processor_time_is_no_crash(void **state)
{
    struct fixture *f = *state;
    f->isolation.crash_limit = 2;
    f->config.judge = grants_a_second;
    opened(state, WILD);
    for (uint64_t call = 1; call <= 3; call++) {
        char begin[32];
        snprintf(begin, sizeof(begin), "failed %d -10 ", (int)call);
        start(f, call, "work", "{\"what\":\"burn\",\"n\":60000}");
        while (!fixture_count(f, begin)) {
            fixture_hear(f, 50);
            fixture_advance(f, 250);
        }
        ends(f, call == 1 ? BURNT(1) : call == 2 ? BURNT(2) : BURNT(3));
    }
    works(f, 4);
    assert_int_equal(fixture_plugin(f, WILD).state, PLUGIN_ACTIVE);
}

/* ---- what is said --------------------------------------------------------------------------- */

static void lines_go_to_the_log(void **state)
{
    struct fixture *f = opened(state, WILD);
    start(f, 1, "do", "{\"what\":\"print\",\"n\":150}");
    ends(f, "completed 1 0 " SAID("printed"));
    assert_true(fixture_logged(f, "1 " WILD ": line 0"));
    assert_true(fixture_logged(f, "1 " WILD ": line 99"));
    fixture_advance(f, 1000);
    start(f, 2, "do", "{\"what\":\"print\",\"n\":1}");
    ends(f, "completed 2 0 " SAID("printed"));
    assert_true(fixture_logged(f, "3 " WILD ": 50 lines that it wrote were dropped: more than 100 in a "
                                  "second"));
}

static void large_results(void **state)
{
    static const size_t sizes[] = {1, 65536, 73000, 74000, 1 << 20, 20 << 20};
    struct fixture *f = opened(state, WILD);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char args[80], begin[40];
        uint64_t call = i + 1;
        snprintf(args, sizeof(args), "{\"what\":\"echo\",\"n\":%zu}", sizes[i]);
        start(f, call, "work", args);
        snprintf(begin, sizeof(begin), "completed %d 0 ", (int)call);
        fixture_wait_for(f, begin);
        assert_int_equal(f->seen.len, strlen(begin) + strlen(SAID("")) + sizes[i] + 1);
        buffer_clear(&f->seen);
    }
}

static void many_calls_at_once(void **state)
{
    enum { CALLS = 10000 };
    struct fixture *f = opened(state, WILD);
    char *args[10];
    for (int i = 0; i < 10; i++)
        assert_true(asprintf(&args[i], "{\"what\":\"echo\",\"n\":%d}", i + 1) > 0);
    for (uint64_t call = 1; call <= CALLS; call++)
        start(f, call, call % 4 ? "do" : "work", args[call % 10]);
    size_t ended = 0;
    while (ended < CALLS) {
        assert_true(fixture_turn(f));
        ended = fixture_count(f, "completed ");
    }
    buffer_add_char(&f->seen, '\0');
    uint64_t sum = 0;
    for (char *at = f->seen.data; (at = strstr(at, "completed ")); at++) {
        uint64_t call = strtoull(at + 10, NULL, 10);
        size_t len = strcspn(strstr(at, "\"text\":\"") + 8, "\"");
        assert_int_equal(len, call % 10 + 1);
        sum += call;
    }
    assert_int_equal(sum, (uint64_t)CALLS * (CALLS + 1) / 2);
    for (int i = 0; i < 10; i++)
        free(args[i]);
}

static void cancelled_and_given_up(void **state)
{
    struct fixture *f = opened(state, WILD);
    /* before it is started, while it runs, and when it is over */
    start(f, 1, "work", "{\"what\":\"sleep\",\"n\":1}");
    f->runtime->cancel(f->runtime->ctx, 1);
    ends(f, "completed 1 3 ");
    start(f, 2, "work", "{\"what\":\"sleep\",\"n\":1}");
    f->runtime->abandon(f->runtime->ctx, 2);
    fixture_saw(f, "released 2\n");
    works(f, 3);
    for (uint64_t call = 4; call < 204; call++) {
        start(f, call, "work", "{\"what\":\"sleep\",\"n\":1}");
        if (call % 2)
            f->runtime->cancel(f->runtime->ctx, call);
        else
            f->runtime->abandon(f->runtime->ctx, call);
    }
    while (fixture_count(f, "completed") < 100)
        assert_true(fixture_turn(f));
    assert_int_equal(fixture_count(f, "released"), 100);
    assert_int_equal(fixture_count(f, ""), 200);
    buffer_clear(&f->seen);
    works(f, 300);
}

static void a_helper_with_lost_workers_is_replaced(void **state)
{
    struct fixture *f = *state;
    f->config.max_lost = 2;
    f->config.grace_ms = 20;
    opened(state, WILD);
    works(f, 1);
    for (uint64_t call = 2; call <= 3; call++) {
        start(f, call, "work", "{\"what\":\"hang\"}");
        fixture_hear(f, 50);
        f->runtime->abandon(f->runtime->ctx, call);
    }
    fixture_saw(f, "released 2\nreleased 3\n");
    fixture_hear(f, 200);
    assert_int_equal(fixture_plugin(f, WILD).lost_workers, 2);
    assert_int_equal(fixture_plugin(f, WILD).state, PLUGIN_VERIFIED);
    works(f, 4);
    fixture_advance(f, 2000); /* it does not end by itself, as its workers hang */
    fixture_hear(f, 100);
    assert_int_equal(children(), 1);
}

/* ---- what is left --------------------------------------------------------------------------- */

static void nothing_is_left(void **state)
{
    struct fixture *f = *state;
    size_t before = descriptors();
    f->isolation.idle_ms = 1000;
    opened(state, WILD);
    works(f, 1);
    assert_int_equal(children(), 1);
    fixture_advance(f, 999);
    assert_int_equal(fixture_plugin(f, WILD).state, PLUGIN_ACTIVE);
    fixture_advance(f, 1);
    assert_int_equal(fixture_plugin(f, WILD).state, PLUGIN_VERIFIED);
    works(f, 2);
    start(f, 3, "do", "{\"what\":\"abort\"}");
    fixture_wait_for(f, "failed 3 ");
    buffer_clear(&f->seen);
    works(f, 4);
    fixture_close(f);
    fixture_hear(f, 10);
    assert_int_equal(children(), 0);
    assert_int_equal(descriptors(), before);
}

/* ---- what it cannot reach ------------------------------------------------------------------- */

static void it_reaches_nothing(void **state)
{
    struct fixture *f = *state;
    bool isolated = f->config.isolation != NULL;
    if (isolated && left_out())
        return;
    opened(state, WILD);
    setenv("HEXMCP_TEST_SECRET", "seen", 1);
    char args[400], line[400];
    static const char *const cases[][2] = {{"read", "Permission denied"},
                                           {"write", "Permission denied"},
                                           {"socket", "Operation not permitted"},
                                           {"program", "Operation not permitted"}};
    for (size_t i = 0; i < 4; i++) {
        const char *path = i == 1 ? fixture_path(f, "written") : "/etc/passwd";
        snprintf(args, sizeof(args), "{\"what\":\"%s\",\"path\":\"%s\"}", cases[i][0], path);
        start(f, i + 1, "work", args);
        snprintf(line, sizeof(line), "completed %d 0 " SAID("%s"), (int)i + 1,
                 isolated ? cases[i][1] : "it worked");
        ends(f, line);
    }
    start(f, 9, "work", "{\"what\":\"variable\",\"path\":\"HEXMCP_TEST_SECRET\"}");
    ends(f, isolated ? "completed 9 0 " SAID("not set") : "completed 9 0 " SAID("seen"));
    if (isolated) {
        assert_true(fixture_logged(f, "3 " WILD ": tried to open a network socket, which its grants do not "
                                      "allow"));
        assert_true(fixture_logged(f, "3 " WILD ": tried to start a process, which its grants do not "
                                      "allow"));
    }
    unsetenv("HEXMCP_TEST_SECRET");
}

/* The control: in this process nothing holds it. */
static void in_this_process_it_reaches_all(void **state)
{
    struct fixture *f = *state;
    f->config.isolation = NULL;
    it_reaches_nothing(state);
}

#define T(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(each_signal_is_told),
        T(an_exit_is_told),
        T(a_kill_from_outside_fails_only_its_calls),
        T(three_crashes_are_enough),
        T(a_hang_is_found),
        T(a_worker_that_is_busy_is_no_hang),
        T(a_plugin_that_hangs_at_its_start),
        T(who_breaks_the_wire_is_killed),
        T(too_much_processor_time),
        T(too_much_processor_time_is_no_crash),
        T(lines_go_to_the_log),
        T(large_results),
        T(many_calls_at_once),
        T(cancelled_and_given_up),
        T(a_helper_with_lost_workers_is_replaced),
        T(nothing_is_left),
        T(it_reaches_nothing),
        T(in_this_process_it_reaches_all),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
