/* Operations of state past hooks, which say something at once or later. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/state/operations.h"
#include "tests/core/fakes/fake_hooks.h"
#include "tests/core/fakes/fake_key_value_store.h"

static struct fake_kv kv;
static struct state *state;
static struct operations *ops;
static struct state_operations *domain;
static struct caller alice = {.id = STR_INIT("alice"), .tenant = STR_INIT("acme")};
static struct fake_hook hook, other;
static char told[1000];
static int dones;
static void (*fire)(void *arg);
static void *fire_arg;
static uint64_t delay;

static int64_t wall_ms(void *ctx)
{
    (void)ctx;
    return 1000000;
}

static int publish(void *ctx, struct str topic, struct str json, struct error *err)
{
    (void)ctx;
    (void)topic;
    (void)json;
    (void)err;
    return ST_OK;
}

static struct timer *timer_create(void *ctx, void (*f)(void *arg), void *arg)
{
    (void)ctx;
    fire = f;
    fire_arg = arg;
    return (struct timer *)&delay;
}

static void timer_set(void *ctx, struct timer *timer, uint64_t delay_ms)
{
    (void)ctx;
    (void)timer;
    delay = delay_ms;
}

static void timer_free(void *ctx, struct timer *timer)
{
    (void)ctx;
    (void)timer;
    fire = NULL;
}

static const struct clock_port clock_source = {.wall_ms = wall_ms};
static const struct event_bus bus = {.publish = publish};
static const struct timer_port timers = {.create = timer_create, .set = timer_set,
                                         .free = timer_free};

static int start(void **test)
{
    (void)test;
    fake_hooks_open();
    fake_kv_init(&kv);
    hook = other = (struct fake_hook){0};
    dones = 0;
    delay = 0;
    const struct state_parts parts = {.values = &kv.port, .bus = &bus, .clock = &clock_source,
                                      .max_bytes = 100000, .max_keys = 100};
    state = state_new(&parts);
    assert_int_equal(operations_new(NULL, &ops, NULL), ST_OK);
    const struct state_operations_parts p = {state, &timers, NULL, NULL, NULL, fake_hooks};
    return state_operations_new(&p, ops, &domain, NULL);
}

static int end(void **test)
{
    (void)test;
    state_operations_free(domain);
    state_free(state);
    operations_free(ops);
    fake_kv_clear(&kv);
    fake_hooks_close();
    return 0;
}

static void answered(void *arg, const struct error *err, struct str json)
{
    (void)arg;
    dones++;
    if (err)
        snprintf(told, sizeof(told), "%d %s", err->code, err->text);
    else
        snprintf(told, sizeof(told), "%.*s", STR_ARG(json));
}

static void call(const char *name, const char *arguments)
{
    const struct operation_service *service = operations_service(ops);
    const struct call_context context = {.caller = &alice};
    const struct operation_request request = {str_from(name), str_from(arguments), {NULL, 0},
                                              &context};
    const struct operation_observer observer = {NULL, NULL, answered};
    told[0] = '\0';
    dones = 0;
    service->execute(service->ctx, &request, &observer, NULL);
}

/* The call has ended once, with this. */
#define ENDED(text)                    \
    do {                               \
        assert_string_equal(told, text); \
        assert_int_equal(dones, 1);    \
    } while (0)

static struct str stored(const char *key)
{
    struct str text = fake_kv_value(&kv, STR("state/acme/global"), str_from(key));
    const char *line = text.len ? memchr(text.ptr, '\n', text.len) : NULL;
    return line ? (struct str){line + 1, text.len - (size_t)(line + 1 - text.ptr)} : text;
}

static void answer_late(void)
{
    if (!hook.late)
        return;
    assert_int_equal(dones, 0);
    assert_non_null(hook.turn);
    fake_hook_answer(&hook);
}

static void hook_with(const char *point, const char *json, bool late)
{
    hook.json = json;
    hook.late = late;
    fake_hooks_add(&hook, point);
}

/* Each test runs twice: with a hook that answers at once, and with one that is late. */
#define BOTH(name)                             \
    static void name##_at_once(void **test)    \
    {                                          \
        (void)test;                            \
        name(false);                           \
    }                                          \
    static void name##_late(void **test)       \
    {                                          \
        (void)test;                            \
        name(true);                            \
    }
#define TWICE(name)                                          \
    cmocka_unit_test_setup_teardown(name##_at_once, start, end), \
        cmocka_unit_test_setup_teardown(name##_late, start, end)

static void a_write_is_changed(bool late)
{
    hook_with("BeforeStateWrite", "{\"result\":\"modified\",\"data\":{\"/value/x\":2}}", late);
    call("state.set", "{\"key\":\"k\",\"value\":{\"x\":1}}");
    answer_late();
    ENDED("{\"version\":1}");
    assert_true(str_eq(stored("k"), STR("{\"x\":2}")));
    assert_string_equal(hook.saw, "{\"\":{\"action\":\"set\",\"scope\":\"global\",\"key\":\"k\","
                                  "\"value\":{\"x\":1}}}");
}
BOTH(a_write_is_changed)

static void a_write_is_cancelled(bool late)
{
    hook_with("BeforeStateWrite", "{\"result\":\"cancel\",\"reason\":\"not on Sundays\"}", late);
    call("state.set", "{\"key\":\"k\",\"value\":1}");
    answer_late();
    ENDED("-6 state.set of \"k\" was not done: not on Sundays (hook \"BeforeStateWrite\")");
    assert_int_equal(stored("k").len, 0);
    call("state.delete", "{\"key\":\"k\"}");
    answer_late();
    ENDED("-6 state.delete of \"k\" was not done: not on Sundays (hook \"BeforeStateWrite\")");
    call("state.clear", "{}");
    answer_late();
    ENDED("-6 state.clear of \"\" was not done: not on Sundays (hook \"BeforeStateWrite\")");
}
BOTH(a_write_is_cancelled)

static void what_a_hook_makes_is_looked_at_for_secrets(bool late)
{
    hook_with("BeforeStateWrite",
              "{\"result\":\"modified\",\"data\":{\"/value\":{\"password\":\"hunter2hunter2\"}}}", late);
    call("state.set", "{\"key\":\"k\",\"value\":1}");
    answer_late();
    ENDED("-6 the value of \"k\" holds a secret by its name at /password, which is not kept in "
          "clear; name secrets by their handles, {{secret:NAME}}, or see the setting state.secrets");
}
BOTH(what_a_hook_makes_is_looked_at_for_secrets)

static void a_failing_hook_is_passed(bool late)
{
    hook_with("BeforeStateWrite", "{\"result\":\"explode\"}", late);
    call("state.set", "{\"key\":\"k\",\"value\":1}");
    answer_late();
    ENDED("{\"version\":1}");
}
BOTH(a_failing_hook_is_passed)

static void a_removal_has_no_value_to_change(bool late)
{
    hook_with("BeforeStateWrite", "{\"result\":\"modified\",\"data\":{\"/value\":2}}", late);
    call("state.delete", "{\"key\":\"k\"}");
    answer_late();
    ENDED("{\"version\":0}");
    assert_string_equal(hook.saw, "{\"\":{\"action\":\"delete\",\"scope\":\"global\",\"key\":\"k\"}}");
}
BOTH(a_removal_has_no_value_to_change)

static void a_sensitive_value_is_not_shown(bool late)
{
    hook_with("BeforeStateWrite", "{\"result\":\"modified\",\"data\":{\"/value\":2}}", late);
    call("state.set", "{\"key\":\"k\",\"value\":1,\"class\":\"sensitive\"}");
    answer_late();
    ENDED("-6 values of the class sensitive are kept encrypted, and no key is configured; name one in "
          "encryption.keys");
    assert_string_equal(hook.saw, "{\"\":{\"action\":\"set\",\"scope\":\"global\",\"key\":\"k\","
                                  "\"class\":\"sensitive\"}}");
}
BOTH(a_sensitive_value_is_not_shown)

static void a_write_is_told(bool late)
{
    hook_with("AfterStateWrite", "{\"result\":\"continue\"}", late);
    call("state.set", "{\"key\":\"k\",\"value\":1}");
    ENDED("{\"version\":1}");
    assert_string_equal(hook.saw, "{\"\":{\"action\":\"set\",\"scope\":\"global\",\"key\":\"k\","
                                  "\"value\":1,\"version\":1}}");
    if (late)
        fake_hook_answer(&hook);
    call("state.delete", "{\"key\":\"k\"}");
    ENDED("{\"version\":3,\"removed\":true}");
    assert_string_equal(hook.saw, "{\"\":{\"action\":\"delete\",\"scope\":\"global\",\"key\":\"k\","
                                  "\"version\":3,\"removed\":true}}");
    if (late)
        fake_hook_answer(&hook);
    assert_int_equal(hook.runs, 2);
}
BOTH(a_write_is_told)

static void a_read_is_replaced(bool late)
{
    hook_with("BeforeStateRead", "{\"result\":\"replace\",\"value\":[1,2]}", late);
    call("state.get", "{\"key\":\"k\"}");
    answer_late();
    ENDED("{\"key\":\"k\",\"value\":[1,2],\"version\":0,\"bytes\":5}");
    call("state.list", "{\"prefix\":\"a\"}");
    answer_late();
    ENDED("-12 state.list was not done: the hook \"BeforeStateRead\" replaces it, and only state.get can "
          "be replaced");
}
BOTH(a_read_is_replaced)

static void a_read_is_cancelled(bool late)
{
    hook_with("BeforeStateRead", "{\"result\":\"cancel\",\"reason\":\"private\"}", late);
    call("state.get", "{\"key\":\"k\"}");
    answer_late();
    ENDED("-6 state.get of \"k\" was not done: private (hook \"BeforeStateRead\")");
    call("state.search", "{\"prefix\":\"a\",\"pattern\":\"*\"}");
    answer_late();
    ENDED("-6 state.search of \"a\" was not done: private (hook \"BeforeStateRead\")");
}
BOTH(a_read_is_cancelled)

static void what_was_read_is_changed(bool late)
{
    call("state.set", "{\"key\":\"k\",\"value\":{\"x\":1}}");
    hook_with("AfterStateRead", "{\"result\":\"modified\",\"data\":{\"/value/x\":\"?\"}}", late);
    call("state.get", "{\"key\":\"k\"}");
    answer_late();
    ENDED("{\"key\":\"k\",\"value\":{\"x\":\"?\"},\"version\":1,\"bytes\":64,\"class\":\"standard\","
          "\"schema\":1,\"updatedAt\":\"1970-01-01T00:16:40.000Z\"}");
    assert_string_equal(hook.saw, "{\"\":{\"action\":\"get\",\"scope\":\"global\",\"key\":\"k\","
                                  "\"class\":\"standard\",\"value\":{\"x\":1},\"version\":1}}");
}
BOTH(what_was_read_is_changed)

static void what_was_read_is_kept_back(bool late)
{
    call("state.set", "{\"key\":\"k\",\"value\":1}");
    hook_with("AfterStateRead", "{\"result\":\"cancel\",\"reason\":\"private\"}", late);
    call("state.list", "{\"values\":true}");
    answer_late();
    ENDED("-6 state.list of \"\" was not done: private (hook \"AfterStateRead\")");
    assert_string_equal(hook.saw, "{\"\":{\"action\":\"list\",\"scope\":\"global\",\"keys\":[\"k\"]}}");
}
BOTH(what_was_read_is_kept_back)

static void a_conflict_is_tried_again(bool late)
{
    call("state.set", "{\"key\":\"lock\",\"value\":1}");
    hook_with("StateConflict", "{\"result\":\"retry\",\"maxAttempts\":3,\"delayMs\":50}", late);
    call("state.cas", "{\"key\":\"lock\",\"value\":2,\"ifVersion\":0}");
    answer_late();
    assert_int_equal(dones, 0);
    assert_int_equal(delay, 50);
    assert_string_equal(hook.saw, "{\"\":{\"action\":\"set\",\"scope\":\"global\",\"key\":\"lock\","
                                  "\"value\":2,\"version\":1}}");
    fire(fire_arg);
    answer_late();
    assert_int_equal(dones, 0);
    fire(fire_arg);
    answer_late();
    ENDED("{\"version\":1,\"conflict\":true}");
    assert_int_equal(hook.runs, 3);
    call("state.cas", "{\"key\":\"lock\",\"value\":2,\"ifVersion\":0}");
    answer_late();
    fake_kv_clear(&kv);
    fake_kv_init(&kv); /* the other one has let go of it */
    fire(fire_arg);
    ENDED("{\"version\":1}");
}
BOTH(a_conflict_is_tried_again)

static void a_migration_is_cancelled(bool late)
{
    hook_with("StateMigration", "{\"result\":\"cancel\",\"reason\":\"first a backup\"}", late);
    call("state.migrate", "{\"migrations\":{},\"to\":2}");
    answer_late();
    ENDED("-6 state.migrate of \"\" was not done: first a backup (hook \"StateMigration\")");
    call("state.rollback", "{\"run\":\"0123456789abcdef\"}");
    answer_late();
    ENDED("-6 state.rollback of \"0123456789abcdef\" was not done: first a backup (hook "
          "\"StateMigration\")");
}
BOTH(a_migration_is_cancelled)

static void a_migration_goes_on(bool late)
{
    hook_with("StateMigration", "{\"result\":\"continue\"}", late);
    call("state.rollback", "{\"run\":\"0123456789abcdef\"}");
    answer_late();
    ENDED("-4 no migration of this tenant is kept under that name");
}
BOTH(a_migration_goes_on)

static void a_hook_that_is_too_late_is_left(void **test)
{
    (void)test;
    hook_with("BeforeStateWrite", "{\"result\":\"continue\"}", true);
    call("state.set", "{\"key\":\"k\",\"value\":1}");
    assert_int_equal(dones, 0);
    fake_hooks_expire();
    ENDED("{\"version\":1}");
    assert_int_equal(hook.cancels, 1);
}

static void nothing_is_told_after_the_end(void **test)
{
    (void)test;
    hook_with("BeforeStateRead", "{\"result\":\"continue\"}", true);
    other = (struct fake_hook){.json = "{\"result\":\"retry\",\"maxAttempts\":3,\"delayMs\":50}"};
    fake_hooks_add(&other, "StateConflict");
    call("state.set", "{\"key\":\"k\",\"value\":1}");
    call("state.cas", "{\"key\":\"k\",\"value\":1,\"ifVersion\":0}");
    call("state.get", "{\"key\":\"k\"}");
    assert_non_null(fire);
    state_operations_free(domain);
    domain = NULL;
    assert_int_equal(dones, 0);
    assert_int_equal(hook.cancels, 1);
    assert_null(fire);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TWICE(a_write_is_changed),
        TWICE(a_write_is_cancelled),
        TWICE(what_a_hook_makes_is_looked_at_for_secrets),
        TWICE(a_failing_hook_is_passed),
        TWICE(a_removal_has_no_value_to_change),
        TWICE(a_sensitive_value_is_not_shown),
        TWICE(a_write_is_told),
        TWICE(a_read_is_replaced),
        TWICE(a_read_is_cancelled),
        TWICE(what_was_read_is_changed),
        TWICE(what_was_read_is_kept_back),
        TWICE(a_conflict_is_tried_again),
        TWICE(a_migration_is_cancelled),
        TWICE(a_migration_goes_on),
        cmocka_unit_test_setup_teardown(a_hook_that_is_too_late_is_left, start, end),
        cmocka_unit_test_setup_teardown(nothing_is_told_after_the_end, start, end),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
