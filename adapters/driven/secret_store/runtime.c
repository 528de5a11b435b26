/* The runtime of plugins, with what they say of failures cleaned of secrets on its way to the core. */
#include "adapters/driven/secret_store/inside.h"

static void completed(void *ctx, uint64_t call, enum run_outcome outcome, struct str json)
{
    struct secret_store *store = ctx;
    struct buffer clean = BUFFER_INIT;
    bool error = outcome == RUN_FAIL || outcome == RUN_TOOL_ERROR;
    if (error && store_redact(store, json, &clean))
        json = buffer_str(&clean);
    store->events->completed(store->events->ctx, call, outcome, json);
    buffer_clear(&clean);
}

static void failed(void *ctx, uint64_t call, const struct error *err)
{
    struct secret_store *store = ctx;
    struct buffer clean = BUFFER_INIT;
    struct error other;
    if (store_redact(store, str_from(err->text), &clean)) {
        error_set(&other, err->code, "%.*s", STR_ARG(buffer_str(&clean)));
        err = &other;
    }
    store->events->failed(store->events->ctx, call, err);
    buffer_clear(&clean);
}

static void progress(void *ctx, uint64_t call, double done, double total, struct str message)
{
    struct secret_store *store = ctx;
    struct buffer clean = BUFFER_INIT;
    if (store_redact(store, message, &clean))
        message = buffer_str(&clean);
    store->events->progress(store->events->ctx, call, done, total, message);
    buffer_clear(&clean);
}

static void log_line(void *ctx, uint64_t call, enum log_level level, struct str plugin,
                     struct str text)
{
    struct secret_store *store = ctx;
    struct buffer clean = BUFFER_INIT;
    if (store_redact(store, text, &clean))
        text = buffer_str(&clean);
    store->events->log(store->events->ctx, call, level, plugin, text);
    buffer_clear(&clean);
}

static void released(void *ctx, uint64_t call)
{
    struct secret_store *store = ctx;
    store->events->released(store->events->ctx, call);
}

static void attach(void *ctx, const struct run_events *events)
{
    struct secret_store *store = ctx;
    store->events = events;
    store->own_events =
        (struct run_events){store, completed, failed, progress, log_line, released};
    store->inner->attach(store->inner->ctx, &store->own_events);
}

static int run(void *ctx, const struct run_request *request, struct error *err)
{
    struct secret_store *store = ctx;
    return store->inner->run(store->inner->ctx, request, err);
}

static void cancel(void *ctx, uint64_t call)
{
    struct secret_store *store = ctx;
    store->inner->cancel(store->inner->ctx, call);
}

static void abandon(void *ctx, uint64_t call)
{
    struct secret_store *store = ctx;
    store->inner->abandon(store->inner->ctx, call);
}

const struct plugin_runtime *secret_store_runtime(struct secret_store *store,
                                                  const struct plugin_runtime *runtime)
{
    store->inner = runtime;
    store->runtime = (struct plugin_runtime){store, attach, run, cancel, abandon};
    return &store->runtime;
}
