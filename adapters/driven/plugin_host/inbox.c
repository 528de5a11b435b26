/* How other threads reach the loop: one queue, kept in order, one wake-up at a time. */
#include <stdlib.h>

#include "adapters/driven/plugin_host/offer.h"
#include "adapters/driven/plugin_host/services/requests.h"
#include "adapters/driven/plugin_host/stores/stores.h"
#include "adapters/driven/plugin_host/worker_service.h"

/* The longest part of `text` within RUN_TEXT_MAX that does not end inside a character. */
static size_t fitting(struct str text)
{
    size_t len = text.len < RUN_TEXT_MAX ? text.len : RUN_TEXT_MAX;
    if (len == text.len)
        return len;
    size_t back = len;
    while (back > 0 && len - back < 4 && ((unsigned char)text.ptr[back] & 0xC0) == 0x80)
        back--;
    return back;
}

struct inbox_item *inbox_item_new(enum inbox_kind kind, struct plugin *p, uint64_t call,
                                  struct str text)
{
    struct inbox_item *item = calloc(1, sizeof(*item));
    if (!item)
        return NULL;
    item->kind = kind;
    item->plugin = p;
    item->call = call;
    item->text_len = fitting(text);
    item->text = malloc(item->text_len + 1);
    if (!item->text) {
        free(item);
        return NULL;
    }
    if (item->text_len)
        memcpy(item->text, text.ptr, item->text_len);
    return item;
}

void inbox_item_free(struct inbox_item *item)
{
    free(item->request);
    free(item->text);
    free(item);
}

bool inbox_add(struct plugin_host *host, struct inbox_item *item)
{
    item->order = ++host->inbox_order;
    item->next = NULL;
    if (host->inbox_last)
        host->inbox_last->next = item;
    else
        host->inbox = item;
    host->inbox_last = item;
    return inbox_post(host);
}

bool inbox_post(struct plugin_host *host)
{
    bool wake = !host->posted && !host->closed;
    host->posted = host->posted || wake;
    return wake;
}

static void woken(void *arg)
{
    struct plugin_host *host = arg;
    pthread_mutex_lock(&host->lock);
    host->posted = false;
    pthread_mutex_unlock(&host->lock);
    inbox_drain(host);
    stores_drain(host);
}

void inbox_wake(struct plugin_host *host)
{
    if (host->config.post(host->config.post_ctx, woken, host) == ST_OK)
        return;
    pthread_mutex_lock(&host->lock);
    host->posted = false; /* the next item tries again */
    pthread_mutex_unlock(&host->lock);
}

/* Takes the oldest item, if it is not newer than `newest`. */
static struct inbox_item *take(struct plugin_host *host, uint64_t newest)
{
    struct inbox_item *item = host->inbox;
    if (!item || item->order > newest)
        return NULL;
    host->inbox = item->next;
    if (!host->inbox)
        host->inbox_last = NULL;
    if (item->kind == INBOX_LOG)
        host->inbox_logs--;
    if (item->kind == INBOX_PROGRESS) {
        struct run *run = run_find(host, item->call);
        if (run && run->progress == item)
            run->progress = NULL;
    }
    return item;
}

struct inbox_item *inbox_take_offer(struct plugin *p)
{
    struct plugin_host *host = p->host;
    struct inbox_item *before = NULL;
    pthread_mutex_lock(&host->lock);
    struct inbox_item *item = host->inbox;
    while (item && (item->kind != INBOX_OFFER || item->plugin != p)) {
        before = item;
        item = item->next;
    }
    if (item && before)
        before->next = item->next;
    else if (item)
        host->inbox = item->next;
    if (item && host->inbox_last == item)
        host->inbox_last = before;
    pthread_mutex_unlock(&host->lock);
    return item;
}

static void handle(struct plugin_host *host, const struct inbox_item *item, struct run *run)
{
    const struct run_events *events = host->events;
    struct str text = {item->text, item->text_len};
    switch (item->kind) {
    case INBOX_FINISH:
        if (run)
            run_finish(host, run);
        break;
    case INBOX_PROGRESS:
        if (run && events)
            events->progress(events->ctx, item->call, item->progress, item->total, text);
        break;
    case INBOX_LOG:
        if (run && events)
            events->log(events->ctx, item->call, item->level, plugin_id(item->plugin), text);
        break;
    case INBOX_DELAY:
        delay_start(item->delay);
        break;
    case INBOX_OFFER:
        offer_handle(item->offer);
        break;
    case INBOX_WORK:
        work_start(item->work);
        break;
    case INBOX_REQUEST:
        request_handle(item->plugin, item->request);
        break;
    }
}

void inbox_drain(struct plugin_host *host)
{
    struct inbox_item *item;
    pthread_mutex_lock(&host->lock);
    uint64_t newest = host->inbox_order;
    while ((item = take(host, newest))) {
        bool of_run = item->call != 0;
        struct run *run = of_run ? run_find(host, item->call) : NULL;
        bool wanted = run && (item->kind == INBOX_FINISH || !run->abandoned);
        pthread_mutex_unlock(&host->lock);
        handle(host, item, wanted ? run : NULL);
        inbox_item_free(item);
        pthread_mutex_lock(&host->lock);
    }
    pthread_mutex_unlock(&host->lock);
}
