#include "adapters/driven/plugin_host/reload.h"

#include <stdio.h>
#include <stdlib.h>

#include "adapters/driven/plugin_host/backend.h"
#include "adapters/driven/plugin_host/self_test.h"
#include "adapters/driven/plugin_host/stores/stores.h"
#include "adapters/driven/plugin_host/swap.h"

#define STATE_MAX ((size_t)64 << 20)

struct reload {
    struct plugin *old, *fresh;
    plugin_reload_done *done;
    void *ctx;
};

bool plugin_is_candidate(const struct plugin *p)
{
    return p->reload && p->reload->fresh == p;
}

/* Tells how it ended; `err` is NULL if well. */
static void tell(struct reload *r, struct str id, const struct error *err)
{
    if (r->done)
        r->done(r->ctx, id, err);
    free(r);
}

static void roll_back(struct reload *r, const struct error *why)
{
    struct plugin *old = r->old;
    struct error err = *why;
    old->reload = NULL;
    r->fresh->reload = NULL;
    plugin_dispose(r->fresh);
    error_prefix(&err, "kept %.*s %.*s: ", STR_ARG(plugin_id(old)),
                 STR_ARG(record_text(old->record, TEXT_VERSION)));
    plugin_log(old, LOG_LEVEL_ERROR, "not reloaded, the version that runs is kept: %s", why->text);
    tell(r, plugin_id(old), &err);
}

static void finish(struct reload *r)
{
    struct plugin *old = r->old, *fresh = r->fresh;
    bool was_up = plugin_is_up(old);
    old->reload = NULL;
    fresh->reload = NULL;
    plugin_log(fresh, LOG_LEVEL_NOTICE, "reloaded: version %.*s takes the place of %.*s%s",
               STR_ARG(record_text(fresh->record, TEXT_VERSION)),
               STR_ARG(record_text(old->record, TEXT_VERSION)),
               was_up ? "" : ", which was not loaded");
    plugin_swap(old, fresh);
    tell(r, plugin_id(fresh), NULL);
}

static void tested(void *arg, const struct error *err)
{
    struct reload *r = arg;
    if (!err) {
        finish(r);
        return;
    }
    struct error why = *err;
    error_prefix(&why, "the self-test of the new version failed: ");
    roll_back(r, &why);
}

static void loaded(struct reload *r)
{
    if (self_test_begin(r->fresh, tested, r))
        return;
    finish(r);
}

static void failed_to_load(struct reload *r, const char *why)
{
    struct error err;
    error_set(&err, ST_UNAVAILABLE, "the new version cannot be used: %s", why);
    roll_back(r, &err);
}

void plugin_settled(struct plugin *p)
{
    if (!plugin_is_candidate(p))
        return;
    if (p->state == PLUGIN_ACTIVE)
        loaded(p->reload);
    else
        failed_to_load(p->reload, p->reason ? p->reason : "it did not start");
}

static int carry(struct plugin *fresh, struct str state, struct error *err)
{
    if (state.len > STATE_MAX)
        return error_set(err, ST_TOO_LARGE, "its state has %zu bytes; the limit is 64 MiB",
                         state.len);
    if (!state.ptr)
        return ST_OK;
    fresh->carried = malloc(state.len + 1);
    if (!fresh->carried)
        return error_set(err, ST_NOMEM, "out of memory for its state");
    if (state.len)
        memcpy(fresh->carried, state.ptr, state.len);
    fresh->carried_len = state.len;
    return ST_OK;
}

static void saved(void *arg, int rc, struct str state)
{
    struct reload *r = arg;
    struct error err;
    if (rc)
        error_set(&err, rc, "its state could not be saved: %.*s", STR_ARG(state));
    else
        rc = carry(r->fresh, state, &err);
    if (rc) {
        roll_back(r, &err);
        return;
    }
    struct plugin *fresh = r->fresh;
    if (plugin_load(fresh, &err))
        failed_to_load(r, err.text);
    else if (fresh->state == PLUGIN_ACTIVE)
        loaded(r);
}

/* The bundle as it is on the disk now, verified and judged. */
static int look_again(struct plugin *old, struct plugin **out, struct error *err)
{
    struct plugin_host *host = old->host;
    struct record *record;
    int rc = host_verify_again(host, old->place, record_text(old->record, TEXT_FOLDER), &record,
                               err);
    if (rc)
        return rc;
    struct plugin *fresh = plugin_new(host, old->number, old->place, record, record);
    if (!fresh) {
        free(record);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    host_judge(host, fresh);
    if (!fresh->enabled || !str_eq(plugin_id(fresh), plugin_id(old))) {
        struct str reason = fresh->reason ? str_from(fresh->reason)
                                          : record_text(record, TEXT_REASON);
        rc = error_set(err, ST_DENIED, "the new version of %.*s is not taken: %.*s",
                       STR_ARG(plugin_id(old)), STR_ARG(reason));
        plugin_free(fresh);
        return rc;
    }
    rc = host_admit(fresh, err);
    if (rc) {
        plugin_free(fresh);
        return rc;
    }
    fresh->beside = true;
    *out = fresh;
    return ST_OK;
}

static int begin(struct plugin *old, plugin_reload_done *done, void *ctx, struct error *err)
{
    struct plugin *fresh = NULL;
    if (old->reload)
        return error_set(err, ST_BUSY, "plugin %.*s is being reloaded already",
                         STR_ARG(plugin_id(old)));
    if (stores_uses(old))
        return error_set(err, ST_UNSUPPORTED,
                         "plugin %.*s keeps the store and is in use; restart hexmcp to replace it",
                         STR_ARG(plugin_id(old)));
    int rc = look_again(old, &fresh, err);
    if (rc)
        return rc;
    struct reload *r = malloc(sizeof(*r));
    if (!r) {
        plugin_free(fresh);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    *r = (struct reload){old, fresh, done, ctx};
    old->reload = fresh->reload = r;
    if (plugin_is_up(old))
        old->backend->save(old, saved, r);
    else
        finish(r);
    return ST_OK;
}

int plugin_host_reload(struct plugin_host *host, struct str id, plugin_reload_done *done, void *ctx,
                       struct error *err)
{
    for (size_t i = 0; i < host->plugin_count; i++)
        if (str_eq(plugin_id(host->plugins[i]), id) &&
            host->plugins[i]->refusal != REFUSED_DUPLICATE)
            return begin(host->plugins[i], done, ctx, err);
    return error_set(err, ST_NOT_FOUND, "there is no plugin %.*s", STR_ARG(id));
}

bool plugin_host_has_changed(const struct plugin_host *host, size_t index)
{
    return index < host->plugin_count && !host->plugins[index]->reload &&
           host_differs(host->plugins[index]);
}

static void give_up(struct reload *r)
{
    struct error err;
    error_set(&err, ST_CANCELLED, "hexmcp stops");
    r->old->reload = NULL;
    r->fresh->reload = NULL;
    plugin_dispose(r->fresh);
    tell(r, plugin_id(r->old), &err);
}

size_t reloads_stop(struct plugin_host *host, const struct timespec *until)
{
    size_t left = 0;
    for (size_t i = 0; i < host->plugin_count; i++)
        if (host->plugins[i]->reload)
            give_up(host->plugins[i]->reload);
    for (struct plugin *p = host->draining; p; p = p->next_draining)
        left += !plugin_stop_draining(p, until);
    return left;
}

void reloads_free(struct plugin_host *host)
{
    while (host->draining) {
        struct plugin *p = host->draining;
        host->draining = p->next_draining;
        plugin_free(p);
    }
    for (size_t i = 0; i < host->outlived_count; i++)
        free(host->outlived[i]);
    free(host->outlived);
}
