/*
 * The services of the host as a plugin meets them: a real plugin, the real adapters, and between them the
 * host, in this process or with a helper.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include "adapters/driven/clock/clock.h"
#include "adapters/driven/events/events.h"
#include "adapters/driven/kv/kv.h"
#include "adapters/driven/loop/loop.h"
#include "adapters/driven/plugin_host/host.h"
#include "adapters/driven/plugin_metrics/plugin_metrics.h"
#include "adapters/driven/process/process.h"
#include "adapters/driven/secret_store/secret_store.h"
#include "tests/adapters/plugin_host/fixture.h"

#define USER "hexmcp.test.service-user"
#define SOURCES                                                                                    \
    "{\"example-token\":{\"env\":\"TEST_TOKEN\"},\"shown-token\":{\"env\":\"TEST_TOKEN\"}}"

static struct events *events;
static struct kv *kv;
static struct plugin_metrics *metrics;
static struct processes *processes;
static struct secret_store *secrets;
static struct secret_service *secret_service;
static const struct service_port *ports[5];
static uint64_t calls;

static const struct str programs[] = {STR_INIT("cat"), STR_INIT("sleep"), STR_INIT("env")};
static const struct str variables[] = {STR_INIT("TEST_VARIABLE")};
static const struct str secret_names[] = {STR_INIT("example-token"), STR_INIT("shown-token")};
static const struct str shown[] = {STR_INIT("shown-token")};
static const struct plugin_grants grants = {
    .programs = programs,
    .program_count = 3,
    .env = variables,
    .env_count = 1,
    .secrets = secret_names,
    .secret_count = 2,
    .revealed = shown,
    .revealed_count = 1,
};
static const struct plugin_grants no_grants;

static void open_services(struct fixture *f)
{
    const struct timer_port *timers = loop_timers(f->uv);
    const struct kv_config kv_config = {.modules = getenv("TEST_MODULES"),
                                        .folder = f->dir,
                                        .max_bytes = 1 << 20,
                                        .max_keys = 100,
                                        .executor = loop_own_executor(f->uv),
                                        .timers = timers,
                                        .clock = system_clock_port()};
    const struct processes_config process_config = {.loop = loop_uv(f->uv),
                                                    .timers = timers,
                                                    .clock = &f->clock,
                                                    .executor = loop_own_executor(f->uv),
                                                    .temporary = f->dir};
    setenv("TEST_TOKEN", "the value of the token", 1);
    assert_int_equal(events_new(timers, &events, NULL), ST_OK);
    assert_int_equal(kv_new(&kv_config, &kv, NULL), ST_OK);
    assert_int_equal(plugin_metrics_new(timers, &f->log, &metrics, NULL), ST_OK);
    assert_int_equal(processes_new(&process_config, &processes, NULL), ST_OK);
    assert_int_equal(secret_store_new(STR(SOURCES), &secrets, NULL), ST_OK);
    assert_int_equal(secret_service_new(secret_store_port(secrets), timers, &secret_service, NULL),
                     ST_OK);
    ports[0] = events_port(events);
    ports[1] = kv_port(kv);
    ports[2] = plugin_metrics_port(metrics);
    ports[3] = processes_port(processes);
    ports[4] = secret_service_port(secret_service);
    f->config.timer = timers;
    f->config.services = ports;
    f->config.service_count = 5;
    f->config.log = secret_store_log(secrets, &f->log);
}

static int set_up(void **state)
{
    if (fixture_setup(state))
        return 1;
    struct fixture *f = *state;
    if (!f->uv) /* the services need a loop, also where plugins do not */
        assert_int_equal(loop_new(1, &f->uv, NULL), ST_OK);
    open_services(f);
    fixture_bundle(f, USER);
    fixture_open(f);
    f->runtime = secret_store_runtime(secrets, plugin_host_runtime(f->host));
    f->runtime->attach(f->runtime->ctx, &f->events);
    f->host->plugins[0]->grants = &grants;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    fixture_close(f);
    while (processes_running(processes))
        loop_turn(f->uv);
    loop_end_workers(f->uv);
    secret_service_free(secret_service);
    secret_store_free(secrets);
    processes_free(processes);
    plugin_metrics_free(metrics);
    kv_free(kv);
    events_free(events);
    int rc = fixture_teardown(state);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
    return rc;
}

static bool has_ended(struct fixture *f)
{
    char completed[40], failed[40];
    snprintf(completed, sizeof(completed), "completed %d ", (int)calls);
    snprintf(failed, sizeof(failed), "failed %d ", (int)calls);
    return fixture_count(f, completed) || fixture_count(f, failed);
}

static void wait_for_end(struct fixture *f)
{
    while (!has_ended(f))
        if (!fixture_turn(f))
            fail_msg("call %d does not end", (int)calls);
}

/* Calls the tool, and waits for exactly this line, CALL being the number of the call. */
static void gives(struct fixture *f, const char *tool, const char *args, const char *expected)
{
    char line[1200];
    struct error err = {0};
    int rc = fixture_run(f, ++calls, USER, tool, args, true, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(rc, ST_OK);
    wait_for_end(f);
    const char *rest = strstr(expected, "CALL") + 4;
    snprintf(line, sizeof(line), "%.*s%d%s%s\n", (int)(rest - 4 - expected), expected, (int)calls,
             rest, expected[0] == 'c' ? "}" : "");
    fixture_saw(f, line);
}

#define OK "completed CALL 0 {\"content\":[],\"structuredContent\":"

static void test_kv(void **state)
{
    struct fixture *f = *state;
    gives(f, "set", "{\"key\":\"a/1\",\"value\":\"one\"}",
          OK "{\"status\":0,\"json\":{\"done\":true,\"version\":1}}");
    gives(f, "get", "{\"key\":\"a/1\"}",
          OK "{\"status\":0,\"json\":{\"version\":1},\"text\":\"one\"}");
    gives(f, "set", "{\"key\":\"a/1\",\"value\":\"two\",\"flags\":1,\"version\":7}",
          OK "{\"status\":0,\"json\":{\"done\":false,\"version\":1}}");
    gives(f, "set", "{\"key\":\"a/1\",\"value\":\"two\",\"flags\":2}",
          "failed CALL -3 it was not taken");
    gives(f, "list", "{\"key\":\"a/\",\"limit\":10}",
          OK "{\"status\":0,\"json\":{\"keys\":[{\"key\":\"a/1\",\"bytes\":3,\"version\":1}],"
             "\"more\":false}}");
    gives(f, "list", "{\"limit\":0}",
          OK "{\"status\":-3,\"json\":{\"message\":\"a list may have 1 to 1000 keys\"}}");
    gives(f, "remove", "{\"key\":\"a/1\"}",
          OK "{\"status\":0,\"json\":{\"done\":true,\"version\":0}}");
    gives(f, "get", "{\"key\":\"a/1\"}",
          OK "{\"status\":-4,\"json\":{\"message\":\"there is no key \\\"a/1\\\"\"}}");
}

/* The times of an end differ; they are cut out. */
static void runs(struct fixture *f, const char *args, const char *expected)
{
    struct error err = {0};
    char begin[400];
    assert_int_equal(fixture_run(f, ++calls, USER, "run", args, true, &err), ST_OK);
    snprintf(begin, sizeof(begin), "completed %d 0 {\"content\":[],\"structuredContent\":{\"status\":0,\"json\":{\"end\":{%s,"
             "\"cpuMs\":",
             (int)calls, expected);
    wait_for_end(f);
    fixture_wait_for(f, begin);
}

static void shows(struct fixture *f, const char *end)
{
    buffer_add_char(&f->seen, '\0');
    if (!strstr(f->seen.data, end))
        fail_msg("%s is not in %s", end, f->seen.data);
    buffer_clear(&f->seen);
}

static void test_process(void **state)
{
    struct fixture *f = *state;
    static const char pieces[] =
        "{\"request\":{\"program\":\"cat\",\"stdin\":\"stream\"},\"pieces\":300,\"pauses\":%d,"
        "\"piece\":\"%0*d\"}";
    char *args = malloc(3000);
    runs(f, "{\"request\":{\"program\":\"cat\",\"stdin\":\"bytes\"},\"input\":\"a\\nb\"}",
         "\"exitCode\":0,\"timedOut\":false,\"truncated\":false");
    shows(f, "\"out\":3,\"err\":0,\"room\":0},\"text\":\"a\\nb\"}");
    for (int pauses = 0; pauses < 2; pauses++) {
        snprintf(args, 3000, pieces, pauses, 2000, 0);
        runs(f, args, "\"exitCode\":0,\"timedOut\":false,\"truncated\":false");
        shows(f, "\"out\":600000,\"err\":0,\"room\":600000}");
    }
    free(args);
    runs(f, "{\"request\":{\"program\":\"sleep\",\"arguments\":[\"600\"]},\"signal\":15}",
         "\"signal\":\"TERM\",\"timedOut\":false,\"truncated\":false");
    shows(f, "\"out\":0");
    gives(f, "run", "{\"request\":{\"program\":\"sleep\",\"arguments\":[\"600\"]},\"cancel\":1}",
          OK "{\"status\":-7,\"json\":{\"end\":{\"message\":\"the plugin ended the request\"},"
             "\"out\":0,\"err\":0,\"room\":0}}");
    gives(f, "run", "{\"request\":{\"program\":\"sh\"}}",
          OK "{\"status\":-6,\"json\":{\"end\":{\"message\":\"the plugin was not granted the program "
             "sh; name it in \\\"grants\\\": {\\\"programs\\\": [...]} of plugin.json, and in "
             "\\\"grants.programs\\\" of the configuration\"},\"out\":0,"
             "\"err\":0,\"room\":0}}");
}

/* With the call the program ends. */
static void test_process_ends_with_its_call(void **state)
{
    struct fixture *f = *state;
    struct error err = {0};
    assert_int_equal(fixture_run(f, ++calls, USER, "run",
                                 "{\"request\":{\"program\":\"sleep\",\"arguments\":[\"600\"]}}", false,
                                 &err),
                     ST_OK);
    while (processes_running(processes) == 0)
        fixture_turn(f);
    f->runtime->abandon(f->runtime->ctx, calls);
    while (processes_running(processes))
        fixture_turn(f);
}

static void test_secrets(void **state)
{
    struct fixture *f = *state;
    gives(f, "secret", "{\"name\":\"example-token\"}",
          OK "{\"status\":0,\"text\":\"{{secret:example-token}}\"}");
    gives(f, "secret", "{\"name\":\"a b\"}", "failed CALL -3 it was not taken");
    gives(f, "secret", "{\"name\":\"\"}", "failed CALL -3 it was not taken");
    gives(f, "secret", "{\"name\":\"example-token\",\"reveal\":1}",
          OK "{\"status\":-6,\"json\":{\"message\":\"the plugin may not see the secret example-token; "
             "it may send it by its handle, or ask for {\\\"name\\\": ..., \\\"reveal\\\": true} in "
             "\\\"grants\\\" of plugin.json\"}}");
    gives(f, "secret", "{\"name\":\"shown-token\",\"reveal\":1}",
          OK "{\"status\":0,\"text\":\"the value of the token\"}");
}

static void test_events(void **state)
{
    struct fixture *f = *state;
    gives(f, "tell",
          "{\"pattern\":\"plugin." USER ".*\",\"queue\":8,\"topic\":\"plugin." USER ".x\","
          "\"json\":{\"n\":1},\"times\":2}",
          OK "{\"status\":-7,\"json\":{\"message\":\"the plugin ended the request\"},"
             "\"text\":\"plugin." USER ".x{\\\"n\\\":1}plugin." USER ".x{\\\"n\\\":1}\"}");
    gives(f, "tell", "{\"topic\":\"plugins.loaded\",\"times\":1}",
          "failed CALL -6 it was not taken");
    gives(f, "tell", "{\"topic\":\"a..b\",\"times\":1}", "failed CALL -3 it was not taken");
    gives(f, "tell", "{\"pattern\":\"**\",\"queue\":8}",
          OK "{\"status\":-6,\"json\":{\"message\":\"plugins may not subscribe to \\\"**\\\"; a "
             "pattern begins with \\\"plugin.\\\", \\\"tools.\\\" or \\\"plugins.\\\"\"}}");
}

static void test_metrics(void **state)
{
    struct fixture *f = *state;
    struct buffer out = BUFFER_INIT;
    const struct metrics_source source = plugin_metrics_source(metrics);
    const char *expected = "hexmcp_plugin_reads_total{plugin=\"" USER "\",m=\"x\"} 1000\n";
    gives(f, "figures", "{\"name\":\"reads\",\"labels\":{\"m\":\"x\"},\"count\":1000}",
          OK "{\"status\":0}");
    gives(f, "figures", "{\"name\":\"size\",\"gauge\":7}", OK "{\"status\":0}");
    gives(f, "figures", "{\"name\":\"wait\",\"observe\":3}", OK "{\"status\":0}");
    gives(f, "figures", "{\"name\":\"reads\",\"gauge\":7}", "failed CALL -3 it was not taken");
    gives(f, "figures", "{\"name\":\"reads_total\",\"count\":1}",
          "failed CALL -3 it was not taken");
    gives(f, "figures", "{\"name\":\"reads\",\"labels\":{\"plugin\":\"x\"},\"count\":1}",
          "failed CALL -3 it was not taken");
    do {
        uv_run(loop_uv(f->uv), UV_RUN_NOWAIT);
        buffer_clear(&out);
        source.write(source.ctx, &out);
        buffer_add_char(&out, '\0');
        if (!strstr(out.data, "wait_count"))
            fixture_turn(f);
    } while (!strstr(out.data, "wait_count"));
    assert_non_null(strstr(out.data, expected));
    assert_non_null(strstr(out.data, "hexmcp_plugin_size{plugin=\"" USER "\"} 7\n"));
    assert_non_null(strstr(out.data, "hexmcp_plugin_wait_sum{plugin=\"" USER "\"} 3\n"));
    buffer_clear(&out);
}

static void test_worker(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 20; i++)
        gives(f, "work", "{}", OK "{\"status\":0,\"text\":\"right\"}");
}

static void test_without_grants(void **state)
{
    struct fixture *f = *state;
    f->host->plugins[0]->grants = &no_grants;
    gives(f, "run", "{}", "failed CALL -6 there is no such service for me");
    gives(f, "secret", "{}", "failed CALL -6 there is no such service for me");
    /* What a helper is denied is written down by the host, which has a list of it. */
    bool helper = f->config.isolation != NULL;
    assert_true(fixture_logged(
        f, helper ? "3 " USER ": asked for hexmcp.process/1 and was not granted \"programs\""
                  : "3 " USER ": asked for hexmcp.process/1, but was not granted \"programs\" in "
                    "\"grants\""));
    assert_true(fixture_logged(
        f, helper ? "3 " USER ": asked for hexmcp.secrets/1 and was not granted \"secrets\""
                  : "3 " USER ": asked for hexmcp.secrets/1, but was not granted \"secrets\" in "
                    "\"grants\""));
    gives(f, "get", "{\"key\":\"k\"}",
          OK "{\"status\":-4,\"json\":{\"message\":\"there is no key \\\"k\\\"\"}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_kv, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_process, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_process_ends_with_its_call, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_secrets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_events, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_metrics, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_worker, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_without_grants, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
