/*
 * A host that is just enough to fuzz one tool: it counts completions and keeps no more of them than
 * whether they hold a structured result.
 */
#pragma once

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "hexmcp/json.h"
#include "hexmcp/plugin.h"

/* What HEXMCP_PLUGIN_DEFINE of the tool under test exports. */
int32_t hexmcp_plugin_create(const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err);

static unsigned tool_completions;

static int32_t tool_complete(void *ctx, hexmcp_call call, uint32_t outcome, hexmcp_str json)
{
    hexmcp_str result;
    (void)ctx;
    assert(call == 1 && outcome == HEXMCP_RESULT);
    assert(hexmcp_json_get(json, "structuredContent", &result) == HEXMCP_OK);
    assert(hexmcp_json_type(result) == HEXMCP_JSON_OBJECT);
    tool_completions++;
    return HEXMCP_OK;
}

static int32_t tool_progress(void *ctx, hexmcp_call call, double progress, double total,
                             hexmcp_str message)
{
    (void)ctx;
    (void)message;
    assert(call == 1 && progress >= 0 && total >= 0);
    return HEXMCP_OK;
}

/* No service: a tool that has to do with files says that it is given none. */
static const void *tool_get_interface(void *ctx, const char *id)
{
    (void)ctx;
    (void)id;
    return NULL;
}

static inline const hexmcp_tool_1 *tool_load(void)
{
    static const hexmcp_host host = {.size = sizeof(host),
                                     .name = "fuzz",
                                     .version = "0",
                                     .get_interface = tool_get_interface,
                                     .complete = tool_complete,
                                     .progress = tool_progress};
    static const hexmcp_plugin *plugin;
    hexmcp_error err = {.size = sizeof(err)};
    if (!plugin) {
        assert(hexmcp_plugin_create(&host, &plugin, &err) == HEXMCP_OK);
        assert(plugin->init(plugin->self, hexmcp_str_from("{}"), &err) == HEXMCP_OK);
    }
    return plugin->get_interface(plugin->self, HEXMCP_TOOL_1);
}

/* Any bytes as arguments, though a host passes strict JSON only: either one completion, or an error
 * that says why and no completion. */
static inline void tool_fuzz(const char *name, const uint8_t *data, size_t size)
{
    const hexmcp_tool_1 *tool = tool_load();
    hexmcp_error err = {.size = sizeof(err)};
    hexmcp_str args = {(const char *)data, size};
    tool_completions = 0;
    int32_t status = tool->call(tool->self, 1, hexmcp_str_from(name), args, &err);
    assert(tool_completions == (status == HEXMCP_OK ? 1u : 0u));
    assert(status == HEXMCP_OK || status == HEXMCP_E_INVALID || status == HEXMCP_E_TOO_LARGE ||
           status == HEXMCP_E_DENIED || status == HEXMCP_E_UNSUPPORTED);
    assert(status == HEXMCP_OK || (err.code == status && err.text[0] != '\0'));
}
