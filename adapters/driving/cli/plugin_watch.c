#include "adapters/driving/cli/plugin_watch.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "adapters/driven/loop/loop.h"
#include "adapters/driven/plugin_host/plugin_host.h"
#include "ports/driven/log.h"

/* Both files of a bundle are written one after the other, and a linker takes its time. */
#define SETTLE_MS 200

struct watched {
    uv_fs_event_t event;
    struct plugin_watch *watch;
};

struct plugin_watch {
    struct app *app;
    uv_timer_t settle;
    struct watched *folders;
    size_t count;
    size_t handles; /* that are not closed */
};

static void told(void *ctx, struct str id, const struct error *err)
{
    const struct plugin_watch *w = ctx;
    const struct log_port *log = app_log(w->app);
    if (err)
        log->write(log->ctx, LOG_LEVEL_ERROR, id, str_from(err->text));
    else
        app_tell_reloaded(w->app, id);
}

static void reload(struct plugin_watch *w, size_t index)
{
    struct plugin_host *host = app_plugins(w->app);
    struct plugin_facts facts;
    struct error err;
    plugin_host_at(host, index, &facts);
    if (plugin_host_reload(host, facts.id, told, w, &err))
        told(w, facts.id, &err);
}

static void on_settled(uv_timer_t *timer)
{
    struct plugin_watch *w = timer->data;
    struct plugin_host *host = app_plugins(w->app);
    for (size_t i = 0; i < plugin_host_count(host); i++)
        if (plugin_host_has_changed(host, i))
            reload(w, i);
}

static void on_event(uv_fs_event_t *event, const char *name, int events, int status)
{
    const struct watched *folder = event->data;
    (void)name;
    (void)events;
    (void)status;
    uv_timer_start(&folder->watch->settle, on_settled, SETTLE_MS, 0);
}

static void watch_folder(struct plugin_watch *w, const struct plugin_facts *facts)
{
    char path[PATH_MAX];
    struct watched *folder = &w->folders[w->count];
    const struct log_port *log = app_log(w->app);
    snprintf(path, sizeof(path), "%.*s/%.*s", STR_ARG(facts->place), STR_ARG(facts->folder));
    folder->watch = w;
    folder->event.data = folder;
    uv_fs_event_init(loop_uv(app_loop(w->app)), &folder->event);
    w->count++;
    w->handles++;
    int rc = uv_fs_event_start(&folder->event, on_event, path, 0);
    struct error err;
    if (rc == 0)
        return;
    error_set(&err, ST_GENERIC, "%s cannot be watched: %s", path, uv_strerror(rc));
    log->write(log->ctx, LOG_LEVEL_WARNING, facts->id, str_from(err.text));
}

int plugin_watch_open(struct app *app, struct plugin_watch **out, struct error *err)
{
    struct plugin_host *host = app_plugins(app);
    struct plugin_facts facts;
    *out = NULL;
    if (!config_bool(app_config(app), "plugins.watch"))
        return ST_OK;
    struct plugin_watch *w = calloc(1, sizeof(*w));
    struct watched *folders = calloc(plugin_host_count(host) + 1, sizeof(*folders));
    if (!w || !folders) {
        free(w);
        free(folders);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    *w = (struct plugin_watch){.app = app, .folders = folders, .handles = 1};
    uv_timer_init(loop_uv(app_loop(app)), &w->settle);
    w->settle.data = w;
    for (size_t i = 0; plugin_host_at(host, i, &facts); i++)
        if (facts.enabled && facts.origin != PLUGIN_BUNDLED)
            watch_folder(w, &facts);
    *out = w;
    return ST_OK;
}

static void closed(struct plugin_watch *w)
{
    if (--w->handles)
        return;
    free(w->folders);
    free(w);
}

static void on_folder_closed(uv_handle_t *handle)
{
    const struct watched *folder = handle->data;
    closed(folder->watch);
}

static void on_timer_closed(uv_handle_t *handle)
{
    closed(handle->data);
}

void plugin_watch_close(struct plugin_watch *w)
{
    if (!w)
        return;
    for (size_t i = 0; i < w->count; i++)
        uv_close((uv_handle_t *)&w->folders[i].event, on_folder_closed);
    uv_close((uv_handle_t *)&w->settle, on_timer_closed);
}
