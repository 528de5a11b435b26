/* The table that a plugin gets as its host, with the services behind get_interface. All [any]. */
#include <math.h>
#include <stdlib.h>

#include "adapters/driven/plugin_host/crossing.h"
#include "adapters/driven/plugin_host/file_service.h"
#include "adapters/driven/plugin_host/offer.h"
#include "adapters/driven/plugin_host/schema_service.h"
#include "adapters/driven/plugin_host/services/requests.h"
#include "adapters/driven/plugin_host/stores/stores.h"
#include "adapters/driven/plugin_host/worker_service.h"

static void host_log(void *ctx, hexmcp_call call, uint32_t level, hexmcp_str text)
{
    struct plugin *p = ctx;
    struct plugin_host *host = p->host;
    enum log_level own = level > HEXMCP_LOG_EMERGENCY ? LOG_LEVEL_ERROR : (enum log_level)level;
    struct inbox_item *item = inbox_item_new(INBOX_LOG, p, call, str_from_plugin(text));
    bool wake = false;
    if (!item)
        return;
    item->level = own;
    plugin_write(p, own, (struct str){item->text, item->text_len});
    pthread_mutex_lock(&host->lock);
    bool wanted = call && run_find_open(p, call) && host->inbox_logs < INBOX_LOGS_MAX;
    if (wanted) {
        host->inbox_logs++;
        wake = inbox_add(host, item);
    }
    pthread_mutex_unlock(&host->lock);
    if (!wanted)
        inbox_item_free(item);
    if (wake)
        inbox_wake(host);
}

/* Checks an answer; on a fault the run fails, which ends it too. */
static int32_t check_answer(struct run *run, uint32_t outcome, size_t len)
{
    char subject[RUN_SUBJECT_SIZE];
    if (outcome > HEXMCP_INPUT_REQUIRED) {
        breach(run->plugin, &run->failure,
               "%s completed the call with the unknown outcome %u", run_subject(run, subject),
               outcome);
        return HEXMCP_E_INVALID;
    }
    if (len > RUN_RESULT_MAX) {
        breach(run->plugin, &run->failure,
               "%s gave a result of %zu bytes; the limit is 64 MiB", run_subject(run, subject), len);
        return HEXMCP_E_TOO_LARGE;
    }
    return HEXMCP_OK;
}

/* With the lock held. Takes `json` over. */
static int32_t take_answer(struct run *run, uint32_t outcome, char *json, size_t len)
{
    int32_t rc = check_answer(run, outcome, len);
    if (!rc && !json) {
        error_set(&run->failure, ST_NOMEM, "out of memory for the result");
        rc = HEXMCP_E_NOMEM;
    }
    if (rc) {
        free(json);
        return rc;
    }
    run->answered = true;
    run->outcome = (enum run_outcome)outcome;
    run->json = json;
    run->json_len = len;
    return HEXMCP_OK;
}

/* To answer a call that was cancelled meanwhile is no fault. */
static int32_t unknown_call(const struct plugin *p, hexmcp_call call, uint32_t outcome)
{
    plugin_log(p, outcome == HEXMCP_CANCELLED ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARNING,
               "completed call %llu, which is not running: completed before, or given up",
               (unsigned long long)call);
    return HEXMCP_E_NOT_FOUND;
}

/* With the lock held. Only a call whose function has returned needs the loop to be told; for the
 * others the return does that. */
static int32_t answer_run(struct run *run, uint32_t outcome, char *json, size_t len, bool *wake)
{
    struct inbox_item *item = NULL;
    if (run->returned) {
        item = inbox_item_new(INBOX_FINISH, run->plugin, run->id, STR(""));
        if (!item) {
            free(json);
            return HEXMCP_E_NOMEM; /* still open: the plugin may try again */
        }
    }
    int32_t rc = take_answer(run, outcome, json, len);
    if (item)
        *wake = inbox_add(run->plugin->host, item);
    return rc;
}

static int32_t host_complete(void *ctx, hexmcp_call call, uint32_t outcome, hexmcp_str text)
{
    struct plugin *p = ctx;
    struct plugin_host *host = p->host;
    struct str json = str_from_plugin(text);
    if (store_call_is(call))
        return store_complete(p, call, outcome, text);
    /* Copied before the lock is taken; a text that is too long is not. */
    char *copy = json.len <= RUN_RESULT_MAX ? malloc(json.len + 1) : NULL;
    bool wake = false;
    if (copy && json.len)
        memcpy(copy, json.ptr, json.len);
    pthread_mutex_lock(&host->lock);
    struct run *run = run_find_open(p, call);
    int32_t rc = run ? answer_run(run, outcome, copy, json.len, &wake) : HEXMCP_E_NOT_FOUND;
    pthread_mutex_unlock(&host->lock);
    if (!run) {
        free(copy);
        return unknown_call(p, call, outcome);
    }
    if (wake)
        inbox_wake(host);
    return rc;
}

/* With the lock held: the newest report takes the place of one that still waits. */
static bool queue_progress(struct run *run, struct inbox_item **item)
{
    struct inbox_item *old = run->progress;
    if (!old) {
        bool wake = inbox_add(run->plugin->host, *item);
        run->progress = *item;
        *item = NULL;
        return wake;
    }
    struct inbox_item newer = **item;
    (*item)->text = old->text;
    old->text = newer.text;
    old->text_len = newer.text_len;
    old->progress = newer.progress;
    old->total = newer.total;
    return false;
}

static int32_t host_progress(void *ctx, hexmcp_call call, double progress, double total,
                             hexmcp_str message)
{
    struct plugin *p = ctx;
    struct plugin_host *host = p->host;
    struct inbox_item *item = inbox_item_new(INBOX_PROGRESS, p, call, str_from_plugin(message));
    bool wake = false;
    if (!item)
        return HEXMCP_OK; /* a report that is dropped */
    item->progress = progress;
    item->total = total;
    pthread_mutex_lock(&host->lock);
    struct run *run = run_find_open(p, call);
    if (run && isfinite(progress))
        wake = queue_progress(run, &item);
    pthread_mutex_unlock(&host->lock);
    if (item)
        inbox_item_free(item);
    if (wake)
        inbox_wake(host);
    return run ? HEXMCP_OK : HEXMCP_E_NOT_FOUND;
}

/* Milliseconds until the deadline; 0 behind it or for a call that is none. */
static uint64_t time_left(struct plugin *p, hexmcp_call call, bool *cancelled)
{
    struct plugin_host *host = p->host;
    uint64_t now = host->config.clock->monotonic_ns(host->config.clock->ctx);
    pthread_mutex_lock(&host->lock);
    const struct run *run = run_find_open(p, call);
    uint64_t deadline = run ? run->request.deadline_ns : 0;
    *cancelled = !run || run->cancelled;
    pthread_mutex_unlock(&host->lock);
    if (run && deadline == 0)
        return UINT64_MAX;
    return deadline > now ? (deadline - now + 999999) / 1000000 : 0;
}

static int32_t call_cancelled(void *ctx, hexmcp_call call)
{
    bool cancelled;
    uint64_t left = time_left(ctx, call, &cancelled);
    return cancelled || left == 0;
}

static uint64_t call_remaining(void *ctx, hexmcp_call call)
{
    bool cancelled;
    return time_left(ctx, call, &cancelled);
}

/* The member of the call's request that holds the text. */
static int32_t copy_text(struct plugin *p, hexmcp_call call, size_t member, char *out, size_t size,
                         size_t *len)
{
    int32_t rc = HEXMCP_E_NOT_FOUND;
    pthread_mutex_lock(&p->host->lock);
    const struct run *run = run_find_open(p, call);
    struct str text = {NULL, 0};
    if (run)
        memcpy(&text, (const char *)&run->request + member, sizeof(text));
    if (text.len)
        rc = text.len <= size ? HEXMCP_OK : HEXMCP_E_TOO_LARGE;
    if (rc == HEXMCP_OK) {
        memcpy(out, text.ptr, text.len);
        *len = text.len;
    }
    pthread_mutex_unlock(&p->host->lock);
    return rc;
}

static int32_t call_traceparent(void *ctx, hexmcp_call call, char *out, size_t size, size_t *len)
{
    return copy_text(ctx, call, offsetof(struct run_request, traceparent), out, size, len);
}

static int32_t call_tracestate(void *ctx, hexmcp_call call, char *out, size_t size, size_t *len)
{
    return copy_text(ctx, call, offsetof(struct run_request, tracestate), out, size, len);
}

static int32_t call_meta(void *ctx, hexmcp_call call, char *out, size_t size, size_t *len)
{
    return copy_text(ctx, call, offsetof(struct run_request, meta), out, size, len);
}

static int32_t is_loop(void *ctx)
{
    struct plugin *p = ctx;
    return host_on_loop(p->host);
}

static int32_t is_worker(void *ctx)
{
    (void)ctx;
    return run_on_worker();
}

static int32_t timer_after(void *ctx, uint64_t ms, hexmcp_reply_fn reply, void *arg)
{
    return delay_add(ctx, ms, reply, arg);
}

/* NULL for a plugin that has not said that it will publish. */
static const hexmcp_catalog_1 *catalog_of(const struct plugin *p)
{
    if (p->record->flags & RECORD_DYNAMIC)
        return &p->catalog;
    plugin_log(p, LOG_LEVEL_WARNING,
               "asked for " HEXMCP_CATALOG_1 ", but plugin.json does not say \"dynamic\": true");
    return NULL;
}

static const void *host_interface(void *ctx, const char *id)
{
    struct plugin *p = ctx;
    if (!id)
        return NULL;
    if (strcmp(id, HEXMCP_CALL_1) == 0)
        return &p->call_info;
    if (strcmp(id, HEXMCP_THREAD_CHECK_1) == 0)
        return &p->thread_check;
    if (strcmp(id, HEXMCP_TIMER_1) == 0)
        return &p->timers;
    if (strcmp(id, HEXMCP_NOTIFY_1) == 0)
        return &p->notify;
    if (strcmp(id, HEXMCP_CATALOG_1) == 0)
        return catalog_of(p);
    if (strcmp(id, HEXMCP_FILES_1) == 0)
        return file_service_of(p);
    if (strcmp(id, HEXMCP_SCHEMA_1) == 0)
        return schema_service_of(p);
    if (strcmp(id, HEXMCP_STREAM_1) == 0)
        return &p->stream;
    if (strcmp(id, HEXMCP_WORKER_1) == 0)
        return &p->workers;
    return service_table(p, id);
}

int plugin_make_tables(struct plugin *p, struct error *err)
{
    p->table = (hexmcp_host){
        .size = sizeof(p->table),
        .abi_minor = HEXMCP_ABI_MINOR,
        .ctx = p,
        .name = "hexmcp",
        .version = p->host->config.version ? p->host->config.version : "0.0.0",
        .get_interface = host_interface,
        .log = host_log,
        .complete = host_complete,
        .progress = host_progress,
    };
    p->call_info = (hexmcp_call_info_1){.size = sizeof(p->call_info),
                                        .ctx = p,
                                        .cancelled = call_cancelled,
                                        .remaining_ms = call_remaining,
                                        .traceparent = call_traceparent,
                                        .tracestate = call_tracestate,
                                        .meta = call_meta};
    p->thread_check = (hexmcp_thread_check_1){
        .size = sizeof(p->thread_check), .ctx = p, .is_loop = is_loop, .is_worker = is_worker};
    p->catalog = (hexmcp_catalog_1){.size = sizeof(p->catalog),
                                    .ctx = p,
                                    .publish = offer_publish,
                                    .withdraw = offer_withdraw};
    p->notify = (hexmcp_notify_1){.size = sizeof(p->notify),
                                  .ctx = p,
                                  .resource_updated = offer_resource_updated,
                                  .elicitation_complete = offer_elicitation_complete};
    file_service_init(p);
    schema_service_init(p);
    worker_service_init(p);
    stores_init_stream(p);
    p->timers = (hexmcp_timer_1){.size = sizeof(p->timers), .ctx = p, .after = timer_after};
    return services_make(p, err);
}
