/* The port plugin_store: which plugin it is, and the life of a call. [loop] */
#include "adapters/driven/plugin_host/stores/stores.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/driven/plugin_host/backend.h"
#include "adapters/driven/plugin_host/stores/store.h"

/* ---- the plugin ------------------------------------------------------------------------------- */

static struct plugin *find_plugin(const struct stores *s)
{
    const struct plugin_host *host = s->host;
    for (size_t i = 0; i < host->plugin_count; i++)
        if (str_eq(plugin_id(host->plugins[i]), str_from(s->id)) &&
            host->plugins[i]->refusal != REFUSED_DUPLICATE)
            return host->plugins[i];
    return NULL;
}

static const char *reason_of(const struct plugin *p)
{
    struct str recorded = record_text(p->record, TEXT_REASON);
    return p->reason ? p->reason : recorded.len ? recorded.ptr : "it takes no calls";
}

/* Makes the plugin ACTIVE. */
static int use(struct stores *s, struct plugin *p, struct error *err)
{
    struct error why;
    if (!p->enabled)
        return error_set(err, ST_CONFIG, "the store cannot be used: plugin %s: %s", s->id,
                         reason_of(p));
    if (p->isolated)
        return error_set(err, ST_CONFIG,
                         "the store cannot be used: plugin %s would run in a process of its own, and "
                         "a store cannot; if you trust it, set plugins.isolation to {\"%s\": "
                         "\"never\"}",
                         s->id, s->id);
    if (p->state == PLUGIN_VERIFIED)
        plugin_load(p, &why);
    if (p->state != PLUGIN_ACTIVE)
        return error_set(err, ST_UNAVAILABLE, "the store cannot be used: plugin %s: %s", s->id,
                         reason_of(p));
    if (!p->stores)
        return error_set(err, ST_CONFIG,
                         "the store cannot be used: plugin %s provides no interface of a store; "
                         "correct storage.plugin",
                         s->id);
    return ST_OK;
}

static int find_and_use(struct stores *s, struct error *err)
{
    if (s->stopped)
        return error_set(err, ST_CANCELLED, "hexmcp stops, and the store with it");
    struct plugin *p = find_plugin(s);
    if (!p)
        return error_set(err, ST_CONFIG,
                         "the store cannot be used: there is no plugin %s; correct storage.url, or "
                         "install the plugin",
                         s->id);
    int rc = use(s, p, err);
    if (!rc)
        s->plugin = p;
    return rc;
}

bool stores_uses(const struct plugin *p)
{
    return p->host->stores && p->host->stores->plugin == p;
}

/* ---- calls ------------------------------------------------------------------------------------ */

static struct store_call *call_new(struct stores *s, const struct store_request *q,
                                   const struct store_sink *sink, struct error *err)
{
    bool usable = s->plugin && s->plugin->state == PLUGIN_ACTIVE && !s->stopped;
    if (!usable && find_and_use(s, err))
        return NULL;
    struct store_call *call = store_call_take(s, s->plugin, q->op, sink);
    if (!call)
        error_set(err, ST_BUSY, "the store is busy: too many operations wait for it");
    return call;
}

/* With the lock held: what the function returned must fit to whether it completed the call. */
static void settle(struct store_call *call, int32_t status, const hexmcp_error *theirs)
{
    const struct plugin *p = call->plugin;
    const char *op = store_op_name(call->op);
    struct error err;
    if (status == HEXMCP_PENDING || (status == HEXMCP_OK && call->answered))
        return;
    if (status == HEXMCP_OK)
        breach(p, &err, "%s returned HEXMCP_OK without completing the call", op);
    else if (status > HEXMCP_PENDING)
        breach(p, &err, "%s returned the unknown status %d", op, status);
    else if (call->answered)
        breach(p, &err, "%s returned the error %d after it completed the call", op, status);
    else
        plugin_error(p, status, theirs, &err);
    if (call->answered && call->kind != ANSWER_ERROR) {
        free(call->answer);
        call->answered = false;
    }
    store_fail(call, &err);
}

static uint64_t store_begin(void *ctx, const struct store_request *q, const struct store_sink *sink)
{
    struct stores *s = ctx;
    hexmcp_error theirs = {.size = sizeof(theirs)};
    struct error err;
    assert(host_on_loop(s->host));
    struct store_call *call = call_new(s, q, sink, &err);
    if (!call) {
        sink->done(sink->arg, &err, STR(""));
        return 0;
    }
    uint64_t id = call->id;
    int32_t status = store_enter(call, q, &theirs);
    pthread_mutex_lock(&s->host->lock);
    settle(call, status, &theirs);
    pthread_mutex_unlock(&s->host->lock);
    store_tell(s, call);
    return store_call_find(s, id) ? id : 0;
}

static int has_ended(struct error *err)
{
    return error_set(err, ST_NOT_FOUND, "the operation of the store has ended");
}

/* The plugin has ended it with an error of write(), unless it has told more by an answer meanwhile. */
static int fail_write(struct stores *s, struct store_call *call, int32_t status,
                      const hexmcp_error *theirs, struct error *err)
{
    int rc = plugin_error(call->plugin, status, theirs, err);
    pthread_mutex_lock(&s->host->lock);
    if (call->answered)
        rc = has_ended(err);
    else
        call->cancelled = true;
    store_fail(call, err);
    pthread_mutex_unlock(&s->host->lock);
    store_tell(s, call);
    return rc;
}

static int store_write(void *ctx, uint64_t id, struct str json, struct str bytes, bool last,
                       struct error *err)
{
    struct stores *s = ctx;
    hexmcp_error theirs = {.size = sizeof(theirs)};
    struct store_call *call = store_call_find(s, id);
    if (!call || call->cancelled)
        return has_ended(err);
    pthread_mutex_lock(&s->host->lock);
    bool answered = call->answered;
    call->inside = true;
    pthread_mutex_unlock(&s->host->lock);
    if (answered) {
        store_tell(s, call);
        return has_ended(err);
    }
    int32_t status = store_enter_write(call, json, bytes, last, &theirs);
    if (status < 0 && status != HEXMCP_E_BUSY)
        return fail_write(s, call, status, &theirs, err);
    pthread_mutex_lock(&s->host->lock);
    if (status > HEXMCP_PENDING || (status == HEXMCP_OK && last))
        settle(call, status, &theirs);
    pthread_mutex_unlock(&s->host->lock);
    store_tell(s, call);
    return status == HEXMCP_E_BUSY ? error_set(err, ST_BUSY, "the store is busy") : ST_OK;
}

static void store_resume(void *ctx, uint64_t id)
{
    struct stores *s = ctx;
    struct store_call *call = store_call_find(s, id);
    if (!call || !call->paused)
        return;
    call->paused = false;
    store_tell(s, call);
}

static void store_cancel(void *ctx, uint64_t id)
{
    struct stores *s = ctx;
    struct store_call *call = store_call_find(s, id);
    if (!call || call->cancelled)
        return;
    pthread_mutex_lock(&s->host->lock);
    call->cancelled = true;
    call->inside = true;
    pthread_mutex_unlock(&s->host->lock);
    call->paused = false;
    store_tell_drained(s, call, HEXMCP_E_NOT_FOUND);
    if (lifecycle_may_call(call->plugin->state, PLUGIN_FN_CANCEL))
        store_enter_cancel(call);
    store_tell(s, call);
}

/* ---- for the host ------------------------------------------------------------------------------ */

static struct store_call *take_ready(struct stores *s)
{
    pthread_mutex_lock(&s->host->lock);
    struct store_call *call = s->ready;
    if (call) {
        s->ready = call->next_ready;
        if (!s->ready)
            s->ready_end = &s->ready;
        call->ready = false;
    }
    pthread_mutex_unlock(&s->host->lock);
    return call;
}

/* A slot that was used again meanwhile is told of what it has, which is no harm. */
void stores_drain(struct plugin_host *host)
{
    struct store_call *call;
    while (host->stores && (call = take_ready(host->stores)))
        if (call->id)
            store_tell(host->stores, call);
}

void stores_end_calls(struct plugin *p)
{
    struct stores *s = p->host->stores;
    struct error err;
    stores_drain(p->host);
    error_set(&err, ST_CANCELLED, "hexmcp stops, and the store with it");
    for (size_t i = 0; i < s->count; i++) {
        struct store_call *call = s->calls[i];
        if (!call->id || call->plugin != p)
            continue;
        pthread_mutex_lock(&p->host->lock);
        store_fail(call, &err);
        pthread_mutex_unlock(&p->host->lock);
        call->paused = false;
        store_tell(s, call);
    }
}

void stores_close(struct plugin_host *host)
{
    if (host->stores)
        host->stores->stopped = true;
}

void stores_free(struct plugin_host *host)
{
    struct stores *s = host->stores;
    if (!s)
        return;
    for (size_t i = 0; i < s->count; i++) {
        if (s->calls[i]->id)
            store_call_free(s, s->calls[i]);
        free(s->calls[i]);
    }
    free(s->calls);
    free(s->id);
    free(s);
    host->stores = NULL;
}

int stores_settings(const struct plugin *p, struct str given, struct buffer *out,
                    struct error *err)
{
    const struct stores *s = p->host->stores;
    if (s && s->choice.settings && str_eq(plugin_id(p), str_from(s->id)))
        return s->choice.settings(s->choice.ctx, given, out, err);
    buffer_add_str(out, given);
    return ST_OK;
}

const struct plugin_store *plugin_host_store(struct plugin_host *host,
                                             const struct plugin_store_choice *choice)
{
    struct stores *s = host->stores ? NULL : calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    *s = (struct stores){
        .host = host,
        .port = {s, store_begin, store_write, store_resume, store_cancel},
        .id = strdup(choice->id),
        .choice = *choice,
    };
    s->ready_end = &s->ready;
    if (!s->id) {
        free(s);
        return NULL;
    }
    pthread_mutex_lock(&host->lock);
    host->stores = s;
    pthread_mutex_unlock(&host->lock);
    return &s->port;
}

size_t plugin_host_store_calls(const struct plugin_host *host)
{
    return host->stores ? host->stores->open : 0;
}
