#include "adapters/driven/plugin_host/offer.h"
#include "adapters/driven/plugin_host/reload.h"
#include "adapters/driven/plugin_host/services/requests.h"

#include <stdlib.h>

int runs_init(struct plugin_host *host, struct error *err)
{
    host->runs = calloc(RUN_BUCKETS, sizeof(*host->runs));
    return host->runs ? ST_OK : error_set(err, ST_NOMEM, "out of memory");
}

void runs_free(struct plugin_host *host)
{
    for (size_t i = 0; host->runs && i < RUN_BUCKETS; i++)
        while (host->runs[i]) {
            struct run *run = host->runs[i];
            host->runs[i] = run->next;
            run_free(run);
        }
    free(host->runs);
    while (host->inbox) {
        struct inbox_item *item = host->inbox;
        host->inbox = item->next;
        free(item->delay);
        offer_free(item->offer);
        inbox_item_free(item);
    }
}

struct run *run_find(const struct plugin_host *host, uint64_t id)
{
    struct run *run = host->runs[id % RUN_BUCKETS];
    while (run && run->id != id)
        run = run->next;
    return run;
}

struct run *run_find_open(const struct plugin *p, uint64_t id)
{
    struct run *run = run_find(p->host, id);
    return run && run->plugin == p && !run->answered && !run->abandoned && !run->failure.code
               ? run
               : NULL;
}

void run_insert(struct plugin_host *host, struct run *run)
{
    struct run **bucket = &host->runs[run->id % RUN_BUCKETS];
    run->next = *bucket;
    *bucket = run;
    run->plugin->run_count++;
}

void run_remove(struct plugin_host *host, struct run *run)
{
    struct run **at = &host->runs[run->id % RUN_BUCKETS];
    while (*at != run)
        at = &(*at)->next;
    *at = run->next;
    run->plugin->run_count--;
}

void run_free(struct run *run)
{
    if (run->grace)
        run->plugin->host->config.timer->free(run->plugin->host->config.timer->ctx, run->grace);
    if (!run->borrowed)
        free(run->json);
    free(run);
}

static void end_own(struct run *run)
{
    struct error err = run->failure;
    if (run->abandoned)
        error_set(&err, ST_TIMEOUT, "it did not answer in time");
    else if (!err.code && run->outcome != RUN_RESULT)
        error_set(&err, ST_GENERIC, "it answered %.*s", (int)(run->json_len > 300 ? 300 : run->json_len),
                  run->json ? run->json : "");
    run->own_end(run->own_arg, err.code ? &err : NULL, (struct str){run->json, run->json_len});
}

void run_finish(struct plugin_host *host, struct run *run)
{
    const struct run_events *events = host->events;
    pthread_mutex_lock(&host->lock);
    bool abandoned = run->abandoned;
    bool ended = run->returned && (abandoned || run->answered || run->failure.code);
    if (ended)
        run_remove(host, run);
    pthread_mutex_unlock(&host->lock);
    if (!ended)
        return;
    struct plugin *p = run->plugin;
    requests_end_call(p, run->id);
    /* Out of the table, so nobody else sees it any more; the reports may start new calls. */
    if (run->own_end)
        end_own(run);
    else if (events && abandoned)
        events->released(events->ctx, run->id);
    else if (events && run->failure.code)
        events->failed(events->ctx, run->id, &run->failure);
    else if (events)
        events->completed(events->ctx, run->id, run->outcome,
                          (struct str){run->json, run->json_len});
    run_free(run);
    plugin_run_ended(p);
}

void run_facts(const struct run *run, struct service_request *out)
{
    out->deadline_ns = run->request.deadline_ns;
    out->caller = run->request.caller;
    out->paths = run->request.paths;
    out->traceparent = run->request.traceparent;
    out->tracestate = run->request.tracestate;
}
