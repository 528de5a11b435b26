/* Running a plugin in this process: on the loop or on a worker. */
#include <stdio.h>
#include <stdlib.h>

#include "adapters/driven/plugin_host/in_process.h"
#include "adapters/driven/plugin_host/published.h"
#include "adapters/driven/plugin_host/reload.h"

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

static int submit(struct run *run, struct error *err)
{
    struct plugin_host *host = run->plugin->host;
    const struct executor_port *executor = host->config.executor;
    pthread_mutex_lock(&host->lock);
    host->jobs++;
    pthread_mutex_unlock(&host->lock);
    int rc = executor->submit(executor->ctx, work, done, run, err);
    if (rc) {
        pthread_mutex_lock(&host->lock);
        host->jobs--;
        pthread_mutex_unlock(&host->lock);
    }
    return rc;
}

static int call(struct run *run, struct error *err)
{
    if (!run->request.on_loop)
        return submit(run, err);
    run_invoke(run);
    returned(run);
    return ST_OK;
}

/* A function that was not entered yet will not be. */
static void cancel(struct run *run)
{
    struct plugin *p = run->plugin;
    pthread_mutex_lock(&p->host->lock);
    bool entered = run->entered;
    pthread_mutex_unlock(&p->host->lock);
    if (entered && lifecycle_may_call(p->state, PLUGIN_FN_CANCEL))
        run_cancel(run);
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

static void abandon(struct run *run)
{
    struct plugin_host *host = run->plugin->host;
    const struct timer_port *timer = host->config.timer;
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

struct kept_state {
    struct str state;
    char *copy;
};

static void emit(void *arg, hexmcp_str bytes)
{
    struct kept_state *kept = arg;
    free(kept->copy);
    kept->state = (struct str){NULL, 0};
    kept->copy = malloc(bytes.len + 1);
    if (!kept->copy)
        return;
    if (bytes.len)
        memcpy(kept->copy, bytes.ptr, bytes.len);
    kept->state = (struct str){kept->copy, bytes.len};
}

static void save(struct plugin *p, void (*told)(void *arg, int rc, struct str state), void *arg)
{
    const hexmcp_state_1 *keeper = p->state_keeper;
    hexmcp_error theirs = {.size = sizeof(theirs)};
    struct kept_state kept = {{NULL, 0}, NULL};
    struct error err;
    int32_t status = keeper ? keeper->save(keeper->self, emit, &kept, &theirs) : HEXMCP_OK;
    if (status < 0)
        plugin_error(p, status, &theirs, &err);
    else if (keeper && !kept.copy)
        error_set(&err, ST_PROTOCOL, "save gave nothing");
    else
        err.code = ST_OK;
    told(arg, err.code, err.code ? str_from(err.text) : kept.state);
    free(kept.copy);
}

/* How long the loop waits for a plugin that was replaced. */
#define RETIRE_MS 500

static void retire(struct plugin *p)
{
    struct timespec until = backend_after(RETIRE_MS);
    if (!p->instance || in_process_stop(p, &until))
        plugin_retired(p);
}

const struct plugin_backend in_process_backend = {
    .load = in_process_load,
    .serves = plugin_serves,
    .call = call,
    .cancel = cancel,
    .abandon = abandon,
    .save = save,
    .retire = retire,
    .stop = in_process_stop,
};
