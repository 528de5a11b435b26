/* The instance: made, set up, freed. */
#include "conformance.h"

static int32_t plugin_init(void *self, hexmcp_str config, hexmcp_error *err)
{
    struct conformance *c = (struct conformance *)self;
    const hexmcp_host *host = c->host;
    (void)config;
    c->calls = (const hexmcp_call_info_1 *)host->get_interface(host->ctx, HEXMCP_CALL_1);
    c->timer = (const hexmcp_timer_1 *)host->get_interface(host->ctx, HEXMCP_TIMER_1);
    c->catalog = (const hexmcp_catalog_1 *)host->get_interface(host->ctx, HEXMCP_CATALOG_1);
    if (!c->calls || !c->timer || !c->catalog)
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED, "this host has no %s; update hexmcp",
                           !c->calls   ? HEXMCP_CALL_1
                           : !c->timer ? HEXMCP_TIMER_1
                                       : HEXMCP_CATALOG_1);
    return HEXMCP_OK;
}

static const void *plugin_get_interface(void *self, const char *id)
{
    const struct conformance *c = (const struct conformance *)self;
    if (strcmp(id, HEXMCP_TOOL_1) == 0)
        return &c->tool;
    if (strcmp(id, HEXMCP_RESOURCE_1) == 0)
        return &c->resource;
    return strcmp(id, HEXMCP_PROMPT_1) == 0 ? &c->prompt : NULL;
}

static void plugin_destroy(void *self)
{
    struct conformance *c = (struct conformance *)self;
    pthread_mutex_destroy(&c->lock);
    free(c);
}

/* No stop: the host answers the timers that are left. */
static int32_t create(const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err)
{
    struct conformance *c = (struct conformance *)calloc(1, sizeof(*c));
    if (!c)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory making the plugin; try again");
    pthread_mutex_init(&c->lock, NULL);
    c->host = host;
    c->plugin.size = (uint32_t)sizeof(c->plugin);
    c->plugin.self = c;
    c->plugin.init = plugin_init;
    c->plugin.get_interface = plugin_get_interface;
    c->plugin.destroy = plugin_destroy;
    tools_init(c);
    resources_init(c);
    prompts_init(c);
    *out = &c->plugin;
    return HEXMCP_OK;
}

HEXMCP_PLUGIN_DEFINE("hexmcp.conformance", "0.1.0", create);
