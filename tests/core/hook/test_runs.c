/* Time budgets, breakers, hooks that must agree, hooks that come and go. */
#include <stdio.h>
#include <string.h>

#include "core/base/str.h"
#include "tests/core/hook/fixture.h"

#define YES "{\"result\":\"continue\"}"

static struct hook_event event_of(const char *tool)
{
    return tool_event(HOOK_BEFORE_TOOL_EXECUTION, tool, "{}");
}

static void run_tool(void)
{
    struct hook_event event = event_of("t");
    run_event(&event);
}

static void add_required(struct saying *saying, bool required, uint32_t first_ms)
{
    struct str points[] = {STR("BeforeToolExecution"), STR("SecurityViolation")};
    struct hook_definition d = saying_hook(saying, "guard", 0);
    d.points = points;
    d.point_count = 2;
    d.required = required;
    d.first_ms = first_ms;
    add_definition(&d);
}

static struct hook_facts facts(size_t index)
{
    struct hook_facts f;
    assert_true(hooks_at(hooks, index, &f));
    return f;
}

static void test_nobody(void **state)
{
    (void)state;
    struct hook_event event = event_of("t");
    assert_false(hooks_any(NULL, HOOK_BEFORE_TOOL_EXECUTION));
    fixture_open();
    assert_false(hooks_any(hooks, HOOK_BEFORE_TOOL_EXECUTION));
    assert_int_equal(run_event(&event), 0);
    assert_string_equal(told.text, "continue");
    hooks_tell(hooks, &event);
    hooks_tell(NULL, &event);
    hooks_stop(NULL, 7);
    hooks_stop(hooks, 7);
    fixture_close();
    hooks_free(NULL);
}

static void test_budget(void **state)
{
    struct saying slow = {.later = true};
    (void)state;
    fixture_open();
    add_required(&slow, false, 0);
    run_tool();
    assert_int_equal(told.times, 0);
    fixture_pass(99);
    assert_int_equal(told.times, 0);
    fixture_pass(1);
    assert_int_equal(told.times, 1);
    assert_string_equal(told.text, "continue");
    assert_int_equal(slow.cancels, 1);
    assert_string_equal(complaints, "guard: did not answer within 100 ms\n");
    assert_string_equal(facts(0).last_error, "did not answer within 100 ms");
    fixture_close();
}

static void test_first_run_has_more_time(void **state)
{
    struct saying slow = {.later = true};
    (void)state;
    fixture_open();
    add_required(&slow, false, 5000);
    run_tool();
    fixture_pass(5000);
    assert_int_equal(told.times, 0);
    hook_answer_json(slow.turn, STR(YES));
    assert_int_equal(told.times, 1);
    run_tool();
    fixture_pass(100);
    assert_int_equal(told.times, 2);
    assert_string_equal(complaints, "guard: did not answer within 100 ms\n");
    fixture_close();
}

static void test_required_fails_closed(void **state)
{
    struct saying slow = {.later = true};
    (void)state;
    fixture_open();
    add_required(&slow, true, 0);
    run_tool();
    fixture_pass(100);
    assert_string_equal(told.text, "cancel by guard: the hook \"guard\" must agree and did not "
                                   "answer: did not answer within 100 ms");
    slow.later = false;
    slow.json = "{\"result\":\"replace\"}";
    run_tool();
    assert_string_equal(told.text, "cancel by guard: the hook \"guard\" must agree and did not "
                                   "answer: its answer needs \"value\"");
    run_tool();
    assert_int_equal(slow.runs, 3);
    run_tool(); /* the breaker is open: nobody is let through */
    assert_int_equal(slow.runs, 3);
    assert_string_equal(told.text, "cancel by guard: the hook \"guard\" must agree and did not "
                                   "answer: its answer needs \"value\"");
    fixture_close();
}

static void test_violations_cannot_be_cancelled(void **state)
{
    struct saying slow = {.json = "{\"result\":\"cancel\",\"reason\":\"no\"}"};
    (void)state;
    fixture_open();
    add_required(&slow, true, 0);
    struct hook_event event = tool_event(HOOK_SECURITY_VIOLATION, "t", "{}");
    run_event(&event);
    assert_string_equal(told.text, "continue");
    assert_string_equal(
        complaints, "guard: it answered \"cancel\" at SecurityViolation, where it cannot\n");
    fixture_close();
}

static void fail_times(int times)
{
    for (int i = 0; i < times; i++)
        run_tool();
}

static void test_breaker_opens_and_closes(void **state)
{
    struct saying bad = {.json = "1"};
    (void)state;
    fixture_open();
    add_required(&bad, false, 0);
    fail_times(2);
    fixture_pass(30001);
    fail_times(2); /* the first two are too long ago */
    assert_int_equal(facts(0).breaker, BREAKER_CLOSED);
    fail_times(1);
    assert_int_equal(facts(0).breaker, BREAKER_OPEN);
    assert_non_null(strstr(complaints, "guard: is not asked for 15 seconds: it failed too often\n"));
    fixture_pass(14999);
    fail_times(1);
    assert_int_equal(bad.runs, 5);
    assert_int_equal(facts(0).skipped, 1);
    fixture_pass(1);
    fail_times(1); /* half open: one failure */
    assert_int_equal(bad.runs, 6);
    assert_int_equal(facts(0).breaker, BREAKER_OPEN);
    fixture_pass(15000);
    bad.json = YES;
    run_tool();
    assert_int_equal(facts(0).breaker, BREAKER_HALF_OPEN);
    run_tool();
    assert_int_equal(facts(0).breaker, BREAKER_CLOSED);
    assert_int_equal(facts(0).errors, 6);
    assert_int_equal(facts(0).runs, 8);
    assert_int_equal(facts(0).results[HOOK_CONTINUE], 2);
    fixture_close();
}

static void test_breaker_of_slow_hooks(void **state)
{
    struct saying slow = {.json = YES};
    (void)state;
    fixture_open();
    add_required(&slow, false, 0);
    slow.takes_ms = 51;
    run_tool(); /* the first run is not counted: something may have had to start */
    slow.takes_ms = 50;
    run_tool();
    slow.takes_ms = 51;
    run_tool();
    assert_int_equal(facts(0).breaker, BREAKER_CLOSED);
    run_tool();
    assert_int_equal(facts(0).breaker, BREAKER_OPEN);
    assert_string_equal(complaints, "guard: is not asked for 15 seconds: it was slow twice\n");
    fixture_close();
}

static void test_observer_does_not_hold_up(void **state)
{
    struct saying watch = {.later = true}, gate = {.json = YES};
    (void)state;
    fixture_open();
    struct str points[] = {STR("BeforeToolExecution")};
    struct hook_definition d = saying_hook(&watch, "watch", -1);
    d.points = points;
    d.point_count = 1;
    d.gates = false;
    add_definition(&d);
    add(&gate, "gate", "BeforeToolExecution", 0);
    run_tool();
    assert_int_equal(told.times, 1);
    assert_int_equal(gate.runs, 1);
    struct buffer out = BUFFER_INIT;
    assert_false(hook_turn_read(watch.turn, STR("/tool"), &out)); /* the event is over */
    hook_answer_json(watch.turn, STR("{\"result\":\"cancel\",\"reason\":\"late\"}"));
    assert_int_equal(told.times, 1);
    assert_int_equal(facts(0).results[HOOK_CANCEL], 1);
    run_tool();
    fixture_pass(100);
    assert_int_equal(watch.cancels, 1);
    fixture_close();
}

static void test_stop(void **state)
{
    struct saying slow = {.later = true};
    (void)state;
    fixture_open();
    add(&slow, "slow", "BeforeToolExecution", 0);
    struct hook_event event = event_of("t");
    uint64_t first = run_event(&event), second = run_event(&event);
    assert_true(first && second && first != second);
    hooks_stop(hooks, 99);
    hooks_stop(hooks, second);
    assert_int_equal(slow.cancels, 1);
    assert_int_equal(told.times, 0);
    slow.turn = NULL;
    fixture_close(); /* the first is dropped */
}

static void test_disabling_lets_go_on(void **state)
{
    struct saying slow = {.later = true}, next = {.json = "{\"result\":\"cancel\",\"reason\":\"n\"}"};
    struct error err;
    (void)state;
    fixture_open();
    add(&slow, "slow", "BeforeToolExecution", 0);
    add(&next, "next", "BeforeToolExecution", 1);
    run_tool();
    assert_int_equal(hooks_enable(hooks, STR("slow"), false, &err), ST_OK);
    assert_string_equal(told.text, "cancel by next: n");
    assert_int_equal(slow.cancels, 1);
    run_tool();
    assert_int_equal(slow.runs, 1);
    assert_int_equal(hooks_enable(hooks, STR("slow"), true, &err), ST_OK);
    run_tool();
    assert_int_equal(slow.runs, 2);
    assert_int_equal(hooks_remove(hooks, STR("slow"), &err), ST_OK);
    assert_int_equal(slow.frees, 1);
    assert_int_equal(told.times, 3);
    assert_int_equal(hooks_remove(hooks, STR("slow"), &err), ST_NOT_FOUND);
    assert_string_equal(err.text, "there is no hook \"slow\"; see hexmcp hooks list");
    assert_int_equal(hooks_remove(hooks, STR("next"), &err), ST_OK);
    assert_false(hooks_any(hooks, HOOK_BEFORE_TOOL_EXECUTION));
    fixture_close();
}

static void test_bad_definitions(void **state)
{
    struct saying one = {.json = YES};
    struct error err;
    (void)state;
    fixture_open();
    struct str points[] = {STR("BeforeToolExecutoin")};
    struct hook_definition d = saying_hook(&one, "one", 0);
    assert_int_equal(hooks_add(hooks, &d, &err), ST_INVALID);
    assert_string_equal(err.text, "the hook \"one\" has no point");
    d.points = points;
    d.point_count = 1;
    assert_int_equal(hooks_add(hooks, &d, &err), ST_INVALID);
    assert_string_equal(err.text, "the hook \"one\": there is no point \"BeforeToolExecutoin\"; did "
                                  "you mean \"BeforeToolExecution\"?");
    points[0] = STR("custom:mine");
    add_definition(&d);
    assert_int_equal(hooks_add(hooks, &d, &err), ST_INVALID);
    assert_string_equal(err.text, "there is already a hook \"one\"; give it another name");
    assert_int_equal(one.frees, 0);
    fixture_close();
    assert_int_equal(one.frees, 1);
}

static void when(const char *tool, const char *caller, const char *target, bool wanted)
{
    const struct caller who = {.id = STR("key-7"), .tenant = STR("local")};
    const struct call_context context = {.caller = &who};
    struct saying one = {.json = YES};
    struct str points[] = {STR("*")};
    fixture_open();
    struct hook_definition d = saying_hook(&one, "one", 0);
    d.points = points;
    d.point_count = 1;
    d.tool = str_from(tool);
    d.caller = str_from(caller);
    d.target = str_from(target);
    add_definition(&d);
    struct hook_event event = event_of("shell-run");
    event.context = &context;
    run_event(&event);
    assert_int_equal(one.runs, wanted);
    event.point = HOOK_BEFORE_STATE_WRITE;
    run_event(&event);
    assert_int_equal(one.runs, wanted + (wanted && !tool));
    fixture_close();
}

static void test_when(void **state)
{
    (void)state;
    when(NULL, NULL, NULL, true);
    when("shell-*", NULL, NULL, true);
    when("*-run", "key-*", NULL, true);
    when("shell", NULL, NULL, false);
    when("shell-*", "key-8", NULL, false);
    when(NULL, NULL, "*l-r*", true);
    when(NULL, NULL, "x*", false);
}

static void test_custom(void **state)
{
    struct saying mine = {.json = YES}, all = {.json = YES}, other = {.json = YES};
    (void)state;
    fixture_open();
    add(&mine, "mine", "custom:deploy", 0);
    add(&all, "all", "custom:*", 0);
    add(&other, "other", "BeforeToolExecution", 0);
    struct hook_event event = tool_event(HOOK_CUSTOM, "", "{}");
    event.custom = STR("deploy");
    run_event(&event);
    event.custom = STR("undo");
    run_event(&event);
    assert_int_equal(mine.runs, 1);
    assert_int_equal(all.runs, 2);
    assert_int_equal(other.runs, 0);
    fixture_close();
}

static bool hide(void *ctx, struct str json, struct buffer *out)
{
    (void)ctx;
    if (!str_eq(json, STR("\"tool-name\"")))
        return false;
    buffer_add_str(out, STR("\"[REDACTED]\""));
    return true;
}

static void test_hidden_data(void **state)
{
    struct saying plain = {.json = YES}, trusted = {.json = YES};
    struct str points[] = {STR("BeforeToolExecution")}, reads[] = {STR("/tool"), STR("/none")};
    (void)state;
    fixture_open();
    hooks_set_hide(hooks, hide, NULL);
    struct hook_definition d = saying_hook(&plain, "plain", 0);
    d.points = points;
    d.point_count = 1;
    d.reads = reads;
    d.read_count = 2;
    add_definition(&d);
    d.name = STR("trusted");
    d.self = &trusted;
    d.trusted = true;
    add_definition(&d);
    run_tool();
    assert_string_equal(plain.saw, "{\"/tool\":\"[REDACTED]\"}");
    assert_string_equal(trusted.saw, "{\"/tool\":\"tool-name\"}");
    fixture_close();
}

static void test_percentiles(void **state)
{
    struct saying one = {.json = YES};
    (void)state;
    fixture_open();
    add(&one, "one", "BeforeToolExecution", 0);
    for (uint64_t ms = 1; ms <= 40; ms++) {
        one.takes_ms = ms;
        run_tool();
    }
    assert_int_equal(facts(0).p50_ns, 20 * MS);
    assert_int_equal(facts(0).p95_ns, 38 * MS);
    assert_int_equal(facts(0).p99_ns, 40 * MS);
    fixture_pass(3600 * 1000 + 1);
    assert_int_equal(facts(0).p99_ns, 0);
    fixture_close();
}

static void test_cache(void **state)
{
    const struct caller a = {.id = STR("a"), .tenant = STR("t")}, b = {.id = STR("b"), .tenant = STR("t")};
    const struct call_context of_a = {.caller = &a}, of_b = {.caller = &b};
    struct buffer out = BUFFER_INIT;
    (void)state;
    fixture_open();
    struct hook_event event = event_of("t");
    event.context = &of_a;
    hooks_cache_put(hooks, &event, STR("k"), 1000, STR("{\"n\":1}"));
    assert_true(hooks_cache_get(hooks, &event, STR("k"), &out));
    assert_true(str_eq(buffer_str(&out), STR("{\"n\":1}")));
    event.context = &of_b; /* what one caller got is not for another */
    assert_false(hooks_cache_get(hooks, &event, STR("k"), &out));
    event.context = &of_a;
    event.target = STR("u");
    assert_false(hooks_cache_get(hooks, &event, STR("k"), &out));
    event.target = STR("t");
    fixture_pass(1000);
    assert_false(hooks_cache_get(hooks, &event, STR("k"), &out));
    /* The least recently used one goes first. */
    for (int i = 0; i < 1000; i++) {
        char key[16];
        snprintf(key, sizeof(key), "%d", i);
        hooks_cache_put(hooks, &event, str_from(key), 1000, STR("1"));
    }
    assert_true(hooks_cache_get(hooks, &event, STR("0"), &out));
    hooks_cache_put(hooks, &event, STR("1000"), 1000, STR("1"));
    assert_true(hooks_cache_get(hooks, &event, STR("0"), &out));
    assert_false(hooks_cache_get(hooks, &event, STR("1"), &out));
    assert_true(hooks_cache_get(hooks, &event, STR("2"), &out));
    buffer_clear(&out);
    fixture_close();
}

static void test_points(void **state)
{
    int named = 0;
    (void)state;
    for (enum hook_point p = 0; p < HOOK_CUSTOM; p++) {
        enum hook_point found;
        struct str custom;
        assert_non_null(hook_point_facts(p)->name);
        assert_true(hook_point_find(str_from(hook_point_facts(p)->name), &found, &custom));
        assert_int_equal(found, p);
        named++;
    }
    assert_int_equal(named, 55);
    assert_true(hook_pattern_matches(STR("a*b*c"), STR("aXbYbZc")));
    assert_false(hook_pattern_matches(STR("a*b*c"), STR("aXbYbZ")));
    assert_true(hook_pattern_matches(STR("*"), STR("")));
    assert_false(hook_pattern_valid(STR("custom:")));
    assert_false(hook_pattern_valid(STR("Nothing*")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nobody),
        cmocka_unit_test(test_budget),
        cmocka_unit_test(test_first_run_has_more_time),
        cmocka_unit_test(test_required_fails_closed),
        cmocka_unit_test(test_violations_cannot_be_cancelled),
        cmocka_unit_test(test_breaker_opens_and_closes),
        cmocka_unit_test(test_breaker_of_slow_hooks),
        cmocka_unit_test(test_observer_does_not_hold_up),
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_disabling_lets_go_on),
        cmocka_unit_test(test_bad_definitions),
        cmocka_unit_test(test_when),
        cmocka_unit_test(test_custom),
        cmocka_unit_test(test_hidden_data),
        cmocka_unit_test(test_percentiles),
        cmocka_unit_test(test_cache),
        cmocka_unit_test(test_points),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
