/* The hooks that come with hexmcp. */
#include <stdio.h>
#include <string.h>

#include "core/base/str.h"
#include "core/hook/builtin/builtin.h"
#include "tests/core/hook/fixture.h"

static char logged[8192];
static uint64_t drawn;
static char appended[4][2048];
static char streams[4][64];
static int append_count;
static bool store_waits;
static void (*store_done)(void *arg, const struct error *err, const struct append_result *r);
static void *store_arg;

static void write_log(void *ctx, enum log_level level, struct str component, struct str text)
{
    size_t at = strlen(logged);
    (void)ctx;
    snprintf(logged + at, sizeof(logged) - at, "%d %.*s: %.*s\n", level, STR_ARG(component),
             STR_ARG(text));
}

static int fill(void *ctx, void *out, size_t len, struct error *err)
{
    (void)ctx;
    (void)err;
    memset(out, 0, len);
    memcpy(out, &drawn, len < sizeof(drawn) ? len : sizeof(drawn));
    return ST_OK;
}

/* Tells texts apart, and no more. */
static int sha256(void *ctx, struct str data, uint8_t out[SHA256_BYTES], struct error *err)
{
    (void)ctx;
    (void)err;
    memset(out, 0, SHA256_BYTES);
    for (size_t i = 0; i < data.len; i++)
        out[i % SHA256_BYTES] = (uint8_t)(out[i % SHA256_BYTES] * 31 + (uint8_t)data.ptr[i]);
    return ST_OK;
}

static void append(void *ctx, const struct event_batch *batch,
                   void (*done)(void *arg, const struct error *err, const struct append_result *r),
                   void *arg)
{
    (void)ctx;
    assert_int_equal(batch->count, 1);
    assert_int_equal(batch->streams->count, 1);
    assert_true(append_count < 4);
    snprintf(streams[append_count], 64, "%.*s", STR_ARG(batch->streams->stream));
    snprintf(appended[append_count++], 2048, "%.*s", STR_ARG(batch->streams->events->data));
    store_done = done;
    store_arg = arg;
    if (!store_waits)
        done(arg, NULL, NULL);
}

static const struct log_port log_port = {NULL, write_log};
static const struct random_port random_port = {NULL, fill};
static const struct crypto_port crypto_port = {.sha256 = sha256};
static const struct event_store store = {.append = append};
static struct builtin_parts parts;

static void open_all(bool with_store)
{
    fixture_open();
    logged[0] = '\0';
    append_count = 0;
    store_waits = false;
    drawn = 0;
    parts = (struct builtin_parts){.log = &log_port,
                                   .clock = &clock_port,
                                   .timer = &timer_port,
                                   .random = &random_port,
                                   .crypto = &crypto_port,
                                   .events = with_store ? &store : NULL,
                                   .metrics = hook_metrics_new()};
}

static void close_all(void)
{
    fixture_close();
    hook_metrics_free(parts.metrics);
}

static int configure(const char *name, const char *json, struct error *err)
{
    struct json_doc *doc;
    assert_int_equal(json_parse(str_from(json), &doc, err), ST_OK);
    int rc = hooks_configure(hooks, &parts, str_from(name), json_root(doc), err);
    json_free(doc);
    return rc;
}

static void use(const char *name, const char *json)
{
    struct error err;
    if (configure(name, json, &err))
        fail_msg("%s", err.text);
}

static void call_as(const char *tool, const char *caller)
{
    const struct caller who = {.id = str_from(caller), .tenant = STR("t")};
    const struct call_context context = {.caller = &who};
    struct hook_event event = tool_event(HOOK_BEFORE_TOOL_EXECUTION, tool, "{\"n\":1}");
    event.context = &context;
    run_event(&event);
}

static void test_rate_limit(void **state)
{
    (void)state;
    open_all(false);
    use("l", "{\"hook\":\"rateLimit\",\"capacity\":2,\"refillPerSecond\":1,\"per\":\"caller\"}");
    call_as("t", "a");
    call_as("t", "a");
    assert_string_equal(told.text, "continue");
    call_as("t", "a");
    assert_string_equal(told.text, "cancel by l: too many calls; try again in 1 s");
    call_as("t", "b");
    assert_string_equal(told.text, "continue");
    fixture_pass(999);
    call_as("t", "a");
    assert_string_equal(told.text, "cancel by l: too many calls; try again in 1 s");
    fixture_pass(1);
    call_as("t", "a");
    assert_string_equal(told.text, "continue");
    call_as("t", "a");
    assert_string_equal(told.text, "cancel by l: too many calls; try again in 1 s");
    fixture_pass(3600 * 1000 * 5); /* no more than the capacity is saved */
    call_as("t", "a");
    call_as("t", "a");
    assert_string_equal(told.text, "continue");
    call_as("t", "a");
    assert_string_equal(told.text, "cancel by l: too many calls; try again in 1 s");
    close_all();
}

static void test_rate_limit_of_many(void **state)
{
    char caller[16];
    (void)state;
    open_all(false);
    use("l", "{\"hook\":\"rateLimit\",\"capacity\":1,\"refillPerSecond\":1,\"per\":\"key\"}");
    for (int i = 0; i < 10001; i++) {
        snprintf(caller, sizeof(caller), "%d", i);
        call_as("t", caller);
        assert_string_equal(told.text, "continue");
    }
    call_as("t", "10000");
    assert_string_equal(told.text, "cancel by l: too many calls; try again in 1 s");
    call_as("t", "0"); /* its bucket had to make room */
    assert_string_equal(told.text, "continue");
    close_all();
}

static void test_rate_limit_delays(void **state)
{
    (void)state;
    open_all(false);
    use("l", "{\"hook\":\"rateLimit\",\"capacity\":1,\"refillPerSecond\":10,\"action\":\"delay\","
             "\"maxDelayMs\":250}");
    for (int i = 0; i < 3; i++)
        call_as("t", "a"); /* now, in 100 ms, in 200 ms */
    assert_int_equal(told.times, 1);
    call_as("t", "a"); /* 300 ms is too long */
    assert_string_equal(told.text, "cancel by l: too many calls; try again in 1 s");
    fixture_pass(100);
    assert_int_equal(told.times, 3);
    fixture_pass(100);
    assert_int_equal(told.times, 4);
    assert_string_equal(told.text, "continue");
    assert_string_equal(complaints, "");
    call_as("t", "a"); /* waits when the hooks go */
    close_all();
}

static void test_rate_limit_gives_what_was_kept(void **state)
{
    (void)state;
    open_all(false);
    use("l", "{\"hook\":\"rateLimit\",\"capacity\":1,\"refillPerSecond\":1,\"action\":\"cached\"}");
    const struct caller who = {.id = STR("a"), .tenant = STR("t")};
    const struct call_context context = {.caller = &who};
    struct hook_event event = tool_event(HOOK_BEFORE_TOOL_EXECUTION, "t", "{\"n\":1}");
    event.context = &context;
    hooks_cache_put(hooks, &event, STR("arguments:{\"n\":1}"), 10000, STR("{\"old\":1}"));
    call_as("t", "a");
    call_as("t", "a");
    assert_string_equal(told.text, "replace by l: {\"old\":1}");
    call_as("u", "a");
    assert_string_equal(told.text, "cancel by l: too many calls; try again in 1 s");
    close_all();
}

/* An event of a failure. */
static const char *failure_texts[5];

static bool read_failure(void *arg, uint32_t member, struct buffer *out)
{
    (void)arg;
    if (!failure_texts[member])
        return false;
    buffer_add_str(out, str_from(failure_texts[member]));
    return true;
}

static void fail_with(const char *code, const char *attempt, const char *read_only)
{
    static const struct hook_member members[] = {
        {"error", false}, {"attempt", false}, {"readOnly", false}, {"isError", false}};
    char error[80];
    snprintf(error, sizeof(error), "{\"code\":\"%s\"}", code);
    failure_texts[0] = code[0] ? error : NULL;
    failure_texts[1] = attempt;
    failure_texts[2] = read_only;
    failure_texts[3] = "true";
    struct hook_event event = tool_event(HOOK_TOOL_ERROR, "t", "{}");
    event.members = members;
    event.count = 4;
    event.read = read_failure;
    run_event(&event);
}

static void delays(const char *json, const char *const wanted[4])
{
    static const char *const attempts[] = {"1", "2", "3", "4"};
    open_all(false);
    use("r", json);
    for (int i = 0; i < 4; i++) {
        fail_with("unavailable", attempts[i], "true");
        assert_string_equal(told.text, wanted[i]);
    }
    close_all();
}

static void test_retry(void **state)
{
#define RETRY(more) "{\"hook\":\"retry\",\"attempts\":5,\"delayMs\":100,\"jitter\":\"none\"" more "}"
#define AFTER(n) "continue retry 5 after " n
    (void)state;
    delays(RETRY(",\"backoff\":\"fixed\""),
           (const char *const[]){AFTER("100"), AFTER("100"), AFTER("100"), AFTER("100")});
    delays(RETRY(",\"backoff\":\"linear\""),
           (const char *const[]){AFTER("100"), AFTER("200"), AFTER("300"), AFTER("400")});
    delays(RETRY(""), (const char *const[]){AFTER("100"), AFTER("200"), AFTER("400"), AFTER("800")});
    delays(RETRY(",\"backoff\":\"fibonacci\""),
           (const char *const[]){AFTER("100"), AFTER("100"), AFTER("200"), AFTER("300")});
    delays(RETRY(",\"maxDelayMs\":250"),
           (const char *const[]){AFTER("100"), AFTER("200"), AFTER("250"), AFTER("250")});
}

static void test_retry_of_what_may_pass(void **state)
{
    (void)state;
    open_all(false);
    use("r", "{\"hook\":\"retry\",\"delayMs\":100}");
    drawn = 37;
    fail_with("timeout", "1", "true");
    assert_string_equal(told.text, "continue retry 3 after 37");
    fail_with("invalid", "1", "true");
    assert_string_equal(told.text, "continue");
    fail_with("timeout", "1", "false"); /* it may have had an effect */
    assert_string_equal(told.text, "continue");
    fail_with("", "1", "true"); /* what the tool says itself */
    assert_string_equal(told.text, "continue");
    close_all();
}

static void test_audit(void **state)
{
    (void)state;
    open_all(true);
    use("a", "{\"hook\":\"audit\"}");
    call_as("t", "anna");
    call_as("u", "anna");
    assert_int_equal(append_count, 2);
    assert_string_equal(streams[0], streams[1]);
    assert_int_equal(strncmp(streams[0], "audit/", 6), 0);
    assert_ptr_equal(strstr(appended[0],
                            "{\"sequence\":1,\"point\":\"BeforeToolExecution\",\"target\":\"t\","
                            "\"caller\":\"anna\",\"tenant\":\"t\",\"atMs\":1000,\"data\":{"),
                     appended[0]);
    const char *digest = strstr(appended[0], "\"digest\":\"");
    const char *previous = strstr(appended[1], "\"previous\":\"");
    assert_non_null(strstr(appended[0], "\"previous\":\"\""));
    assert_non_null(digest);
    assert_non_null(previous);
    assert_memory_equal(digest + 10, previous + 12, 64);
    close_all();
}

static void test_audit_that_must_be_written(void **state)
{
    struct error full;
    (void)state;
    open_all(true);
    use("a", "{\"hook\":\"audit\",\"required\":true}");
    store_waits = true;
    call_as("t", "anna");
    assert_int_equal(told.times, 0);
    store_done(store_arg, NULL, NULL);
    assert_string_equal(told.text, "continue");
    call_as("t", "anna");
    error_set(&full, ST_TOO_LARGE, "the disk is full");
    store_done(store_arg, &full, NULL);
    assert_string_equal(told.text, "cancel by a: the hook \"a\" must agree and did not answer: the "
                                   "disk is full");
    call_as("t", "anna"); /* still written when the hooks go */
    close_all();
    store_done(store_arg, NULL, NULL);
}

static void test_logging(void **state)
{
    (void)state;
    open_all(false);
    use("l", "{\"hook\":\"logging\",\"level\":\"notice\",\"data\":true,\"bytes\":12}");
    call_as("calc", "anna");
    assert_string_equal(logged, "2 hooks: BeforeToolExecution calc {\"tool\":\"too...\n");
    close_all();
}

static void test_metrics(void **state)
{
    struct buffer out = BUFFER_INIT;
    (void)state;
    open_all(false);
    use("m", "{\"hook\":\"metrics\",\"points\":[\"*Tool*\"]}");
    call_as("calc", "anna");
    fail_with("timeout", "1", "true");
    hook_metrics_write(parts.metrics, hooks, &out);
    buffer_add_char(&out, '\0');
    assert_non_null(strstr(out.data, "hexmcp_hooks_events_total{point=\"BeforeToolExecution\"} 1\n"
                                     "hexmcp_hooks_events_total{point=\"ToolError\"} 1\n"));
    assert_non_null(strstr(out.data, "hexmcp_hooks_event_errors_total{point=\"ToolError\"} 1\n"));
    assert_non_null(strstr(out.data, "hexmcp_hooks_runs_total{hook=\"m\"} 2\n"));
    assert_non_null(strstr(out.data, "hexmcp_hooks_took_nanoseconds{hook=\"m\",quantile=\"0.99\"} 0\n"));
    buffer_clear(&out);
    close_all();
}

static void test_caching(void **state)
{
    (void)state;
    open_all(false);
    use("c", "{\"hook\":\"caching\",\"ttlMs\":500}");
    call_as("t", "a");
    assert_string_equal(told.text, "continue");
    use("d", "{\"hook\":\"caching\",\"ttlMs\":500,\"all\":true,\"points\":[\"*\"]}");
    call_as("t", "a");
    assert_string_equal(told.text, "continue cache arguments:{\"n\":1} for 500");
    /* Never there. */
    struct hook_event event = tool_event(HOOK_SECURITY_VIOLATION, "t", "{}");
    run_event(&event);
    assert_string_equal(told.text, "continue");
    event = tool_event(HOOK_BEFORE_STATE_WRITE, "t", "{}");
    run_event(&event);
    assert_string_equal(told.text, "continue");
    assert_string_equal(complaints, "");
    close_all();
}

static void test_redaction(void **state)
{
    (void)state;
    open_all(false);
    use("r", "{\"hook\":\"redaction\"}");
    static const struct hook_member members[] = {{"error", false}, {"result", true}};
    failure_texts[0] = NULL;
    failure_texts[1] = "{\"password\":\"hunter2!x\",\"n\":1}";
    struct hook_event event = tool_event(HOOK_AFTER_TOOL_EXECUTION, "t", "{}");
    event.members = members;
    event.count = 2;
    event.read = read_failure;
    run_event(&event);
    assert_string_equal(told.text,
                        "continue arguments={\"password\":\"[REDACTED]\",\"n\":1} result=");
    failure_texts[1] = "{\"n\":1}";
    run_event(&event);
    assert_string_equal(told.text, "continue");
    close_all();
}

static void refused(const char *json, const char *text)
{
    struct error err;
    open_all(false);
    assert_int_equal(configure("x", json, &err), ST_CONFIG);
    assert_string_equal(err.text, text);
    close_all();
}

static void test_configuration(void **state)
{
    (void)state;
    refused("3", "the hook \"x\" must be an object");
    refused("{\"hook\":\"loging\"}",
            "the hook \"x\": \"hook\" must be logging, metrics, caching, rateLimit, redaction, audit, "
            "retry or plugin:ID/NAME; did you mean \"logging\"?");
    refused("{\"hook\":\"retry\",\"attemps\":2}",
            "the hook \"x\": there is no parameter \"attemps\"; did you mean \"attempts\"?");
    refused("{\"hook\":\"retry\",\"backoff\":\"none\"}",
            "the hook \"x\": \"backoff\" must be one of fixed, linear, exponential, fibonacci");
    refused("{\"hook\":\"caching\",\"all\":1}", "the hook \"x\": \"all\" must be true or false");
    refused("{\"hook\":\"caching\",\"points\":[]}",
            "the hook \"x\": \"points\" must be an array of 1 to 64 patterns of points");
    refused("{\"hook\":\"caching\",\"points\":[\"Never\"]}",
            "the hook \"x\": there is no point \"Never\"");
    refused("{\"hook\":\"caching\",\"when\":{\"user\":\"x\"}}",
            "the hook \"x\": \"when\" must be an object of tool, target and caller, each a pattern");
    refused("{\"hook\":\"audit\",\"priority\":1.5}",
            "the hook \"x\": \"priority\" must be a whole number, highest, high, normal, low or lowest");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rate_limit),
        cmocka_unit_test(test_rate_limit_of_many),
        cmocka_unit_test(test_rate_limit_delays),
        cmocka_unit_test(test_rate_limit_gives_what_was_kept),
        cmocka_unit_test(test_retry),
        cmocka_unit_test(test_retry_of_what_may_pass),
        cmocka_unit_test(test_audit),
        cmocka_unit_test(test_audit_that_must_be_written),
        cmocka_unit_test(test_logging),
        cmocka_unit_test(test_metrics),
        cmocka_unit_test(test_caching),
        cmocka_unit_test(test_redaction),
        cmocka_unit_test(test_configuration),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
