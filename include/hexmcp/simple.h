/*
 * hexmcp/simple.h - a whole plugin from one function, for tools that keep no state.
 *
 * SPDX-License-Identifier: MIT
 *
 * Header-only and optional: include it beside hexmcp/plugin.h. It makes the instance, its table and
 * the two exported symbols; what is left to write is what the tools do, and plugin.json. A plugin
 * with settings, state or cancellation writes the tables of entry.h and ext/tool.h itself.
 */
#ifndef HEXMCP_SIMPLE_H
#define HEXMCP_SIMPLE_H

#include <stdlib.h>
#include <string.h>

#include "hexmcp/entry.h"
#include "hexmcp/ext/tool.h"
#include "hexmcp/json.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Runs the tool `tool` of the manifest. Thread, arguments and return values as hexmcp_tool_1.call:
 * answer by `return hexmcp_complete_text(host, call, ...)`, `return hexmcp_complete_structured(...)`
 * or `return hexmcp_fail(err, ...)`. Several calls can run at once on several threads. Since: 1.0. */
typedef int32_t (*hexmcp_simple_fn)(const hexmcp_host *host, hexmcp_call call, hexmcp_str tool,
                                    hexmcp_str args, hexmcp_error *err);

typedef struct hexmcp_simple_ {
    hexmcp_plugin plugin;
    hexmcp_tool_1 tool;
    const hexmcp_host *host;
    hexmcp_simple_fn run;
} hexmcp_simple_;

static inline int32_t hexmcp_simple_init_(void *self, hexmcp_str config, hexmcp_error *err)
{
    (void)self;
    (void)config;
    (void)err;
    return HEXMCP_OK;
}

static inline const void *hexmcp_simple_get_interface_(void *self, const char *id)
{
    return strcmp(id, HEXMCP_TOOL_1) == 0 ? &((hexmcp_simple_ *)self)->tool : NULL;
}

static inline int32_t hexmcp_simple_call_(void *self, hexmcp_call call, hexmcp_str tool,
                                          hexmcp_str args, hexmcp_error *err)
{
    const hexmcp_simple_ *simple = (const hexmcp_simple_ *)self;
    return simple->run(simple->host, call, tool, args, err);
}

static inline void hexmcp_simple_destroy_(void *self)
{
    free(self);
}

static inline int32_t hexmcp_simple_create_(const hexmcp_host *host, hexmcp_simple_fn run,
                                            const hexmcp_plugin **out, hexmcp_error *err)
{
    hexmcp_simple_ *simple = (hexmcp_simple_ *)calloc(1, sizeof(*simple));
    if (!simple)
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory making the plugin; try again");
    simple->plugin.size = (uint32_t)sizeof(simple->plugin);
    simple->plugin.self = simple;
    simple->plugin.init = hexmcp_simple_init_;
    simple->plugin.get_interface = hexmcp_simple_get_interface_;
    simple->plugin.destroy = hexmcp_simple_destroy_;
    simple->tool.size = (uint32_t)sizeof(simple->tool);
    simple->tool.self = simple;
    simple->tool.call = hexmcp_simple_call_;
    simple->host = host;
    simple->run = run;
    *out = &simple->plugin;
    return HEXMCP_OK;
}

/*
 * Defines the whole plugin. Use it once, at file scope:
 *
 *   HEXMCP_SIMPLE_DEFINE("org.example.hello", "1.0.0", hello);
 *
 * `id` and `version` equal those of plugin.json; `function` is a hexmcp_simple_fn. Since: 1.0.
 */
#define HEXMCP_SIMPLE_DEFINE(id, version, function)                                              \
    static int32_t hexmcp_simple_make_(const hexmcp_host *host, const hexmcp_plugin **out,       \
                                       hexmcp_error *err)                                        \
    {                                                                                            \
        return hexmcp_simple_create_(host, function, out, err);                                  \
    }                                                                                            \
    HEXMCP_PLUGIN_DEFINE(id, version, hexmcp_simple_make_)

#ifdef __cplusplus
}
#endif

#endif
