#include "adapters/driving/cli/app/inside.h"

#include "adapters/driven/clock/clock.h"
#include "adapters/driven/log/log.h"
#include "adapters/driven/loop/loop.h"
#include "adapters/driven/plugin_host/plugin_host.h"
#include "adapters/driven/regex/regex.h"
#include "adapters/driving/cli/grants.h"
#include "adapters/driving/cli/left_out.h"
#include "adapters/driving/cli/places.h"
#include "adapters/driving/cli/plugin_services.h"
#include "adapters/driving/cli/tool_sets.h"
#include "core/call/dispatcher.h"
#include "core/catalog/catalog.h"
#include "core/registry/registry.h"
#include "core/toolset/facade.h"

/* One bad item leaves itself out, not the others. */
static void fill_registry(void *ctx)
{
    const struct app *app = ctx;
    struct plugin_item_cursor cursor = {0};
    struct item item;
    const struct log_port *log = stderr_log_port(app->log);
    struct error fault;
    if (app->facade && facade_register(app->registry, &fault))
        log->write(log->ctx, LOG_LEVEL_WARNING, STR("hexmcp"), str_from(fault.text));
    while (plugin_host_next_item(app->plugins, &cursor, &item)) {
        struct error err;
        if (registry_add(app->registry, &item, &err))
            log->write(log->ctx, LOG_LEVEL_WARNING, item.plugin_id, str_from(err.text));
    }
}

static enum tool_level highest_level(const struct config *config)
{
    struct str level = config_string(config, "policy.level");
    return str_eq(level, STR("privileged"))   ? TOOL_PRIVILEGED
           : str_eq(level, STR("restricted")) ? TOOL_RESTRICTED
                                              : TOOL_SAFE;
}

static void complain_of_hook(void *ctx, struct str hook, struct str text)
{
    const struct log_port *log = ctx;
    struct error line;
    error_set(&line, ST_GENERIC, "the hook \"%.*s\" %.*s", STR_ARG(hook), STR_ARG(text));
    log->write(log->ctx, LOG_LEVEL_WARNING, STR("hooks"), str_from(line.text));
}

static int open_hooks(struct app *app, struct error *err)
{
    const struct log_port *log = plugin_services_log(app->services);
    const struct hooks_parts parts = {
        .clock = system_clock_port(),
        .timer = loop_timers(app->loop),
        .complain = complain_of_hook,
        .complain_ctx = (void *)(uintptr_t)log,
    };
    return hooks_new(&parts, &app->hooks, err);
}

/* *runtime: that of plugins, then the one with the facade, if there may be one. */
static int open_facade(struct app *app, const struct plugin_runtime **runtime, struct error *err)
{
    app->left_out = left_out_new(places_bundled(app->places));
    if (!app->left_out)
        return error_set(err, ST_NOMEM, "out of memory");
    if (!tool_set_wants_facade(app->tools))
        return ST_OK;
    app->facade = facade_new(app->registry, app->tools, &app->policy, *runtime);
    if (!app->facade)
        return error_set(err, ST_NOMEM, "out of memory");
    *runtime = facade_runtime(app->facade);
    return ST_OK;
}

int app_open_core(struct app *app, struct error *err)
{
    app->registry = registry_new();
    if (!app->registry)
        return error_set(err, ST_NOMEM, "out of memory");
    registry_fill_later(app->registry, fill_registry, app);
    int rc = changes_new(loop_timers(app->loop), &app->changes, err);
    if (!rc)
        rc = grants_new(app->config, stderr_log_port(app->log), &app->grants, err);
    if (rc)
        return rc;
    plugin_services_tell_changes(app->services, changes_service(app->changes));
    app->policy = (struct policy){.highest_level = highest_level(app->config),
                                  .paths = grants_paths(app->grants)};
    rc = tool_sets_open(app->config, app->registry, app->policy.highest_level,
                        stderr_log_port(app->log), &app->tools, err);
    if (rc)
        return rc;
    struct catalog_parts catalog = {.registry = app->registry,
                                    .policy = app->policy,
                                    .changes = app->changes,
                                    .tools = app->tools};
    app->catalog = catalog_new(&catalog);
    if (!app->catalog)
        return error_set(err, ST_NOMEM, "out of memory");
    plugin_host_set_publisher(app->plugins, catalog_publisher(app->catalog));
    rc = open_hooks(app, err);
    if (rc)
        return rc;
    plugin_services_set_hooks(app->services, app->hooks);
    const struct plugin_runtime *runtime =
        plugin_services_runtime(app->services, plugin_host_runtime(app->plugins));
    rc = open_facade(app, &runtime, err);
    if (rc)
        return rc;
    struct dispatcher_parts parts = {
        .registry = app->registry,
        .policy = app->policy,
        .tools = app->tools,
        .missing = left_out_port(app->left_out),
        .runtime = runtime,
        .clock = system_clock_port(),
        .timer = loop_timers(app->loop),
        .executor = loop_own_executor(app->loop),
        .regex = regex_module_port(app->regex),
        .hooks = app->hooks,
    };
    return dispatcher_new(&parts, &app->dispatcher, err);
}
