#include "adapters/driving/cli/app/inside.h"

#include "adapters/driven/clock/clock.h"
#include "adapters/driven/crypto/crypto.h"
#include "adapters/driven/log/log.h"
#include "adapters/driven/loop/loop.h"
#include "adapters/driven/random/random.h"
#include "adapters/driven/seal_keys/seal_keys.h"
#include "adapters/driven/task_store_memory/task_store_memory.h"
#include "adapters/driven/task_store_values/task_store_values.h"
#include "adapters/driving/cli/auth.h"
#include "adapters/driving/cli/platform/hook_tells.h"
#include "adapters/driving/cli/platform/webhooks.h"
#include "adapters/driving/mcp/mcp.h"
#include "core/catalog/catalog.h"
#include "core/task/task.h"

static int open_sealer(struct app *app, struct error *err)
{
    struct sealer_parts parts = {
        .crypto = crypto_module_port(app->crypto),
        .random = system_random_port(),
        .clock = system_clock_port(),
    };
    struct seal_keys_config keys = {
        .folder = places_state(app->places),
        .random = system_random_port(),
        .clock = system_clock_port(),
        .log = stderr_log_port(app->log),
    };
    int rc = seal_keys_open(&keys, &app->seal_keys, err);
    if (rc)
        return rc;
    parts.keys = seal_keys_port(app->seal_keys);
    app->sealer = sealer_new(&parts);
    return app->sealer ? ST_OK : error_set(err, ST_NOMEM, "out of memory");
}

/* Where the store is memory, tasks need not go through it. */
static int open_task_store(struct app *app, const struct task_store **out, struct error *err)
{
    const struct task_store_values_config config = {
        .values = app->platform.values,
        .clock = system_clock_port(),
        .timers = loop_timers(app->loop),
        .random = system_random_port(),
    };
    if (!str_starts(config_string(app->config, "storage.url"), STR("memory:"))) {
        int rc = task_store_values_new(&config, &app->task_values, err);
        *out = rc ? NULL : task_store_values_port(app->task_values);
        return rc;
    }
    app->task_memory = task_store_memory_new();
    if (!app->task_memory)
        return error_set(err, ST_NOMEM, "out of memory");
    *out = task_store_memory_port(app->task_memory);
    return ST_OK;
}

static int open_tasks(struct app *app, struct error *err)
{
    struct task_parts parts = {
        .calls = app_calls(app),
        .clock = system_clock_port(),
        .timer = loop_timers(app->loop),
        .random = system_random_port(),
        .changes = app->changes,
        .limits = task_limits_default(),
    };
    int rc = open_task_store(app, &parts.store, err);
    return rc ? rc : tasks_new(&parts, &app->tasks, err);
}

static int open_serving(struct app *app, struct error *err)
{
    int rc = app->sealer ? ST_OK : open_sealer(app, err);
    return rc || app->tasks ? rc : open_tasks(app, err);
}

static bool narrows_by_roots(const struct app *app)
{
    return str_eq(config_string(app->config, "grants.client_roots"), STR("narrow"));
}

static void request_seen(void *ctx, const struct traffic_event *event)
{
    const struct app *app = ctx;
    if (app->tap.seen)
        app->tap.seen(app->tap.ctx, event);
    hook_tell_response(app->hooks, event);
}

static void request_came(void *ctx, const struct traffic_event *event)
{
    const struct app *app = ctx;
    hook_tell_request(app->hooks, event);
}

/* Who hears of requests; NULL if nobody does. */
static const struct traffic_tap *watched_by(struct app *app)
{
    struct hook_facts first;
    if (!hooks_at(app->hooks, 0, &first))
        return app->tap.seen ? &app->tap : NULL;
    app->hook_tap = (struct traffic_tap){app, request_seen, request_came};
    return &app->hook_tap;
}

int app_endpoints(struct app *app, const struct endpoint_factory **out, struct error *err)
{
    int rc = open_serving(app, err);
    if (rc)
        return rc;
    struct mcp_options options = {
        .catalog = app_catalog(app),
        .calls = app_calls(app),
        .changes = changes_service(app->changes),
        .tasks = tasks_service(app->tasks),
        .timer = loop_timers(app->loop),
        .clock = system_clock_port(),
        .executor = loop_own_executor(app->loop),
        .log = stderr_log_port(app->log),
        .random = system_random_port(),
        .sealer = app->sealer,
        .server_name = config_string(app->config, "server.name"),
        .server_title = config_string(app->config, "server.title"),
        .server_version = STR(HEXMCP_VERSION),
        .instructions = config_string(app->config, "server.instructions"),
        .page_size = (size_t)config_integer(app->config, "mcp.page_size"),
        .max_in_flight = (size_t)config_integer(app->config, "mcp.max_in_flight"),
        .max_held_bytes = (size_t)config_integer(app->config, "mcp.max_held_bytes"),
        .narrow_by_roots = narrows_by_roots(app),
        .tap = watched_by(app),
        .hooks = app->hooks,
        .input_timeout_ms = (uint64_t)config_integer(app->config, "mcp.input_timeout_ms"),
    };
    rc = app->mcp ? ST_OK : mcp_new(&options, &app->mcp, err);
    if (!rc)
        *out = mcp_endpoints(app->mcp);
    return rc;
}

struct mcp *app_mcp(const struct app *app)
{
    return app->mcp;
}

static void seen_by_nobody(void *ctx, const struct traffic_event *event)
{
    (void)ctx;
    (void)event;
}

void app_set_tap(struct app *app, const struct traffic_tap *tap)
{
    app->tap = tap ? *tap : (struct traffic_tap){NULL, seen_by_nobody, NULL};
}

int app_auth(struct app *app, struct auth **out, struct error *err)
{
    const struct gate_ports ports = {
        .crypto = crypto_module_port(app->crypto),
        .random = system_random_port(),
        .clock = system_clock_port(),
        .executor = loop_own_executor(app->loop),
        .log = stderr_log_port(app->log),
    };
    int rc = app->gate ? ST_OK : gate_new(app->config, app->places, &ports, &app->gate, err);
    if (!rc)
        *out = gate_auth(app->gate);
    return rc;
}

void app_tell_startup(struct app *app)
{
    app->served = true;
    hook_tell_system(app->hooks, HOOK_SYSTEM_STARTUP);
    platform_webhooks_serve(&app->platform);
}
