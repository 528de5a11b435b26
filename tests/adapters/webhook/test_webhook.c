/* Webhooks at their ports: what is sent, when it is tried again, and what becomes a dead letter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/driven/crypto/crypto.h"
#include "adapters/driven/http_client/http_client.h"
#include "adapters/driven/webhook/webhook.h"
#include "core/base/buffer.h"
#include "core/base/str.h"
#include "core/events/durable.h"
#include "core/operation/operations.h"
#include "tests/core/fakes/fake_event_store.h"
#include "tests/core/fakes/fake_key_value_store.h"

#define TIMERS 64
#define START_MS INT64_C(1700000000000)

/* HMAC-SHA-256 by another implementation. */
#define VECTOR "fdb1d49bd367cf14ad7a484bb51741ec1399c7e445669ea0d17b88dfcf4a39b1"

struct timer {
    void (*fire)(void *arg);
    void *arg;
    uint64_t due; /* 0: it does not run */
};

static struct timer timers[TIMERS];
static size_t timer_count;
static struct fake_event_store *store;
static struct fake_kv kv;
static struct followers *followers;
static struct crypto_module *crypto;
static struct buffer logged;
static bool secret_there;

/* ---- time, randomness, log, secrets ---- */

static struct timer *make(void *ctx, void (*fire)(void *arg), void *arg)
{
    (void)ctx;
    assert_true(timer_count < TIMERS);
    timers[timer_count] = (struct timer){fire, arg, 0};
    return &timers[timer_count++];
}

static void set(void *ctx, struct timer *timer, uint64_t delay_ms)
{
    (void)ctx;
    timer->due = kv.now_ms + delay_ms + 1;
}

static void stop(void *ctx, struct timer *timer)
{
    (void)ctx;
    timer->due = 0;
}

static const struct timer_port timer_port = {NULL, make, set, stop, stop};

/* Lets `ms` pass. */
static void pass(uint64_t ms)
{
    uint64_t end = kv.now_ms + ms;
    for (;;) {
        struct timer *next = NULL;
        for (size_t i = 0; i < timer_count; i++)
            if (timers[i].due && timers[i].due <= end + 1 && (!next || timers[i].due < next->due))
                next = &timers[i];
        if (!next)
            break;
        if (next->due - 1 > kv.now_ms)
            kv.now_ms = next->due - 1;
        next->due = 0;
        next->fire(next->arg);
    }
    kv.now_ms = end;
}

static uint64_t monotonic(void *ctx)
{
    (void)ctx;
    return kv.now_ms * 1000000;
}

/* Seconds stand still, so that signatures are known. */
static int64_t wall(void *ctx)
{
    (void)ctx;
    return START_MS;
}

static const struct clock_port clock_port = {NULL, monotonic, wall};

/* No jitter: half of each delay. */
static int fill(void *ctx, void *out, size_t len, struct error *err)
{
    (void)ctx;
    (void)err;
    memset(out, 0, len);
    return ST_OK;
}

static const struct random_port random_port = {NULL, fill};

static void write_log(void *ctx, enum log_level level, struct str component, struct str text)
{
    (void)ctx;
    (void)level;
    assert_true(str_eq(component, STR("webhook")));
    buffer_add_str(&logged, text);
    buffer_add_char(&logged, '\n');
}

static const struct log_port log_port = {NULL, write_log};

static int reveal(void *ctx, const struct plugin_grants *grants, struct str name, struct buffer *out,
                  struct error *err)
{
    (void)ctx;
    assert_int_equal(grants->revealed_count, 1);
    assert_true(str_eq(grants->revealed[0], name));
    assert_true(str_eq(name, STR("hook")));
    if (!secret_there)
        return error_set(err, ST_UNAVAILABLE, "the secret hook has no value");
    buffer_add_str(out, STR("the secret of the test"));
    return ST_OK;
}

static const struct secret_store_port secrets = {.reveal = reveal};

/* ---- the HTTP client ---- */

static struct {
    size_t opened, closed;
    uint64_t open; /* the id of the one that is open */
    struct service_sink sink;
    struct buffer text, body, rule;
} http;

static int http_open(void *ctx, const struct service_request *request, const struct service_sink *sink,
                     uint64_t *id, struct error *err)
{
    (void)ctx;
    (void)err;
    assert_int_equal(http.open, 0);
    assert_int_equal(request->op, HTTP_OP_REQUEST);
    assert_int_equal(request->grants->host_count, 1);
    assert_int_equal(request->grants->secret_count, 0);
    buffer_clear(&http.text);
    buffer_clear(&http.body);
    buffer_clear(&http.rule);
    buffer_add_str(&http.text, request->text);
    buffer_add_str(&http.body, request->bytes);
    buffer_add_str(&http.rule, request->grants->hosts[0]);
    http.sink = *sink;
    *id = http.open = ++http.opened;
    return ST_OK;
}

static void http_close(void *ctx, uint64_t id)
{
    (void)ctx;
    assert_int_equal(id, http.open);
    http.open = 0;
    http.closed++;
}

static const struct service_port http_port = {.open = http_open, .close = http_close};

static void answer(const char *head)
{
    assert_int_not_equal(http.open, 0);
    const struct service_event headed = {.kind = HTTP_EVENT_HEAD, .fd = -1, .text = str_from(head)};
    const struct service_event complete = {.kind = HTTP_EVENT_COMPLETE, .fd = -1};
    http.sink.event(http.sink.ctx, &headed);
    http.sink.event(http.sink.ctx, &complete);
}

static void end_with(int status, const char *text)
{
    assert_int_not_equal(http.open, 0);
    const struct service_event end = {
        .kind = HTTP_EVENT_END, .status = status, .fd = -1, .text = str_from(text), .last = true};
    http.open = 0;
    http.sink.event(http.sink.ctx, &end);
}

#define OK "{\"status\":200,\"headers\":[]}"
#define BUSY "{\"status\":503,\"headers\":[]}"

/* ---- the rest ---- */

#define HOOK                                                                                       \
    "{\"one\":{\"url\":\"https://hooks.example.org/in?key=deep\",\"events\":[\"store.session.**\"]," \
    "\"secret\":\"hook\"%s}}"

static int make_with(const char *settings, struct webhooks **out, struct error *err)
{
    const struct webhooks_parts parts = {
        .events = fake_event_store_port(store), .values = &kv.port,   .timers = &timer_port,
        .clock = &clock_port,                   .random = &random_port,
        .crypto = crypto_module_port(crypto),   .log = &log_port,     .secrets = &secrets,
        .http = &http_port,                     .followers = followers};
    return webhooks_new(&parts, str_from(settings), out, err);
}

/* One webhook, which has begun. */
static struct webhooks *begin(const char *more)
{
    char settings[400];
    struct webhooks *all;
    struct error err;
    snprintf(settings, sizeof(settings), HOOK, more);
    assert_int_equal(make_with(settings, &all, &err), ST_OK);
    assert_int_equal(webhooks_start(all, &err), ST_OK);
    pass(1000);
    return all;
}

static void happen(unsigned number, const char *stream)
{
    char id[40];
    snprintf(id, sizeof(id), "0190c0de-0000-7000-8000-%012u", number);
    const struct stored_event event = {.id = str_from(id),
                                       .stream = str_from(stream),
                                       .type = STR("MessageSent"),
                                       .schema = 1,
                                       .at_ms = INT64_C(1795255200000),
                                       .correlation = STR("c1"),
                                       .caller = STR("stdio"),
                                       .tenant = STR("local"),
                                       .data = STR("{\"text\":\"hi\"}")};
    fake_event_store_add_event(store, &event);
}

static void is(struct buffer *text, const char *expected)
{
    buffer_add_char(text, '\0');
    assert_string_equal(text->data, expected);
    buffer_clear(text);
}

static void value_is(const char *key, const char *expected)
{
    struct str value = fake_kv_value(&kv, STR(WEBHOOK_SPACE), str_from(key));
    if (!expected) {
        assert_null(value.ptr);
        return;
    }
    assert_non_null(value.ptr);
    assert_int_equal(value.len, strlen(expected));
    assert_memory_equal(value.ptr, expected, value.len);
}

static void sent_is(size_t count, unsigned number)
{
    char id[40];
    assert_int_equal(http.opened, count);
    snprintf(id, sizeof(id), "8000-%012u\"", number);
    assert_non_null(memmem(http.body.data, http.body.len, id, strlen(id)));
}

static int setup(void **state)
{
    struct error err;
    (void)state;
    timer_count = 0;
    secret_there = true;
    memset(&http, 0, sizeof(http));
    store = fake_event_store_new();
    fake_kv_init(&kv);
    assert_int_equal(crypto_module_new(TEST_MODULES_DIR, &crypto, &err), ST_OK);
    assert_int_equal(followers_new(fake_event_store_port(store), &timer_port, &followers, NULL), 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    followers_free(followers);
    fake_event_store_free(store);
    fake_kv_clear(&kv);
    crypto_module_free(crypto);
    buffer_clear(&logged);
    buffer_clear(&http.text);
    buffer_clear(&http.body);
    buffer_clear(&http.rule);
    return 0;
}

/* ---- tests ---- */

static void test_request(void **state)
{
    (void)state;
    struct webhooks *all = begin("");
    happen(1, "session/one");
    pass(600);
    assert_int_equal(http.opened, 1);
    is(&http.rule, "~hooks.example.org:443");
    is(&http.body,
       "{\"id\":\"0190c0de-0000-7000-8000-000000000001\",\"stream\":\"session/one\",\"version\":1,"
       "\"position\":1,\"type\":\"MessageSent\",\"schema\":1,\"at\":\"2026-11-21T10:00:00.000Z\","
       "\"correlation\":\"c1\",\"caller\":\"stdio\",\"tenant\":\"local\",\"data\":{\"text\":\"hi\"}}");
    is(&http.text,
       "{\"request\":{\"url\":\"https://hooks.example.org/in?key=deep\",\"method\":\"POST\",\"headers\":["
       "[\"Content-Type\",\"application/json\"],[\"X-Hexmcp-Event\",\"MessageSent\"],"
       "[\"X-Hexmcp-Delivery\",\"0190c0de-0000-7000-8000-000000000001\"],"
       "[\"X-Hexmcp-Timestamp\",\"1700000000\"],[\"X-Hexmcp-Signature\",\"sha256=" VECTOR "\"]],"
       "\"timeoutMs\":10000,\"maxRedirects\":0,\"maxBytes\":65536}}");
    answer(OK);
    pass(2000);
    assert_int_equal(http.opened, 1);
    assert_int_equal(logged.len, 0);
    webhooks_free(all);
}

static void test_order_and_patterns(void **state)
{
    (void)state;
    struct webhooks *all = begin("");
    happen(1, "session/one");
    happen(2, "state/other");
    happen(3, "session/two");
    pass(600);
    sent_is(1, 1);
    pass(20000); /* one after the other */
    sent_is(1, 1);
    answer(OK);
    pass(600);
    sent_is(2, 3);
    answer("{\"status\":204,\"headers\":[]}");
    pass(600);
    assert_int_equal(http.opened, 2);
    webhooks_free(all);
}

static void test_backoff(void **state)
{
    static const uint64_t delays[] = {500, 1000, 2000, 4000};
    (void)state;
    struct webhooks *all = begin("");
    happen(1, "session/one");
    happen(2, "session/one");
    pass(600);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(http.opened, i + 1);
        answer(BUSY);
        pass(delays[i] - 1);
        assert_int_equal(http.opened, i + 1);
        pass(FOLLOW_LOOK_MS + 1);
    }
    sent_is(5, 1);
    end_with(ST_TIMEOUT, "{\"message\":\"https://hooks.example.org: no answer\"}");
    pass(600);
    value_is("dead/one/00000000000000000001",
             "{\"position\":1,\"id\":\"0190c0de-0000-7000-8000-000000000001\",\"stream\":\"session/one\","
             "\"type\":\"MessageSent\",\"attempts\":5,\"error\":\"https://hooks.example.org: no answer\","
             "\"at\":\"2023-11-14T22:13:20.000Z\"}");
    sent_is(6, 2);
    assert_non_null(memmem(logged.data, logged.len, "\"one\" (https://hooks.example.org): attempt 1 of 5 to "
                           "deliver 0190c0de-0000-7000-8000-000000000001 was answered 503; tried again in "
                           "500 ms\n", 134));
    assert_null(memmem(logged.data, logged.len, "deep", 4));
    assert_null(memmem(logged.data, logged.len, "the secret of", 13));
    webhooks_free(all);
}

static void test_longest_delay(void **state)
{
    (void)state;
    struct webhooks *all = begin(",\"attempts\":100");
    happen(1, "session/one");
    pass(600);
    for (size_t i = 0; i < 20; i++) {
        answer(BUSY);
        pass(150000 + FOLLOW_LOOK_MS);
    }
    assert_int_equal(http.opened, 21);
    webhooks_free(all);
}

static void test_retry_after(void **state)
{
    (void)state;
    struct webhooks *all = begin("");
    happen(1, "session/one");
    pass(600);
    answer("{\"status\":429,\"headers\":[[\"Date\",\"today\"],[\"retry-after\",\"7\"]]}");
    pass(6999);
    assert_int_equal(http.opened, 1);
    pass(600);
    sent_is(2, 1);
    answer("{\"status\":429,\"headers\":[[\"Retry-After\",\"Fri, 31 Dec 2027 23:59:59 GMT\"]]}");
    pass(1600);
    assert_int_equal(http.opened, 3);
    webhooks_free(all);
}

static void test_refused(void **state)
{
    static const unsigned statuses[] = {400, 301, 410};
    char head[60];
    (void)state;
    struct webhooks *all = begin("");
    for (unsigned i = 0; i < 3; i++) {
        happen(i + 1, "session/one");
        pass(600);
        sent_is(i + 1, i + 1);
        snprintf(head, sizeof(head), "{\"status\":%u,\"headers\":[]}", statuses[i]);
        answer(head);
        pass(600);
    }
    value_is("dead/one/00000000000000000002",
             "{\"position\":2,\"id\":\"0190c0de-0000-7000-8000-000000000002\",\"stream\":\"session/one\","
             "\"type\":\"MessageSent\",\"attempts\":1,\"status\":301,\"at\":\"2023-11-14T22:13:20.000Z\"}");
    assert_int_equal(fake_kv_count(&kv, STR(WEBHOOK_SPACE)), 3);
    webhooks_free(all);
}

/* What is our own fault is never the end of an event. */
static void test_held(void **state)
{
    (void)state;
    struct webhooks *all = begin(",\"attempts\":1");
    secret_there = false;
    happen(1, "session/one");
    pass(600);
    assert_int_equal(http.opened, 0);
    is(&logged, "\"one\" (https://hooks.example.org): the secret hook has no value; tried again in 500 ms\n");
    pass(60000);
    secret_there = true;
    pass(150000);
    sent_is(1, 1);
    end_with(ST_DENIED, "{\"message\":\"not allowed\"}");
    pass(150000 + FOLLOW_LOOK_MS);
    sent_is(2, 1);
    assert_int_equal(fake_kv_count(&kv, STR(WEBHOOK_SPACE)), 0);
    webhooks_free(all);
}

static void test_full(void **state)
{
    (void)state;
    struct webhooks *all = begin(",\"maxQueue\":1");
    happen(1, "session/one");
    happen(2, "session/one");
    pass(600);
    answer("{\"status\":400,\"headers\":[]}");
    pass(600);
    buffer_clear(&logged);
    sent_is(2, 2);
    answer("{\"status\":400,\"headers\":[]}");
    is(&logged, "\"one\" (https://hooks.example.org): 0190c0de-0000-7000-8000-000000000002 cannot be "
                "delivered, and there are 1 dead letters, as many as \"maxQueue\" permits; see hexmcp events "
                "webhooks; tried again in 500 ms\n");
    pass(499);
    assert_int_equal(http.opened, 2);
    pass(600);
    sent_is(3, 2);
    answer(OK);
    pass(600);
    assert_int_equal(fake_kv_count(&kv, STR(WEBHOOK_SPACE)), 1);
    webhooks_free(all);
}

static void test_letters(void **state)
{
    (void)state;
    struct webhooks *all = begin("");
    happen(1, "session/one");
    happen(2, "session/one");
    for (unsigned i = 0; i < 2; i++) {
        pass(600);
        answer("{\"status\":400,\"headers\":[]}");
    }
    pass(600);
    assert_int_equal(fake_kv_count(&kv, STR(WEBHOOK_SPACE)), 2);
    fake_kv_put(&kv, STR(WEBHOOK_SPACE), STR("retry/one/00000000000000000002"), STR("{}"));
    pass(WEBHOOK_LOOK_MS);
    sent_is(3, 2);
    answer("{\"status\":404,\"headers\":[]}"); /* dead again */
    pass(600);
    value_is("retry/one/00000000000000000002", NULL);
    value_is("dead/one/00000000000000000002",
             "{\"position\":2,\"id\":\"0190c0de-0000-7000-8000-000000000002\",\"stream\":\"session/one\","
             "\"type\":\"MessageSent\",\"attempts\":1,\"status\":404,\"at\":\"2023-11-14T22:13:20.000Z\"}");
    fake_kv_put(&kv, STR(WEBHOOK_SPACE), STR("retry/one/00000000000000000001"), STR("{}"));
    pass(WEBHOOK_LOOK_MS);
    sent_is(4, 1);
    answer(OK);
    pass(600);
    value_is("retry/one/00000000000000000001", NULL);
    happen(3, "session/one");
    pass(600);
    sent_is(5, 3);
    webhooks_free(all);
}

/* Ended in the middle: the next process sends again what was not acknowledged, and nothing else. */
static void test_restart(void **state)
{
    (void)state;
    struct webhooks *all = begin("");
    happen(1, "session/one");
    happen(2, "session/one");
    pass(600);
    answer(OK);
    pass(600);
    sent_is(2, 2);
    webhooks_free(all);
    assert_int_equal(http.closed, 2);
    happen(3, "session/one");
    all = begin("");
    sent_is(3, 2);
    answer(OK);
    pass(600);
    sent_is(4, 3);
    webhooks_free(all);
}

/* Begun over an empty store and ended: what happens before the next beginning is not missed. */
static void test_restart_when_empty(void **state)
{
    (void)state;
    webhooks_free(begin(""));
    happen(1, "session/one");
    struct webhooks *all = begin("");
    sent_is(1, 1);
    webhooks_free(all);
}

static void test_one_of_two(void **state)
{
    (void)state;
    struct webhooks *first = begin(""), *second = begin("");
    happen(1, "session/one");
    pass(600);
    sent_is(1, 1);
    answer(OK);
    pass(2 * DURABLE_LEASE_MS);
    assert_int_equal(http.opened, 1);
    webhooks_free(first);
    happen(2, "session/one");
    pass(2 * DURABLE_LEASE_MS);
    sent_is(2, 2);
    webhooks_free(second);
}

static void test_store_fails(void **state)
{
    (void)state;
    struct webhooks *all = begin("");
    happen(1, "session/one");
    pass(600);
    kv.fail_after = 1; /* the letters are counted, but the new one is not written */
    answer("{\"status\":400,\"headers\":[]}");
    kv.fail_after = -1;
    assert_int_equal(fake_kv_count(&kv, STR(WEBHOOK_SPACE)), 0);
    pass(1100);
    sent_is(2, 1);
    answer("{\"status\":400,\"headers\":[]}");
    assert_int_equal(fake_kv_count(&kv, STR(WEBHOOK_SPACE)), 1);
    webhooks_free(all);
}

static void test_settings(void **state)
{
#define GOOD "\"url\":\"https://a.example.org/\",\"events\":[\"**\"],\"secret\":\"hook\""
    static const struct {
        const char *settings, *text;
    } wrong[] = {
        {"{\"One\":{}}", "events.webhooks: \"One\" is no name of a webhook: 1 to 64 small letters, digits, "
                         "'-' and '.'"},
        {"{\"a\":1}", "events.webhooks: \"a\": is not an object"},
        {"{\"a\":{\"uri\":1}}", "events.webhooks: \"a\": has the unknown member \"uri\"; there are url, "
                                "events, secret, timeoutMs, attempts and maxQueue"},
        {"{\"a\":{}}", "events.webhooks: \"a\": \"url\" is missing"},
        {"{\"a\":{\"url\":\"ftp://x.example.org\"}}",
         "events.webhooks: \"a\": \"url\" is no URL that begins with https:// or http://"},
        {"{\"a\":{\"url\":\"https://u:p@x.example.org/\"}}",
         "events.webhooks: \"a\": \"url\" has a user or a fragment; leave it out"},
        {"{\"a\":{\"url\":\"http://0x7f.1/\"}}",
         "events.webhooks: \"a\": \"url\": \"0x7f.1:80\" is no public name and no address with a port; a "
         "private host is written as its address, or as localhost"},
        {"{\"a\":{\"url\":\"http://*.example.org/\"}}",
         "events.webhooks: \"a\": \"url\": \"*.example.org:80\" is no public name and no address with a "
         "port; a private host is written as its address, or as localhost"},
        {"{\"a\":{\"url\":\"https://x.example.org/\",\"events\":[]}}",
         "events.webhooks: \"a\": \"events\" is not a list of 1 to 100 patterns of topics"},
        {"{\"a\":{\"url\":\"https://x.example.org/\",\"events\":[\"a b\"]}}",
         "events.webhooks: \"a\": \"events\": \"a b\" is no pattern of topics; write \"store.session.**\" or "
         "\"store.*.*.MessageSent\""},
        {"{\"a\":{\"url\":\"https://x.example.org/\",\"events\":[\"**\"]}}",
         "events.webhooks: \"a\": \"secret\" is not the name of a secret of secrets.sources"},
        {"{\"a\":{" GOOD ",\"timeoutMs\":1}}",
         "events.webhooks: \"a\": \"timeoutMs\" is not a number from 100 to 600000"},
        {"{\"a\":{" GOOD ",\"attempts\":0}}",
         "events.webhooks: \"a\": \"attempts\" is not a number from 1 to 100"},
        {"{\"a\":{" GOOD ",\"maxQueue\":1001}}",
         "events.webhooks: \"a\": \"maxQueue\" is not a number from 1 to 1000"},
    };
    struct webhooks *all;
    struct error err;
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(make_with(wrong[i].settings, &all, &err), ST_CONFIG);
        assert_string_equal(err.text, wrong[i].text);
    }
    assert_int_equal(make_with("{\"a\":{" GOOD "}}", &all, &err), ST_OK);
    webhooks_free(all);
    assert_int_equal(make_with("{}", &all, &err), ST_OK);
    assert_int_equal(webhooks_start(all, &err), ST_OK);
    webhooks_free(all);
}

/* Private places only if the URL is written with the address. */
static void test_rules(void **state)
{
    static const char *const rules[][2] = {
        {"http://127.0.0.1:8080/x", "127.0.0.1:8080"},
        {"http://[::1]:8080/x", "[::1]:8080"},
        {"http://localhost:3000", "localhost:3000"},
        {"https://a.example.org:8443/x?y", "~a.example.org:8443"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        char settings[300];
        struct webhooks *all;
        struct error err;
        snprintf(settings, sizeof(settings),
                 "{\"n%zu\":{\"url\":\"%s\",\"events\":[\"**\"],\"secret\":\"hook\"}}", i, rules[i][0]);
        assert_int_equal(make_with(settings, &all, &err), ST_OK);
        assert_int_equal(webhooks_start(all, &err), ST_OK);
        pass(1000);
        happen((unsigned)i + 1, "session/one");
        pass(600);
        is(&http.rule, rules[i][1]);
        webhooks_free(all);
    }
}

/* ---- operations ---- */

static struct buffer told;

static void done(void *arg, const struct error *err, struct str json)
{
    (void)arg;
    buffer_add_str(&told, err ? str_from(err->text) : json);
}

static void ask_as(struct operations *ops, const char *caller, const char *name, const char *arguments)
{
    const struct caller who = {.id = str_from(caller), .tenant = STR("local")};
    const struct call_context context = {.caller = &who};
    const struct operation_request request = {
        .name = str_from(name), .arguments = str_from(arguments), .context = &context};
    const struct operation_observer observer = {.done = done};
    const struct operation_service *service = operations_service(ops);
    service->execute(service->ctx, &request, &observer, NULL);
}

static void ask(struct operations *ops, const char *name, const char *arguments)
{
    ask_as(ops, "stdio", name, arguments);
}

#define LETTER                                                                                     \
    "{\"position\":1,\"id\":\"0190c0de-0000-7000-8000-000000000001\",\"stream\":\"session/one\","  \
    "\"type\":\"MessageSent\",\"attempts\":1,\"status\":400,\"at\":\"2023-11-14T22:13:20.000Z\"}"

static void test_operations(void **state)
{
    struct operations *ops;
    struct error err;
    (void)state;
    struct webhooks *all = begin("");
    assert_int_equal(operations_new(NULL, &ops, &err), ST_OK);
    assert_int_equal(webhook_operations_add(all, ops, &err), ST_OK);
    happen(1, "session/one");
    pass(600);
    answer("{\"status\":400,\"headers\":[]}");
    pass(600);
    ask(ops, "webhook.list", "{}");
    is(&told, "{\"webhooks\":[{\"name\":\"one\",\"place\":\"https://hooks.example.org\",\"events\":["
              "\"store.session.**\"],\"timeoutMs\":10000,\"attempts\":5,\"maxQueue\":1000,\"dead\":1}]}");
    ask(ops, "webhook.dead", "{\"name\":\"one\"}");
    is(&told, "{\"dead\":[" LETTER "],\"more\":false}");
    ask_as(ops, "somebody", "webhook.dead", "{\"name\":\"one\"}");
    is(&told, "only the user who runs hexmcp may see and change webhooks");
    ask(ops, "webhook.drop", "{\"name\":\"two\"}");
    is(&told, "events.webhooks has no webhook \"two\"; webhook.list names those that there are");
    ask(ops, "webhook.retry", "{\"name\":\"one\",\"position\":2}");
    is(&told, "{\"retried\":0,\"more\":false}");
    ask(ops, "webhook.retry", "{\"name\":\"one\",\"position\":1}");
    is(&told, "{\"retried\":1,\"more\":false}");
    pass(1); /* at once, for it is this process that delivers */
    sent_is(2, 1);
    answer("{\"status\":400,\"headers\":[]}");
    pass(600);
    ask(ops, "webhook.drop", "{\"name\":\"one\"}");
    is(&told, "{\"dropped\":1,\"more\":false}");
    assert_int_equal(fake_kv_count(&kv, STR(WEBHOOK_SPACE)), 0);
    webhooks_free(all);
    operations_free(ops);
}

/* Everything is freed while the store still has to answer. */
static void test_end_while_asked(void **state)
{
    struct operations *ops;
    struct error err;
    (void)state;
    struct webhooks *all = begin("");
    assert_int_equal(operations_new(NULL, &ops, &err), ST_OK);
    assert_int_equal(webhook_operations_add(all, ops, &err), ST_OK);
    happen(1, "session/one");
    pass(600);
    kv.hold = true;
    answer("{\"status\":400,\"headers\":[]}");
    ask(ops, "webhook.list", "{}");
    webhooks_free(all);
    kv.hold = false;
    fake_kv_release(&kv);
    assert_int_equal(told.len, 0);
    assert_int_equal(fake_kv_count(&kv, STR(WEBHOOK_SPACE)), 0);
    operations_free(ops);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_request),  CASE(test_order_and_patterns), CASE(test_backoff), CASE(test_longest_delay),
        CASE(test_retry_after), CASE(test_refused),         CASE(test_held),    CASE(test_full),
        CASE(test_letters),  CASE(test_restart),            CASE(test_restart_when_empty), CASE(test_one_of_two),
        CASE(test_store_fails), CASE(test_settings),        CASE(test_rules),
        CASE(test_operations),  CASE(test_end_while_asked),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
