#include "adapters/driven/plugin_host/offer.h"

#include <stdlib.h>

#include "adapters/driven/plugin_host/published.h"
#include "adapters/driven/plugin_host/reload.h"
#include "adapters/driven/plugin_host/updates.h"
#include "core/json/writer.h"

#define DEFINITION_MAX ((size_t)256 << 10)
#define SUBJECT_MAX ((size_t)8192)
#define ELICITATION_MAX 64u
#define OFFERS_MAX 1024u

static struct offer *offer_new(enum offer_kind kind, uint32_t of, hexmcp_str text,
                               hexmcp_str options)
{
    size_t text_len = text.ptr ? text.len : 0, options_len = options.ptr ? options.len : 0;
    struct offer *o = malloc(sizeof(*o) + text_len + options_len + 1);
    if (!o)
        return NULL;
    if (text_len)
        memcpy(o->bytes, text.ptr, text_len);
    if (options_len)
        memcpy(o->bytes + text_len, options.ptr, options_len);
    *o = (struct offer){.kind = kind,
                        .of = (enum item_kind)of,
                        .text = {o->bytes, text_len},
                        .options = {o->bytes + text_len, options_len}};
    return o;
}

void offer_free(struct offer *offer)
{
    free(offer);
}

/* How many of its sort wait; guarded by the lock. */
static uint32_t *waiting(struct plugin *p, enum offer_kind kind)
{
    return kind <= OFFER_WITHDRAW ? &p->offer_count : &p->told_count;
}

void offer_leave(struct offer *offer)
{
    struct plugin *p = offer->plugin;
    pthread_mutex_lock(&p->host->lock);
    --*waiting(p, offer->kind);
    pthread_mutex_unlock(&p->host->lock);
}

/* Puts it into the inbox, or frees it. */
static int32_t offer_add(struct plugin *p, struct offer *o, hexmcp_reply_fn reply, void *arg)
{
    struct plugin_host *host = p->host;
    struct inbox_item *item = inbox_item_new(INBOX_OFFER, p, 0, STR(""));
    int32_t rc = o && item ? HEXMCP_OK : HEXMCP_E_NOMEM;
    bool wake = false;
    pthread_mutex_lock(&host->lock);
    if (!rc && p->stopping)
        rc = HEXMCP_E_UNAVAILABLE;
    if (!rc && *waiting(p, o->kind) >= OFFERS_MAX)
        rc = HEXMCP_E_BUSY;
    if (!rc) {
        o->plugin = p;
        o->reply = reply;
        o->arg = arg;
        item->offer = o;
        ++*waiting(p, o->kind);
        wake = inbox_add(host, item);
    }
    pthread_mutex_unlock(&host->lock);
    if (rc) {
        offer_free(o);
        if (item)
            inbox_item_free(item);
    }
    if (wake)
        inbox_wake(host);
    return rc;
}

int32_t offer_publish(void *ctx, uint32_t kind, hexmcp_str definition, hexmcp_str options,
                      hexmcp_reply_fn reply, void *arg)
{
    if (kind > HEXMCP_KIND_PROMPT)
        return HEXMCP_E_INVALID;
    if (definition.len > DEFINITION_MAX || options.len > DEFINITION_MAX)
        return HEXMCP_E_TOO_LARGE;
    return offer_add(ctx, offer_new(OFFER_PUBLISH, kind, definition, options), reply, arg);
}

int32_t offer_withdraw(void *ctx, uint32_t kind, hexmcp_str name, hexmcp_reply_fn reply, void *arg)
{
    if (kind > HEXMCP_KIND_PROMPT)
        return HEXMCP_E_INVALID;
    if (name.len > SUBJECT_MAX)
        return HEXMCP_E_TOO_LARGE;
    return offer_add(ctx, offer_new(OFFER_WITHDRAW, kind, name, (hexmcp_str){"", 0}), reply, arg);
}

int32_t offer_resource_updated(void *ctx, hexmcp_str uri)
{
    struct str text = {uri.ptr, uri.ptr ? uri.len : 0};
    if (text.len > SUBJECT_MAX)
        return HEXMCP_E_TOO_LARGE;
    if (!published_provides(ctx, text))
        return HEXMCP_E_DENIED;
    return offer_add(ctx, offer_new(OFFER_UPDATED, HEXMCP_KIND_RESOURCE, uri, (hexmcp_str){"", 0}),
                     NULL, NULL);
}

int32_t offer_elicitation_complete(void *ctx, hexmcp_str id)
{
    if (!id.ptr || id.len == 0)
        return HEXMCP_E_INVALID;
    if (id.len > ELICITATION_MAX)
        return HEXMCP_E_TOO_LARGE;
    return offer_add(ctx, offer_new(OFFER_ELICITED, HEXMCP_KIND_TOOL, id, (hexmcp_str){"", 0}),
                     NULL, NULL);
}

/* ---- on the loop -------------------------------------------------------------------------- */

static void reply_with(const struct offer *o, int rc, struct str name, const struct error *err)
{
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    json_begin_object(&w);
    if (rc)
        json_put_string(&w, STR("message"), str_from(err->text));
    else if (o->kind == OFFER_PUBLISH)
        json_put_string(&w, STR("name"), name);
    json_end_object(&w);
    struct str text = buffer_failed(&out) ? STR("{}") : buffer_str(&out);
    o->reply(o->arg, rc, (hexmcp_str){text.ptr, text.len});
    buffer_clear(&out);
}

static int carry_out(const struct offer *o, struct str *name, struct error *err)
{
    struct plugin *p = o->plugin;
    const struct publisher *publisher = p->host->publisher;
    switch (o->kind) {
    case OFFER_PUBLISH:
        return published_add(p, o->of, o->text, o->options, name, err);
    case OFFER_WITHDRAW:
        return published_remove(p, o->of, o->text, err);
    default:
        publisher->elicitation_complete(publisher->ctx, p->number, o->text);
        return ST_OK;
    }
}

void offer_handle(struct offer *o)
{
    struct plugin *p = o->plugin;
    struct str name = {NULL, 0};
    struct error err;
    if (plugin_is_candidate(p)) {
        o->next = p->held;
        p->held = o;
        return;
    }
    const struct offer_exit *exit = p->host->offer_exit;
    if (exit && p->state == PLUGIN_ACTIVE) {
        exit->take(exit->ctx, o);
        return;
    }
    bool running = p->host->publisher && p->state == PLUGIN_ACTIVE;
    if (running && o->kind == OFFER_UPDATED) {
        update_gather(o);
        return;
    }
    int rc = running ? carry_out(o, &name, &err)
                     : error_set(&err, ST_UNAVAILABLE, "plugin %.*s is not running",
                                 STR_ARG(plugin_id(p)));
    offer_leave(o);
    if (o->reply)
        reply_with(o, rc, name, &err);
    else if (rc && running)
        plugin_log(p, LOG_LEVEL_WARNING, "%s", err.text);
    offer_free(o);
}

/* The oldest first. */
void offers_resume(struct plugin *p)
{
    struct offer *oldest = NULL;
    while (p->held) {
        struct offer *o = p->held;
        p->held = o->next;
        o->next = oldest;
        oldest = o;
    }
    while (oldest) {
        struct offer *o = oldest;
        oldest = o->next;
        o->next = NULL;
        offer_handle(o);
    }
}

void offers_close(struct plugin *p)
{
    struct inbox_item *item;
    offers_resume(p);
    while ((item = inbox_take_offer(p))) {
        offer_handle(item->offer);
        inbox_item_free(item);
    }
}
