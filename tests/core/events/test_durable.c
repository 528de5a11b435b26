/* Durable subscriptions: positions over restarts, one process of several, a store that fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/buffer.h"
#include "core/events/durable.h"
#include "tests/core/fakes/fake_event_store.h"
#include "tests/core/fakes/fake_key_value_store.h"

#define TIMERS 16

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
static struct buffer said;
static uint8_t randomness;
static int refuse;

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

static int fill(void *ctx, void *out, size_t len, struct error *err)
{
    (void)ctx;
    (void)err;
    memset(out, ++randomness, len);
    return ST_OK;
}

static const struct random_port random_port = {NULL, fill};

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

static int setup(void **state)
{
    (void)state;
    timer_count = 0;
    refuse = 0;
    store = fake_event_store_new();
    fake_kv_init(&kv);
    assert_int_equal(followers_new(fake_event_store_port(store), &timer_port, &followers, NULL), 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    followers_free(followers);
    fake_event_store_free(store);
    fake_kv_clear(&kv);
    buffer_clear(&said);
    return 0;
}

static void was(const char *text)
{
    buffer_add_char(&said, '\0');
    assert_string_equal(said.data, text);
    buffer_clear(&said);
}

static bool event(void *arg, const struct stored_event *e)
{
    char text[20];
    if (refuse && refuse--)
        return false;
    snprintf(text, sizeof(text), "%s%d ", (const char *)arg, (int)e->position);
    buffer_add_str(&said, str_from(text));
    return true;
}

static void failed(void *arg, const struct error *err)
{
    buffer_add_str(&said, str_from(arg));
    buffer_add_str(&said, str_from(err->text));
    buffer_add_char(&said, ' ');
}

static struct durable *begin(const char *who, bool from_start)
{
    const struct durable_parts parts = {&kv.port, &timer_port, &random_port, followers};
    const struct durable_what what = {.name = STR("mail"), .from_start = from_start};
    const struct durable_sink sink = {(void *)(uintptr_t)who, event, failed};
    struct durable *d;
    assert_int_equal(durable_open(&parts, &what, &sink, &d, NULL), ST_OK);
    return d;
}

static void add(int count)
{
    while (count--)
        fake_event_store_add(store, STR("a/1"), STR("T"), STR("{}"));
}

static void position_is(const char *text)
{
    struct str value = fake_kv_value(&kv, STR("meta"), STR("subscription/mail"));
    assert_int_equal(value.len, strlen(text));
    assert_memory_equal(value.ptr, text, value.len);
}

static void test_goes_on(void **state)
{
    (void)state;
    add(3);
    struct durable *d = begin("", true);
    pass(10);
    was("1 2 3 ");
    position_is("{\"position\":3}");
    durable_close(d);
    add(2);
    d = begin("", true);
    pass(10);
    was("4 5 ");
    position_is("{\"position\":5}");
    add(1);
    pass(600);
    was("6 ");
    durable_close(d);
}

static void test_from_now(void **state)
{
    (void)state;
    add(3);
    struct durable *d = begin("", false);
    pass(10);
    was("");
    position_is("{\"position\":3}");
    durable_close(d);
    add(1); /* while nobody is there */
    d = begin("", false);
    pass(10);
    was("4 ");
    durable_close(d);
}

static void test_not_yet(void **state)
{
    (void)state;
    add(3);
    refuse = 1;
    struct durable *d = begin("", true);
    durable_resume(d); /* before anything is known */
    pass(2000);
    was("");
    durable_resume(d);
    pass(10);
    was("1 2 3 ");
    refuse = 1;
    add(2);
    pass(600);
    durable_close(d); /* what was not done with comes again */
    d = begin("", true);
    pass(10);
    was("4 5 ");
    durable_close(d);
    durable_close(NULL);
}

static void test_one_of_several(void **state)
{
    (void)state;
    struct durable *a = begin("a", true), *b = NULL;
    pass(10);
    b = begin("b", true);
    add(2);
    pass(60000);
    was("a1 a2 ");
    durable_close(a);
    add(1);
    pass(6000);
    was("b3 ");
    durable_close(b);
}

static void applied(void *arg, const struct error *err, const struct kv_applied *r)
{
    (void)arg;
    assert_null(err);
    assert_false(r->conflict);
}

/* The lease of a process that ended without a word is over at some time. */
static void test_ended_without_a_word(void **state)
{
    const struct kv_change lease = {.key = STR("subscription/mail/lease"),
                                    .value = STR("\"x\""),
                                    .ttl_ms = DURABLE_LEASE_MS};
    (void)state;
    kv.port.apply(kv.port.ctx, STR("meta"), &lease, 1, applied, NULL);
    struct durable *a = begin("a", true);
    add(1);
    pass(DURABLE_LEASE_MS - 1);
    was("");
    pass(DURABLE_RENEW_MS + 10);
    was("a1 ");
    durable_close(a);
}

static void test_store_fails(void **state)
{
    (void)state;
    add(1);
    kv.fail_after = 0;
    struct durable *d = begin("", true);
    pass(10);
    was("the store is away ");
    pass(5000);
    was("1 ");
    kv.fail_after = 0;
    add(1);
    pass(600); /* it is told, and its position cannot be kept */
    was("2 the store is away ");
    pass(6000);
    was("2 "); /* so it comes again */
    position_is("{\"position\":2}");
    kv.hold = true;
    add(1);
    pass(6000);
    was("3 ");
    durable_close(d); /* while the store has its questions */
    kv.hold = false;
    fake_kv_release(&kv);
}

static void test_names(void **state)
{
    const struct durable_parts parts = {&kv.port, &timer_port, &random_port, followers};
    const struct durable_what what = {.name = STR("A b")};
    const struct durable_sink sink = {NULL, event, NULL};
    struct durable *d;
    struct error err;
    (void)state;
    assert_int_equal(durable_open(&parts, &what, &sink, &d, &err), ST_INVALID);
    assert_string_equal(err.text, "\"A b\" is no name of a subscription: 1 to 100 small letters, digits, "
                                  "'-' and '.'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_goes_on, setup, teardown),
        cmocka_unit_test_setup_teardown(test_from_now, setup, teardown),
        cmocka_unit_test_setup_teardown(test_not_yet, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_of_several, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ended_without_a_word, setup, teardown),
        cmocka_unit_test_setup_teardown(test_store_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(test_names, setup, teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
