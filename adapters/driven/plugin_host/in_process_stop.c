/*
 * The end of a plugin in this process: stop and destroy.
 *
 * A plugin may hang in stop. So a thread of its own calls stop and destroy, and is the loop thread
 * meanwhile, while the real one waits for it, but not for ever.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "adapters/driven/plugin_host/in_process.h"
#include "adapters/driven/plugin_host/worker_service.h"

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

static bool is_inside(struct plugin *p)
{
    pthread_mutex_lock(&p->host->lock);
    bool inside = p->inside > 0;
    pthread_mutex_unlock(&p->host->lock);
    return inside;
}

/* Calls that were just told to end mostly do, within milliseconds. */
bool in_process_outside(struct plugin *p, const struct timespec *until)
{
    const struct timespec moment = {.tv_nsec = 1000000};
    while (is_inside(p) && !backend_is_over(until))
        nanosleep(&moment, NULL);
    return !is_inside(p);
}

bool in_process_stop(struct plugin *p, const struct timespec *until)
{
    if (!in_process_outside(p, until)) {
        plugin_log(p, LOG_LEVEL_WARNING, "left as it is: a call has not returned");
        return false;
    }
    works_end(p);
    if (!close_in_time(p, until)) {
        plugin_log(p, LOG_LEVEL_WARNING, "left as it is: it does not stop in time");
        return false;
    }
    p->instance = NULL;
    plugin_forget_interfaces(p);
    return true;
}
