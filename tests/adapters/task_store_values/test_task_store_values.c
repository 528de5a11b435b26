/* Tasks in a store of values that two processes share: what is told when, what survives, what fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "adapters/driven/task_store_values/task_store_values.h"
#include "core/base/error.h"
#include "tests/core/fakes/fake_key_value_store.h"

#define SPACE STR("tasks")
#define NOW_MS 1795255200000

struct timer {
    void (*fire)(void *arg);
    void *arg;
    uint64_t delay_ms; /* 0: not set */
};

struct process {
    struct timer timer;
    struct timer_port timers;
    struct random_port random;
    uint8_t seed;
    struct task_store_values *store;
    const struct task_store *port;
    int told;
    int code;
    char text[ERROR_TEXT_SIZE];
};

struct world {
    struct fake_kv kv;
    struct clock_port clock;
    struct process one, two;
};

static const struct task_owner me = {STR_INIT("me"), STR_INIT("local")};

static struct timer *create(void *ctx, void (*fire)(void *), void *arg)
{
    struct process *p = ctx;
    p->timer = (struct timer){fire, arg, 0};
    return &p->timer;
}

static void set(void *ctx, struct timer *timer, uint64_t delay_ms)
{
    (void)ctx;
    timer->delay_ms = delay_ms;
}

static void ignore_timer(void *ctx, struct timer *timer)
{
    (void)ctx;
    (void)timer;
}

static int fill(void *ctx, void *out, size_t len, struct error *err)
{
    const struct process *p = ctx;
    (void)err;
    memset(out, p->seed, len);
    return ST_OK;
}

static int64_t wall_ms(void *ctx)
{
    const struct world *w = ctx;
    return (int64_t)w->kv.now_ms;
}

static void begin(struct world *w, struct process *p, uint8_t seed)
{
    p->seed = seed;
    p->timers = (struct timer_port){
        .ctx = p, .create = create, .set = set, .stop = ignore_timer, .free = ignore_timer};
    p->random = (struct random_port){p, fill};
    const struct task_store_values_config config = {&w->kv.port, &w->clock, &p->timers, &p->random};
    assert_int_equal(task_store_values_new(&config, &p->store, NULL), ST_OK);
    p->port = task_store_values_port(p->store);
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    fake_kv_init(&w->kv);
    w->kv.now_ms = NOW_MS;
    w->clock = (struct clock_port){.ctx = w, .wall_ms = wall_ms};
    begin(w, &w->one, 0x11);
    begin(w, &w->two, 0x22);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    task_store_values_free(w->one.store);
    task_store_values_free(w->two.store);
    fake_kv_clear(&w->kv);
    free(w);
    return 0;
}

static void told(void *arg, const struct error *err)
{
    struct process *p = arg;
    p->told++;
    p->code = err ? err->code : ST_OK;
    snprintf(p->text, sizeof(p->text), "%s", err ? err->text : "");
}

static uint64_t ready(struct process *p, const char *id)
{
    uint64_t ticket = 77;
    p->told = 0;
    p->port->ready(p->port->ctx, str_from(id), &me, told, p, &ticket);
    return ticket;
}

static int put(struct process *p, const char *id, uint64_t order, enum task_status status,
               const char *result)
{
    struct error err;
    const struct task_record record = {.id = str_from(id),
                                       .order = order,
                                       .owner = me,
                                       .tool = STR("dig"),
                                       .status = status,
                                       .message = STR("so \"far\""),
                                       .created_ms = NOW_MS,
                                       .updated_ms = NOW_MS + 5,
                                       .ttl_ms = 60000,
                                       .poll_ms = 500,
                                       .result = str_from(result),
                                       .client = STR("{\"revision\":3}"),
                                       .round = 1};
    return p->port->put(p->port->ctx, &record, &err);
}

static const struct task_record *get(struct process *p, const char *id)
{
    const struct task_record *record = NULL;
    p->port->get(p->port->ctx, str_from(id), &record, NULL);
    return record;
}

static void assert_stored(struct world *w, const char *key, const char *value)
{
    struct str text = fake_kv_value(&w->kv, SPACE, str_from(key));
    char copy[1000];
    snprintf(copy, sizeof(copy), "%.*s", STR_ARG(text));
    assert_string_equal(copy, value);
}

#define ONE "11111111111111111111111111111111"

static void test_written_then_told(void **state)
{
    struct world *w = *state;
    w->kv.hold = true;
    assert_int_equal(put(&w->one, "aa", 1, TASK_WORKING, ""), ST_OK);
    assert_int_equal(get(&w->one, "aa")->status, TASK_WORKING); /* at once for this process */
    assert_true(ready(&w->one, "aa") > 0);
    assert_int_equal(w->one.told, 0);
    assert_false(task_store_values_idle(w->one.store));
    w->kv.hold = false;
    fake_kv_release(&w->kv);
    assert_int_equal(w->one.told, 1);
    assert_int_equal(w->one.code, ST_OK);
    assert_true(task_store_values_idle(w->one.store));
    assert_stored(w, "task/aa",
                  "{\"order\":1,\"caller\":\"me\",\"tenant\":\"local\",\"tool\":\"dig\",\"status\":0,"
                  "\"toolError\":false,\"message\":\"so \\\"far\\\"\",\"createdMs\":1795255200000,"
                  "\"updatedMs\":1795255200005,\"ttlMs\":60000,\"pollMs\":500,\"errorCode\":0,"
                  "\"client\":{\"revision\":3},\"round\":1,\"host\":\"" ONE "\"}");
    assert_stored(w, "alive/" ONE, "1");
    assert_int_equal(ready(&w->one, "aa"), 0); /* is so already */
    assert_int_equal(w->one.told, 1);
}

/* What changes while a write is on its way is written behind it, and waited for. */
static void test_changed_meanwhile(void **state)
{
    struct world *w = *state;
    w->kv.hold = true;
    put(&w->one, "aa", 1, TASK_WORKING, "");
    put(&w->one, "aa", 1, TASK_COMPLETED, "{\"content\":[]}");
    ready(&w->one, "aa");
    fake_kv_release(&w->kv);
    assert_int_equal(w->one.told, 0);
    fake_kv_release(&w->kv);
    assert_int_equal(w->one.told, 1);
    assert_int_equal(w->kv.applies, 2);
    const char *text = fake_kv_value(&w->kv, SPACE, STR("task/aa")).ptr;
    assert_non_null(strstr(text, "\"status\":2"));
    assert_null(strstr(text, "host")); /* it has ended: nobody has to live for it */
}

static void test_failed_write(void **state)
{
    struct world *w = *state;
    w->kv.fail_after = 0;
    assert_int_equal(put(&w->one, "aa", 1, TASK_WORKING, ""), ST_OK);
    assert_int_equal(w->one.timer.delay_ms, 1000); /* tries again */
    w->kv.fail_after = 0;
    assert_int_equal(ready(&w->one, "aa"), 0);
    assert_int_equal(w->one.told, 1);
    assert_int_equal(w->one.code, ST_UNAVAILABLE);
    assert_string_equal(w->one.text, "the store is away");
    w->kv.fail_after = -1;
    w->one.timer.fire(w->one.timer.arg);
    ready(&w->one, "aa");
    assert_int_equal(w->one.code, ST_OK);
    assert_non_null(fake_kv_value(&w->kv, SPACE, STR("task/aa")).ptr);
}

static void test_other_process(void **state)
{
    struct world *w = *state;
    put(&w->one, "aa", 1, TASK_WORKING, "");
    assert_null(get(&w->two, "aa"));
    ready(&w->two, "aa");
    assert_int_equal(w->two.told, 1);
    assert_true(get(&w->two, "aa")->elsewhere);
    assert_true(str_eq(get(&w->two, "aa")->message, STR("so \"far\"")));
    put(&w->one, "aa", 1, TASK_COMPLETED, "{\"content\":[1]}");
    assert_int_equal(get(&w->two, "aa")->status, TASK_WORKING);
    ready(&w->two, "aa");
    assert_int_equal(get(&w->two, "aa")->status, TASK_COMPLETED);
    assert_false(get(&w->two, "aa")->elsewhere);
    assert_true(str_eq(get(&w->two, "aa")->result, STR("{\"content\":[1]}")));
    ready(&w->two, "nobody");
    assert_int_equal(w->two.code, ST_OK);
    assert_null(get(&w->two, "nobody"));
}

/* A process that says nothing for half a minute is dead; one that says it is not. */
static void test_dead_process(void **state)
{
    struct world *w = *state;
    put(&w->one, "aa", 1, TASK_WORKING, "");
    assert_int_equal(w->one.timer.delay_ms, 10000);
    w->kv.now_ms += 20000;
    w->one.timer.fire(w->one.timer.arg);
    w->kv.now_ms += 20000;
    ready(&w->two, "aa");
    assert_true(get(&w->two, "aa")->elsewhere);
    w->kv.now_ms += 11000;
    ready(&w->two, "aa");
    assert_false(get(&w->two, "aa")->elsewhere);
    assert_int_equal(get(&w->two, "aa")->status, TASK_WORKING); /* the service says that it failed */
}

static void test_removed(void **state)
{
    struct world *w = *state;
    put(&w->one, "aa", 1, TASK_COMPLETED, "{}");
    ready(&w->two, "aa");
    w->one.port->remove(w->one.port->ctx, STR("aa"), NULL);
    assert_null(get(&w->one, "aa"));
    assert_null(fake_kv_value(&w->kv, SPACE, STR("task/aa")).ptr);
    ready(&w->two, "aa");
    assert_null(get(&w->two, "aa"));
    w->one.port->remove(w->one.port->ctx, STR("never"), NULL);
    assert_true(task_store_values_idle(w->one.store));
}

static size_t count_of(struct process *p)
{
    size_t count = 0;
    p->port->count(p->port->ctx, &me, &count, NULL);
    return count;
}

/* More than a page, and one that is too long for a list. */
static void test_all_of_an_owner(void **state)
{
    struct world *w = *state;
    char id[8], *large = malloc(100003);
    memset(large, 'x', 100002);
    large[0] = large[100001] = '"';
    large[100002] = '\0';
    for (int i = 0; i < 450; i++) {
        snprintf(id, sizeof(id), "%03d", i);
        put(&w->one, id, (uint64_t)i + 1, TASK_COMPLETED, i == 230 ? large : "{}");
    }
    ready(&w->two, "");
    assert_int_equal(w->two.told, 1);
    assert_int_equal(w->two.code, ST_OK);
    assert_int_equal(count_of(&w->two), 450);
    assert_int_equal(get(&w->two, "230")->result.len, 100002);
    free(large);
}

/* Two processes may have given the same place. */
static void test_same_place(void **state)
{
    struct world *w = *state;
    const struct task_record *record;
    put(&w->one, "aa", 7, TASK_COMPLETED, "{}");
    put(&w->two, "bb", 7, TASK_COMPLETED, "{}");
    ready(&w->two, "");
    assert_int_equal(count_of(&w->two), 2);
    assert_int_equal(w->two.port->next(w->two.port->ctx, &me, 7, &record, NULL), ST_OK);
    assert_true(str_eq(record->id, STR("aa")));
    assert_int_equal(record->order, 8);
}

static void test_damaged(void **state)
{
    struct world *w = *state;
    fake_kv_put(&w->kv, SPACE, STR("task/aa"), STR("{\"order\":1}"));
    ready(&w->two, "aa");
    assert_int_equal(w->two.code, ST_INVALID);
    assert_string_equal(w->two.text,
                        "what the store holds as the task \"aa\" is no record of a task");
}

static void test_forgotten(void **state)
{
    struct world *w = *state;
    w->kv.hold = true;
    put(&w->one, "aa", 1, TASK_WORKING, "");
    uint64_t ticket = ready(&w->one, "aa");
    w->one.port->forget(w->one.port->ctx, ticket);
    ticket = ready(&w->two, "aa"); /* on its way to the values */
    w->two.port->forget(w->two.port->ctx, ticket);
    w->two.port->forget(w->two.port->ctx, ticket + 10);
    w->kv.hold = false;
    fake_kv_release(&w->kv);
    assert_int_equal(w->one.told + w->two.told, 0);
}

static void test_closed(void **state)
{
    struct world *w = *state;
    w->kv.hold = true;
    put(&w->one, "aa", 1, TASK_WORKING, "");
    ready(&w->one, "aa");
    fake_kv_clear(&w->kv);
    task_store_values_free(w->one.store);
    w->one.store = NULL;
    assert_int_equal(w->one.code, ST_CANCELLED);
    fake_kv_init(&w->kv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_written_then_told, setup, teardown),
        cmocka_unit_test_setup_teardown(test_changed_meanwhile, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failed_write, setup, teardown),
        cmocka_unit_test_setup_teardown(test_other_process, setup, teardown),
        cmocka_unit_test_setup_teardown(test_dead_process, setup, teardown),
        cmocka_unit_test_setup_teardown(test_removed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_all_of_an_owner, setup, teardown),
        cmocka_unit_test_setup_teardown(test_same_place, setup, teardown),
        cmocka_unit_test_setup_teardown(test_damaged, setup, teardown),
        cmocka_unit_test_setup_teardown(test_forgotten, setup, teardown),
        cmocka_unit_test_setup_teardown(test_closed, setup, teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
