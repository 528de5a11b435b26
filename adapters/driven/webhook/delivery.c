/* What becomes of each event: sent, tried again, given up. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/driven/webhook/inside.h"
#include "core/journal/journal.h"
#include "core/events/topic.h"

/* ---- what is said ---- */

void webhook_log(const struct webhook *w, enum log_level level, const char *text)
{
    struct error line;
    error_set(&line, ST_GENERIC, "\"%.*s\" (%.*s): %s", STR_ARG(w->settings.name),
              STR_ARG(w->settings.place), text);
    w->parts.log->write(w->parts.log->ctx, level, STR("webhook"), str_from(line.text));
}

/* ---- waiting ---- */

void webhook_release(struct webhook *w)
{
    if (!w->gone || w->waits)
        return;
    buffer_clear(&w->type);
    buffer_clear(&w->stream);
    buffer_clear(&w->body);
    arena_clear(&w->arena);
    free(w);
}

void webhook_idle(struct webhook *w)
{
    w->phase = WEBHOOK_IDLE;
    if (w->durable)
        durable_resume(w->durable);
}

/* The same event comes again then, if it is still ours to deliver. */
static void wait_over(void *arg)
{
    webhook_idle(arg);
}

/* Doubled with each failure; between half of it and all, so that not all come back at once. */
static uint64_t backoff(const struct webhook *w, unsigned failures)
{
    uint64_t ms = WEBHOOK_BACKOFF_MS;
    uint32_t random = 0;
    for (unsigned i = 1; i < failures && ms < WEBHOOK_BACKOFF_MAX_MS; i++)
        ms *= 2;
    if (ms > WEBHOOK_BACKOFF_MAX_MS)
        ms = WEBHOOK_BACKOFF_MAX_MS;
    w->parts.random->fill(w->parts.random->ctx, &random, sizeof(random), NULL);
    return ms / 2 + random % (ms / 2 + 1);
}

static void wait_for(struct webhook *w, uint64_t ms)
{
    w->phase = WEBHOOK_WAITING;
    w->parts.timers->set(w->parts.timers->ctx, w->timer, ms);
}

void webhook_hold(struct webhook *w, const struct error *err)
{
    char text[ERROR_TEXT_SIZE + 40];
    if (w->holds < 32)
        w->holds++;
    uint64_t ms = backoff(w, w->holds);
    snprintf(text, sizeof(text), "%s; tried again in %llu ms", err->text, (unsigned long long)ms);
    webhook_log(w, LOG_LEVEL_ERROR, text);
    wait_for(w, ms);
}

/* ---- what has become of it ---- */

static void fail_attempt(struct webhook *w)
{
    const struct webhook_outcome *o = &w->outcome;
    char text[ERROR_TEXT_SIZE + 160], why[ERROR_TEXT_SIZE + 20];
    if (o->status)
        snprintf(why, sizeof(why), "was answered %u", o->status);
    else
        snprintf(why, sizeof(why), "failed: %s", o->error.text);
    w->tries++;
    if (w->letter || w->tries >= w->settings.attempts) {
        webhook_give_up(w);
        return;
    }
    uint64_t ms = backoff(w, w->tries);
    if (o->retry_after_ms > ms)
        ms = o->retry_after_ms;
    snprintf(text, sizeof(text), "attempt %u of %u to deliver %s %s; tried again in %llu ms", w->tries,
             w->settings.attempts, w->id, why, (unsigned long long)ms);
    webhook_log(w, LOG_LEVEL_NOTICE, text);
    wait_for(w, ms);
}

/* Not the receiver's fault: it cannot even be asked. */
static bool is_ours(int code)
{
    return code == ST_DENIED || code == ST_INVALID || code == ST_BUSY || code == ST_NOMEM ||
           code == ST_NOT_FOUND || code == ST_UNSUPPORTED;
}

static bool may_pass(unsigned status)
{
    return status == 408 || status == 425 || status == 429 || status >= 500;
}

void webhook_sent(struct webhook *w)
{
    const struct webhook_outcome *o = &w->outcome;
    if (o->status >= 200 && o->status < 300) {
        w->holds = 0;
        w->tries = 0;
        if (w->letter) {
            webhook_forget_letter(w);
            return;
        }
        w->done = w->position;
        webhook_idle(w);
    } else if (!o->status && is_ours(o->error.code)) {
        webhook_hold(w, &o->error);
    } else if (!o->status || may_pass(o->status)) {
        fail_attempt(w);
    } else {
        w->tries++;
        webhook_give_up(w);
    }
}

/* ---- events ---- */

static bool is_wanted(const struct webhook *w, const struct stored_event *event)
{
    struct buffer topic = BUFFER_INIT;
    bool wanted = false;
    if (event_topic(&topic, event))
        for (size_t i = 0; i < w->settings.pattern_count && !wanted; i++)
            wanted = topic_matches(w->settings.patterns[i], buffer_str(&topic));
    buffer_clear(&topic);
    return wanted;
}

/* One of a newer hexmcp goes as it was written. */
static bool write_body(struct webhook *w, const struct stored_event *event)
{
    struct stored_event newest = *event;
    struct json_doc *doc = NULL;
    if (w->parts.journal && journal_upcast(w->parts.journal, event, &newest, &doc, NULL))
        newest = *event;
    buffer_reset(&w->body, 65536);
    buffer_reset(&w->type, 256);
    buffer_reset(&w->stream, 256);
    journal_write_event(&w->body, &newest);
    buffer_add_str(&w->type, event->type);
    buffer_add_str(&w->stream, event->stream);
    json_free(doc);
    return !buffer_failed(&w->body) && !buffer_failed(&w->type) && !buffer_failed(&w->stream);
}

bool webhook_take(struct webhook *w, const struct stored_event *event, bool letter)
{
    struct error err;
    if (event->position != w->position || letter != w->letter)
        w->tries = 0;
    w->position = event->position;
    w->letter = letter;
    snprintf(w->id, sizeof(w->id), "%.*s", STR_ARG(event->id));
    w->phase = WEBHOOK_SENDING;
    int rc = write_body(w, event) ? webhook_send(w, &err)
                                  : error_set(&err, ST_NOMEM, "out of memory");
    if (rc)
        webhook_hold(w, &err);
    return rc == ST_OK;
}

static bool on_event(void *arg, const struct stored_event *event)
{
    struct webhook *w = arg;
    if (w->phase != WEBHOOK_IDLE)
        return false;
    if (event->position == w->done || !is_wanted(w, event))
        return true;
    webhook_take(w, event, false);
    return false;
}

static void store_failed(void *arg, const struct error *err)
{
    webhook_log(arg, LOG_LEVEL_ERROR, err->text);
}

/* ---- beginning and end ---- */

int webhook_begin(struct webhook *w, struct error *err)
{
    const struct timer_port *timers = w->parts.timers;
    char name[WEBHOOK_NAME_MAX + 20];
    snprintf(name, sizeof(name), "webhook.%.*s", STR_ARG(w->settings.name));
    const struct durable_parts parts = {w->parts.values, timers, w->parts.random, w->parts.followers};
    const struct durable_what what = {.name = str_from(name)};
    const struct durable_sink sink = {w, on_event, store_failed};
    w->timer = timers->create(timers->ctx, wait_over, w);
    w->looker = timers->create(timers->ctx, webhook_look_for_letters, w);
    if (!w->timer || !w->looker)
        return error_set(err, ST_NOMEM, "out of memory");
    timers->set(timers->ctx, w->looker, WEBHOOK_LOOK_MS);
    return durable_open(&parts, &what, &sink, &w->durable, err);
}

void webhook_close(struct webhook *w)
{
    const struct timer_port *timers = w->parts.timers;
    const struct service_port *http = w->parts.http;
    if (w->request)
        http->close(http->ctx, w->request);
    if (w->timer)
        timers->free(timers->ctx, w->timer);
    if (w->looker)
        timers->free(timers->ctx, w->looker);
    durable_close(w->durable);
    w->durable = NULL;
    w->gone = true;
    webhook_release(w);
}
