/* Inside of app: the parts. What is made when first asked for, by those who serve, is in serving.c. */
#pragma once

#include "adapters/driving/cli/app.h"
#include "adapters/driving/cli/isolation.h"
#include "adapters/driving/cli/platform/platform.h"
#include "adapters/driving/cli/plugin_checks.h"
#include "core/base/buffer.h"
#include "core/policy/policy.h"

struct app {
    struct config *config;
    struct places *places;
    struct stderr_log *log;
    struct loop *loop;
    struct regex_module *regex;
    struct crypto_module *crypto;
    struct plugin_checker checker;
    struct isolation_choice isolation;
    struct plugin_judge *judge;
    struct denials *denials;
    struct hook_denials *hook_denials;
    struct grants *grants;
    struct plugin_services *services; /* of plugins */
    struct plugin_host *plugins;
    struct store *store;
    struct registry *registry;
    struct changes *changes;
    struct catalog *catalog;
    struct hooks *hooks;
    struct tool_set *tools;
    struct policy policy;
    struct left_out *left_out;
    struct facade *facade; /* NULL: there is none */
    struct dispatcher *dispatcher;
    struct operations *operations;
    struct platform platform;
    struct task_store_memory *task_memory; /* one of the two */
    struct task_store_values *task_values;
    struct tasks *tasks;
    struct seal_keys *seal_keys;
    struct sealer *sealer;
    struct mcp *mcp;
    struct traffic_tap tap; /* its function is NULL if nobody watches */
    struct traffic_tap hook_tap; /* in front of it, if there are hooks */
    struct gate *gate;
    struct caller caller;
    bool served; /* SystemStartup was told */
    struct buffer settings_text; /* plugins.settings, with handles of secrets */
    struct json_doc *settings;
};

/* ---- plugins.c: the host of plugins, who decides about them, and what the program says of them */

int app_open_plugins(struct app *app, const struct invocation *inv, struct error *err);

/* ---- core.c: from the items of plugins to calls of them */

int app_open_core(struct app *app, struct error *err);
