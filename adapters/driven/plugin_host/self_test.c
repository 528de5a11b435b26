#include "adapters/driven/plugin_host/self_test.h"

#include <stdlib.h>

#include "adapters/driven/plugin_host/runs.h"

#define TEST_MS 10000u

struct self_test {
    struct plugin_host *host;
    uint64_t call;
    struct timer *timer;
    void (*done)(void *arg, const struct error *err);
    void *arg;
};

static void ended(void *arg, const struct error *err, struct str json)
{
    struct self_test *t = arg;
    (void)json;
    const struct timer_port *timer = t->host->config.timer;
    timer->free(timer->ctx, t->timer);
    t->done(t->arg, err);
    free(t);
}

static void overdue(void *arg)
{
    const struct self_test *t = arg;
    run_abandon(t->host, t->call);
}

bool self_test_begin(struct plugin *p, void (*done)(void *arg, const struct error *err), void *arg)
{
    struct plugin_host *host = p->host;
    const struct plugin_host_config *c = &host->config;
    struct error err;
    if (!plugin_provides(p, HEXMCP_SELFTEST_1))
        return false;
    struct self_test *t = calloc(1, sizeof(*t));
    if (!t) {
        error_set(&err, ST_NOMEM, "out of memory");
        done(arg, &err);
        return true;
    }
    *t = (struct self_test){host, RUN_OWN_CALLS | ++host->own_calls, NULL, done, arg};
    const struct run_request request = {
        .call = t->call,
        .plugin = p->number,
        .action = ACTION_SELF_TEST,
        .deadline_ns = c->clock->monotonic_ns(c->clock->ctx) + (uint64_t)TEST_MS * 1000000,
    };
    t->timer = c->timer->create(c->timer->ctx, overdue, t);
    if (t->timer)
        c->timer->set(c->timer->ctx, t->timer, TEST_MS);
    if (run_begin(p, &request, ended, t, &err))
        ended(t, &err, STR(""));
    return true;
}
