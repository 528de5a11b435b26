#include "adapters/driving/cli/app/inside.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "adapters/driven/clock/clock.h"
#include "adapters/driven/crypto/crypto.h"
#include "adapters/driven/denials/denials.h"
#include "adapters/driven/files/files.h"
#include "adapters/driven/log/log.h"
#include "adapters/driven/loop/loop.h"
#include "adapters/driven/plugin_host/plugin_host.h"
#include "adapters/driven/regex/regex.h"
#include "adapters/driven/secret_store/secret_store.h"
#include "adapters/driving/cli/places.h"
#include "adapters/driving/cli/platform/hook_denials.h"
#include "adapters/driving/cli/platform/hook_tells.h"
#include "adapters/driving/cli/plugin/judge.h"
#include "adapters/driving/cli/plugin_services.h"
#include "core/json/json.h"

static int post(void *ctx, void (*fn)(void *arg), void *arg)
{
    return loop_post(ctx, fn, arg, NULL);
}

static struct str plugin_settings(void *ctx, struct str id)
{
    struct app *app = ctx;
    return json_text(json_get(json_root(app->settings), id));
}

/* A program that was copied alone has no tools; nobody should have to guess why. */
static void miss_bundled(const struct app *app)
{
    const struct log_port *log = stderr_log_port(app->log);
    const char *folder = places_bundled(app->places);
    struct error text;
    if (access(folder, R_OK) == 0)
        return;
    error_set(&text, ST_NOT_FOUND,
              "no bundled plugins: %s cannot be read (%s); run hexmcp where it was built or "
              "installed",
              folder, strerror(errno));
    log->write(log->ctx, LOG_LEVEL_WARNING, STR("hexmcp"), str_from(text.text));
}

static int read_settings(struct app *app, struct error *err)
{
    int rc = secret_handles_put(config_text(app->config, "plugins.settings"), &app->settings_text,
                                err);
    return rc ? rc : json_parse(buffer_str(&app->settings_text), &app->settings, err);
}

static int open_denials(struct app *app, struct error *err)
{
    char path[PATH_MAX];
    const struct denials_config config = {
        .path = places_state_file(path, sizeof(path), DENIALS_FILE) ? path : NULL,
        .clock = system_clock_port(),
        .log = stderr_log_port(app->log),
    };
    int rc = denials_new(&config, &app->denials, err);
    if (rc)
        return rc;
    app->hook_denials = hook_denials_new(app->loop, denials_port(app->denials));
    return app->hook_denials ? ST_OK : error_set(err, ST_NOMEM, "out of memory");
}

static int open_judge(struct app *app, const struct invocation *inv, struct error *err)
{
    const struct log_port *log = stderr_log_port(app->log);
    int rc = plugin_judge_new(app->config, inv, app->places, crypto_module_port(app->crypto),
                              &app->judge, err);
    const char *fault = rc ? NULL : plugin_lock_fault(plugin_judge_lock(app->judge));
    if (fault)
        log->write(log->ctx, LOG_LEVEL_WARNING, STR("hexmcp"), str_from(fault));
    return rc;
}

static void plugin_happened(void *ctx, struct str id, enum plugin_event event)
{
    struct app *app = ctx;
    plugin_services_tell_state(app->services, id, event);
    if (event != PLUGIN_EVENT_RETIRED)
        hook_tell_plugin(app->hooks, id, event == PLUGIN_EVENT_LOADED);
}

static int open_host(struct app *app, struct error *err)
{
    int rc = read_settings(app, err);
    if (!rc)
        rc = plugin_services_new(app->config, app->loop, app->places, stderr_log_port(app->log),
                                 crypto_module_port(app->crypto), &app->services, err);
    if (!rc)
        rc = isolation_choice_read(app->config, app->places, loop_uv(app->loop), &app->isolation,
                                   err);
    if (rc)
        return rc;
    app->checker = (struct plugin_checker){.regex = regex_module_port(app->regex)};
    struct plugin_host_config host = {
        .user_index = places_user_index(app->places),
        .version = HEXMCP_VERSION,
        .clock = system_clock_port(),
        .timer = loop_timers(app->loop),
        .executor = loop_executor(app->loop),
        .log = plugin_services_log(app->services),
        .crypto = crypto_module_port(app->crypto),
        .files = files_port(),
        .lost_worker = loop_lost_worker(app->loop),
        .checks = plugin_checker_functions(&app->checker),
        .post = post,
        .post_ctx = app->loop,
        .settings = plugin_settings,
        .settings_ctx = app,
        .isolation = &app->isolation.settings,
        .isolate = isolation_chosen,
        .isolate_ctx = &app->isolation,
        .denials = hook_denials_port(app->hook_denials),
        .judge = plugin_judge_decide,
        .judge_ctx = app->judge,
        .happened = plugin_happened,
        .happened_ctx = app,
    };
    host.services = plugin_services_ports(app->services, &host.service_count);
    places_fill(app->places, &host);
    miss_bundled(app);
    rc = plugin_host_new(&host, &app->plugins, err);
    plugin_judge_started(app->judge);
    return rc;
}

int app_open_plugins(struct app *app, const struct invocation *inv, struct error *err)
{
    int rc = open_judge(app, inv, err);
    if (!rc)
        rc = open_denials(app, err);
    return rc ? rc : open_host(app, err);
}

static bool was_asked_for(const struct app *app, const struct plugin_facts *facts)
{
    return facts->origin == PLUGIN_BUNDLED || facts->origin == PLUGIN_COMMAND_LINE ||
           facts->refusal == REFUSED_HELD ||
           places_enables(app->places, facts->id);
}

void app_warn_of_refused(const struct app *app)
{
    const struct log_port *log = stderr_log_port(app->log);
    struct plugin_facts facts;
    for (size_t i = 0; i < plugin_host_count(app->plugins); i++)
        if (plugin_host_refusal(app->plugins, i) != REFUSED_NOT &&
            plugin_host_at(app->plugins, i, &facts) && was_asked_for(app, &facts))
            log->write(log->ctx, LOG_LEVEL_WARNING, facts.id, facts.reason);
}

void app_start_dynamic(struct app *app)
{
    plugin_host_start_dynamic(app->plugins);
}

void app_tell_reloaded(struct app *app, struct str plugin)
{
    hook_tell_reloaded(app->hooks, plugin);
}
