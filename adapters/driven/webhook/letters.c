/* Dead letters: kept, and tried again when somebody asks for it. The event itself stays in the store. */
#include <stdio.h>
#include <stdlib.h>

#include "adapters/driven/webhook/inside.h"
#include "core/base/time_text.h"
#include "core/json/writer.h"

/* Soon: another letter may be there. */
#define SOON_MS 10u

struct str webhook_key(char out[WEBHOOK_KEY_SIZE], const char *kind, struct str name, uint64_t position)
{
    int len = position ? snprintf(out, WEBHOOK_KEY_SIZE, "%s/%.*s/%020llu", kind, STR_ARG(name),
                                  (unsigned long long)position)
                       : snprintf(out, WEBHOOK_KEY_SIZE, "%s/%.*s/", kind, STR_ARG(name));
    return (struct str){out, (size_t)len};
}

static void look_again(const struct webhook *w, uint64_t ms)
{
    w->parts.timers->set(w->parts.timers->ctx, w->looker, ms);
}

/* The store has answered. False: nobody waits for it any more. */
static bool answered(struct webhook *w)
{
    w->waits--;
    if (!w->gone)
        return true;
    webhook_release(w);
    return false;
}

/* ---- becoming one ---- */

static void write_letter(const struct webhook *w, struct buffer *out)
{
    const struct webhook_outcome *o = &w->outcome;
    struct json_writer j = json_writer(out);
    char at[TIME_TEXT_SIZE];
    time_text(w->parts.clock->wall_ms(w->parts.clock->ctx), at);
    json_begin_object(&j);
    json_key(&j, STR("position"));
    json_write_u64(&j, w->position);
    json_put_string(&j, STR("id"), str_from(w->id));
    json_put_string(&j, STR("stream"), buffer_str(&w->stream));
    json_put_string(&j, STR("type"), buffer_str(&w->type));
    json_put_i64(&j, STR("attempts"), w->tries);
    if (o->status)
        json_put_i64(&j, STR("status"), o->status);
    else
        json_put_string(&j, STR("error"), str_from(o->error.text));
    json_put_string(&j, STR("at"), str_from(at));
    json_end_object(&j);
}

static void died(void *arg, const struct error *err, const struct kv_applied *applied)
{
    struct webhook *w = arg;
    char text[160];
    (void)applied;
    if (!answered(w))
        return;
    if (err) {
        w->tries = w->tries ? w->tries - 1 : 0;
        webhook_hold(w, err);
        return;
    }
    snprintf(text, sizeof(text), "%s was not delivered and is a dead letter (%u attempts)", w->id,
             w->tries);
    webhook_log(w, LOG_LEVEL_WARNING, text);
    w->tries = w->holds = 0;
    if (w->letter)
        look_again(w, SOON_MS);
    else
        w->done = w->position;
    webhook_idle(w);
}

static void bury(struct webhook *w)
{
    char dead[WEBHOOK_KEY_SIZE], retry[WEBHOOK_KEY_SIZE];
    struct buffer text = BUFFER_INIT;
    write_letter(w, &text);
    const struct kv_change changes[] = {
        {.key = webhook_key(dead, "dead", w->settings.name, w->position), .value = buffer_str(&text)},
        {.key = webhook_key(retry, "retry", w->settings.name, w->position), .remove = true},
    };
    w->waits++;
    w->parts.values->apply(w->parts.values->ctx, STR(WEBHOOK_SPACE), changes, w->letter ? 2 : 1, died, w);
    buffer_clear(&text);
}

/* With no room the event stays where it is, and everything behind it: nothing is lost. */
static void counted(void *arg, const struct error *err, const struct kv_entry *entries, size_t count,
                    bool more)
{
    struct webhook *w = arg;
    struct error full;
    (void)entries;
    (void)more;
    if (!answered(w))
        return;
    if (!err && count < w->settings.max_queue) {
        bury(w);
        return;
    }
    error_set(&full, ST_BUSY,
              "%s cannot be delivered, and there are %u dead letters, as many as \"maxQueue\" permits; see "
              "hexmcp events webhooks",
              w->id, w->settings.max_queue);
    w->tries = w->tries ? w->tries - 1 : 0;
    webhook_hold(w, err ? err : &full);
}

void webhook_give_up(struct webhook *w)
{
    char prefix[WEBHOOK_KEY_SIZE];
    const struct kv_query query = {.prefix = webhook_key(prefix, "dead", w->settings.name, 0),
                                   .limit = w->settings.max_queue};
    w->phase = WEBHOOK_STORING;
    if (w->letter) {
        bury(w);
        return;
    }
    w->waits++;
    w->parts.values->list(w->parts.values->ctx, STR(WEBHOOK_SPACE), &query, counted, w);
}

/* ---- trying again ---- */

static void forgotten(void *arg, const struct error *err, const struct kv_applied *applied)
{
    struct webhook *w = arg;
    (void)applied;
    if (!answered(w))
        return;
    if (err)
        webhook_log(w, LOG_LEVEL_ERROR, err->text); /* it is sent once more */
    look_again(w, err ? WEBHOOK_LOOK_MS : SOON_MS);
    webhook_idle(w);
}

void webhook_forget_letter(struct webhook *w)
{
    char key[WEBHOOK_KEY_SIZE];
    const struct kv_change change = {.key = webhook_key(key, "retry", w->settings.name, w->position),
                                     .remove = true};
    w->phase = WEBHOOK_STORING;
    w->waits++;
    w->parts.values->apply(w->parts.values->ctx, STR(WEBHOOK_SPACE), &change, 1, forgotten, w);
}

struct fetch {
    struct webhook *webhook;
    bool found;
};

static void fetched(void *arg, const struct stored_event *event)
{
    struct fetch *fetch = arg;
    if (fetch->webhook->gone || event->position != fetch->webhook->position)
        return;
    fetch->found = true;
    webhook_take(fetch->webhook, event, true);
}

static void fetch_done(void *arg, const struct error *err, const struct events_end *end)
{
    struct fetch fetch = *(struct fetch *)arg;
    struct webhook *w = fetch.webhook;
    (void)end;
    free(arg);
    if (!answered(w) || fetch.found)
        return;
    if (err) {
        webhook_log(w, LOG_LEVEL_ERROR, err->text);
        webhook_idle(w);
        return;
    }
    webhook_log(w, LOG_LEVEL_WARNING, "a dead letter was to be tried again whose event is not there any more");
    webhook_forget_letter(w);
}

static void fetch(struct webhook *w, uint64_t position)
{
    const struct events_query query = {.after = position - 1, .limit = 1};
    struct fetch *one = calloc(1, sizeof(*one));
    if (!one) {
        webhook_idle(w);
        return;
    }
    one->webhook = w;
    w->position = position;
    w->letter = true;
    w->tries = 0;
    const struct events_sink sink = {one, fetched, fetch_done};
    w->waits++;
    w->parts.events->read_all(w->parts.events->ctx, &query, &sink);
}

static void looked(void *arg, const struct error *err, const struct kv_entry *entries, size_t count,
                   bool more)
{
    struct webhook *w = arg;
    (void)more;
    if (!answered(w))
        return;
    struct str key = err || !count ? (struct str){NULL, 0} : entries[0].key;
    uint64_t position = 0;
    for (size_t i = key.len > 20 ? key.len - 20 : key.len; i < key.len; i++)
        position = position * 10 + (uint64_t)(key.ptr[i] - '0');
    if (err)
        webhook_log(w, LOG_LEVEL_ERROR, err->text);
    if (position)
        fetch(w, position);
    else
        webhook_idle(w);
}

void webhook_look_for_letters(void *webhook)
{
    struct webhook *w = webhook;
    char prefix[WEBHOOK_KEY_SIZE];
    const struct kv_query query = {.prefix = webhook_key(prefix, "retry", w->settings.name, 0), .limit = 1};
    look_again(w, WEBHOOK_LOOK_MS);
    if (w->phase != WEBHOOK_IDLE || !durable_active(w->durable))
        return;
    w->phase = WEBHOOK_STORING;
    w->waits++;
    w->parts.values->list(w->parts.values->ctx, STR(WEBHOOK_SPACE), &query, looked, w);
}
