/* Commands: decide, commit, conflicts with others, what is old, commands that come twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/core/journal/world.h"

static struct world *w;
static char said[ERROR_TEXT_SIZE + 20];
static int told, decided, least; /* decide() refuses if the sum is below */
static int meddle;               /* so often somebody else adds an event while we decide */
static bool nothing;

static int setup(void **state)
{
    (void)state;
    w = world_new();
    told = decided = least = meddle = 0;
    nothing = false;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_free(w);
    return 0;
}

static int decide(void *arg, const void *state, uint64_t version,
                  struct journal_decision *decision, struct error *err)
{
    (void)arg;
    (void)version;
    decided++;
    if (sum_of(state) < least)
        return error_set(err, ST_INVALID, "only %d", (int)sum_of(state));
    if (nothing)
        return ST_OK;
    if (meddle && meddle--)
        fake_event_store_add(w->store, STR("sum/1"), STR("Added"), STR("{\"by\":100}"));
    assert_true(journal_emit(decision, STR("Cleared"), STR("{}")));
    assert_true(journal_emit(decision, STR("Added"), STR("{\"n\":5}")));
    return ST_OK;
}

static void done(void *arg, const struct error *err, const struct journal_result *r,
                 const void *state)
{
    (void)arg;
    told++;
    if (err)
        snprintf(said, sizeof(said), "%d %s", err->code, err->text);
    else if (r->conflict)
        snprintf(said, sizeof(said), "conflict %.*s %d %d", STR_ARG(r->stream), (int)r->expected,
                 (int)r->actual);
    else
        snprintf(said, sizeof(said), "%d v%d p%d%s", (int)sum_of(state), (int)r->versions[0],
                 (int)r->position, r->repeated ? " again" : "");
    assert_true((state == NULL) == (err || r->conflict));
}

static void execute(const char *id, uint64_t expected, const char *text)
{
    const struct journal_command command = {.kind = &sum_kind,
                                            .stream = STR("sum/1"),
                                            .command = str_from(id),
                                            .expected = expected,
                                            .decide = decide,
                                            .done = done};
    told = decided = 0;
    journal_execute(w->journal, &world_context, &command);
    assert_int_equal(told, 1);
    assert_string_equal(said, text);
}

static void somebody_adds(void)
{
    fake_event_store_add(w->store, STR("sum/1"), STR("Added"), STR("{\"by\":1}"));
}

static void test_decides(void **state)
{
    (void)state;
    execute("", 0, "5 v2 p2");
    execute("", 2, "5 v4 p4");
    assert_int_equal(fake_event_store_calls(w->store, FAKE_READ), 1);
    assert_true(str_eq(fake_event_store_at(w->store, 4)->caller, STR("me")));
    assert_true(str_eq(fake_event_store_at(w->store, 4)->correlation,
                       STR("4bf92f3577b34da6a3ce929d0e0e4736")));
}

static void test_nothing(void **state)
{
    (void)state;
    nothing = true;
    execute("c", 0, "0 v0 p0");
    assert_int_equal(fake_event_store_calls(w->store, FAKE_APPEND), 0);
}

static void test_what_is_kept_is_old(void **state)
{
    (void)state;
    execute("", 0, "5 v2 p2");
    somebody_adds();
    execute("", 0, "5 v5 p5");
    assert_int_equal(decided, 2);
    somebody_adds();
    least = 6; /* 5 is kept, 6 is true */
    execute("", 0, "5 v8 p8");
    somebody_adds();
    least = 0;
    execute("", 9, "5 v11 p11"); /* the caller knows more than what is kept */
}

static void test_meets_others(void **state)
{
    (void)state;
    meddle = 3;
    execute("", 0, "5 v5 p5");
    assert_int_equal(decided, 4);
    meddle = 100;
    execute("", 0, "conflict sum/1 9 10");
    assert_int_equal(decided, JOURNAL_TRIES);
}

static void test_refuses(void **state)
{
    (void)state;
    least = 1;
    execute("", 0, "-3 only 0");
    execute("known", 0, "-3 only 0");
    least = 0;
    execute("", 7, "conflict sum/1 7 0");
    fake_event_store_fail(w->store, FAKE_APPEND, ST_TOO_LARGE);
    execute("", 0, "-11 the store says no");
    fake_event_store_fail(w->store, FAKE_READ, ST_UNAVAILABLE);
    journal_forget(w->journal, STR("sum/1"));
    execute("", 0, "-10 the store says no");
    assert_int_equal(fake_event_store_count(w->store), 0);
}

/* The answer of a command that is sent again is that of the first time, whatever has become of the state. */
static void test_again(void **state)
{
    (void)state;
    execute("create", 0, "5 v2 p2");
    execute("create", 0, "5 v2 p2 again");
    least = 6;
    execute("create", 0, "5 v2 p2 again");
    least = 0;
    somebody_adds();
    execute("create", 1, "6 v2 p2 again");
    nothing = true;
    execute("create", 0, "6 v3 p0"); /* it has nothing to do now */
    nothing = false;
    least = 99;
    execute("other", 0, "-3 only 6");
    assert_int_equal(fake_event_store_count(w->store), 3);
}

static void test_dropped(void **state)
{
    const struct journal_command command = {.kind = &sum_kind, .stream = STR("sum/1"),
                                            .decide = decide, .done = done};
    (void)state;
    fake_event_store_hold(w->store, true);
    journal_execute(w->journal, &world_context, &command);
    journal_execute(w->journal, &world_context, &command);
    fake_event_store_release(w->store, 1);
    journal_free(w->journal);
    w->journal = NULL;
    fake_event_store_release(w->store, 9);
    assert_int_equal(told, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_decides, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_kept_is_old, setup, teardown),
        cmocka_unit_test_setup_teardown(test_meets_others, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refuses, setup, teardown),
        cmocka_unit_test_setup_teardown(test_again, setup, teardown),
        cmocka_unit_test_setup_teardown(test_dropped, setup, teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
