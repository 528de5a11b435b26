#include "tests/core/hook/fixture.h"

#include <stdio.h>
#include <string.h>

#include "core/base/str.h"

uint64_t now_ns;
static struct timer timers[8];
static size_t timer_count;
struct hooks *hooks;
char complaints[4096];
struct told told;

static const char *arguments_json;

static uint64_t monotonic(void *ctx)
{
    (void)ctx;
    return now_ns;
}

static int64_t wall(void *ctx)
{
    (void)ctx;
    return (int64_t)(now_ns / MS);
}

const struct clock_port clock_port = {.monotonic_ns = monotonic, .wall_ms = wall};

static struct timer *create(void *ctx, void (*fire)(void *arg), void *arg)
{
    (void)ctx;
    assert_true(timer_count < 8);
    timers[timer_count] = (struct timer){fire, arg, false, 0};
    return &timers[timer_count++];
}

static void set(void *ctx, struct timer *timer, uint64_t delay_ms)
{
    (void)ctx;
    timer->set = true;
    timer->at_ns = now_ns + delay_ms * MS;
}

static void stop(void *ctx, struct timer *timer)
{
    (void)ctx;
    timer->set = false;
}

static void free_timer(void *ctx, struct timer *timer)
{
    stop(ctx, timer);
}

const struct timer_port timer_port = {
    .create = create, .set = set, .stop = stop, .free = free_timer};

static void complain(void *ctx, struct str hook, struct str text)
{
    size_t at = strlen(complaints);
    (void)ctx;
    snprintf(complaints + at, sizeof(complaints) - at, "%.*s: %.*s\n", STR_ARG(hook), STR_ARG(text));
}

void fixture_open(void)
{
    const struct hooks_parts parts = {.clock = &clock_port, .timer = &timer_port, .complain = complain};
    struct error err;
    now_ns = 1000 * MS;
    timer_count = 0;
    complaints[0] = '\0';
    told = (struct told){0};
    assert_int_equal(hooks_new(&parts, &hooks, &err), ST_OK);
}

void fixture_close(void)
{
    hooks_free(hooks);
    hooks = NULL;
}

void fixture_pass(uint64_t ms)
{
    now_ns += ms * MS;
    for (size_t i = 0; i < timer_count; i++)
        if (timers[i].set && timers[i].at_ns <= now_ns) {
            timers[i].set = false;
            timers[i].fire(timers[i].arg);
        }
}

static enum hook_result say(void *self, struct hook_turn *turn)
{
    struct saying *s = self;
    struct buffer saw = BUFFER_INIT;
    s->runs++;
    s->turn = turn;
    hook_turn_read_all(turn, &saw);
    snprintf(s->saw, sizeof(s->saw), "%.*s", STR_ARG(buffer_str(&saw)));
    buffer_clear(&saw);
    now_ns += s->takes_ms * MS;
    if (!s->later)
        hook_answer_json(turn, str_from(s->json));
    return HOOK_LATER;
}

static void on_cancel(void *self, struct hook_turn *turn)
{
    struct saying *s = self;
    if (s->turn)
        assert_ptr_equal(turn, s->turn);
    s->cancels++;
}

static void on_free(void *self)
{
    ((struct saying *)self)->frees++;
}

struct hook_definition saying_hook(struct saying *saying, const char *name, int32_t priority)
{
    static const struct str all[] = {STR_INIT("")};
    return (struct hook_definition){
        .name = str_from(name),
        .kind = STR("test"),
        .reads = all,
        .read_count = 1,
        .priority = priority,
        .gates = true,
        .self = saying,
        .run = say,
        .cancel = on_cancel,
        .free = on_free,
    };
}

void add_definition(const struct hook_definition *definition)
{
    struct error err = {0};
    int rc = hooks_add(hooks, definition, &err);
    if (rc)
        fail_msg("%s", err.text);
}

void add(struct saying *saying, const char *name, const char *point, int32_t priority)
{
    struct str points[] = {str_from(point)};
    struct hook_definition d = saying_hook(saying, name, priority);
    d.points = points;
    d.point_count = 1;
    add_definition(&d);
}

static bool read_member(void *arg, uint32_t member, struct buffer *out)
{
    static const char *const texts[] = {"\"tool-name\"", NULL, "{\"content\":[]}"};
    (void)arg;
    buffer_add_str(out, str_from(member == 1 ? arguments_json : texts[member]));
    return true;
}

struct hook_event tool_event(enum hook_point point, const char *tool, const char *arguments)
{
    static const struct hook_member members[] = {{"tool", false}, {"arguments", true}, {"result", true}};
    arguments_json = arguments;
    return (struct hook_event){
        .point = point, .target = str_from(tool), .members = members, .count = 3, .read = read_member};
}

static void done(void *arg, const struct hook_outcome *o)
{
    char *text = told.text;
    size_t size = sizeof(told.text);
    (void)arg;
    told.times++;
    snprintf(text, size, "%s", hook_result_name(o->end));
#define MORE(...) snprintf(text + strlen(text), size - strlen(text), __VA_ARGS__)
    if (o->end != HOOK_CONTINUE)
        MORE(" by %.*s: %.*s%.*s%.*s", STR_ARG(o->hook), STR_ARG(o->reason), STR_ARG(o->target),
             STR_ARG(o->value));
    if (o->modified)
        MORE(" arguments=%.*s result=%.*s", STR_ARG(o->changed[1]), STR_ARG(o->changed[2]));
    if (o->attempts)
        MORE(" retry %u after %u", o->attempts, o->delay_ms);
    if (o->cache_ttl_ms)
        MORE(" cache %.*s for %llu", STR_ARG(o->cache_key), (unsigned long long)o->cache_ttl_ms);
    if (o->forks.len)
        MORE(" forks %.*s", STR_ARG(o->forks));
#undef MORE
}

uint64_t run_event(const struct hook_event *event)
{
    return hooks_run(hooks, event, done);
}
