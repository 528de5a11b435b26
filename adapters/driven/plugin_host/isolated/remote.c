/* The life of one helper. */
#include "adapters/driven/plugin_host/isolated/remote.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapters/driven/plugin_host/reload.h"
#include "adapters/driven/plugin_host/sandbox/sandbox.h"
#include "adapters/driven/plugin_host/wire/call_codec.h"
#include "adapters/driven/plugin_host/wire/start.h"

/* A process that ends closes its socket a moment before it has ended. */
#define HANG_UP_MS 100u

/* Records that are read before other things on the loop get their turn. */
#define REPORTS_AT_ONCE 64

/* Helpers of one plugin, those that end included. */
#define HELPERS_MAX 16u

uint64_t isolated_now(const struct isolated *iso)
{
    const struct clock_port *clock = iso->plugin->host->config.clock;
    return clock->monotonic_ns(clock->ctx);
}

/* ---- which one ------------------------------------------------------------------------------ */

bool isolated_has_folders(const struct plugin *p)
{
    return p->grants->direct_paths || p->grants->writes_paths;
}

/* What a helper that reaches granted folders by itself was made for. */
static void make_key(const struct isolated *iso, const struct path_grants *paths, struct buffer *key)
{
    const struct plugin *p = iso->plugin;
    if (!isolated_has_folders(p) || !paths)
        return;
    for (size_t i = 0; i < paths->count; i++) {
        if (!p->grants->direct_paths && !paths->at[i].write)
            continue;
        buffer_add_char(key, paths->at[i].write ? 'w' : 'r');
        buffer_add_str(key, paths->at[i].real);
        buffer_add_char(key, '\0');
        buffer_add_str(key, paths->at[i].beneath);
        buffer_add_char(key, '\0');
    }
}

static size_t helpers_of(const struct isolated *iso)
{
    size_t count = 0;
    for (const struct remote *r = iso->remotes; r; r = r->next)
        count++;
    return count;
}

struct remote *remote_for(struct isolated *iso, const struct path_grants *paths)
{
    struct buffer key = BUFFER_INIT;
    make_key(iso, paths, &key);
    struct remote *r = iso->remotes;
    while (r && (r->state == REMOTE_ENDING || r->worn || !str_eq(buffer_str(&r->key), buffer_str(&key))))
        r = r->next;
    if (r || buffer_failed(&key) || helpers_of(iso) >= HELPERS_MAX ||
        !(r = calloc(1, sizeof(*r)))) {
        buffer_clear(&key);
        return r;
    }
    *r = (struct remote){.next = iso->remotes,
                         .owner = iso,
                         .number = ++iso->numbers,
                         .key = key,
                         .output = {.plugin = iso->plugin}};
    iso->remotes = r;
    return r;
}

struct remote *remote_numbered(struct isolated *iso, uint64_t number)
{
    struct remote *r = iso->remotes;
    while (r && r->number != number)
        r = r->next;
    return r;
}

/* ---- timers --------------------------------------------------------------------------------- */

static void too_slow(void *arg)
{
    struct remote *r = arg;
    remote_end_for(r, false, "was not ready after %u ms and was ended",
                   settings_of(r->owner)->start_ms);
}

static void beat(void *arg)
{
    remote_beat(arg);
}

static void idle(void *arg)
{
    struct remote *r = arg;
    struct isolated *iso = r->owner;
    plugin_log(iso->plugin, LOG_LEVEL_DEBUG, "its helper %d ends: it had nothing to do", (int)r->pid);
    remote_retire(r, settings_of(iso)->term_ms);
    isolated_settle(iso);
}

static void overdue(void *arg)
{
    struct remote *r = arg;
    if (!r->pid)
        remote_ended(r); /* it could not be started */
    else if (r->state == REMOTE_ENDING || r->fault[0])
        kill(r->pid, SIGKILL);
    else
        remote_end_for(r, true, "closed its connection to hexmcp");
}

void remote_arm(struct remote *r, enum remote_timer which, uint64_t ms)
{
    static void (*const fire[REMOTE_TIMERS])(void *) = {
        [TIMER_START] = too_slow, [TIMER_BEAT] = beat, [TIMER_IDLE] = idle, [TIMER_KILL] = overdue};
    const struct timer_port *timer = r->owner->plugin->host->config.timer;
    if (!r->timers[which])
        r->timers[which] = timer->create(timer->ctx, fire[which], r);
    if (r->timers[which])
        timer->set(timer->ctx, r->timers[which], ms);
}

void remote_disarm(struct remote *r, enum remote_timer which)
{
    const struct timer_port *timer = r->owner->plugin->host->config.timer;
    if (r->timers[which])
        timer->stop(timer->ctx, r->timers[which]);
}

/* ---- its process ---------------------------------------------------------------------------- */

static void on_exit_of(void *arg)
{
    struct remote *r = arg;
    r->end.si_pid = 0;
    if (waitid(P_PID, (id_t)r->pid, &r->end, WEXITED | WNOHANG) == 0 && r->end.si_pid == r->pid) {
        r->ended = true;
        remote_ended(r);
    }
}

static void on_output(void *arg)
{
    struct remote *r = arg;
    if (output_read(&r->output, watch_fd(r->out)))
        return;
    watch_free(r->out);
    r->out = NULL;
}

static void on_wire_end(void *ctx, const struct error *why)
{
    struct remote *r = ctx;
    if (why->code == ST_PROTOCOL)
        remote_end_for(r, true, "broke the wire: %.300s", why->text);
    else if (r->state != REMOTE_ENDING)
        remote_arm(r, TIMER_KILL, HANG_UP_MS);
}

/* What the sandbox refused. A plugin can forge it, and only accuses itself. */
static void on_report(void *arg)
{
    struct remote *r = arg;
    struct sandbox_denied denied;
    char text[200];
    ssize_t n = 1;
    for (int i = 0; i < REPORTS_AT_ONCE && n > 0; i++) {
        n = read(watch_fd(r->report), &denied, sizeof(denied));
        if (n <= 0)
            break;
        if ((size_t)n != sizeof(denied))
            denied.magic = 0;
        sandbox_denied_text(&denied, text, sizeof(text));
        isolated_denied(r->owner, text);
    }
    if (n == 0) {
        watch_free(r->report);
        r->report = NULL;
    }
}

static int watch_process(struct remote *r, const struct spawned *s, struct error *err)
{
    struct uv_loop_s *loop = settings_of(r->owner)->loop;
    const struct wire_events events = {r, remote_message, on_wire_end};
    int rc = watch_new(loop, s->pidfd, on_exit_of, r, &r->exit, err);
    if (!rc)
        rc = watch_new(loop, s->output, on_output, r, &r->out, err);
    if (!rc)
        rc = watch_new(loop, s->report, on_report, r, &r->report, err);
    if (!rc)
        rc = wire_new(loop, s->wire, REMOTE_QUEUE_MAX, &events, &r->wire, err);
    return rc;
}

/* What was not handed over is closed. */
static void drop_process(struct remote *r, const struct spawned *s)
{
    kill(s->pid, SIGKILL);
    waitpid(s->pid, NULL, 0);
    if (!r->exit)
        close(s->pidfd);
    if (!r->out)
        close(s->output);
    if (!r->report)
        close(s->report);
    if (!r->wire)
        close(s->wire);
}

static int launch(struct remote *r, struct error *err)
{
    struct plugin *p = r->owner->plugin;
    struct spawned s;
    char **environment;
    int rc = sandbox_environment(p->grants->env, p->grants->env_count, environ, &environment, err);
    if (rc)
        return rc;
    rc = spawn_helper(settings_of(r->owner)->helper, p->fd, environment, &s, err);
    free(environment);
    if (rc)
        return rc;
    r->pid = s.pid;
    r->ended = false;
    rc = watch_process(r, &s, err);
    if (rc) {
        drop_process(r, &s);
        r->pid = 0;
    }
    return rc;
}

static void spawn_now(struct remote *r)
{
    struct error err;
    r->state = REMOTE_STARTING;
    r->fault[0] = '\0';
    r->asked_too_much = false;
    if (launch(r, &err)) {
        snprintf(r->fault, sizeof(r->fault), "%s", err.text);
        remote_arm(r, TIMER_KILL, 0);
        return;
    }
    r->spawned_ns = r->heard_ns = isolated_now(r->owner);
    remote_arm(r, TIMER_START, settings_of(r->owner)->start_ms);
    remote_tell_start(r);
}

/* Those that waited for their time. */
static void backoff_over(void *arg)
{
    struct isolated *iso = arg;
    for (struct remote *r = iso->remotes, *next; r; r = next) {
        next = r->next;
        if (r->state == REMOTE_DOWN)
            spawn_now(r);
    }
}

void remote_start(struct remote *r)
{
    struct isolated *iso = r->owner;
    const struct timer_port *timer = iso->plugin->host->config.timer;
    uint64_t now = isolated_now(iso);
    if (now >= iso->may_start_ns) {
        spawn_now(r);
        return;
    }
    if (!iso->backoff)
        iso->backoff = timer->create(timer->ctx, backoff_over, iso);
    if (iso->backoff)
        timer->set(timer->ctx, iso->backoff, (iso->may_start_ns - now + 999999) / 1000000);
    else
        spawn_now(r);
}

/* ---- its end -------------------------------------------------------------------------------- */

void remote_end_for(struct remote *r, bool at_once, const char *format, ...)
{
    va_list args;
    if (!r->pid || r->ended || (r->fault[0] && !at_once))
        return;
    va_start(args, format);
    if (!r->fault[0])
        vsnprintf(r->fault, sizeof(r->fault), format, args);
    va_end(args);
    kill(r->pid, at_once ? SIGKILL : SIGTERM);
    if (!at_once)
        remote_arm(r, TIMER_KILL, settings_of(r->owner)->term_ms);
}

void remote_retire(struct remote *r, uint32_t budget_ms)
{
    if (!r->pid) {
        remote_free(r);
        return;
    }
    bool ready = r->state == REMOTE_READY;
    r->state = REMOTE_ENDING;
    remote_disarm(r, TIMER_START);
    remote_disarm(r, TIMER_BEAT);
    remote_disarm(r, TIMER_IDLE);
    if (ready && r->wire) {
        wire_put_u32(wire_body(r->wire), budget_ms);
        remote_send(r, WIRE_STOP, 0, -1);
    } else {
        kill(r->pid, SIGKILL);
    }
    remote_arm(r, TIMER_KILL, budget_ms);
}

void remote_free(struct remote *r)
{
    const struct timer_port *timer = r->owner->plugin->host->config.timer;
    struct remote **at = &r->owner->remotes;
    while (*at != r)
        at = &(*at)->next;
    *at = r->next;
    for (size_t i = 0; i < REMOTE_TIMERS; i++)
        timer->free(timer->ctx, r->timers[i]);
    remote_close_all(r);
    while (r->waiting)
        waiting_drop(r, r->waiting->id);
    for (size_t i = 0; i < LIVE_BUCKETS; i++)
        while (r->live[i]) {
            struct live_call *c = r->live[i];
            r->live[i] = c->next;
            free(c);
        }
    wire_free(r->wire);
    watch_free(r->exit);
    watch_free(r->out);
    watch_free(r->report);
    buffer_clear(&r->key);
    free(r);
}

/* ---- calls ---------------------------------------------------------------------------------- */

void remote_send(struct remote *r, enum wire_op op, uint64_t id, int fd)
{
    struct error err;
    if (!r->wire) {
        if (fd >= 0)
            close(fd);
        return;
    }
    if (wire_send_answer(r->wire, op, id, fd, &err))
        remote_end_for(r, true, "was ended, as there is no memory for a message to it");
    else if (wire_queued(r->wire) > REMOTE_UNREAD_MAX)
        remote_end_for(r, true, "was ended, as it did not read what it had asked for");
}

int remote_call(struct remote *r, const struct run *run, struct error *err)
{
    /* Before the body is written: the first call after a pause can send a ping, which takes it. */
    if (!live_add(r, run->id))
        return error_set(err, ST_NOMEM, "out of memory");
    wire_put_call(wire_body(r->wire), &run->request);
    wire_end_text(r->wire, run->request.arguments);
    int rc = wire_send(r->wire, WIRE_CALL, run->id, -1, err);
    if (rc)
        live_drop(r, run->id);
    if (rc == ST_BUSY)
        error_set(err, rc, "plugin %.*s does not keep up with its calls; try again later",
                  STR_ARG(plugin_id(run->plugin)));
    return rc;
}

void remote_send_waiting(struct remote *r)
{
    struct plugin *p = r->owner->plugin;
    struct error err;
    while (r->waiting && r->state == REMOTE_READY) {
        uint64_t id = r->waiting->id;
        waiting_drop(r, id);
        pthread_mutex_lock(&p->host->lock);
        struct run *run = run_find(p->host, id);
        pthread_mutex_unlock(&p->host->lock);
        if (run && remote_call(r, run, &err))
            live_fail(p, id, err.code, err.text);
    }
    remote_look_idle(r);
}

void remote_look_idle(struct remote *r)
{
    const struct plugin *p = r->owner->plugin;
    uint32_t idle_ms = settings_of(r->owner)->idle_ms;
    if (r->state != REMOTE_READY || r->live_count > r->abandoned_count || r->waiting)
        return;
    if (r->worn) {
        remote_retire(r, settings_of(r->owner)->term_ms);
        isolated_settle(r->owner);
    } else if (idle_ms && !r->service_count && !(p->record->flags & RECORD_DYNAMIC)) {
        remote_arm(r, TIMER_IDLE, idle_ms);
    }
}

/* ---- the plugin ----------------------------------------------------------------------------- */

static enum plugin_state state_by(const struct isolated *iso)
{
    enum plugin_state state = PLUGIN_VERIFIED;
    for (const struct remote *r = iso->remotes; r; r = r->next)
        if (r->state == REMOTE_READY)
            return PLUGIN_ACTIVE;
        else if (r->state != REMOTE_ENDING)
            state = PLUGIN_STARTING;
    return state;
}

void isolated_settle(struct isolated *iso)
{
    struct plugin *p = iso->plugin;
    enum plugin_state from = p->state, to = state_by(iso);
    if ((from != PLUGIN_VERIFIED && from != PLUGIN_STARTING && from != PLUGIN_ACTIVE) || from == to)
        return;
    if (to == PLUGIN_ACTIVE && from == PLUGIN_VERIFIED)
        plugin_move(p, PLUGIN_STARTING);
    if (to == PLUGIN_STARTING && from == PLUGIN_ACTIVE)
        plugin_move(p, PLUGIN_VERIFIED);
    plugin_move(p, to);
}

void isolated_saved(struct isolated *iso, int rc, struct str state)
{
    void (*told)(void *arg, int rc, struct str state) = iso->saved;
    iso->saved = NULL;
    if (told)
        told(iso->saved_arg, rc, state);
}

bool isolated_retired(struct isolated *iso)
{
    struct plugin *p = iso->plugin;
    if (!iso->retiring || iso->remotes || iso->jobs)
        return false;
    iso->retiring = false;
    plugin_retired(p);
    return true;
}
