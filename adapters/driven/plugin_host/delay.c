/* "hexmcp.timer/1": timers of plugins on the loop's timer port. */
#include <stdlib.h>

#include "adapters/driven/plugin_host/runs.h"

#define DELAY_MAX_MS 86400000u
#define DELAYS_MAX 1024u

struct delay {
    struct delay *next, **link; /* in the plugin's list, guarded by the lock       */
    struct plugin *plugin;
    uint64_t ms;
    hexmcp_reply_fn reply;
    void *arg;
    struct timer *timer; /* [loop]                                                 */
    bool queued;         /* an inbox item names it: that item's handler frees it   */
    bool dead;           /* answered while it was queued                           */
};

/* With the lock held. */
static void link_delay(struct plugin *p, struct delay *d)
{
    d->next = p->delays;
    d->link = &p->delays;
    if (d->next)
        d->next->link = &d->next;
    p->delays = d;
    p->delay_count++;
}

static void unlink_delay(struct delay *d)
{
    *d->link = d->next;
    if (d->next)
        d->next->link = d->link;
    d->plugin->delay_count--;
}

/* Answers and frees a delay that is in no list. */
static void answer(struct delay *d, int32_t status)
{
    const struct timer_port *timer = d->plugin->host->config.timer;
    hexmcp_reply_fn reply = d->reply;
    void *arg = d->arg;
    timer->free(timer->ctx, d->timer);
    d->timer = NULL;
    if (d->queued)
        d->dead = true;
    else
        free(d);
    reply(arg, status, (hexmcp_str){"", 0});
}

static void fire(void *arg)
{
    struct delay *d = arg;
    struct plugin_host *host = d->plugin->host;
    pthread_mutex_lock(&host->lock);
    unlink_delay(d);
    pthread_mutex_unlock(&host->lock);
    answer(d, HEXMCP_OK);
}

void delay_start(struct delay *d)
{
    struct plugin_host *host = d->plugin->host;
    const struct timer_port *timer = host->config.timer;
    d->queued = false;
    if (d->dead) {
        free(d);
        return;
    }
    d->timer = timer->create(timer->ctx, fire, d);
    if (d->timer) {
        timer->set(timer->ctx, d->timer, d->ms);
        return;
    }
    pthread_mutex_lock(&host->lock);
    unlink_delay(d);
    pthread_mutex_unlock(&host->lock);
    answer(d, HEXMCP_E_NOMEM);
}

int32_t delay_add(struct plugin *p, uint64_t ms, hexmcp_reply_fn reply, void *arg)
{
    struct plugin_host *host = p->host;
    if (ms > DELAY_MAX_MS || !reply)
        return HEXMCP_E_INVALID;
    struct delay *d = calloc(1, sizeof(*d));
    struct inbox_item *item = inbox_item_new(INBOX_DELAY, p, 0, STR(""));
    int32_t rc = d && item ? HEXMCP_OK : HEXMCP_E_NOMEM;
    bool wake = false;
    pthread_mutex_lock(&host->lock);
    if (!rc && p->stopping)
        rc = HEXMCP_E_UNAVAILABLE;
    if (!rc && p->delay_count >= DELAYS_MAX)
        rc = HEXMCP_E_BUSY;
    if (!rc) {
        *d = (struct delay){.plugin = p, .ms = ms, .reply = reply, .arg = arg, .queued = true};
        link_delay(p, d);
        item->delay = d;
        wake = inbox_add(host, item);
    }
    pthread_mutex_unlock(&host->lock);
    if (rc) {
        free(d);
        if (item)
            inbox_item_free(item);
    }
    if (wake)
        inbox_wake(host);
    return rc;
}

void delays_close(struct plugin *p)
{
    struct plugin_host *host = p->host;
    pthread_mutex_lock(&host->lock);
    p->stopping = true;
    while (p->delays) {
        struct delay *d = p->delays;
        unlink_delay(d);
        pthread_mutex_unlock(&host->lock);
        answer(d, HEXMCP_E_CANCELLED);
        pthread_mutex_lock(&host->lock);
    }
    pthread_mutex_unlock(&host->lock);
}
