#include "adapters/driven/plugin_host/lifecycle.h"

#include "tests/adapters/plugin_host/fixture.h"

static void the_usual_way_is_open(void **state)
{
    static const enum plugin_state way[] = {
        PLUGIN_DISCOVERED, PLUGIN_VERIFIED, PLUGIN_LOADED,   PLUGIN_CREATED,
        PLUGIN_READY,      PLUGIN_ACTIVE,   PLUGIN_DRAINING, PLUGIN_RETIRED,
    };
    (void)state;
    for (size_t i = 0; i + 1 < sizeof(way) / sizeof(way[0]); i++)
        for (int to = 0; to < PLUGIN_STATE_COUNT; to++)
            if (to == (int)way[i + 1])
                assert_true(lifecycle_may_move(way[i], way[i + 1]));
            else if (to < PLUGIN_REJECTED || (to > (int)way[i + 1] && to < PLUGIN_RETIRED))
                assert_false(lifecycle_may_move(way[i], (enum plugin_state)to));
}

static void final_states_are_final(void **state)
{
    static const enum plugin_state ends[] = {PLUGIN_REJECTED, PLUGIN_RETIRED, PLUGIN_FAILED};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        for (int to = 0; to < PLUGIN_STATE_COUNT; to++)
            assert_false(lifecycle_may_move(ends[i], (enum plugin_state)to));
        assert_false(lifecycle_may_call(ends[i], PLUGIN_FN_DESTROY));
    }
}

static void calls_run_only_in_a_plugin_that_is_up(void **state)
{
    (void)state;
    for (int s = 0; s < PLUGIN_STATE_COUNT; s++)
        assert_int_equal(lifecycle_may_call((enum plugin_state)s, PLUGIN_FN_CALL),
                         s == PLUGIN_ACTIVE || s == PLUGIN_STARTING);
}

static void every_state_has_a_name(void **state)
{
    (void)state;
    for (int s = 0; s < PLUGIN_STATE_COUNT; s++)
        assert_true(lifecycle_name((enum plugin_state)s)[0] != '\0');
    assert_string_equal(lifecycle_name(PLUGIN_QUARANTINED), "quarantined");
    assert_string_equal(lifecycle_name((enum plugin_state)99), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_usual_way_is_open),
        cmocka_unit_test(final_states_are_final),
        cmocka_unit_test(calls_run_only_in_a_plugin_that_is_up),
        cmocka_unit_test(every_state_has_a_name),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
