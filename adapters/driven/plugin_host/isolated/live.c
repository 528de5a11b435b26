/* Calls that wait for a helper, and calls that it has. */
#include <stdlib.h>

#include "adapters/driven/plugin_host/isolated/remote.h"

static struct live_call **place_of(const struct remote *r, uint64_t id)
{
    struct live_call **at = (struct live_call **)&r->live[id % LIVE_BUCKETS];
    while (*at && (*at)->id != id)
        at = &(*at)->next;
    return at;
}

struct live_call *live_find(const struct remote *r, uint64_t id)
{
    return *place_of(r, id);
}

bool live_add(struct remote *r, uint64_t id)
{
    struct live_call *c = malloc(sizeof(*c));
    if (!c)
        return false;
    struct live_call **bucket = &r->live[id % LIVE_BUCKETS];
    bool timed = r->owner->plugin->grants->cpu_seconds > 0;
    *c = (struct live_call){*bucket, id, timed ? remote_cpu(r) : 0, false};
    *bucket = c;
    if (r->live_count++ == 0)
        remote_beat(r);
    remote_disarm(r, TIMER_IDLE);
    return true;
}

void live_drop(struct remote *r, uint64_t id)
{
    struct live_call **at = place_of(r, id), *c = *at;
    if (!c)
        return;
    *at = c->next;
    r->abandoned_count -= c->abandoned;
    free(c);
    r->live_count--;
    remote_look_idle(r);
}

void live_abandon(struct remote *r, uint64_t id)
{
    struct live_call *c = live_find(r, id);
    if (!c || c->abandoned)
        return;
    c->abandoned = true;
    r->abandoned_count++;
}

struct run *live_run(const struct remote *r, uint64_t id)
{
    struct plugin *p = r->owner->plugin;
    const struct live_call *c = live_find(r, id);
    if (!c || c->abandoned)
        return NULL;
    pthread_mutex_lock(&p->host->lock);
    struct run *run = run_find(p->host, id);
    pthread_mutex_unlock(&p->host->lock);
    return run && run->plugin == p ? run : NULL;
}

void live_fail(struct plugin *p, uint64_t id, int code, const char *text)
{
    pthread_mutex_lock(&p->host->lock);
    struct run *run = run_find(p->host, id);
    if (run && run->plugin == p) {
        error_set(&run->failure, code, "%s", text);
        run->returned = true;
    }
    pthread_mutex_unlock(&p->host->lock);
    if (run && run->plugin == p)
        run_finish(p->host, run);
}

bool waiting_add(struct remote *r, uint64_t id)
{
    struct waiting_call *c = malloc(sizeof(*c));
    if (!c)
        return false;
    *c = (struct waiting_call){NULL, id};
    *(r->waiting_last ? &r->waiting_last->next : &r->waiting) = c;
    r->waiting_last = c;
    return true;
}

bool waiting_drop(struct remote *r, uint64_t id)
{
    struct waiting_call **at = &r->waiting, *before = NULL;
    while (*at && (*at)->id != id) {
        before = *at;
        at = &before->next;
    }
    struct waiting_call *c = *at;
    if (!c)
        return false;
    *at = c->next;
    if (r->waiting_last == c)
        r->waiting_last = before;
    free(c);
    return true;
}
