/* Hooks: those of the configuration and those of plugins, and their operations. */
#pragma once

#include "adapters/driven/plugin_host/plugin_host.h"
#include "adapters/driving/cli/platform/platform.h"
#include "core/json/json.h"

extern const struct platform_part platform_hooks;

/* hook_plugins.c: adds the hooks of all enabled plugins. `use` and `gates` are the settings. */
int hook_plugins_add(struct plugin_host *host, struct hooks *hooks, struct json use,
                     struct json gates, struct error *err);

/* hook_operations.c */
int hook_operations_add(struct operations *operations, struct hooks *hooks, struct error *err);
