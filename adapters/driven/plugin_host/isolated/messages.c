/* What a helper says. All of it is foreign: what does not fit ends the helper. */
#include <math.h>
#include <stdlib.h>

#include "adapters/driven/plugin_host/isolated/remote.h"
#include "adapters/driven/plugin_host/reload.h"

static int misfit(const struct wire_message *m, struct error *err)
{
    return error_set(err, ST_PROTOCOL, "message %d has fields that do not fit", (int)m->op);
}

/* A call that it has. */
static int check_call(const struct remote *r, const struct wire_message *m, struct error *err)
{
    if (live_find(r, m->id))
        return ST_OK;
    return error_set(err, ST_PROTOCOL, "message %d is about call %llu, which it does not run",
                     (int)m->op, (unsigned long long)m->id);
}

/* ---- the end of calls ----------------------------------------------------------------------- */

/* The message lives longer than the run. */
static void set_result(struct run *run, uint32_t outcome, struct str json)
{
    struct plugin_host *host = run->plugin->host;
    pthread_mutex_lock(&host->lock);
    run->returned = run->answered = run->borrowed = true;
    run->outcome = (enum run_outcome)outcome;
    run->json = (char *)(uintptr_t)json.ptr;
    run->json_len = json.len;
    pthread_mutex_unlock(&host->lock);
}

static int on_completed(struct remote *r, const struct wire_message *m, struct error *err)
{
    struct wire_fields f = wire_fields(m->body);
    uint32_t outcome = wire_u32(&f);
    struct str json = wire_text(&f);
    if (!wire_fields_end(&f) || outcome > RUN_INPUT_REQUIRED || json.len > RUN_RESULT_MAX)
        return misfit(m, err);
    int rc = check_call(r, m, err);
    if (rc)
        return rc;
    struct run *run = live_run(r, m->id);
    live_drop(r, m->id);
    if (run) {
        set_result(run, outcome, json);
        run_finish(run->plugin->host, run);
    }
    return ST_OK;
}

static int on_failed(struct remote *r, const struct wire_message *m, struct error *err)
{
    struct wire_fields f = wire_fields(m->body);
    int32_t code = wire_i32(&f);
    struct str text = wire_text(&f);
    char line[ERROR_TEXT_SIZE];
    if (!wire_fields_end(&f) || code >= 0 || code < ST_CONFIG || text.len >= sizeof(line) ||
        memchr(text.ptr, '\0', text.len))
        return misfit(m, err);
    int rc = check_call(r, m, err);
    if (rc)
        return rc;
    bool wanted = live_run(r, m->id) != NULL;
    live_drop(r, m->id);
    memcpy(line, text.ptr, text.len);
    line[text.len] = '\0';
    if (wanted)
        live_fail(r->owner->plugin, m->id, code, line);
    return ST_OK;
}

static int on_released(struct remote *r, const struct wire_message *m, struct error *err)
{
    int rc = check_call(r, m, err);
    if (rc)
        return rc;
    if (!live_find(r, m->id)->abandoned || m->body.len)
        return misfit(m, err);
    live_drop(r, m->id);
    return ST_OK;
}

/* ---- reports -------------------------------------------------------------------------------- */

static int on_progress(struct remote *r, const struct wire_message *m, struct error *err)
{
    const struct run_events *events = r->owner->plugin->host->events;
    struct wire_fields f = wire_fields(m->body);
    double progress = wire_f64(&f), total = wire_f64(&f);
    struct str text = wire_text(&f);
    if (!wire_fields_end(&f) || !isfinite(progress) || text.len > RUN_TEXT_MAX)
        return misfit(m, err);
    int rc = check_call(r, m, err);
    if (!rc && live_run(r, m->id) && events)
        events->progress(events->ctx, m->id, progress, total, text);
    return rc;
}

static int on_call_log(struct remote *r, const struct wire_message *m, struct error *err)
{
    const struct run_events *events = r->owner->plugin->host->events;
    struct wire_fields f = wire_fields(m->body);
    uint32_t level = wire_u32(&f);
    struct str text = wire_text(&f);
    if (!wire_fields_end(&f) || level > LOG_LEVEL_EMERGENCY || text.len > RUN_TEXT_MAX)
        return misfit(m, err);
    int rc = check_call(r, m, err);
    if (!rc && live_run(r, m->id) && events)
        events->log(events->ctx, m->id, (enum log_level)level, plugin_id(r->owner->plugin), text);
    return rc;
}

static int on_log(struct remote *r, const struct wire_message *m, struct error *err)
{
    struct wire_fields f = wire_fields(m->body);
    uint32_t level = wire_u32(&f);
    struct str text = wire_text(&f);
    bool denied = level == WIRE_LEVEL_DENIED;
    if (!wire_fields_end(&f) || (level > LOG_LEVEL_EMERGENCY && !denied) ||
        text.len > RUN_TEXT_MAX)
        return misfit(m, err);
    if (denied && plugin_denied(r->owner->plugin, "%.*s", STR_ARG(text)))
        return ST_OK;
    plugin_write(r->owner->plugin, denied ? LOG_LEVEL_WARNING : (enum log_level)level, text);
    return ST_OK;
}

/* ---- the helper itself ---------------------------------------------------------------------- */

static void refuse(struct remote *r, struct str text)
{
    struct plugin *p = r->owner->plugin;
    struct str id = plugin_id(p);
    struct error why, call;
    error_set(&why, ST_UNAVAILABLE, "%.*s", STR_ARG(text));
    error_set(&call, ST_UNAVAILABLE, "plugin %.*s cannot be used: %s", STR_ARG(id), why.text);
    if (p->state == PLUGIN_ACTIVE)
        plugin_move(p, PLUGIN_VERIFIED);
    plugin_fail(p, &why);
    while (r->waiting) {
        uint64_t call_id = r->waiting->id;
        waiting_drop(r, call_id);
        live_fail(p, call_id, call.code, call.text);
    }
    remote_retire(r, 0);
    plugin_settled(p);
}

static int on_ready(struct remote *r, const struct wire_message *m, struct error *err)
{
    struct wire_fields f = wire_fields(m->body);
    int32_t status = wire_i32(&f);
    struct str text = wire_text(&f);
    if (!wire_fields_end(&f) || status > 0 || text.len >= ERROR_TEXT_SIZE)
        return misfit(m, err);
    if (r->state == REMOTE_ENDING)
        return ST_OK;
    if (r->state != REMOTE_STARTING)
        return error_set(err, ST_PROTOCOL, "it is ready a second time");
    remote_disarm(r, TIMER_START);
    if (status) {
        refuse(r, text);
        return ST_OK;
    }
    r->state = REMOTE_READY;
    plugin_log(r->owner->plugin, LOG_LEVEL_DEBUG, "runs in the helper process %d", (int)r->pid);
    struct plugin *p = r->owner->plugin;
    free(p->carried); /* a helper that is started later begins anew */
    p->carried = NULL;
    uint64_t number = r->number;
    isolated_settle(r->owner);
    plugin_settled(p);
    if (remote_numbered(r->owner, number) == r)
        remote_send_waiting(r);
    return ST_OK;
}

static int on_lost(struct remote *r)
{
    struct plugin *p = r->owner->plugin;
    p->lost++;
    r->lost++;
    plugin_log(p, LOG_LEVEL_WARNING, "a worker of its helper %d is lost (%u so far)", (int)r->pid,
               r->lost);
    if (r->lost >= p->host->config.max_lost && !r->worn) {
        r->worn = true;
        plugin_log(p, LOG_LEVEL_WARNING, "its helper %d gets no more calls and is replaced",
                   (int)r->pid);
        remote_look_idle(r);
    }
    return ST_OK;
}

static int on_saved(struct remote *r, const struct wire_message *m, struct error *err)
{
    struct wire_fields f = wire_fields(m->body);
    int32_t status = wire_i32(&f);
    bool any = wire_bool(&f);
    struct str state = wire_text(&f);
    if (!wire_fields_end(&f) || status > 0 || !r->owner->saved)
        return misfit(m, err);
    isolated_saved(r->owner, status, any ? state : (struct str){NULL, 0});
    return ST_OK;
}

static int on_note(const struct remote *r, const struct wire_message *m, struct error *err)
{
    struct plugin_host *host = r->owner->plugin->host;
    struct wire_fields f = wire_fields(m->body);
    struct str text = wire_text(&f);
    if (!wire_fields_end(&f) || text.len > RUN_TEXT_MAX)
        return misfit(m, err);
    if (!host->warned_of_kernel)
        plugin_log(r->owner->plugin, LOG_LEVEL_WARNING,
                   "its helper is confined less than it should be: %.*s", STR_ARG(text));
    host->warned_of_kernel = true;
    return ST_OK;
}

int remote_message(void *ctx, struct wire_message *m, struct error *err)
{
    struct remote *r = ctx;
    r->heard_ns = isolated_now(r->owner);
    if (r->state == REMOTE_STARTING && m->op != WIRE_READY && m->op != WIRE_LOG &&
        m->op != WIRE_NOTE)
        return error_set(err, ST_PROTOCOL, "message %d comes before it is ready", (int)m->op);
    switch (m->op) {
    case WIRE_READY:
        return on_ready(r, m, err);
    case WIRE_COMPLETED:
        return on_completed(r, m, err);
    case WIRE_FAILED:
        return on_failed(r, m, err);
    case WIRE_RELEASED:
        return on_released(r, m, err);
    case WIRE_PROGRESS:
        return on_progress(r, m, err);
    case WIRE_CALL_LOG:
        return on_call_log(r, m, err);
    case WIRE_LOG:
        return on_log(r, m, err);
    case WIRE_PONG:
        r->pinging = false;
        return ST_OK;
    case WIRE_LOST:
        return on_lost(r);
    case WIRE_SAVED:
        return on_saved(r, m, err);
    case WIRE_NOTE:
        return on_note(r, m, err);
    case WIRE_FILE:
        return remote_file(r, m, err);
    case WIRE_OFFER:
        return remote_offer(r, m, err);
    case WIRE_OPEN:
        return remote_open(r, m, err);
    case WIRE_TELL:
        return remote_tell(r, m, err);
    case WIRE_CLOSE:
        remote_close(r, m->id);
        return ST_OK;
    default:
        return error_set(err, ST_PROTOCOL, "message %d is unknown", (int)m->op);
    }
}
