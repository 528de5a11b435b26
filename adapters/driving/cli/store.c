#include "adapters/driving/cli/store.h"

#include <stdlib.h>

#include "adapters/driven/loop/loop.h"
#include "core/base/str.h"

#define FINISH_MS 3000u

struct store {
    const struct config *config;
    struct loop *loop;
    const struct places *places;
    const struct secret_store_port *secrets;
    struct plugin_host *plugins;
    struct buffer id; /* of the plugin, with a NUL */
    struct storage *storage;
};

static int settings(void *ctx, struct str given, struct buffer *out, struct error *err)
{
    const struct store *s = ctx;
    const char *folder = places_state(s->places);
    return storage_settings(config_string(s->config, "storage.url"),
                            folder ? str_from(folder) : STR(""), given, s->secrets, out, err);
}

static int choose_plugin(struct store *s, struct error *err)
{
    struct str named = config_string(s->config, "storage.plugin");
    if (!named.len)
        return storage_plugin_id(config_string(s->config, "storage.url"), &s->id, err);
    buffer_add_str(&s->id, named);
    buffer_add_char(&s->id, '\0');
    return buffer_failed(&s->id) ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
}

static int open_storage(struct store *s, struct error *err)
{
    const struct plugin_store_choice choice = {
        .id = s->id.data, .settings = settings, .ctx = s};
    const struct plugin_store *plugin = plugin_host_store(s->plugins, &choice);
    if (!plugin)
        return error_set(err, ST_NOMEM, "out of memory");
    return storage_new(plugin, loop_timers(s->loop), &s->storage, err);
}

int store_new(const struct config *config, struct loop *loop, const struct places *places,
              const struct secret_store_port *secrets, struct plugin_host *plugins,
              struct store **out, struct error *err)
{
    struct store *s = calloc(1, sizeof(*s));
    if (!s)
        return error_set(err, ST_NOMEM, "out of memory");
    *s = (struct store){.config = config,
                        .loop = loop,
                        .places = places,
                        .secrets = secrets,
                        .plugins = plugins};
    int rc = choose_plugin(s, err);
    if (!rc)
        rc = open_storage(s, err);
    if (rc) {
        store_free(s);
        return rc;
    }
    *out = s;
    return ST_OK;
}

static void time_is_over(void *arg)
{
    bool *over = arg;
    *over = true;
}

void store_finish(struct store *s)
{
    bool over = false;
    if (!s || !plugin_host_store_calls(s->plugins))
        return;
    const struct timer_port *timers = loop_timers(s->loop);
    struct timer *timer = timers->create(timers->ctx, time_is_over, &over);
    if (!timer)
        return;
    timers->set(timers->ctx, timer, FINISH_MS);
    while (!over && plugin_host_store_calls(s->plugins))
        loop_turn(s->loop);
    timers->free(timers->ctx, timer);
}

void store_free(struct store *s)
{
    if (!s)
        return;
    storage_free(s->storage);
    buffer_clear(&s->id);
    free(s);
}

struct storage *store_ports(struct store *s)
{
    return s->storage;
}
