#include "adapters/driven/plugin_host/worker_service.h"

#include <stdlib.h>

#include "adapters/driven/plugin_host/runs.h"

enum work_state { WORK_QUEUED, WORK_SUBMITTED, WORK_RUNNING, WORK_RETURNED };

struct work {
    struct work *next, **link; /* in the plugin's list */
    struct plugin_host *host;
    struct plugin *plugin; /* may be gone when `answered` */
    void (*fn)(void *arg);
    void (*done)(void *arg, int32_t status);
    void *arg;
    /* Guarded by host->lock. */
    enum work_state state;
    bool answered; /* and in no list; what still names it frees it */
};

/* With the lock held. */
static void take_out(struct work *w)
{
    *w->link = w->next;
    if (w->next)
        w->next->link = w->link;
    w->plugin->work_count--;
    w->answered = true;
}

/* The first of the plugin's list in one of the two states; it is taken out. */
static struct work *take(struct plugin *p, enum work_state a, enum work_state b)
{
    pthread_mutex_lock(&p->host->lock);
    struct work *w = p->works;
    while (w && w->state != a && w->state != b)
        w = w->next;
    if (w)
        take_out(w);
    pthread_mutex_unlock(&p->host->lock);
    return w;
}

static void work_run(void *arg)
{
    struct work *w = arg;
    struct plugin_host *host = w->host;
    pthread_mutex_lock(&host->lock);
    bool wanted = !w->answered;
    if (wanted) {
        w->state = WORK_RUNNING;
        w->plugin->inside++;
    }
    pthread_mutex_unlock(&host->lock);
    if (!wanted)
        return;
    run_mark_worker(true);
    w->fn(w->arg);
    run_mark_worker(false);
    pthread_mutex_lock(&host->lock);
    w->state = WORK_RETURNED;
    w->plugin->inside--;
    pthread_mutex_unlock(&host->lock);
}

static void work_over(void *arg)
{
    struct work *w = arg;
    struct plugin_host *host = w->host;
    pthread_mutex_lock(&host->lock);
    host->jobs--;
    bool waits = !w->answered;
    if (waits)
        take_out(w);
    pthread_mutex_unlock(&host->lock);
    if (waits)
        w->done(w->arg, HEXMCP_OK);
    free(w);
}

/* False: it was answered while it was queued. */
static bool begin(struct work *w)
{
    pthread_mutex_lock(&w->host->lock);
    bool wanted = !w->answered;
    if (wanted) {
        w->state = WORK_SUBMITTED;
        w->host->jobs++;
    }
    pthread_mutex_unlock(&w->host->lock);
    return wanted;
}

void work_start(struct work *w)
{
    struct plugin_host *host = w->host;
    const struct executor_port *executor = host->config.executor;
    if (!begin(w)) {
        free(w);
        return;
    }
    if (executor->submit(executor->ctx, work_run, work_over, w, NULL) == ST_OK)
        return;
    pthread_mutex_lock(&host->lock);
    host->jobs--;
    take_out(w);
    pthread_mutex_unlock(&host->lock);
    w->done(w->arg, HEXMCP_E_BUSY);
    free(w);
}

void works_close(struct plugin *p)
{
    struct work *w;
    pthread_mutex_lock(&p->host->lock);
    p->stopping = true;
    pthread_mutex_unlock(&p->host->lock);
    while ((w = take(p, WORK_QUEUED, WORK_SUBMITTED)))
        w->done(w->arg, HEXMCP_E_CANCELLED);
}

void works_end(struct plugin *p)
{
    struct work *w;
    while ((w = take(p, WORK_RETURNED, WORK_RETURNED)))
        w->done(w->arg, HEXMCP_OK);
}

/* With the lock held. */
static int32_t admit(struct plugin *p, struct work *w, struct inbox_item *item, bool *wake)
{
    if (p->stopping)
        return HEXMCP_E_UNAVAILABLE;
    if (p->work_count >= HEXMCP_WORKER_MAX)
        return HEXMCP_E_BUSY;
    w->next = p->works;
    w->link = &p->works;
    if (w->next)
        w->next->link = &w->next;
    p->works = w;
    p->work_count++;
    item->work = w;
    *wake = inbox_add(p->host, item);
    return HEXMCP_OK;
}

static int32_t worker_submit(void *ctx, void (*fn)(void *arg),
                             void (*done)(void *arg, int32_t status), void *arg)
{
    struct plugin *p = ctx;
    bool wake = false;
    if (!fn || !done)
        return HEXMCP_E_INVALID;
    struct work *w = calloc(1, sizeof(*w));
    struct inbox_item *item = inbox_item_new(INBOX_WORK, p, 0, STR(""));
    int32_t rc = w && item ? HEXMCP_OK : HEXMCP_E_NOMEM;
    if (!rc) {
        *w = (struct work){.host = p->host, .plugin = p, .fn = fn, .done = done, .arg = arg};
        pthread_mutex_lock(&p->host->lock);
        rc = admit(p, w, item, &wake);
        pthread_mutex_unlock(&p->host->lock);
    }
    if (rc) {
        free(w);
        if (item)
            inbox_item_free(item);
    }
    if (wake)
        inbox_wake(p->host);
    return rc;
}

void worker_service_init(struct plugin *p)
{
    p->workers = (hexmcp_worker_1){.size = sizeof(p->workers), .ctx = p, .submit = worker_submit};
}
