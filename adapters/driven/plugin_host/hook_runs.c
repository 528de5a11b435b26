/* Hooks of plugins: which there are, and running one. */
#include <assert.h>
#include <stdlib.h>

#include "adapters/driven/plugin_host/runs.h"

void plugin_host_visit_hooks(const struct plugin_host *host,
                             void (*visit)(void *ctx, const struct plugin_hook *hook), void *ctx)
{
    for (size_t i = 0; i < host->plugin_count; i++) {
        const struct plugin *p = host->plugins[i];
        struct str text = record_text(p->record, TEXT_HOOKS);
        struct json_doc *doc;
        if (!p->enabled || text.len <= 2 || json_parse(text, &doc, NULL))
            continue;
        struct json_iter it = json_iter(json_root(doc));
        while (json_next(&it)) {
            const struct plugin_hook hook = {p->number, p->isolated != NULL, plugin_id(p), it.value};
            visit(ctx, &hook);
        }
        json_free(doc);
    }
}

/* A hook that runs. The plugin may still read its texts when nobody waits any more. */
struct hook_call {
    void (*done)(void *arg, const struct error *err, struct str json); /* NULL: nobody waits */
    void *arg;
    uint64_t id;
    bool *ended; /* while it is begun: where to say that it has ended */
    char texts[];
};

static struct str put(char **at, struct str text)
{
    struct str copy = {*at, text.len};
    if (text.len)
        memcpy(*at, text.ptr, text.len);
    *at += text.len;
    return copy;
}

static void ended(void *arg, const struct error *err, struct str json)
{
    struct hook_call *call = arg;
    void (*done)(void *, const struct error *, struct str) = call->done;
    void *user = call->arg;
    if (call->ended)
        *call->ended = true;
    if (done)
        done(user, err, json);
    free(call);
}

static void begin(struct plugin_host *host, struct hook_call *call, const struct plugin_hook_run *run)
{
    const struct clock_port *clock = host->config.clock;
    char *at = call->texts;
    struct error err;
    const struct run_request request = {
        .call = call->id,
        .plugin = run->plugin,
        .action = ACTION_HOOK,
        .name = put(&at, run->name),
        .argument = put(&at, run->point),
        .arguments = put(&at, run->data),
        .on_loop = run->on_loop,
        .deadline_ns = clock->monotonic_ns(clock->ctx) + (uint64_t)run->timeout_ms * 1000000u,
    };
    int rc = run->plugin < host->plugin_count
                 ? run_begin(host->plugins[run->plugin], &request, ended, call, &err)
                 : error_set(&err, ST_NOT_FOUND, "there is no plugin number %u", run->plugin);
    if (rc)
        ended(call, &err, STR(""));
}

uint64_t plugin_host_run_hook(struct plugin_host *host, const struct plugin_hook_run *run)
{
    bool over = false;
    assert(host_on_loop(host));
    struct hook_call *call = malloc(sizeof(*call) + run->name.len + run->point.len + run->data.len);
    if (!call) {
        struct error err;
        error_set(&err, ST_NOMEM, "out of memory");
        run->done(run->arg, &err, STR(""));
        return 0;
    }
    uint64_t id = RUN_OWN_CALLS | ++host->own_calls;
    *call = (struct hook_call){run->done, run->arg, id, &over};
    begin(host, call, run);
    if (over)
        return 0;
    call->ended = NULL;
    return id;
}

void plugin_host_stop_hook(struct plugin_host *host, uint64_t id)
{
    assert(host_on_loop(host));
    pthread_mutex_lock(&host->lock);
    const struct run *run = run_find(host, id);
    struct hook_call *call = run && run->own_end == ended ? run->own_arg : NULL;
    pthread_mutex_unlock(&host->lock);
    if (!call)
        return;
    call->done = NULL;
    run_abandon(host, id);
}
