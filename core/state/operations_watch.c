/* state.watch: a call that waits for a change, with an end. */
#include <stdlib.h>

#include "core/state/operations_inside.h"

#define WAIT_MS 30000u

const char state_watch_schema[] =
    "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{" PLACE_SCHEMA
    ",\"prefix\":{\"type\":\"string\",\"maxLength\":400},\"after\":{\"type\":\"integer\",\"minimum\":0,"
    "\"default\":0,\"description\":\"The sequence of an earlier answer: changes since then.\"},"
    "\"timeoutMs\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":600000,\"default\":30000}}}";

struct watching {
    struct watching *next;
    struct state_operations *s;
    struct operation_call *call;
    struct timer *timer;
    uint64_t id; /* of the watch */
};

static void drop(struct watching *w)
{
    struct watching **at = &w->s->watching;
    while (*at != w)
        at = &(*at)->next;
    *at = w->next;
    w->s->parts.timers->free(w->s->parts.timers->ctx, w->timer);
    free(w);
}

void watching_free_all(struct state_operations *s)
{
    while (s->watching)
        drop(s->watching);
}

static void seen(void *arg, const struct error *err, const struct state_seen *changes)
{
    struct watching *w = arg;
    struct operation_call *call = w->call;
    struct buffer out = BUFFER_INIT;
    struct json_writer json = json_writer(&out);
    drop(w);
    if (err) {
        operation_fail(call, err);
        return;
    }
    json_begin_object(&json);
    json_put_raw(&json, STR("changes"), changes->changes);
    json_put_i64(&json, STR("sequence"), (int64_t)changes->sequence);
    if (changes->missed)
        json_put_bool(&json, STR("missed"), true);
    json_end_object(&json);
    call_answer(call, &out);
}

static void fire(void *arg)
{
    struct watching *w = arg;
    state_unwatch(w->s->parts.state, w->id);
}

static struct watching *watching_new(struct state_operations *s, struct operation_call *call)
{
    struct watching *w = calloc(1, sizeof(*w));
    if (!w)
        return NULL;
    w->s = s;
    w->call = call;
    w->timer = s->parts.timers->create(s->parts.timers->ctx, fire, w);
    if (!w->timer) {
        free(w);
        return NULL;
    }
    w->next = s->watching;
    s->watching = w;
    return w;
}

static void begin(struct state_operations *s, struct operation_call *call,
                  const struct state_place *place)
{
    struct json arguments = operation_arguments(call);
    struct buffer prefix = BUFFER_INIT;
    const struct state_watch watch = {call_text(arguments, STR("prefix"), &prefix),
                                      call_number(arguments, STR("after"), 0)};
    uint64_t wait_ms = call_number(arguments, STR("timeoutMs"), WAIT_MS), id;
    struct watching *w = watching_new(s, call);
    struct error err;
    if (!w) {
        error_set(&err, ST_NOMEM, "out of memory");
        operation_fail(call, &err);
    } else {
        state_watch(s->parts.state, place, &watch, seen, w, &id);
        if (id) {
            w->id = id;
            s->parts.timers->set(s->parts.timers->ctx, w->timer, wait_ms);
        }
    }
    buffer_clear(&prefix);
}

void run_watch(void *domain, struct operation_call *call)
{
    struct place_text texts;
    struct state_place place;
    struct error err;
    if (call_place(call, &texts, &place, &err))
        operation_fail(call, &err);
    else
        begin(domain, call, &place);
    place_text_clear(&texts);
}
