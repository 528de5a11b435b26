/* hexmcp.worker/1: on which threads work runs, what is refused, and what happens to it when a plugin stops. */
#include <stdatomic.h>
#include <time.h>

#include "adapters/driven/plugin_host/host.h"
#include "tests/adapters/plugin_host/fixture.h"

#define ITEMS "hexmcp.test.items"
#define MANY 70

struct piece {
    struct fixture *f;
    atomic_int ran;
    int done;
    int32_t status;
    long ms;
    bool on_loop;
};

static void work(void *arg)
{
    struct piece *p = arg;
    const struct timespec while_ = {.tv_nsec = p->ms * 1000000};
    nanosleep(&while_, NULL);
    assert_false(host_on_loop(p->f->host));
    atomic_fetch_add(&p->ran, 1);
}

static void done(void *arg, int32_t status)
{
    struct piece *p = arg;
    p->done++;
    p->status = status;
    p->on_loop = host_on_loop(p->f->host);
}

static const hexmcp_worker_1 *begin(struct fixture *f)
{
    struct error err = {0};
    fixture_bundle(f, ITEMS);
    fixture_open(f);
    assert_int_equal(fixture_run(f, 1, ITEMS, "plain", "{}", true, &err), ST_OK);
    const struct plugin *p = f->host->plugins[0];
    return p->table.get_interface(p->table.ctx, HEXMCP_WORKER_1);
}

static void runs_beside_the_loop(void **state)
{
    struct fixture *f = *state;
    const hexmcp_worker_1 *worker = begin(f);
    struct piece p = {.f = f};
    assert_int_equal(worker->submit(worker->ctx, work, done, &p), HEXMCP_OK);
    assert_int_equal(p.done, 0);
    while (!p.done)
        assert_true(fixture_turn(f));
    assert_int_equal(p.ran, 1);
    assert_int_equal(p.status, HEXMCP_OK);
    assert_true(p.on_loop);
    assert_int_equal(f->host->plugins[0]->work_count, 0);
    assert_int_equal(f->host->plugins[0]->inside, 0);
}

static void is_refused(void **state)
{
    struct fixture *f = *state;
    const hexmcp_worker_1 *worker = begin(f);
    struct piece p = {.f = f};
    assert_int_equal(worker->submit(worker->ctx, NULL, done, &p), HEXMCP_E_INVALID);
    assert_int_equal(worker->submit(worker->ctx, work, NULL, &p), HEXMCP_E_INVALID);
    f->busy = true;
    assert_int_equal(worker->submit(worker->ctx, work, done, &p), HEXMCP_OK);
    while (!p.done)
        assert_true(fixture_turn(f));
    assert_int_equal(p.status, HEXMCP_E_BUSY);
    assert_int_equal(p.ran, 0);
    f->busy = false;
    for (int i = 0; i < MANY; i++)
        assert_int_equal(worker->submit(worker->ctx, work, done, &p),
                         i < HEXMCP_WORKER_MAX ? HEXMCP_OK : HEXMCP_E_BUSY);
    while (p.done < HEXMCP_WORKER_MAX + 1)
        assert_true(fixture_turn(f));
    assert_int_equal(p.ran, HEXMCP_WORKER_MAX);
}

static bool is_inside(struct fixture *f)
{
    pthread_mutex_lock(&f->host->lock);
    bool inside = f->host->plugins[0]->inside > 0;
    pthread_mutex_unlock(&f->host->lock);
    return inside;
}

/* What runs is waited for and answered, what has not begun is not run. */
static void ends_with_the_plugin(void **state)
{
    struct fixture *f = *state;
    const hexmcp_worker_1 *worker = begin(f);
    struct piece running = {.f = f, .ms = 100}, queued = {.f = f}, late = {.f = f};
    assert_int_equal(worker->submit(worker->ctx, work, done, &running), HEXMCP_OK);
    fixture_turn(f);
    while (!is_inside(f))
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    assert_int_equal(worker->submit(worker->ctx, work, done, &queued), HEXMCP_OK);
    assert_int_equal(plugin_host_stop(f->host, 5000), 0);
    assert_int_equal(running.done, 1);
    assert_int_equal(running.status, HEXMCP_OK);
    assert_int_equal(running.ran, 1);
    assert_int_equal(queued.done, 1);
    assert_int_equal(queued.status, HEXMCP_E_CANCELLED);
    assert_int_equal(worker->submit(worker->ctx, work, done, &late), HEXMCP_E_UNAVAILABLE);
    while (f->host->jobs)
        fixture_turn(f);
    assert_int_equal(queued.ran, 0);
    assert_int_equal(running.done + queued.done + late.done, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(runs_beside_the_loop, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(is_refused, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(ends_with_the_plugin, fixture_setup, fixture_teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
