/* The answer of a plugin's hook: whatever it is, what comes out of the chain is JSON. */
#include <assert.h>
#include <stdlib.h>

#include "core/base/str.h"
#include "core/hook/definition.h"

struct timer {
    int unused;
};

static struct str answer;

static uint64_t monotonic(void *ctx)
{
    (void)ctx;
    return 1;
}

static struct timer *create(void *ctx, void (*fire)(void *arg), void *arg)
{
    static struct timer timer;
    (void)ctx, (void)fire, (void)arg;
    return &timer;
}

static void set(void *ctx, struct timer *timer, uint64_t delay_ms)
{
    (void)ctx, (void)timer, (void)delay_ms;
}

static void stop(void *ctx, struct timer *timer)
{
    (void)ctx, (void)timer;
}

static enum hook_result say(void *self, struct hook_turn *turn)
{
    (void)self;
    hook_answer_json(turn, answer);
    return HOOK_LATER;
}

static bool read_member(void *arg, uint32_t member, struct buffer *out)
{
    (void)arg;
    buffer_add_str(out, member ? STR("{\"a\":[1,{\"b\":2}]}") : STR("\"tool\""));
    return true;
}

static void is_json(struct str text)
{
    struct json_doc *doc;
    if (!text.len)
        return;
    assert(json_parse(text, &doc, NULL) == ST_OK);
    json_free(doc);
}

static void done(void *arg, const struct hook_outcome *outcome)
{
    (void)arg;
    assert(!outcome->changed[0].len); /* it cannot be changed */
    is_json(outcome->changed[1]);
    is_json(outcome->value);
    is_json(outcome->forks);
    assert(outcome->end != HOOK_CANCEL || outcome->reason.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct hook_member members[] = {{"name", false}, {"arguments", true}};
    const struct clock_port clock = {.monotonic_ns = monotonic};
    const struct timer_port timers = {.create = create, .set = set, .stop = stop, .free = stop};
    const struct hooks_parts parts = {.clock = &clock, .timer = &timers};
    const struct str point = STR("custom:x"), reads[] = {STR("/arguments/a"), STR("/name")};
    const struct hook_definition d = {.name = STR("h"),
                                      .kind = STR("fuzz"),
                                      .points = &point,
                                      .point_count = 1,
                                      .reads = reads,
                                      .read_count = 2,
                                      .gates = true,
                                      .run = say};
    const struct hook_event event = {.point = HOOK_CUSTOM,
                                     .custom = STR("x"),
                                     .members = members,
                                     .count = 2,
                                     .read = read_member};
    struct hooks *hooks;
    struct error err;
    answer = (struct str){(const char *)data, size};
    if (hooks_new(&parts, &hooks, &err))
        return 0;
    if (hooks_add(hooks, &d, &err))
        abort();
    hooks_run(hooks, &event, done);
    hooks_free(hooks);
    return 0;
}
