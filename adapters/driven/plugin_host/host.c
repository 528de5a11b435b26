#include "adapters/driven/plugin_host/host.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "adapters/driven/plugin_host/reload.h"
#include "adapters/driven/plugin_host/runs.h"
#include "adapters/driven/plugin_host/stores/stores.h"

bool host_on_loop(struct plugin_host *host)
{
    pthread_mutex_lock(&host->lock);
    bool on = pthread_equal(pthread_self(), host->loop);
    pthread_mutex_unlock(&host->lock);
    return on;
}

int host_add(struct plugin_host *host, const struct place *place, const struct record *record,
             struct record *owned, struct error *err)
{
    if (host->plugin_count == host->plugin_cap) {
        size_t cap = host->plugin_cap ? host->plugin_cap * 2 : 64;
        void *plugins = realloc(host->plugins, cap * sizeof(*host->plugins));
        if (!plugins) {
            free(owned);
            return error_set(err, ST_NOMEM, "out of memory");
        }
        host->plugins = plugins;
        host->plugin_cap = cap;
    }
    struct plugin *p =
        plugin_new(host, (uint32_t)host->plugin_count, place, record, owned);
    if (!p) {
        free(owned);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    p->lent = true;
    p->unchecked = !owned && place->index.relocatable;
    host->unsettled = host->unsettled || p->unchecked;
    host->plugins[host->plugin_count++] = p;
    return ST_OK;
}

/* A single bundle is kept as its folder and a name in it. */
static int keep_bundle(struct place *place, struct error *err)
{
    char real[PATH_MAX];
    if (!realpath(place->given.path, real))
        snprintf(real, sizeof(real), "%s", place->given.path);
    char *slash = strrchr(real, '/');
    place->single = strdup(slash ? slash + 1 : real);
    if (slash)
        *slash = '\0';
    place->path = strdup(!slash ? "." : slash == real ? "/" : real);
    return place->path && place->single ? ST_OK : error_set(err, ST_NOMEM, "out of memory");
}

static int keep_places(struct plugin_host *host, struct error *err)
{
    const struct plugin_host_config *c = &host->config;
    host->places = calloc(c->place_count + 1, sizeof(*host->places));
    if (!host->places)
        return error_set(err, ST_NOMEM, "out of memory");
    for (size_t i = 0; i < c->place_count; i++) {
        struct place *place = &host->places[i];
        *place = (struct place){.given = c->places[i], .index = INDEX_EMPTY};
        host->place_count++;
        int rc = ST_OK;
        if (place->given.bundle)
            rc = keep_bundle(place, err);
        else if (!(place->path = strdup(place->given.path)))
            rc = error_set(err, ST_NOMEM, "out of memory");
        if (rc)
            return rc;
    }
    return ST_OK;
}

/* Without plugins. NULL without memory. */
static struct plugin_host *host_new(const struct plugin_host_config *config, struct error *err)
{
    struct plugin_host *host = calloc(1, sizeof(*host));
    if (!host) {
        error_set(err, ST_NOMEM, "out of memory");
        return NULL;
    }
    host->config = *config;
    host->config.grace_ms = config->grace_ms ? config->grace_ms : 2000;
    host->config.max_lost = config->max_lost ? config->max_lost : 3;
    host->user_index = (struct index)INDEX_EMPTY;
    host->loop = pthread_self();
    pthread_mutex_init(&host->lock, NULL);
    pthread_mutex_init(&host->published_lock, NULL);
    runtime_init(host);
    if (runs_init(host, err) || keep_places(host, err) || host_keep_ids(host, err)) {
        plugin_host_free(host);
        return NULL;
    }
    return host;
}

int plugin_host_new(const struct plugin_host_config *config, struct plugin_host **out,
                    struct error *err)
{
    struct plugin_host *host = host_new(config, err);
    if (!host)
        return ST_NOMEM;
    int rc = host_scan(host, err);
    if (!rc)
        rc = host_choose(host, err);
    if (rc) {
        plugin_host_free(host);
        return rc;
    }
    *out = host;
    return ST_OK;
}

int plugin_host_new_one(const struct plugin_host_config *config, const char *path,
                        struct record *record, int fd, const struct plugin_grants *grants,
                        struct plugin_host **out, struct error *err)
{
    struct plugin_host_config one = *config;
    struct plugin_place place = {.path = path, .origin = PLUGIN_USER, .bundle = true};
    one.places = &place;
    one.place_count = 1;
    struct plugin_host *host = host_new(&one, err);
    if (!host)
        return ST_NOMEM;
    struct plugin *p = plugin_new(host, 0, &host->places[0], record, record);
    host->plugins = calloc(1, sizeof(*host->plugins));
    if (!p || !host->plugins) {
        if (p)
            p->owned = NULL;
        plugin_free(p);
        plugin_host_free(host);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    p->enabled = true;
    p->fd = fd;
    p->grants = grants;
    plugin_move(p, PLUGIN_VERIFIED);
    host->plugins[0] = p;
    host->plugin_count = host->plugin_cap = 1;
    *out = host;
    return ST_OK;
}

static bool still_used(struct plugin_host *host)
{
    pthread_mutex_lock(&host->lock);
    bool used = host->left || host->jobs || host->posted;
    pthread_mutex_unlock(&host->lock);
    return used;
}

void plugin_host_free(struct plugin_host *host)
{
    /* At the end of a process memory may stay; a thread that wakes up in freed memory may not. */
    if (!host || still_used(host))
        return;
    runs_free(host);
    stores_free(host);
    for (size_t i = 0; i < host->plugin_count; i++)
        plugin_free(host->plugins[i]);
    free(host->plugins);
    reloads_free(host);
    for (size_t i = 0; i < host->place_count; i++) {
        free(host->places[i].path);
        free(host->places[i].single);
        index_close(&host->places[i].index);
    }
    free(host->places);
    str_index_clear(&host->named);
    str_index_clear(&host->disabled);
    arena_clear(&host->ids);
    index_close(&host->user_index);
    pthread_mutex_destroy(&host->lock);
    pthread_mutex_destroy(&host->published_lock);
    free(host);
}

const struct plugin_runtime *plugin_host_runtime(struct plugin_host *host)
{
    return &host->runtime;
}

void plugin_host_set_publisher(struct plugin_host *host, const struct publisher *publisher)
{
    host->publisher = publisher;
}

void plugin_host_start_dynamic(struct plugin_host *host)
{
    for (size_t i = 0; i < host->plugin_count; i++) {
        struct plugin *p = host->plugins[i];
        struct error err;
        if (p->enabled && p->state == PLUGIN_VERIFIED && p->record->flags & RECORD_DYNAMIC)
            plugin_load(p, &err);
    }
}
