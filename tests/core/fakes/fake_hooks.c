#include "tests/core/fakes/fake_hooks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hooks *fake_hooks;

static uint64_t now_ns;
static void (*fire)(void *arg);
static void *fire_arg;

static uint64_t monotonic(void *ctx)
{
    (void)ctx;
    return now_ns;
}

static struct timer *create(void *ctx, void (*f)(void *arg), void *arg)
{
    (void)ctx;
    fire = f;
    fire_arg = arg;
    return (struct timer *)&now_ns;
}

static void set(void *ctx, struct timer *timer, uint64_t delay_ms)
{
    (void)ctx;
    (void)timer;
    (void)delay_ms;
}

static void stop(void *ctx, struct timer *timer)
{
    (void)ctx;
    (void)timer;
}

static const struct clock_port clock_source = {.monotonic_ns = monotonic};
static const struct timer_port timers = {.create = create, .set = set, .stop = stop, .free = stop};

void fake_hooks_open(void)
{
    const struct hooks_parts parts = {.clock = &clock_source, .timer = &timers};
    now_ns = 1000000000;
    if (hooks_new(&parts, &fake_hooks, NULL))
        abort();
}

void fake_hooks_close(void)
{
    hooks_free(fake_hooks);
    fake_hooks = NULL;
}

static enum hook_result run(void *self, struct hook_turn *turn)
{
    struct fake_hook *hook = self;
    struct buffer saw = BUFFER_INIT;
    hook->runs++;
    hook_turn_read_all(turn, &saw);
    snprintf(hook->saw, sizeof(hook->saw), "%.*s", STR_ARG(buffer_str(&saw)));
    buffer_clear(&saw);
    hook->turn = turn;
    if (!hook->late)
        fake_hook_answer(hook);
    return HOOK_LATER;
}

void fake_hook_answer(struct fake_hook *hook)
{
    struct hook_turn *turn = hook->turn;
    hook->turn = NULL;
    hook_answer_json(turn, str_from(hook->json));
}

static void cancel(void *self, struct hook_turn *turn)
{
    struct fake_hook *hook = self;
    (void)turn;
    hook->turn = NULL;
    hook->cancels++;
}

void fake_hooks_add(struct fake_hook *hook, const char *point)
{
    static const struct str all[] = {STR_INIT("")};
    struct str points[] = {str_from(point)};
    const struct hook_definition d = {
        .name = str_from(point), .kind = STR("test"), .points = points, .point_count = 1,
        .reads = all, .read_count = 1, .gates = true, .self = hook, .run = run, .cancel = cancel};
    if (hooks_add(fake_hooks, &d, NULL))
        abort();
}

void fake_hooks_expire(void)
{
    now_ns += 1000000000;
    fire(fire_arg);
}
