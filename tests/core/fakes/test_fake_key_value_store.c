/* The fake that the tests of domains stand on keeps the promises of the port. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/core/fakes/fake_key_value_store.h"

#define SPACE STR("state/local/global")

static struct fake_kv kv;
static int dones;
static char told[600];

static void got(void *arg, const struct error *err, const struct kv_value *v)
{
    (void)arg;
    dones++;
    if (err)
        snprintf(told, sizeof(told), "%d %s", err->code, err->text);
    else
        snprintf(told, sizeof(told), "%.*s v%llu ttl%llu", STR_ARG(v->value),
                 (unsigned long long)v->version, (unsigned long long)v->ttl_ms);
}

static void applied(void *arg, const struct error *err, const struct kv_applied *r)
{
    (void)arg;
    dones++;
    if (err)
        snprintf(told, sizeof(told), "%d %s", err->code, err->text);
    else if (r->conflict)
        snprintf(told, sizeof(told), "conflict %.*s at %llu", STR_ARG(r->key),
                 (unsigned long long)r->actual);
    else
        snprintf(told, sizeof(told), "%zu changes, last %llu", r->count,
                 (unsigned long long)r->versions[r->count - 1]);
}

static void listed(void *arg, const struct error *err, const struct kv_entry *e, size_t count,
                   bool more)
{
    (void)arg;
    dones++;
    int at = snprintf(told, sizeof(told), "%s%s", err ? err->text : "", more ? "more" : "");
    for (size_t i = 0; i < count; i++)
        at += snprintf(told + at, sizeof(told) - (size_t)at, "[%.*s=%.*s %llu]", STR_ARG(e[i].key),
                       STR_ARG(e[i].value), (unsigned long long)e[i].bytes);
}

static int set_up(void **state)
{
    (void)state;
    fake_kv_init(&kv);
    dones = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fake_kv_clear(&kv);
    return 0;
}

static void put(const char *key, const char *value, uint64_t ttl_ms)
{
    struct kv_change c = {.key = str_from(key), .value = str_from(value), .ttl_ms = ttl_ms};
    kv.port.apply(kv.port.ctx, SPACE, &c, 1, applied, NULL);
}

static void reads_what_was_written(void **state)
{
    (void)state;
    put("a", "1", 0);
    assert_string_equal(told, "1 changes, last 1");
    put("b", "2", 500);
    kv.port.get(kv.port.ctx, SPACE, STR("b"), got, NULL);
    assert_string_equal(told, "2 v2 ttl500");
    kv.now_ms += 500;
    kv.port.get(kv.port.ctx, SPACE, STR("b"), got, NULL);
    assert_string_equal(told, "-4 there is no key \"b\" in state/local/global");
    kv.port.get(kv.port.ctx, STR("state/local/x"), STR("a"), got, NULL);
    assert_string_equal(told, "-4 there is no key \"a\" in state/local/x");
    assert_int_equal(fake_kv_count(&kv, SPACE), 1);
}

static void changes_all_or_none(void **state)
{
    (void)state;
    put("a", "1", 0);
    struct kv_change both[] = {
        {.key = STR("b"), .value = STR("2"), .if_version = true},
        {.key = STR("a"), .remove = true, .if_version = true, .version = 7}};
    kv.port.apply(kv.port.ctx, SPACE, both, 2, applied, NULL);
    assert_string_equal(told, "conflict a at 1");
    assert_null(fake_kv_value(&kv, SPACE, STR("b")).ptr);
    both[1].version = 1;
    kv.port.apply(kv.port.ctx, SPACE, both, 2, applied, NULL);
    assert_string_equal(told, "2 changes, last 3");
    assert_null(fake_kv_value(&kv, SPACE, STR("a")).ptr);
    both[0] = (struct kv_change){.key = STR("a"), .value = STR("new"), .if_version = true};
    kv.port.apply(kv.port.ctx, SPACE, both, 1, applied, NULL);
    assert_string_equal(told, "1 changes, last 4");
}

static void lists_in_the_order_of_bytes(void **state)
{
    (void)state;
    put("b", "2", 0);
    put("a/2", "x", 0);
    put("a/1", "y", 0);
    fake_kv_put(&kv, STR("other"), STR("a/0"), STR("z"));
    struct kv_query q = {.prefix = STR("a/"), .limit = 1, .values = true};
    kv.port.list(kv.port.ctx, SPACE, &q, listed, NULL);
    assert_string_equal(told, "more[a/1=y 1]");
    q.after = STR("a/1");
    kv.port.list(kv.port.ctx, SPACE, &q, listed, NULL);
    assert_string_equal(told, "[a/2=x 1]");
}

static void switches_work(void **state)
{
    (void)state;
    kv.fail_after = 1;
    put("a", "1", 0);
    assert_string_equal(told, "1 changes, last 1");
    put("a", "2", 0);
    assert_string_equal(told, "-10 the store is away");
    assert_int_equal(fake_kv_value(&kv, SPACE, STR("a")).ptr[0], '1');
    kv.fail_after = 0;
    kv.fail_done = true;
    put("a", "3", 0);
    assert_string_equal(told, "-10 the store is away");
    assert_int_equal(fake_kv_value(&kv, SPACE, STR("a")).ptr[0], '3');
    kv.hold = true;
    dones = 0;
    put("a", "4", 0);
    kv.port.get(kv.port.ctx, SPACE, STR("a"), got, NULL);
    assert_int_equal(dones, 0);
    assert_int_equal(fake_kv_release(&kv), 2);
    assert_string_equal(told, "4 v3 ttl0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_what_was_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(changes_all_or_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lists_in_the_order_of_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(switches_work, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
