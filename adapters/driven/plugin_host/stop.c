/*
 * The end: stop and destroy, in the reverse order of loading.
 *
 * A plugin may hang in stop. So a thread of its own calls stop and destroy, and is the loop thread
 * meanwhile, while the real one waits for it, but not for ever.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "adapters/driven/plugin_host/published.h"
#include "adapters/driven/plugin_host/runs.h"

struct closing {
    struct plugin *plugin;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool done;
};

static void close_instance(struct plugin *p)
{
    const hexmcp_plugin *i = p->instance;
    assert(lifecycle_may_call(p->state, PLUGIN_FN_STOP) &&
           lifecycle_may_call(p->state, PLUGIN_FN_DESTROY));
    if (HEXMCP_HAS(i, stop))
        i->stop(i->self);
    i->destroy(i->self);
}

static void *closing_thread(void *arg)
{
    struct closing *c = arg;
    struct plugin_host *host = c->plugin->host;
    pthread_mutex_lock(&host->lock);
    host->loop = pthread_self();
    pthread_mutex_unlock(&host->lock);
    close_instance(c->plugin);
    pthread_mutex_lock(&c->lock);
    c->done = true;
    pthread_cond_signal(&c->ended);
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

static bool wait_for(struct closing *c, const struct timespec *until)
{
    int rc = 0;
    pthread_mutex_lock(&c->lock);
    while (!c->done && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&c->ended, &c->lock, until);
    bool done = c->done;
    pthread_mutex_unlock(&c->lock);
    return done;
}

static struct closing *closing_new(struct plugin *p)
{
    struct closing *c = calloc(1, sizeof(*c));
    pthread_condattr_t monotonic;
    if (!c)
        return NULL;
    c->plugin = p;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->ended, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return c;
}

static void closing_free(struct closing *c)
{
    pthread_cond_destroy(&c->ended);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

/* True if the plugin came back in time. */
static bool close_in_time(struct plugin *p, const struct timespec *until)
{
    struct plugin_host *host = p->host;
    pthread_t thread, self = pthread_self();
    struct closing *c = closing_new(p);
    if (!c || pthread_create(&thread, NULL, closing_thread, c) != 0) {
        if (c)
            closing_free(c);
        return false;
    }
    bool done = wait_for(c, until);
    if (done) {
        pthread_join(thread, NULL);
        closing_free(c);
    } else {
        pthread_detach(thread); /* it keeps `c` */
    }
    pthread_mutex_lock(&host->lock);
    host->loop = self;
    host->left = host->left || !done;
    pthread_mutex_unlock(&host->lock);
    return done;
}

/* No call enters the plugin from here on; those that run are told to end. */
static void quiet(struct plugin *p)
{
    struct plugin_host *host = p->host;
    plugin_move(p, PLUGIN_DRAINING);
    delays_close(p);
    published_clear(p);
    inbox_drain(host); /* what was completed is reported, not given up */
    runs_abandon(p);
}

static bool is_inside(struct plugin *p)
{
    pthread_mutex_lock(&p->host->lock);
    bool inside = p->inside > 0;
    pthread_mutex_unlock(&p->host->lock);
    return inside;
}

static bool is_over(const struct timespec *until)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec > until->tv_sec ||
           (now.tv_sec == until->tv_sec && now.tv_nsec >= until->tv_nsec);
}

/* Calls that were just told to end mostly do, within milliseconds. */
static bool wait_until_outside(struct plugin *p, const struct timespec *until)
{
    const struct timespec moment = {.tv_nsec = 1000000};
    while (is_inside(p) && !is_over(until))
        nanosleep(&moment, NULL);
    return !is_inside(p);
}

static bool stop_plugin(struct plugin *p, const struct timespec *until)
{
    quiet(p);
    if (!wait_until_outside(p, until)) {
        plugin_log(p, LOG_LEVEL_WARNING, "left as it is: a call has not returned");
        return false;
    }
    if (!close_in_time(p, until)) {
        plugin_log(p, LOG_LEVEL_WARNING, "left as it is: it does not stop in time");
        return false;
    }
    p->instance = NULL;
    plugin_forget_interfaces(p);
    plugin_move(p, PLUGIN_RETIRED);
    return true;
}

static struct plugin *loaded_at(struct plugin_host *host, uint32_t number)
{
    for (size_t i = 0; i < host->plugin_count; i++) {
        struct plugin *p = &host->plugins[i];
        if (p->loaded_as == number &&
            (p->state == PLUGIN_ACTIVE || p->state == PLUGIN_QUARANTINED))
            return p;
    }
    return NULL;
}

size_t plugin_host_stop(struct plugin_host *host, uint32_t budget_ms)
{
    struct timespec until;
    size_t left = 0;
    assert(host_on_loop(host));
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += budget_ms / 1000;
    until.tv_nsec += (long)(budget_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    for (uint32_t n = host->loaded; n > 0; n--) {
        struct plugin *p = loaded_at(host, n);
        left += p && !stop_plugin(p, &until);
    }
    inbox_drain(host);
    pthread_mutex_lock(&host->lock);
    host->closed = true;
    pthread_mutex_unlock(&host->lock);
    return left;
}
