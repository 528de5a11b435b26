/* The instance: made, set up, freed. */
#include "conformance.h"

static int32_t make(void *self, const hexmcp_host *host, hexmcp_error *err)
{
    (void)host;
    (void)err;
    pthread_mutex_init(&((struct conformance *)self)->lock, NULL);
    return HEXMCP_OK;
}

static int32_t init(void *self, const hexmcp_host *host, hexmcp_str config, hexmcp_error *err)
{
    struct conformance *c = (struct conformance *)self;
    (void)config;
    c->host = host;
    c->timer = (const hexmcp_timer_1 *)host->get_interface(host->ctx, HEXMCP_TIMER_1);
    c->catalog = (const hexmcp_catalog_1 *)host->get_interface(host->ctx, HEXMCP_CATALOG_1);
    if (!c->timer || !c->catalog)
        return hexmcp_fail(err, HEXMCP_E_UNSUPPORTED, "this host has no %s; update hexmcp",
                           c->timer ? HEXMCP_CATALOG_1 : HEXMCP_TIMER_1);
    return HEXMCP_OK;
}

static void clear(void *self)
{
    pthread_mutex_destroy(&((struct conformance *)self)->lock);
}

/* No stop: the host answers the timers that are left. */
static const hexmcp_simple plugin = {
    .self_size = sizeof(struct conformance),
    .make = make,
    .init = init,
    .clear = clear,
    .cancel = later_cancel,
    .tools = tools,
    .resources = resources,
    .prompts = prompts,
    .suggest_for_prompt = suggest_for_prompt,
};

HEXMCP_SIMPLE_PLUGIN("hexmcp.conformance", "0.1.0", plugin);
