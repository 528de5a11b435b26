/* The instance: made, set up, started, stopped, freed. */
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

static int32_t plugin_init(void *self, hexmcp_str config, hexmcp_error *err)
{
    struct everything *e = (struct everything *)self;
    const hexmcp_host *host = e->host;
    e->calls = (const hexmcp_call_info_1 *)host->get_interface(host->ctx, HEXMCP_CALL_1);
    e->timer = (const hexmcp_timer_1 *)host->get_interface(host->ctx, HEXMCP_TIMER_1);
    e->catalog = (const hexmcp_catalog_1 *)host->get_interface(host->ctx, HEXMCP_CATALOG_1);
    e->notify = (const hexmcp_notify_1 *)host->get_interface(host->ctx, HEXMCP_NOTIFY_1);
    if (!e->calls || !e->timer)
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED, "this host has no %s; update hexmcp",
                           e->calls ? HEXMCP_TIMER_1 : HEXMCP_CALL_1);
    return read_settings(e, config, err);
}

static const void *plugin_get_interface(void *self, const char *id)
{
    const struct everything *e = (const struct everything *)self;
    if (strcmp(id, HEXMCP_TOOL_1) == 0)
        return &e->tool;
    if (strcmp(id, HEXMCP_RESOURCE_1) == 0)
        return &e->resource;
    return strcmp(id, HEXMCP_PROMPT_1) == 0 ? &e->prompt : NULL;
}

static void plugin_destroy(void *self)
{
    struct everything *e = (struct everything *)self;
    pthread_mutex_destroy(&e->lock);
    free(e);
}

/* No start: there is nothing to begin. No stop: no thread of its own to wait for, and the host
 * answers the timers that are left. */
static int32_t create(const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err)
{
    struct everything *e = (struct everything *)calloc(1, sizeof(*e));
    if (!e)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory making the plugin; try again");
    pthread_mutex_init(&e->lock, NULL);
    e->host = host;
    e->plugin.size = (uint32_t)sizeof(e->plugin);
    e->plugin.self = e;
    e->plugin.init = plugin_init;
    e->plugin.get_interface = plugin_get_interface;
    e->plugin.destroy = plugin_destroy;
    tools_init(e);
    resources_init(e);
    prompts_init(e);
    *out = &e->plugin;
    return HEXMCP_OK;
}

HEXMCP_PLUGIN_DEFINE("hexmcp.examples.everything", "0.1.0", create);
