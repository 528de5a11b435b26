/*
 * plugin.c - the tool "web-search" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "hexmcp/plugin.h"

#include "tool.h"

static int32_t init(void *self, const hexmcp_host *host, hexmcp_str config, hexmcp_error *err)
{
    struct state *state = self;
    (void)host;
    limit_begin(&state->limit);
    return settings_read(config, &state->settings, err);
}

static void clear(void *self)
{
    struct state *state = self;
    settings_free(&state->settings);
    limit_end(&state->limit);
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("web-search", search), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {
    .self_size = sizeof(struct state), .init = init, .clear = clear, .tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.web-search", "0.1.0", plugin);
