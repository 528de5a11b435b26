/* Frozen with ABI 1.0, never to be changed: a worker tool that waits for a timer, reports progress and
 * can be cancelled. */
#include <stdlib.h>
#include <string.h>

#include "hexmcp/await.h"
#include "hexmcp/json.h"
#include "hexmcp/plugin.h"

struct instance {
    hexmcp_plugin plugin;
    hexmcp_tool_1 tool;
    const hexmcp_host *host;
    const hexmcp_call_info_1 *calls;
    const hexmcp_timer_1 *timer;
    int started;
};

static int32_t init(void *self, hexmcp_str config, hexmcp_error *err)
{
    struct instance *i = self;
    const hexmcp_host *h = i->host;
    (void)config;
    i->calls = h->get_interface(h->ctx, HEXMCP_CALL_1);
    i->timer = h->get_interface(h->ctx, HEXMCP_TIMER_1);
    if (!i->calls || !i->timer || !HEXMCP_HAS(i->calls, meta))
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED, "the host lacks a service of ABI 1.0");
    return HEXMCP_OK;
}

static int32_t start(void *self, hexmcp_error *err)
{
    (void)err;
    ((struct instance *)self)->started = 1;
    return HEXMCP_OK;
}

static void stop(void *self)
{
    ((struct instance *)self)->started = 0;
}

static int32_t call(void *self, hexmcp_call id, hexmcp_str name, hexmcp_str args, hexmcp_error *err)
{
    const struct instance *i = self;
    const hexmcp_host *h = i->host;
    int64_t steps = 3, done = 0;
    hexmcp_str value;
    char text[64];
    (void)name;
    if (!i->started)
        return hexmcp_fail(err, HEXMCP_E_PROTOCOL, "called before start()");
    if (hexmcp_json_get(args, "steps", &value) == HEXMCP_OK)
        hexmcp_json_int64(value, &steps);
    while (done < steps && !i->calls->cancelled(i->calls->ctx, id)) {
        hexmcp_await *a = hexmcp_await_new(h);
        int32_t asked = i->timer->after(i->timer->ctx, 1, hexmcp_await_reply, a);
        int32_t status = hexmcp_await_wait(a, asked, 10000, NULL, NULL);
        if (status != HEXMCP_OK)
            return hexmcp_fail(err, status, "no timer");
        done++;
        h->progress(h->ctx, id, (double)done, (double)steps, hexmcp_str_from("step"));
    }
    if (done < steps) {
        h->complete(h->ctx, id, HEXMCP_CANCELLED, hexmcp_str_from("{}"));
        return HEXMCP_OK;
    }
    h->log(h->ctx, id, HEXMCP_LOG_INFO, hexmcp_str_from("all steps done"));
    snprintf(text, sizeof(text), "{\"steps\":%lld}", (long long)done);
    return hexmcp_complete_structured(h, id, hexmcp_str_from(text));
}

static void cancel(void *self, hexmcp_call id)
{
    (void)self;
    (void)id; /* the worker asks hexmcp.call/1 */
}

static const void *get_interface(void *self, const char *id)
{
    struct instance *i = self;
    return strcmp(id, HEXMCP_TOOL_1) == 0 ? &i->tool : NULL;
}

static void destroy(void *self)
{
    free(self);
}

static int32_t create(const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err)
{
    struct instance *i = calloc(1, sizeof(*i));
    if (!i)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory");
    i->host = host;
    i->plugin.size = sizeof(i->plugin);
    i->plugin.self = i;
    i->plugin.init = init;
    i->plugin.get_interface = get_interface;
    i->plugin.start = start;
    i->plugin.stop = stop;
    i->plugin.destroy = destroy;
    i->tool.size = sizeof(i->tool);
    i->tool.self = i;
    i->tool.call = call;
    i->tool.cancel = cancel;
    *out = &i->plugin;
    return HEXMCP_OK;
}

HEXMCP_PLUGIN_DEFINE("hexmcp.frozen.worker", "1.0.0", create);
