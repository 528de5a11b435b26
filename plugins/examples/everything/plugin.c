/* The instance: made, set up, freed. */
#include "everything.h"

static int32_t read_settings(struct everything *self, hexmcp_str config, hexmcp_error *err)
{
    hexmcp_str value;
    snprintf(self->greeting, sizeof(self->greeting), "Hello");
    if (hexmcp_json_get(config, "greeting", &value) != HEXMCP_OK)
        return HEXMCP_OK;
    if (hexmcp_json_string(value, self->greeting, sizeof(self->greeting), NULL) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_CONFIG,
                           "the setting `greeting` must be a text of at most %zu bytes",
                           sizeof(self->greeting) - 1);
    return HEXMCP_OK;
}

static int32_t init(void *self, const hexmcp_host *host, hexmcp_str config, hexmcp_error *err)
{
    struct everything *e = (struct everything *)self;
    e->host = host;
    e->timer = (const hexmcp_timer_1 *)host->get_interface(host->ctx, HEXMCP_TIMER_1);
    e->catalog = (const hexmcp_catalog_1 *)host->get_interface(host->ctx, HEXMCP_CATALOG_1);
    e->notify = (const hexmcp_notify_1 *)host->get_interface(host->ctx, HEXMCP_NOTIFY_1);
    if (!e->timer)
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED, "this host has no %s; update hexmcp",
                           HEXMCP_TIMER_1);
    return read_settings(e, config, err);
}

static int32_t make(void *self, const hexmcp_host *host, hexmcp_error *err)
{
    (void)host;
    (void)err;
    pthread_mutex_init(&((struct everything *)self)->lock, NULL);
    return HEXMCP_OK;
}

static void clear(void *self)
{
    pthread_mutex_destroy(&((struct everything *)self)->lock);
}

/* No start: there is nothing to begin. No stop: no thread of its own to wait for, and the host
 * answers the timers that are left. */
static const hexmcp_simple plugin = {
    .self_size = sizeof(struct everything),
    .make = make,
    .init = init,
    .clear = clear,
    .cancel = count_cancel,
    .tools = tools,
    .resources = resources,
    .prompts = prompts,
    .suggest_for_template = suggest_for_template,
    .suggest_for_prompt = suggest_place,
};

HEXMCP_SIMPLE_PLUGIN("hexmcp.examples.everything", "0.1.0", plugin);
