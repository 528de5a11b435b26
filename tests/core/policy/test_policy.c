/* Who may see and call what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/str.h"
#include "core/policy/policy.h"

static const struct caller alice = {.id = STR_INIT("alice"), .tenant = STR_INIT("local")};
static const struct caller bob = {.id = STR_INIT("bob"), .tenant = STR_INIT("local")};
static const struct call_context of_alice = {.caller = &alice};
static const struct call_context of_bob = {.caller = &bob};
static const struct call_context of_nobody = {.caller = NULL};

static struct item at_level(enum tool_level level)
{
    return (struct item){.name = STR("t"), .level = level};
}

static struct item meant_for(const char *callers)
{
    return (struct item){.name = STR("t"), .callers = str_from(callers)};
}

static void test_levels(void **state)
{
    (void)state;
    for (int highest = TOOL_SAFE; highest <= TOOL_PRIVILEGED; highest++)
        for (int level = TOOL_SAFE; level <= TOOL_PRIVILEGED; level++) {
            struct policy policy = {.highest_level = (enum tool_level)highest};
            struct item item = at_level((enum tool_level)level);
            struct error err = {.code = 1};
            int rc = level <= highest ? ST_OK : ST_DENIED;
            assert_int_equal(policy_may_see(&policy, &of_alice, &item), level <= highest);
            assert_int_equal(policy_may_call(&policy, &of_alice, &item, &err), rc);
            assert_int_equal(err.code, rc ? rc : 1);
        }
}

static void test_nothing_is_permitted_by_default(void **state)
{
    struct policy policy = {0};
    struct item safe = at_level(TOOL_SAFE), restricted = at_level(TOOL_RESTRICTED);
    (void)state;
    assert_true(policy_may_see(&policy, &of_alice, &safe));
    assert_false(policy_may_see(&policy, &of_alice, &restricted));
}

static void test_reasons(void **state)
{
    struct policy policy = {.highest_level = TOOL_SAFE};
    struct item item = at_level(TOOL_RESTRICTED);
    struct error err;
    (void)state;
    assert_int_equal(policy_may_call(&policy, &of_alice, &item, &err), ST_DENIED);
    assert_string_equal(err.text,
                        "tool \"t\" is restricted and caller \"alice\" may use tools up to level "
                        "safe; the operator can raise \"policy.level\" in the configuration");
    policy.highest_level = TOOL_RESTRICTED;
    item.level = TOOL_PRIVILEGED;
    assert_int_equal(policy_may_call(&policy, &of_nobody, &item, &err), ST_DENIED);
    assert_string_equal(err.text, "tool \"t\" is privileged and caller \"nobody\" may use tools up "
                                  "to level restricted; the operator can raise \"policy.level\" in "
                                  "the configuration");
}

static void test_level_names(void **state)
{
    (void)state;
    assert_string_equal(policy_level_name(TOOL_SAFE), "safe");
    assert_string_equal(policy_level_name(TOOL_RESTRICTED), "restricted");
    assert_string_equal(policy_level_name(TOOL_PRIVILEGED), "privileged");
}

static void test_callers_narrow(void **state)
{
    struct policy policy = {.highest_level = TOOL_SAFE};
    struct item item = meant_for("[\"carol\",\"ali\\u0063e\"]");
    (void)state;
    assert_true(policy_may_see(&policy, &of_alice, &item));
    assert_false(policy_may_see(&policy, &of_bob, &item));
    assert_false(policy_may_see(&policy, &of_nobody, &item));
}

static void test_without_callers_it_is_for_all(void **state)
{
    struct policy policy = {.highest_level = TOOL_SAFE};
    struct item item = at_level(TOOL_SAFE);
    (void)state;
    assert_true(policy_may_see(&policy, &of_bob, &item));
    assert_true(policy_may_see(&policy, &of_nobody, &item));
}

static void test_who_may_not_see_may_not_call(void **state)
{
    struct policy policy = {.highest_level = TOOL_SAFE};
    struct item item = meant_for("[\"alice\"]");
    struct error err;
    (void)state;
    assert_int_equal(policy_may_call(&policy, &of_alice, &item, &err), ST_OK);
    assert_int_equal(policy_may_call(&policy, &of_bob, &item, &err), ST_DENIED);
    assert_string_equal(err.text, "tool \"t\" is not for caller \"bob\"");
    assert_int_equal(policy_may_call(&policy, &of_nobody, &item, &err), ST_DENIED);
    assert_string_equal(err.text, "tool \"t\" is not for caller \"nobody\"");
}

static void test_callers_never_widen(void **state)
{
    struct policy policy = {.highest_level = TOOL_SAFE};
    struct item item = meant_for("[\"alice\"]");
    (void)state;
    item.level = TOOL_RESTRICTED;
    assert_false(policy_may_see(&policy, &of_alice, &item));
    assert_int_equal(policy_may_call(&policy, &of_alice, &item, NULL), ST_DENIED);
}

static void test_broken_callers_are_for_nobody(void **state)
{
    static const char *const broken[] = {
        "[",           "[\"alice\"", "alice",          "\"alice\"", "[]",   "[[\"alice\"]]",
        "null",        "[null]",     "{}",             "0",         " ",    "[\"Alice\"]",
        "[\"alice \"]", "[\"*\"]",    "{\"alice\":true}", "[\"alice\"]x",
        "{\"a\":\"alice\"}",
    };
    struct policy policy = {.highest_level = TOOL_PRIVILEGED};
    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        struct item item = meant_for(broken[i]);
        if (policy_may_see(&policy, &of_alice, &item))
            fail_msg("callers %s let alice in", broken[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_nothing_is_permitted_by_default),
        cmocka_unit_test(test_reasons),
        cmocka_unit_test(test_level_names),
        cmocka_unit_test(test_callers_narrow),
        cmocka_unit_test(test_without_callers_it_is_for_all),
        cmocka_unit_test(test_who_may_not_see_may_not_call),
        cmocka_unit_test(test_callers_never_widen),
        cmocka_unit_test(test_broken_callers_are_for_nobody),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
