#include "adapters/driving/cli/app/inside.h"

#include <stdlib.h>

#include "adapters/driven/clock/clock.h"
#include "adapters/driven/crypto/crypto.h"
#include "adapters/driven/denials/denials.h"
#include "adapters/driven/log/log.h"
#include "adapters/driven/loop/loop.h"
#include "adapters/driven/plugin_host/plugin_host.h"
#include "adapters/driven/random/random.h"
#include "adapters/driven/regex/regex.h"
#include "adapters/driven/seal_keys/seal_keys.h"
#include "adapters/driven/task_store_memory/task_store_memory.h"
#include "adapters/driven/task_store_values/task_store_values.h"
#include "adapters/driving/cli/auth.h"
#include "adapters/driving/cli/grants.h"
#include "adapters/driving/cli/left_out.h"
#include "adapters/driving/cli/places.h"
#include "adapters/driving/cli/platform/hook_denials.h"
#include "adapters/driving/cli/platform/hook_tells.h"
#include "adapters/driving/cli/plugin/judge.h"
#include "adapters/driving/cli/plugin_services.h"
#include "adapters/driving/cli/settings.h"
#include "adapters/driving/cli/store.h"
#include "adapters/driving/mcp/mcp.h"
#include "core/call/dispatcher.h"
#include "core/catalog/catalog.h"
#include "core/json/json.h"
#include "core/registry/registry.h"
#include "core/task/task.h"
#include "core/toolset/facade.h"

/* How long plugins may take to stop, together. */
#define STOP_BUDGET_MS 300u

/* How long the store may take to write what it holds. */
#define STORE_BUDGET_MS 5000u

static int open_log(struct app *app, struct error *err)
{
    enum log_level level = LOG_LEVEL_NOTICE;
    log_level_parse(config_string(app->config, "log.level"), &level);
    bool json = str_eq(config_string(app->config, "log.format"), STR("json"));
    app->log = stderr_log_new(level, json ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT);
    return app->log ? ST_OK : error_set(err, ST_NOMEM, "out of memory");
}

/* The domains above the tools. */
static int open_platform(struct app *app, struct error *err)
{
    app->platform = (struct platform){
        .config = app->config,
        .places = app->places,
        .loop = app->loop,
        .log = stderr_log_port(app->log),
        .clock = system_clock_port(),
        .random = system_random_port(),
        .timers = loop_timers(app->loop),
        .executor = loop_own_executor(app->loop),
        .crypto = crypto_module_port(app->crypto),
        .regex = regex_module_port(app->regex),
        .bus = plugin_services_bus(app->services),
        .catalog = catalog_service(app->catalog),
        .calls = dispatcher_service(app->dispatcher),
        .operations = app->operations,
        .changes = app->changes,
        .secrets = plugin_services_secrets(app->services),
        .http = plugin_services_http(app->services),
        .events = storage_events(store_ports(app->store)),
        .values = storage_values(store_ports(app->store)),
        .blobs = storage_blobs(store_ports(app->store)),
        .search = storage_search(store_ports(app->store)),
        .dump = storage_dump(store_ports(app->store)),
        .plugins = app->plugins,
        .hooks = app->hooks,
    };
    plugin_services_set_operations(app->services, operations_service(app->operations));
    int rc = platform_open(&app->platform, err);
    hook_denials_set(app->hook_denials, app->hooks);
    return rc;
}

static int open_parts(struct app *app, const struct invocation *inv, struct error *err)
{
    int rc = settings_load(inv, &app->config, err);
    if (!rc)
        rc = open_log(app, err);
    if (!rc)
        rc = loop_new((unsigned)config_integer(app->config, "workers.max"), &app->loop, err);
    if (!rc)
        rc = places_new(app->config, &app->places, err);
    if (!rc)
        rc = regex_module_new(places_modules(app->places), &app->regex, err);
    if (!rc)
        rc = crypto_module_new(places_modules(app->places), &app->crypto, err);
    if (!rc)
        rc = operations_new(regex_module_port(app->regex), &app->operations, err);
    if (!rc)
        rc = app_open_plugins(app, inv, err);
    if (!rc)
        rc = store_new(app->config, app->loop, app->places, plugin_services_secrets(app->services),
                       app->plugins, &app->store, err);
    if (!rc)
        rc = app_open_core(app, err);
    if (!rc)
        rc = open_platform(app, err);
    return rc;
}

int app_open(const struct invocation *inv, struct app **out, struct error *err)
{
    struct app *app = calloc(1, sizeof(*app));
    if (!app)
        return error_set(err, ST_NOMEM, "out of memory");
    app->caller = (struct caller){.id = STR("stdio"), .tenant = STR("local")};
    int rc = open_parts(app, inv, err);
    if (rc) {
        app_close(app);
        return rc;
    }
    *out = app;
    return ST_OK;
}

/* What uses the store and the plugins, and may have something to store at its end. */
static void close_domains(struct app *app)
{
    mcp_free(app->mcp);
    app->mcp = NULL;
    if (app->tasks)
        tasks_shutdown(app->tasks);
    hook_denials_set(app->hook_denials, NULL);
    platform_close(&app->platform);
    if (app->services)
        plugin_services_set_operations(app->services, NULL);
}

/* False if a thread may come back from a plugin at any time: then nothing may be freed under it, and
 * exit handlers must not run beside it. */
static bool stop_plugins(struct app *app)
{
    size_t left = app->plugins ? plugin_host_stop_others(app->plugins, STOP_BUDGET_MS) : 0;
    store_finish(app->store); /* while what it answers still wakes the loop */
    bool ended = loop_end_workers(app->loop) && !left;
    if (ended)
        close_domains(app);
    store_finish(app->store);
    left = app->plugins ? plugin_host_stop(app->plugins, STORE_BUDGET_MS) : 0;
    return ended && !left;
}

void app_close(struct app *app)
{
    if (app && app->served)
        hook_tell_system(app->hooks, HOOK_SYSTEM_SHUTDOWN);
    if (!app || !stop_plugins(app))
        return;
    gate_free(app->gate);
    sealer_free(app->sealer);
    seal_keys_free(app->seal_keys);
    operations_free(app->operations);
    dispatcher_free(app->dispatcher);
    if (app->services)
        plugin_services_set_hooks(app->services, NULL);
    hooks_free(app->hooks);
    tasks_free(app->tasks);
    task_store_memory_free(app->task_memory);
    task_store_values_free(app->task_values);
    facade_free(app->facade);
    left_out_free(app->left_out);
    catalog_free(app->catalog);
    tool_set_free(app->tools);
    registry_free(app->registry);
    changes_free(app->changes);
    plugin_host_free(app->plugins);
    store_free(app->store);
    plugin_services_free(app->services);
    loop_free(app->loop);
    hook_denials_free(app->hook_denials);
    denials_free(app->denials);
    plugin_judge_free(app->judge);
    crypto_module_free(app->crypto);
    regex_module_free(app->regex);
    places_free(app->places);
    grants_free(app->grants);
    stderr_log_free(app->log);
    json_free(app->settings);
    isolation_choice_clear(&app->isolation);
    buffer_clear(&app->settings_text);
    config_free(app->config);
    free(app);
}

int app_run(const struct invocation *inv, app_work_fn *work)
{
    struct app *app;
    struct error err;
    if (app_open(inv, &app, &err))
        return report_error(&err);
    int code = work(app, inv);
    app_close(app);
    return code;
}

const struct config *app_config(const struct app *app)
{
    return app->config;
}

struct tool_set *app_tools(const struct app *app)
{
    return app->tools;
}

struct left_out *app_left_out(const struct app *app)
{
    return app->left_out;
}

const struct catalog_service *app_catalog(const struct app *app)
{
    return catalog_service(app->catalog);
}

const struct call_service *app_calls(const struct app *app)
{
    return app->platform.calls;
}

const struct operation_service *app_operations(const struct app *app)
{
    return operations_service(app->operations);
}

struct plugin_judge *app_judge(const struct app *app)
{
    return app->judge;
}

struct plugin_host *app_plugins(const struct app *app)
{
    return app->plugins;
}

void app_log_over_line(struct app *app, bool on)
{
    stderr_log_over_line(app->log, on);
}

const struct caller *app_caller(const struct app *app)
{
    return &app->caller;
}

struct loop *app_loop(const struct app *app)
{
    return app->loop;
}

const struct log_port *app_log(const struct app *app)
{
    return stderr_log_port(app->log);
}

const char *app_modules(const struct app *app)
{
    return places_modules(app->places);
}

struct metrics_source app_plugin_metrics(const struct app *app)
{
    return plugin_services_metrics(app->services);
}

struct call_context app_context(const struct app *app)
{
    const struct clock_port *clock = system_clock_port();
    return (struct call_context){.caller = &app->caller,
                                 .wall_ms = clock->wall_ms(clock->ctx),
                                 .monotonic_ns = clock->monotonic_ns(clock->ctx)};
}

void app_run_until(struct app *app, const bool *done)
{
    while (!*done)
        loop_turn(app->loop);
}

struct metrics_source app_hook_metrics(const struct app *app)
{
    return app->platform.hook_metrics;
}
