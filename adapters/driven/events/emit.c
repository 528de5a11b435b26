#include "adapters/driven/events/emit.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/str.h"
#include "core/json/writer.h"

struct emitted {
    struct emitted *next;
    struct emitter *emitter;
    struct str plugin, topic, json; /* in `bytes`, or borrowed */
    char bytes[];
};

enum { TOPIC, PLUGIN, DATA, MEMBERS };

static const struct hook_member members[MEMBERS] = {
    {"topic", false}, {"plugin", false}, {"data", true}};

static bool read_member(void *arg, uint32_t member, struct buffer *out)
{
    const struct emitted *e = arg;
    if (member == DATA)
        buffer_add_str(out, e->json);
    else
        json_quote(out, member == TOPIC ? e->topic : e->plugin);
    return true;
}

static struct hook_event event_of(struct emitted *e, enum hook_point point)
{
    return (struct hook_event){.point = point,
                               .target = e->topic,
                               .members = members,
                               .count = MEMBERS,
                               .read = read_member,
                               .arg = e};
}

static void publish(struct emitter *emitter, struct emitted *e)
{
    const struct event_bus *bus = emitter->bus;
    if (e->json.len > EVENT_JSON_MAX || bus->publish(bus->ctx, e->topic, e->json, NULL))
        return;
    if (!hooks_any(emitter->hooks, HOOK_AFTER_EVENT_EMIT))
        return;
    const struct hook_event event = event_of(e, HOOK_AFTER_EVENT_EMIT);
    hooks_tell(emitter->hooks, &event);
}

static struct emitted *take_first(struct emitter *emitter)
{
    struct emitted *e = emitter->first;
    emitter->first = e->next;
    if (!e->next)
        emitter->last = NULL;
    emitter->waiting--;
    return e;
}

static void ask_next(struct emitter *emitter);

static void asked(void *arg, const struct hook_outcome *outcome)
{
    struct emitted *e = arg;
    struct emitter *emitter = e->emitter;
    take_first(emitter);
    emitter->run = 0;
    emitter->asking = false;
    if (outcome->changed[DATA].len)
        e->json = outcome->changed[DATA];
    if (outcome->end != HOOK_CANCEL)
        publish(emitter, e);
    free(e);
    ask_next(emitter);
}

/* Hooks may answer within hooks_run: no recursion over all that waits. */
static void ask_next(struct emitter *emitter)
{
    if (emitter->looping)
        return;
    emitter->looping = true;
    while (emitter->first && !emitter->asking) {
        const struct hook_event event = event_of(emitter->first, HOOK_BEFORE_EVENT_EMIT);
        emitter->asking = true;
        uint64_t run = hooks_run(emitter->hooks, &event, asked);
        if (run)
            emitter->run = run;
    }
    emitter->looping = false;
}

static struct str keep(char **at, struct str text)
{
    struct str kept = {*at, text.len};
    memcpy(*at, text.ptr, text.len);
    *at += text.len;
    return kept;
}

static void wait_for_hooks(struct emitter *emitter, struct str plugin, struct str topic,
                           struct str json)
{
    struct emitted *e = emitter->waiting < EMIT_WAITING_MAX
                            ? malloc(sizeof(*e) + plugin.len + topic.len + json.len)
                            : NULL;
    if (!e)
        return;
    char *at = e->bytes;
    e->next = NULL;
    e->emitter = emitter;
    e->plugin = keep(&at, plugin);
    e->topic = keep(&at, topic);
    e->json = keep(&at, json);
    *(emitter->last ? &emitter->last->next : &emitter->first) = e;
    emitter->last = e;
    emitter->waiting++;
    ask_next(emitter);
}

void emit(struct emitter *emitter, struct str plugin, struct str topic, struct str json)
{
    struct emitted now = {.emitter = emitter, .plugin = plugin, .topic = topic, .json = json};
    if (emitter->first || hooks_any(emitter->hooks, HOOK_BEFORE_EVENT_EMIT))
        wait_for_hooks(emitter, plugin, topic, json);
    else
        publish(emitter, &now);
}

void emitter_stop(struct emitter *emitter)
{
    if (emitter->run)
        hooks_stop(emitter->hooks, emitter->run);
    emitter->run = 0;
    emitter->asking = false;
    while (emitter->first)
        free(take_first(emitter));
}
