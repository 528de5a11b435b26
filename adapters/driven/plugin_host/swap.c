#include "adapters/driven/plugin_host/swap.h"

#include <stdlib.h>

#include "adapters/driven/plugin_host/backend.h"
#include "adapters/driven/plugin_host/offer.h"
#include "adapters/driven/plugin_host/published.h"
#include "adapters/driven/plugin_host/reload.h"

bool plugin_is_up(const struct plugin *p)
{
    return p->state == PLUGIN_ACTIVE || p->state == PLUGIN_STARTING ||
           p->state == PLUGIN_QUARANTINED;
}

/* ---- items ---------------------------------------------------------------------------------- */

static bool same_run(const struct record_item *a, const struct record_item *b)
{
    return a->kind == b->kind && a->run_inline == b->run_inline &&
           a->inline_bytes == b->inline_bytes && a->timeout_ms == b->timeout_ms &&
           a->slots == b->slots && a->queue == b->queue && a->level == b->level &&
           a->task == b->task && a->task_after_input == b->task_after_input;
}

/* True if `r` lists item number `i` of `of` without a difference. */
static bool lists(const struct record *r, const struct record *of, uint32_t i)
{
    if ((r->flags ^ of->flags) & RECORD_CONCURRENT)
        return false;
    for (uint32_t k = 0; k < r->item_count; k++)
        if (same_run(record_item(r, k), record_item(of, i)) &&
            str_eq(record_item_name(r, k), record_item_name(of, i)) &&
            str_eq(record_item_json(r, k), record_item_json(of, i)))
            return true;
    return false;
}

static void withdraw_others(const struct plugin *old, const struct record *fresh)
{
    const struct publisher *publisher = old->host->publisher;
    struct error ignored;
    for (uint32_t i = 0; old->enabled && i < old->record->item_count; i++)
        if (!lists(fresh, old->record, i))
            publisher->withdraw(publisher->ctx, old->number,
                                (enum item_kind)record_item(old->record, i)->kind,
                                record_item_name(old->record, i), &ignored);
}

static void publish_new(const struct plugin *fresh, const struct plugin *old)
{
    const struct publisher *publisher = fresh->host->publisher;
    const struct record *r = fresh->record;
    struct str name;
    struct error err;
    for (uint32_t i = 0; i < r->item_count; i++) {
        if (old->enabled && lists(old->record, r, i))
            continue;
        struct item item = plugin_record_item(fresh, i);
        if (publisher->publish(publisher->ctx, &item, &name, &err))
            plugin_log(fresh, LOG_LEVEL_WARNING, "%s", err.text);
    }
}

/* ---- going ---------------------------------------------------------------------------------- */

/* The registry borrowed the text of the first version's items, and may hold some of them still. */
static void keep_record(struct plugin *p)
{
    struct plugin_host *host = p->host;
    if (!p->lent || !p->owned)
        return;
    void *kept = realloc(host->outlived, (host->outlived_count + 1) * sizeof(*host->outlived));
    if (kept) {
        host->outlived = kept;
        host->outlived[host->outlived_count++] = p->owned;
    }
    p->owned = NULL; /* without memory it stays where it is: better than text that is gone */
}

void plugin_retired(struct plugin *p)
{
    struct plugin **at = &p->host->draining;
    inbox_drain(p->host); /* what it said last */
    while (*at != p)
        at = &(*at)->next_draining;
    *at = p->next_draining;
    keep_record(p);
    plugin_free(p);
}

static void end_requests(struct plugin *p)
{
    plugin_silence(p);
    published_clear(p);
    offers_close(p);
    inbox_drain(p->host);
}

static void retire(void *arg)
{
    struct plugin *p = arg;
    p->retiring = false;
    if (p->run_count || p->host->closed)
        return;
    end_requests(p);
    p->backend->retire(p);
}

static void retire_soon(struct plugin *p)
{
    const struct plugin_host_config *c = &p->host->config;
    if (p->retiring || p->run_count)
        return;
    p->retiring = c->post(c->post_ctx, retire, p) == ST_OK;
}

void plugin_run_ended(struct plugin *p)
{
    if (p->replaced)
        retire_soon(p);
}

void plugin_dispose(struct plugin *p)
{
    struct plugin_host *host = p->host;
    p->replaced = true;
    p->next_draining = host->draining;
    host->draining = p;
    if (plugin_is_up(p))
        plugin_move(p, PLUGIN_DRAINING);
    retire_soon(p);
}

bool plugin_stop_draining(struct plugin *p, const struct timespec *until)
{
    end_requests(p);
    runs_abandon(p);
    return p->state != PLUGIN_DRAINING || plugin_stop(p, until);
}

void plugin_swap(struct plugin *old, struct plugin *fresh)
{
    struct plugin_host *host = old->host;
    if (host->publisher) {
        published_clear(old);
        withdraw_others(old, fresh->record);
        publish_new(fresh, old);
    }
    /* Only now: a registry that is filled by its first change must be given the old items. */
    host->plugins[old->number] = fresh;
    offers_resume(fresh);
    plugin_dispose(old);
}
