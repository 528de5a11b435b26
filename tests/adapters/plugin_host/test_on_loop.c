/* The host on the real loop, with its workers and timers. */
#include "adapters/driven/loop/loop.h"

#include "adapters/driven/clock/clock.h"
#include "tests/adapters/plugin_host/fixture.h"

#define SLOW "hexmcp.test.slow"

static int post(void *ctx, void (*fn)(void *arg), void *arg)
{
    struct error err;
    return loop_post(ctx, fn, arg, &err);
}

static void turn_until(struct fixture *f, struct loop *loop, const char *begin, size_t count)
{
    for (int i = 0; i < 100000 && fixture_count(f, begin) < count; i++)
        loop_turn(loop);
    assert_int_equal(fixture_count(f, begin), count);
}

static void workers_timers_and_the_end(void **state)
{
    struct fixture *f = *state;
    struct loop *loop;
    struct error err = {0};
    assert_int_equal(loop_new(2, &loop, &err), ST_OK);
    f->config.timer = loop_timers(loop);
    f->config.executor = loop_executor(loop);
    f->config.lost_worker = loop_lost_worker(loop);
    f->config.clock = system_clock_port();
    f->config.post = post;
    f->config.post_ctx = loop;
    fixture_bundle(f, SLOW);
    fixture_open(f);
    struct run_request request = {.name = STR_INIT("slow"),
                                  .arguments = STR_INIT("{\"steps\":3,\"delay_ms\":2}")};
    for (request.call = 1; request.call <= 8; request.call++)
        assert_int_equal(f->runtime->run(f->runtime->ctx, &request, &err), ST_OK);
    request.name = STR("slow_async");
    request.on_loop = true;
    for (request.call = 9; request.call <= 16; request.call++)
        assert_int_equal(f->runtime->run(f->runtime->ctx, &request, &err), ST_OK);
    turn_until(f, loop, "completed", 16);

    /* one of each is still at it when the end comes */
    request.arguments = STR("{\"steps\":100000,\"delay_ms\":10}");
    request.call = 17;
    assert_int_equal(f->runtime->run(f->runtime->ctx, &request, &err), ST_OK);
    request.call = 18;
    request.name = STR("slow");
    request.on_loop = false;
    assert_int_equal(f->runtime->run(f->runtime->ctx, &request, &err), ST_OK);
    turn_until(f, loop, "progress 18 ", 1);
    f->runtime->abandon(f->runtime->ctx, 17);
    f->runtime->abandon(f->runtime->ctx, 18);
    turn_until(f, loop, "released", 2);
    assert_int_equal(plugin_host_stop(f->host, 2000), 0);
    loop_free(loop);
    plugin_host_free(f->host);
    f->host = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(workers_timers_and_the_end, fixture_setup,
                                        fixture_teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
