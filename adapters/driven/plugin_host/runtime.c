/* The port plugin_runtime: starting, cancelling and giving up calls. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "adapters/driven/plugin_host/published.h"
#include "adapters/driven/plugin_host/runs.h"

static void attach(void *ctx, const struct run_events *events)
{
    struct plugin_host *host = ctx;
    host->events = events;
}

/* The function has returned, on the loop or on a worker: the rest happens here, on the loop. */
static void returned(struct run *run)
{
    struct plugin_host *host = run->plugin->host;
    inbox_drain(host); /* progress and logs of the call go before its end */
    pthread_mutex_lock(&host->lock);
    run->returned = true;
    pthread_mutex_unlock(&host->lock);
    run_finish(host, run);
}

static void work(void *arg)
{
    run_invoke(arg);
}

static void done(void *arg)
{
    struct run *run = arg;
    struct plugin_host *host = run->plugin->host;
    pthread_mutex_lock(&host->lock);
    host->jobs--;
    pthread_mutex_unlock(&host->lock);
    returned(run);
}

static int submit(struct plugin_host *host, struct run *run, struct error *err)
{
    const struct executor_port *executor = host->config.executor;
    pthread_mutex_lock(&host->lock);
    host->jobs++;
    pthread_mutex_unlock(&host->lock);
    int rc = executor->submit(executor->ctx, work, done, run, err);
    if (rc) {
        pthread_mutex_lock(&host->lock);
        host->jobs--;
        run_remove(host, run);
        pthread_mutex_unlock(&host->lock);
        run_free(run);
    }
    return rc;
}

static int check_plugin(struct plugin *p, enum item_kind kind, struct error *err)
{
    struct str id = plugin_id(p);
    if (!p->enabled)
        return error_set(err, ST_UNAVAILABLE, "plugin %.*s is not enabled", STR_ARG(id));
    if (p->state == PLUGIN_VERIFIED)
        plugin_load(p, err);
    if (p->state == PLUGIN_ACTIVE && plugin_serves(p, kind))
        return ST_OK;
    const char *why = p->reason ? p->reason : "it takes no calls";
    if (p->state == PLUGIN_FAILED)
        return error_set(err, ST_UNAVAILABLE, "plugin %.*s cannot be used: %s", STR_ARG(id), why);
    return error_set(err, ST_UNAVAILABLE, "plugin %.*s is %s: %s", STR_ARG(id),
                     lifecycle_name(p->state), why);
}

static int run_call(void *ctx, const struct run_request *request, struct error *err)
{
    struct plugin_host *host = ctx;
    assert(host_on_loop(host));
    assert(host->events);
    if (request->plugin >= host->plugin_count)
        return error_set(err, ST_NOT_FOUND, "there is no plugin number %u", request->plugin);
    struct plugin *p = &host->plugins[request->plugin];
    int rc = check_plugin(p, request->kind, err);
    if (rc)
        return rc;
    assert(lifecycle_may_call(p->state, PLUGIN_FN_CALL));
    struct run *run = calloc(1, sizeof(*run));
    if (!run)
        return error_set(err, ST_NOMEM, "out of memory");
    run->id = request->call;
    run->plugin = p;
    run->request = *request;
    pthread_mutex_lock(&host->lock);
    run_insert(host, run);
    pthread_mutex_unlock(&host->lock);
    if (!request->on_loop)
        return submit(host, run, err);
    run_invoke(run);
    returned(run);
    return ST_OK;
}

/* Marks the call and, if its function was entered, tells the plugin. */
static struct run *stop_call(struct plugin_host *host, uint64_t id, bool give_up)
{
    pthread_mutex_lock(&host->lock);
    struct run *run = run_find(host, id);
    bool tell = run && run->entered;
    if (run) {
        run->cancelled = true;
        run->abandoned = run->abandoned || give_up;
    }
    pthread_mutex_unlock(&host->lock);
    if (!tell)
        return run;
    const struct plugin *p = run->plugin;
    if (lifecycle_may_call(p->state, PLUGIN_FN_CANCEL))
        run_cancel(run);
    return run;
}

static void cancel_call(void *ctx, uint64_t id)
{
    struct plugin_host *host = ctx;
    assert(host_on_loop(host));
    stop_call(host, id, false);
}

static void quarantine(struct plugin *p)
{
    char text[ERROR_TEXT_SIZE];
    snprintf(text, sizeof(text),
             "%u of its calls did not return within %u ms after they were given up; restart hexmcp "
             "to use it again",
             p->lost, p->host->config.grace_ms);
    plugin_move(p, PLUGIN_QUARANTINED);
    published_clear(p);
    plugin_reason(p, text);
    plugin_log(p, LOG_LEVEL_ERROR, "quarantined: %s", text);
}

/* The time after abandon() is over. */
static void overdue(void *arg)
{
    struct run *run = arg;
    struct plugin *p = run->plugin;
    struct plugin_host *host = p->host;
    char subject[RUN_SUBJECT_SIZE];
    pthread_mutex_lock(&host->lock);
    bool inside = run->entered && !run->returned;
    pthread_mutex_unlock(&host->lock);
    if (!inside)
        return;
    const struct lost_worker_port *port = host->config.lost_worker;
    if (port)
        port->mark_lost(port->ctx, run);
    p->lost++;
    plugin_log(p, LOG_LEVEL_WARNING,
               "%s does not return from call %llu; its worker is lost (%u so far)",
               run_subject(run, subject), (unsigned long long)run->id, p->lost);
    if (p->lost >= host->config.max_lost && p->state == PLUGIN_ACTIVE)
        quarantine(p);
}

static void abandon_call(void *ctx, uint64_t id)
{
    struct plugin_host *host = ctx;
    const struct timer_port *timer = host->config.timer;
    assert(host_on_loop(host));
    struct run *run = stop_call(host, id, true);
    if (!run)
        return;
    pthread_mutex_lock(&host->lock);
    bool back = run->returned;
    pthread_mutex_unlock(&host->lock);
    if (back) {
        run_finish(host, run);
        return;
    }
    if (!run->grace && !run->request.on_loop)
        run->grace = timer->create(timer->ctx, overdue, run);
    if (run->grace)
        timer->set(timer->ctx, run->grace, host->config.grace_ms);
}

/* A call of the plugin that has not been given up, or 0. */
static uint64_t next_run(const struct plugin *p)
{
    uint64_t id = 0;
    pthread_mutex_lock(&p->host->lock);
    for (size_t i = 0; !id && i < RUN_BUCKETS; i++)
        for (const struct run *run = p->host->runs[i]; run && !id; run = run->next)
            if (run->plugin == p && !run->abandoned)
                id = run->id;
    pthread_mutex_unlock(&p->host->lock);
    return id;
}

void runs_abandon(struct plugin *p)
{
    uint64_t id;
    while ((id = next_run(p)))
        abandon_call(p->host, id);
}

void runtime_init(struct plugin_host *host)
{
    host->runtime = (struct plugin_runtime){
        .ctx = host,
        .attach = attach,
        .run = run_call,
        .cancel = cancel_call,
        .abandon = abandon_call,
    };
}
