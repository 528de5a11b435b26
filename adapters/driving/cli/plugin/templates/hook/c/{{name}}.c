/*
 * {{title}}: a plugin for hexmcp with one hook, keep_keys. It stops a tool call whose arguments hold a
 * private key, before the tool sees them.
 *
 * The interface is a draft and can still change; hexmcp/ext/draft/hook.h describes all of it. In a
 * process of its own, which is the default, the hook can only watch, until the operator lists the
 * plugin under the setting hooks.gates.
 */
#include "hexmcp/ext/draft/hook.h"
#include "hexmcp/json.h"
#include "hexmcp/plugin.h"

/* One instance: the tables that the host calls, and what they need. */
struct plugin {
    hexmcp_plugin plugin;
    hexmcp_hook_1 hook;
    const hexmcp_host *host;
};

/* Looks for it in the JSON text: dashes, capitals and blanks stand there as they are. */
static int holds_key(hexmcp_str json)
{
    static const char mark[] = "PRIVATE KEY-----";
    size_t len = sizeof(mark) - 1;
    for (size_t i = 0; i + len <= json.len; i++)
        if (memcmp(json.ptr + i, mark, len) == 0)
            return 1;
    return 0;
}

/* Says what shall happen, and so ends the call. */
static int32_t answer(const struct plugin *p, hexmcp_call call, const char *json)
{
    int32_t status = p->host->complete(p->host->ctx, call, HEXMCP_RESULT, hexmcp_str_from(json));
    return status == HEXMCP_E_NOT_FOUND ? HEXMCP_OK : status;
}

/* `data` is an object of what the hook reads: {"/arguments": {...}}. Runs on the loop thread ("mode":
 * "inline"), so it must be quick. */
static int32_t run(void *self, hexmcp_call call, hexmcp_str name, hexmcp_str point, hexmcp_str data,
                   hexmcp_error *err)
{
    const struct plugin *p = (const struct plugin *)self;
    (void)name; /* a plugin with several hooks looks here which one is meant */
    (void)point;
    (void)err;
    if (!holds_key(data))
        return answer(p, call, "{\"result\":\"continue\"}");
    /* Never with the key itself: log lines are kept. */
    p->host->log(p->host->ctx, call, HEXMCP_LOG_WARNING,
                 hexmcp_str_from("stopped a tool call with a private key in its arguments"));
    return answer(p, call, "{\"result\":\"cancel\",\"reason\":\"the arguments hold a private key; "
                           "leave it out\"}");
}

static int32_t init(void *self, hexmcp_str config, hexmcp_error *err)
{
    (void)self;
    (void)config; /* the settings; plugin.json can have a schema for them */
    (void)err;
    return HEXMCP_OK;
}

static const void *get_interface(void *self, const char *id)
{
    return strcmp(id, HEXMCP_HOOK_1) == 0 ? &((struct plugin *)self)->hook : NULL;
}

static int32_t create(const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err)
{
    struct plugin *p = (struct plugin *)calloc(1, sizeof(*p));
    if (!p)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory");
    p->host = host;
    p->plugin.size = sizeof(p->plugin);
    p->plugin.self = p;
    p->plugin.init = init;
    p->plugin.get_interface = get_interface;
    p->plugin.destroy = free;
    p->hook.size = sizeof(p->hook);
    p->hook.self = p;
    p->hook.run = run;
    *out = &p->plugin;
    return HEXMCP_OK;
}

/* The id and the version stand in plugin.json, too, and must be equal. */
HEXMCP_PLUGIN_DEFINE("{{id}}", "0.1.0", create);
