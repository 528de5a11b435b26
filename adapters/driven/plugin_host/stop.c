/* The end: plugins stop in the reverse order of loading. */
#include <assert.h>

#include "adapters/driven/plugin_host/isolated/isolated.h"
#include "adapters/driven/plugin_host/published.h"
#include "adapters/driven/plugin_host/reload.h"
#include "adapters/driven/plugin_host/services/requests.h"
#include "adapters/driven/plugin_host/stores/stores.h"
#include "adapters/driven/plugin_host/swap.h"
#include "adapters/driven/plugin_host/worker_service.h"

struct timespec backend_after(uint32_t ms)
{
    struct timespec then;
    clock_gettime(CLOCK_MONOTONIC, &then);
    then.tv_sec += ms / 1000;
    then.tv_nsec += (long)(ms % 1000) * 1000000;
    if (then.tv_nsec >= 1000000000) {
        then.tv_sec++;
        then.tv_nsec -= 1000000000;
    }
    return then;
}

bool backend_is_over(const struct timespec *until)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec > until->tv_sec ||
           (now.tv_sec == until->tv_sec && now.tv_nsec >= until->tv_nsec);
}

void plugin_silence(struct plugin *p)
{
    delays_close(p);
    requests_close(p);
    works_close(p);
}

/* No call enters the plugin from here on; those that run are told to end. */
static void quiet(struct plugin *p)
{
    struct plugin_host *host = p->host;
    plugin_move(p, PLUGIN_DRAINING);
    plugin_silence(p);
    published_clear(p);
    inbox_drain(host); /* what was completed is reported, not given up */
    runs_abandon(p);
}

bool plugin_stop(struct plugin *p, const struct timespec *until)
{
    if (p->state != PLUGIN_DRAINING)
        quiet(p);
    bool stopped = p->backend->stop(p, until);
    if (stores_uses(p))
        stores_end_calls(p);
    if (stopped)
        plugin_move(p, PLUGIN_RETIRED);
    return stopped;
}

/* Helpers end beside each other, and beside what is stopped here. */
static void tell_helpers(struct plugin_host *host, const struct timespec *until)
{
    for (size_t i = 0; i < host->plugin_count; i++) {
        struct plugin *p = host->plugins[i];
        if (!p->isolated)
            continue;
        if (plugin_is_up(p))
            quiet(p);
        isolated_tell_stop(p, until);
    }
}

static void wait_for_helpers(struct plugin_host *host, const struct timespec *until)
{
    for (size_t i = 0; i < host->plugin_count; i++) {
        struct plugin *p = host->plugins[i];
        if (p->isolated && p->state == PLUGIN_DRAINING)
            plugin_stop(p, until);
        else if (p->isolated)
            p->backend->stop(p, until);
    }
}

static struct plugin *loaded_at(struct plugin_host *host, uint32_t number)
{
    for (size_t i = 0; i < host->plugin_count; i++) {
        struct plugin *p = host->plugins[i];
        if (p->loaded_as == number && plugin_is_up(p))
            return p;
    }
    return NULL;
}

size_t plugin_host_stop_others(struct plugin_host *host, uint32_t budget_ms)
{
    struct timespec until = backend_after(budget_ms);
    size_t left = 0;
    assert(host_on_loop(host));
    tell_helpers(host, &until);
    for (uint32_t n = host->loaded; n > 0; n--) {
        struct plugin *p = loaded_at(host, n);
        left += p && !stores_uses(p) && !plugin_stop(p, &until);
    }
    wait_for_helpers(host, &until);
    return left + reloads_stop(host, &until);
}

size_t plugin_host_stop(struct plugin_host *host, uint32_t budget_ms)
{
    size_t left = plugin_host_stop_others(host, budget_ms);
    stores_close(host);
    struct timespec until = backend_after(budget_ms);
    for (uint32_t n = host->loaded; n > 0; n--) {
        struct plugin *p = loaded_at(host, n);
        left += p && stores_uses(p) && !plugin_stop(p, &until);
    }
    inbox_drain(host);
    pthread_mutex_lock(&host->lock);
    host->closed = true;
    pthread_mutex_unlock(&host->lock);
    return left;
}
