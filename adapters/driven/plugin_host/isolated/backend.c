/* The backend: plugins in helpers. */
#include <poll.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapters/driven/plugin_host/isolated/remote.h"
#include "adapters/driven/plugin_host/published.h"

int isolated_begin(struct plugin *p, struct error *err)
{
    struct isolated *iso = calloc(1, sizeof(*iso));
    if (!iso)
        return error_set(err, ST_NOMEM, "out of memory");
    iso->plugin = p;
    p->isolated = iso;
    p->backend = &isolated_backend;
    return ST_OK;
}

void isolated_free(struct plugin *p)
{
    struct isolated *iso = p->isolated;
    if (!iso)
        return;
    const struct timer_port *timer = p->host->config.timer;
    while (iso->remotes)
        remote_free(iso->remotes);
    timer->free(timer->ctx, iso->backoff);
    while (iso->past && iso->past->denied_count)
        free(iso->past->denied[--iso->past->denied_count]);
    free(iso->past);
    if (p->fd >= 0)
        close(p->fd);
    free(iso);
    p->isolated = NULL;
}

static void learn_interfaces(struct isolated *iso)
{
    const struct plugin *p = iso->plugin;
    iso->serves[ITEM_TOOL] = plugin_provides(p, HEXMCP_TOOL_1);
    iso->serves[ITEM_PROMPT] = plugin_provides(p, HEXMCP_PROMPT_1);
    iso->serves[ITEM_RESOURCE] = iso->serves[ITEM_TEMPLATE] = plugin_provides(p, HEXMCP_RESOURCE_1);
}

/* Checked before anything is started. */
static int prepare(struct plugin *p, struct error *err)
{
    int rc = plugin_open_binary(p, err);
    if (!rc)
        rc = p->settings ? ST_OK : plugin_make_settings(p, err);
    return rc;
}

static int load(struct plugin *p, struct error *err)
{
    struct isolated *iso = p->isolated;
    struct error why = {0};
    if (prepare(p, &why)) {
        plugin_fail(p, &why);
        return error_set(err, ST_UNAVAILABLE, "%s", why.text);
    }
    if (!p->loaded_as) {
        p->loaded_as = ++p->host->loaded;
        learn_interfaces(iso);
    }
    plugin_move(p, PLUGIN_STARTING);
    /* With folders of its own, the call says which helper it needs. */
    bool wanted = !isolated_has_folders(p) || p->record->flags & RECORD_DYNAMIC;
    struct remote *r = wanted ? remote_for(iso, NULL) : NULL;
    if (r && r->state == REMOTE_DOWN)
        remote_start(r);
    return ST_OK;
}

static bool serves(const struct plugin *p, enum item_kind kind)
{
    return p->isolated->serves[kind];
}

static int call(struct run *run, struct error *err)
{
    struct isolated *iso = run->plugin->isolated;
    struct remote *r = remote_for(iso, run->request.paths);
    if (r && r->state == REMOTE_READY)
        return remote_call(r, run, err);
    if (!r)
        return error_set(err, ST_BUSY, "plugin %.*s has too many helpers; try again later",
                         STR_ARG(plugin_id(run->plugin)));
    if (!waiting_add(r, run->id))
        return error_set(err, ST_NOMEM, "out of memory");
    if (r->state == REMOTE_DOWN) {
        remote_start(r);
        isolated_settle(iso);
    }
    return ST_OK;
}

/* The helper that has the call. */
static struct remote *holder(const struct run *run)
{
    struct remote *r = run->plugin->isolated->remotes;
    while (r && !live_find(r, run->id))
        r = r->next;
    return r;
}

static bool stop_waiting(struct run *run)
{
    bool found = false;
    for (struct remote *r = run->plugin->isolated->remotes; r && !found; r = r->next)
        found = waiting_drop(r, run->id);
    return found;
}

/* It ends when the loop turns, like one in this process that was not entered yet. */
static void end_unsent(struct run *run)
{
    struct plugin_host *host = run->plugin->host;
    struct inbox_item *item = inbox_item_new(INBOX_FINISH, run->plugin, run->id, STR(""));
    bool wake = false;
    pthread_mutex_lock(&host->lock);
    run->returned = run->answered = true;
    run->outcome = RUN_CANCELLED;
    if (item)
        wake = inbox_add(host, item);
    pthread_mutex_unlock(&host->lock);
    if (wake)
        inbox_wake(host);
}

static void cancel(struct run *run)
{
    struct remote *r = holder(run);
    if (r) {
        wire_body(r->wire);
        remote_send(r, WIRE_CANCEL, run->id, -1);
    } else if (!run->abandoned && stop_waiting(run)) {
        end_unsent(run);
    }
}

/* Its texts were copied, so nothing of it is used here. */
static void abandon(struct run *run)
{
    struct remote *r = holder(run);
    if (r) {
        live_abandon(r, run->id);
        wire_body(r->wire);
        remote_send(r, WIRE_ABANDON, run->id, -1);
        remote_look_idle(r);
    } else {
        stop_waiting(run);
    }
    pthread_mutex_lock(&run->plugin->host->lock);
    run->returned = true;
    pthread_mutex_unlock(&run->plugin->host->lock);
    run_finish(run->plugin->host, run);
}

/* ---- a new version --------------------------------------------------------------------------- */

static void save(struct plugin *p, void (*done)(void *arg, int rc, struct str state), void *arg)
{
    struct isolated *iso = p->isolated;
    struct remote *r = iso->remotes;
    while (r && r->state != REMOTE_READY)
        r = r->next;
    if (!r || !plugin_provides(p, HEXMCP_STATE_1) || iso->saved) {
        done(arg, ST_OK, (struct str){NULL, 0});
        return;
    }
    iso->saved = done;
    iso->saved_arg = arg;
    wire_body(r->wire);
    remote_send(r, WIRE_SAVE, 1, -1);
    remote_beat(r);
}

static void retire(struct plugin *p)
{
    struct isolated *iso = p->isolated;
    iso->retiring = true;
    for (struct remote *r = iso->remotes, *next; r; r = next) {
        next = r->next;
        if (r->state != REMOTE_ENDING)
            remote_retire(r, settings_of(iso)->term_ms);
    }
    isolated_retired(iso);
}

/* ---- the end -------------------------------------------------------------------------------- */

static int ms_left(const struct timespec *until)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t ms = (int64_t)(until->tv_sec - now.tv_sec) * 1000 + (until->tv_nsec - now.tv_nsec) / 1000000;
    return ms > 0 ? (int)ms : 0;
}

void isolated_tell_stop(struct plugin *p, const struct timespec *until)
{
    struct isolated *iso = p->isolated;
    iso->stopping = true;
    for (struct remote *r = iso->remotes, *next; r; r = next) {
        next = r->next;
        if (r->state != REMOTE_ENDING)
            remote_retire(r, (uint32_t)ms_left(until) * 2 / 3); /* the rest is for its end */
    }
}

static bool wait_for_end(struct remote *r, const struct timespec *until)
{
    while (!r->ended && !backend_is_over(until)) {
        struct pollfd fds[2] = {{watch_fd(r->exit), POLLIN, 0},
                                {r->out ? watch_fd(r->out) : -1, POLLIN, 0}};
        poll(fds, 2, ms_left(until) + 1);
        if (fds[1].revents && !output_read(&r->output, fds[1].fd)) {
            watch_free(r->out);
            r->out = NULL;
        }
        if (fds[0].revents)
            r->ended = waitpid(r->pid, NULL, WNOHANG) == r->pid;
    }
    return r->ended;
}

/* One that is asked too late is killed, so that none is left behind. */
static bool stop(struct plugin *p, const struct timespec *until)
{
    struct isolated *iso = p->isolated;
    isolated_tell_stop(p, until);
    while (iso->remotes) {
        struct remote *r = iso->remotes;
        if (!wait_for_end(r, until)) {
            plugin_log(p, LOG_LEVEL_WARNING, "its helper %d was killed: it does not stop in time",
                       (int)r->pid);
            kill(r->pid, SIGKILL);
            waitpid(r->pid, NULL, 0);
        }
        wire_read_rest(r->wire);
        output_end(&r->output);
        remote_free(r);
    }
    return true;
}

const struct plugin_backend isolated_backend = {
    .load = load,
    .serves = serves,
    .call = call,
    .cancel = cancel,
    .abandon = abandon,
    .save = save,
    .retire = retire,
    .stop = stop,
};
