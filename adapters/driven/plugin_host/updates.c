#include "adapters/driven/plugin_host/updates.h"

static void end(struct offer *o)
{
    const struct timer_port *timer = o->plugin->host->config.timer;
    timer->free(timer->ctx, o->timer);
    offer_leave(o);
    offer_free(o);
}

static void tell(struct offer *o)
{
    const struct publisher *publisher = o->plugin->host->publisher;
    publisher->resource_updated(publisher->ctx, o->plugin->number, o->text);
    end(o);
}

/* Out of the list first: what changes while clients are told is a new burst. */
static void gathered(void *arg)
{
    struct offer *o = arg;
    struct offer **at = &o->plugin->updates;
    while (*at != o)
        at = &(*at)->next;
    *at = o->next;
    tell(o);
}

static bool is_gathered(const struct plugin *p, struct str uri)
{
    const struct offer *o = p->updates;
    while (o && !str_eq(o->text, uri))
        o = o->next;
    return o != NULL;
}

void update_gather(struct offer *o)
{
    struct plugin *p = o->plugin;
    const struct timer_port *timer = p->host->config.timer;
    if (is_gathered(p, o->text)) {
        end(o);
        return;
    }
    o->timer = timer->create(timer->ctx, gathered, o);
    if (!o->timer) {
        tell(o);
        return;
    }
    o->next = p->updates;
    p->updates = o;
    timer->set(timer->ctx, o->timer, UPDATE_GATHER_MS);
}

void updates_clear(struct plugin *p)
{
    while (p->updates) {
        struct offer *o = p->updates;
        p->updates = o->next;
        end(o);
    }
}
