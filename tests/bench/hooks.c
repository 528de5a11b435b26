/*
 * bench_hooks BUILD
 *
 * What hooks cost: a point where nobody hooks, one and ten hooks that do nothing, each beside a call
 * of the calculator that runs inline, from its arguments as text to its checked result. The medians of
 * rounds that take turns, so that a busy machine is busy for all of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "adapters/driven/clock/clock.h"
#include "adapters/driven/loop/loop.h"
#include "adapters/driven/plugin_host/plugin_host.h"
#include "adapters/driven/regex/regex.h"
#include "core/base/str.h"
#include "core/call/dispatcher.h"
#include "core/hook/definition.h"

enum { ROUNDS = 1001, CHECKS = 100000, RUNS = 500, CALLS = 20, TEN = 10 };

static struct loop *loop;
static struct plugin_host *host;
static struct registry *registry;
static struct regex_module *regex;
static uint64_t ends;

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void die(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof(*values), compare);
    return values[ROUNDS / 2];
}

/* ---- hooks ---------------------------------------------------------------------------------------- */

static enum hook_result do_nothing(void *self, struct hook_turn *turn)
{
    (void)self, (void)turn;
    return HOOK_CONTINUE;
}

static struct hooks *hooks_with(unsigned count)
{
    const struct hooks_parts parts = {.clock = system_clock_port(), .timer = loop_timers(loop)};
    const struct str point = STR("BeforeToolExecution");
    struct hooks *hooks;
    struct error err;
    char name[16];
    if (hooks_new(&parts, &hooks, &err))
        die(err.text);
    for (unsigned i = 0; i < count; i++) {
        snprintf(name, sizeof(name), "%u", i);
        const struct hook_definition d = {.name = str_from(name),
                                          .kind = STR("none"),
                                          .points = &point,
                                          .point_count = 1,
                                          .gates = true,
                                          .quick = true,
                                          .run = do_nothing};
        if (hooks_add(hooks, &d, &err))
            die(err.text);
    }
    return hooks;
}

static bool read_member(void *arg, uint32_t member, struct buffer *out)
{
    (void)arg, (void)member, (void)out;
    return false;
}

static void done(void *arg, const struct hook_outcome *outcome)
{
    (void)arg;
    ends += outcome->end == HOOK_CONTINUE;
}

/* Volatile: each check is made. */
static double check_empty(struct hooks *volatile *hooks)
{
    double begin = now_ns();
    for (unsigned i = 0; i < CHECKS; i++)
        if (hooks_any(*hooks, HOOK_BEFORE_TOOL_EXECUTION))
            ends++;
    return (now_ns() - begin) / CHECKS;
}

static double run_chain(struct hooks *hooks)
{
    static const struct hook_member members[] = {{"name", false}};
    const struct hook_event event = {.point = HOOK_BEFORE_TOOL_EXECUTION,
                                     .target = STR("calculator"),
                                     .members = members,
                                     .count = 1,
                                     .read = read_member};
    double begin = now_ns();
    for (unsigned i = 0; i < RUNS; i++)
        hooks_run(hooks, &event, done);
    return (now_ns() - begin) / RUNS;
}

/* ---- calls ---------------------------------------------------------------------------------------- */

static void ended(void *user, const struct call_outcome *outcome)
{
    (void)user;
    if (outcome->end != CALL_RESULT)
        die(outcome->error ? outcome->error->text : "the calculator failed");
    ends++;
}

static double call_tool(struct dispatcher *d)
{
    static const struct call_observer observer = {.done = ended};
    static const struct caller caller = {.id = STR_INIT("stdio"), .tenant = STR_INIT("local")};
    const struct call_service *service = dispatcher_service(d);
    const struct clock_port *clock = system_clock_port();
    double begin = now_ns();
    for (unsigned i = 0; i < CALLS; i++) {
        struct json_doc *arguments;
        struct error err;
        uint64_t id;
        if (json_parse(STR("{\"input\":\"6*7\"}"), &arguments, &err))
            die(err.text);
        const struct call_request request = {
            .action = ACTION_CALL,
            .target = STR("calculator"),
            .arguments = json_root(arguments),
            .context = {.caller = &caller, .monotonic_ns = clock->monotonic_ns(clock->ctx)},
            .observer = &observer,
        };
        if (service->call(service->ctx, &request, &id, &err))
            die(err.text);
        json_free(arguments);
    }
    return (now_ns() - begin) / CALLS;
}

static int post(void *ctx, void (*fn)(void *arg), void *arg)
{
    (void)ctx;
    return loop_post(loop, fn, arg, NULL);
}

static void write_log(void *ctx, enum log_level level, struct str component, struct str text)
{
    (void)ctx, (void)component;
    if (level >= LOG_LEVEL_WARNING)
        fprintf(stderr, "%.*s\n", STR_ARG(text));
}

static struct dispatcher *open_calls(const char *build, struct hooks *hooks)
{
    static const struct log_port log = {NULL, write_log};
    static char bundle[4096];
    struct error err;
    struct item item;
    struct plugin_item_cursor cursor = {0};
    struct dispatcher *d;
    snprintf(bundle, sizeof(bundle), "%s/plugins/hexmcp.calculator", build);
    struct plugin_place place = {bundle, PLUGIN_COMMAND_LINE, true, true};
    const struct plugin_host_config config = {.places = &place,
                                              .place_count = 1,
                                              .version = "0.0.0",
                                              .clock = system_clock_port(),
                                              .timer = loop_timers(loop),
                                              .executor = loop_executor(loop),
                                              .log = &log,
                                              .post = post};
    if (plugin_host_new(&config, &host, &err) || regex_module_new(build, &regex, &err))
        die(err.text);
    registry = registry_new();
    while (plugin_host_next_item(host, &cursor, &item))
        if (registry_add(registry, &item, &err))
            die(err.text);
    const struct dispatcher_parts parts = {.registry = registry,
                                           .runtime = plugin_host_runtime(host),
                                           .clock = system_clock_port(),
                                           .timer = loop_timers(loop),
                                           .executor = loop_own_executor(loop),
                                           .regex = regex_module_port(regex),
                                           .hooks = hooks};
    if (dispatcher_new(&parts, &d, &err))
        die(err.text);
    return d;
}

int main(int argc, char **argv)
{
    static double checks[ROUNDS], ones[ROUNDS], tens[ROUNDS], calls[ROUNDS];
    struct error err;
    if (argc != 2)
        die("usage: bench_hooks BUILD");
    if (loop_new(2, &loop, &err))
        die(err.text);
    struct hooks *none = hooks_with(0), *one = hooks_with(1), *ten = hooks_with(TEN);
    struct dispatcher *d = open_calls(argv[1], none);
    call_tool(d);
    for (unsigned i = 0; i < ROUNDS; i++) {
        checks[i] = check_empty(&none);
        ones[i] = run_chain(one);
        tens[i] = run_chain(ten);
        calls[i] = call_tool(d);
    }
    double call = median(calls), check = median(checks), first = median(ones), all = median(tens);
    printf("a call of the calculator   %8.0f ns\n", call);
    printf("nobody hooks               %8.1f ns  %6.3f %% of the call\n", check, 100 * check / call);
    printf("1 hook that does nothing   %8.0f ns  %6.2f %%\n", first, 100 * first / call);
    printf("10 hooks that do nothing   %8.0f ns  %6.2f %%, %.0f ns each\n", all, 100 * all / call,
           all / TEN);
    fflush(stdout);
    _Exit(ends == 0);
}
