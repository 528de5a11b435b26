/* Hooks hear of events when they are durable, and cannot do anything about them. */
#include "tests/core/journal/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/str.h"
#include "tests/core/fakes/fake_hooks.h"

static struct world *w;
static struct fake_hook hook;
static int commits;

static int start(void **test)
{
    (void)test;
    fake_hooks_open();
    world_hooks = fake_hooks;
    w = world_new();
    hook = (struct fake_hook){0};
    commits = 0;
    return 0;
}

static int end(void **test)
{
    (void)test;
    world_free(w);
    fake_hooks_close();
    world_hooks = NULL;
    return 0;
}

static void committed(void *arg, const struct error *err, const struct journal_result *result)
{
    (void)arg;
    assert_null(err);
    assert_false(result->conflict);
    commits++;
}

static void commit(const char *data)
{
    const struct journal_event event = {.type = STR("Added"), .data = str_from(data)};
    const struct journal_append append = {STR_INIT("sum/1"), EXPECT_ANY, 0, &event, 1};
    const struct journal_batch batch = {.streams = &append, .count = 1};
    journal_commit(w->journal, &world_context, &batch, committed, NULL);
}

static void told(bool late)
{
    hook = (struct fake_hook){.json = "{\"result\":\"cancel\",\"reason\":\"no\"}", .late = late};
    fake_hooks_add(&hook, "AfterEventEmit");
    commit("{\"n\":7}");
    assert_int_equal(commits, 1);
    assert_int_equal(hook.runs, 1);
    assert_string_equal(hook.saw,
                        "{\"\":{\"stream\":\"sum/1\",\"type\":\"Added\",\"schema\":2,\"version\":1,"
                        "\"correlation\":\"4bf92f3577b34da6a3ce929d0e0e4736\",\"data\":{\"n\":7}}}");
    if (late)
        fake_hook_answer(&hook);
    commit("{\"n\":8}");
    assert_int_equal(commits, 2);
    assert_int_equal(fake_event_store_count(w->store), 2);
    if (late)
        fake_hook_answer(&hook);
}

static void an_event_is_told_at_once(void **test)
{
    (void)test;
    told(false);
}

static void an_event_is_told_late(void **test)
{
    (void)test;
    told(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_event_is_told_at_once, start, end),
        cmocka_unit_test_setup_teardown(an_event_is_told_late, start, end),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
