/* Frozen with ABI 1.0, never to be changed: an inline tool by the tables of the ABI. */
#include <stdlib.h>
#include <string.h>

#include "hexmcp/json.h"
#include "hexmcp/plugin.h"

struct instance {
    hexmcp_plugin plugin;
    hexmcp_tool_1 tool;
    const hexmcp_host *host;
    char greeting[32];
};

static int32_t init(void *self, hexmcp_str config, hexmcp_error *err)
{
    struct instance *i = self;
    hexmcp_str value;
    strcpy(i->greeting, "Hello");
    if (hexmcp_json_get(config, "greeting", &value) == HEXMCP_OK &&
        hexmcp_json_string(value, i->greeting, sizeof(i->greeting), NULL) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_CONFIG, "`greeting` must be at most 31 bytes long");
    return HEXMCP_OK;
}

static int32_t call(void *self, hexmcp_call id, hexmcp_str name, hexmcp_str args, hexmcp_error *err)
{
    const struct instance *i = self;
    hexmcp_str value;
    char who[64], text[128];
    if (name.len != 12 || memcmp(name.ptr, "frozen_greet", 12) != 0)
        return hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "there is no such tool");
    if (hexmcp_json_get(args, "name", &value) != HEXMCP_OK ||
        hexmcp_json_string(value, who, sizeof(who), NULL) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID, "`name` must be at most 63 bytes long");
    snprintf(text, sizeof(text), "%s, %s!", i->greeting, who);
    return hexmcp_complete_text(i->host, id, HEXMCP_RESULT, hexmcp_str_from(text));
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
    i->plugin.destroy = destroy;
    i->tool.size = sizeof(i->tool);
    i->tool.self = i;
    i->tool.call = call;
    *out = &i->plugin;
    return HEXMCP_OK;
}

HEXMCP_PLUGIN_DEFINE("hexmcp.frozen.inline", "1.0.0", create);
