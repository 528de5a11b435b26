#include "adapters/driven/kv/kv.h"

#include <stdlib.h>

#include "adapters/driven/kv/inside.h"
#include "core/json/writer.h"

/* Bytes of one plugin that may wait. */
#define WAITING_MAX ((size_t)16 << 20)
#define RETRY_MS 20

static void start(struct kv *kv);

static void reply(struct kv_ask *a)
{
    struct service_event event = {.status = a->failure.code,
                                  .text = buffer_str(&a->text),
                                  .bytes = buffer_str(&a->bytes),
                                  .fd = -1,
                                  .last = true};
    if (a->failure.code) {
        buffer_reset(&a->text, SIZE_MAX);
        event.text = json_message(&a->text, str_from(a->failure.text));
        event.bytes = STR("");
    }
    a->sink.event(a->sink.ctx, &event);
}

/* A sink may close others of the batch. */
static void done(void *arg)
{
    struct kv *kv = arg;
    while (kv->batch) {
        struct kv_ask *a = kv->batch;
        kv->batch = a->next;
        if (!a->closed)
            reply(a);
        kv_ask_free(a);
    }
    kv->running = false;
    start(kv);
}

static void work(void *arg)
{
    kv_work(arg);
}

/* Moves waiting asks to the batch. */
static void take_batch(struct kv *kv)
{
    struct kv_ask **end = &kv->batch;
    for (unsigned i = 0; kv->first && i < KV_BATCH_MAX; i++) {
        struct kv_ask *a = kv->first;
        kv->first = a->next;
        *end = a;
        end = &a->next;
    }
    *end = NULL;
    if (!kv->first)
        kv->end = &kv->first;
}

static void put_back(struct kv *kv)
{
    struct kv_ask *last = kv->batch;
    while (last->next)
        last = last->next;
    if (!kv->first)
        kv->end = &last->next;
    last->next = kv->first;
    kv->first = kv->batch;
    kv->batch = NULL;
}

static void start(struct kv *kv)
{
    const struct executor_port *executor = kv->config.executor;
    if (kv->running || !kv->first)
        return;
    take_batch(kv);
    kv->running = true;
    if (executor->submit(executor->ctx, work, done, kv, NULL) == ST_OK)
        return;
    kv->running = false;
    put_back(kv);
    kv->config.timers->set(kv->config.timers->ctx, kv->retry, RETRY_MS);
}

static void try_again(void *arg)
{
    start(arg);
}

static size_t waiting(const struct kv *kv, struct str plugin)
{
    size_t bytes = 0;
    for (const struct kv_ask *a = kv->first; a; a = a->next)
        if (str_eq(a->plugin, plugin))
            bytes += a->value.len;
    return bytes;
}

static bool kv_allows(void *ctx, const struct plugin_grants *grants, const char **missing)
{
    (void)ctx;
    (void)grants;
    (void)missing;
    return true;
}

static int kv_open(void *ctx, const struct service_request *q, const struct service_sink *sink,
                   uint64_t *id, struct error *err)
{
    struct kv *kv = ctx;
    struct kv_ask *a;
    if (q->bytes.len && waiting(kv, q->plugin) + q->bytes.len > WAITING_MAX)
        return error_set(err, ST_BUSY, "16 MiB of the plugin's values wait to be stored; try later");
    int rc = kv_ask_new(q, &a, err);
    if (rc)
        return rc;
    a->id = ++kv->last_id;
    a->sink = *sink;
    *kv->end = a;
    kv->end = &a->next;
    *id = a->id;
    start(kv);
    return ST_OK;
}

static void kv_tell(void *ctx, uint64_t id, uint32_t kind, struct str text, struct str bytes)
{
    (void)ctx;
    (void)id;
    (void)kind;
    (void)text;
    (void)bytes;
}

/* What was asked is done nevertheless: nobody can say any more whether it was begun. */
static void kv_close(void *ctx, uint64_t id)
{
    struct kv *kv = ctx;
    struct kv_ask *const lists[] = {kv->first, kv->batch};
    for (size_t i = 0; i < 2; i++)
        for (struct kv_ask *a = lists[i]; a; a = a->next)
            a->closed = a->closed || a->id == id;
}

/* Two paths in one block: the file, and the lock beside it. */
static char *make_paths(const char *folder)
{
    static const char file[] = "/kv.sqlite", lock[] = "/kv.lock";
    size_t len = strlen(folder);
    char *paths = malloc(2 * len + sizeof(file) + sizeof(lock));
    if (!paths)
        return NULL;
    memcpy(paths, folder, len);
    memcpy(paths + len, file, sizeof(file));
    memcpy(paths + len + sizeof(file), folder, len);
    memcpy(paths + 2 * len + sizeof(file), lock, sizeof(lock));
    return paths;
}

int kv_new(const struct kv_config *config, struct kv **out, struct error *err)
{
    struct kv *kv = calloc(1, sizeof(*kv));
    if (!kv)
        return error_set(err, ST_NOMEM, "out of memory");
    kv->config = *config;
    kv->end = &kv->first;
    kv->port = (struct service_port){kv, "hexmcp.kv/1", kv_allows, kv_open, kv_tell, kv_close};
    kv->path = make_paths(config->folder);
    kv->retry = config->timers->create(config->timers->ctx, try_again, kv);
    if (!kv->path || !kv->retry) {
        kv_free(kv);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    *out = kv;
    return ST_OK;
}

static void free_asks(struct kv_ask *a)
{
    while (a) {
        struct kv_ask *next = a->next;
        kv_ask_free(a);
        a = next;
    }
}

void kv_free(struct kv *kv)
{
    if (!kv)
        return;
    free_asks(kv->first);
    free_asks(kv->batch);
    if (kv->open)
        kv->backend.close(kv->backend.ctx);
    kv->config.timers->free(kv->config.timers->ctx, kv->retry);
    free(kv->path);
    free(kv);
}

const struct service_port *kv_port(struct kv *kv)
{
    return &kv->port;
}
