/* The port plugin_runtime: starting, cancelling and giving up calls. */
#include <assert.h>
#include <stdlib.h>

#include "adapters/driven/plugin_host/backend.h"

static void attach(void *ctx, const struct run_events *events)
{
    struct plugin_host *host = ctx;
    host->events = events;
}

static bool takes(const struct plugin *p, const struct run_request *request)
{
    return (p->state == PLUGIN_ACTIVE || p->state == PLUGIN_STARTING) &&
           (request->action == ACTION_SELF_TEST || request->action == ACTION_HOOK ||
            p->backend->serves(p, request->kind));
}

static int check_plugin(struct plugin *p, const struct run_request *request, struct error *err)
{
    struct str id = plugin_id(p);
    if (!p->enabled)
        return error_set(err, ST_UNAVAILABLE, "plugin %.*s is not enabled", STR_ARG(id));
    if (p->state == PLUGIN_VERIFIED)
        plugin_load(p, err);
    if (takes(p, request))
        return ST_OK;
    const char *why = p->reason ? p->reason : "it takes no calls";
    if (p->state == PLUGIN_FAILED)
        return error_set(err, ST_UNAVAILABLE, "plugin %.*s cannot be used: %s", STR_ARG(id), why);
    return error_set(err, ST_UNAVAILABLE, "plugin %.*s is %s: %s", STR_ARG(id),
                     lifecycle_name(p->state), why);
}

int run_begin(struct plugin *p, const struct run_request *request, run_own_end_fn *own_end,
              void *own_arg, struct error *err)
{
    struct plugin_host *host = p->host;
    int rc = check_plugin(p, request, err);
    if (rc)
        return rc;
    assert(lifecycle_may_call(p->state, PLUGIN_FN_CALL));
    struct run *run = calloc(1, sizeof(*run));
    if (!run)
        return error_set(err, ST_NOMEM, "out of memory");
    run->id = request->call;
    run->plugin = p;
    run->request = *request;
    run->own_end = own_end;
    run->own_arg = own_arg;
    pthread_mutex_lock(&host->lock);
    run_insert(host, run);
    pthread_mutex_unlock(&host->lock);
    rc = p->backend->call(run, err);
    if (rc) {
        pthread_mutex_lock(&host->lock);
        run_remove(host, run);
        pthread_mutex_unlock(&host->lock);
        run_free(run);
    }
    return rc;
}

static int run_call(void *ctx, const struct run_request *request, struct error *err)
{
    struct plugin_host *host = ctx;
    assert(host_on_loop(host));
    assert(host->events);
    if (request->plugin >= host->plugin_count)
        return error_set(err, ST_NOT_FOUND, "there is no plugin number %u", request->plugin);
    return run_begin(host->plugins[request->plugin], request, NULL, NULL, err);
}

/* Marks the call and tells the plugin. */
static struct run *stop_call(struct plugin_host *host, uint64_t id, bool give_up)
{
    pthread_mutex_lock(&host->lock);
    struct run *run = run_find(host, id);
    if (run) {
        run->cancelled = true;
        run->abandoned = run->abandoned || give_up;
    }
    pthread_mutex_unlock(&host->lock);
    if (run)
        run->plugin->backend->cancel(run);
    return run;
}

static void cancel_call(void *ctx, uint64_t id)
{
    struct plugin_host *host = ctx;
    assert(host_on_loop(host));
    stop_call(host, id, false);
}

void run_abandon(struct plugin_host *host, uint64_t id)
{
    struct run *run = stop_call(host, id, true);
    if (run)
        run->plugin->backend->abandon(run);
}

static void abandon_call(void *ctx, uint64_t id)
{
    struct plugin_host *host = ctx;
    assert(host_on_loop(host));
    run_abandon(host, id);
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
        run_abandon(p->host, id);
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
