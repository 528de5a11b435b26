/* What a client declared, by revision. */
#include "tests/adapters/mcp/input/support.h"

#include <stdio.h>

/* One letter for each ability. */
static void expect_abilities(const char *capabilities, enum revision revision, const char *wanted)
{
    struct client_abilities a = abilities_of(capabilities, revision);
    char got[16];
    snprintf(got, sizeof(got), "%s%s%s%s%s%s%s%s", a.sampling ? "s" : "",
             a.sampling_tools ? "t" : "", a.sampling_context ? "c" : "", a.roots ? "r" : "",
             a.roots_list_changed ? "l" : "", a.elicitation_form ? "f" : "",
             a.elicitation_url ? "u" : "", a.tasks ? "x" : "");
    assert_string_equal(got, wanted);
}

static void test_nothing_is_declared_by_nothing(void **state)
{
    (void)state;
    struct client_abilities none = client_abilities_read(json_none(), REV_2026_07_28);
    assert_false(none.sampling || none.roots || none.elicitation_form || none.elicitation_url ||
                 none.tasks);
    expect_abilities("{}", REV_2026_07_28, "");
    expect_abilities("{}", REV_2024_11_05, "");
}

static void test_what_is_no_object_is_not_declared(void **state)
{
    (void)state;
    expect_abilities("{'sampling':true,'roots':null,'elicitation':1,'extensions':[]}",
                     REV_2026_07_28, "");
    expect_abilities("{'sampling':{'tools':true,'context':null},'elicitation':{'url':true},"
                     "'extensions':{'io.modelcontextprotocol/tasks':null}}",
                     REV_2026_07_28, "sf");
}

static void test_each_revision_takes_what_it_knows(void **state)
{
    (void)state;
    expect_abilities(EVERYTHING, REV_2024_11_05, "srl");
    expect_abilities(EVERYTHING, REV_2025_03_26, "srl");
    expect_abilities(EVERYTHING, REV_2025_06_18, "srlf");
    expect_abilities(EVERYTHING, REV_2025_11_25, "stcrlfu");
    expect_abilities(EVERYTHING, REV_2026_07_28, "stcrfux");
}

static void test_elicitation_without_a_mode_is_the_form(void **state)
{
    (void)state;
    expect_abilities("{'elicitation':{}}", REV_2025_06_18, "f");
    expect_abilities("{'elicitation':{}}", REV_2025_11_25, "f");
    expect_abilities("{'elicitation':{}}", REV_2026_07_28, "f");
    expect_abilities("{'elicitation':{'form':{}}}", REV_2026_07_28, "f");
    expect_abilities("{'elicitation':{'voice':{}}}", REV_2026_07_28, "f");
    expect_abilities("{'elicitation':{'url':{}}}", REV_2026_07_28, "u");
    expect_abilities("{'elicitation':{'url':{}}}", REV_2025_06_18, "f");
}

static void test_roots_list_changed_is_a_true(void **state)
{
    (void)state;
    expect_abilities("{'roots':{'listChanged':false}}", REV_2025_11_25, "r");
    expect_abilities("{'roots':{'listChanged':'yes'}}", REV_2025_11_25, "r");
    expect_abilities("{'roots':{'listChanged':true}}", REV_2025_11_25, "rl");
    expect_abilities("{'roots':{}}", REV_2025_11_25, "r");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_declared_by_nothing),
        cmocka_unit_test(test_what_is_no_object_is_not_declared),
        cmocka_unit_test(test_each_revision_takes_what_it_knows),
        cmocka_unit_test(test_elicitation_without_a_mode_is_the_form),
        cmocka_unit_test(test_roots_list_changed_is_a_true),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
