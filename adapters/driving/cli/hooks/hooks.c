/* hexmcp hooks list, hexmcp hooks stats. */
#include <inttypes.h>
#include <stdio.h>

#include "adapters/driving/cli/app.h"
#include "adapters/driving/cli/commands.h"
#include "adapters/driving/cli/operation/operation.h"
#include "adapters/driving/cli/plain.h"

static void print_text(struct json text)
{
    struct buffer decoded = BUFFER_INIT;
    json_decode(text, &decoded);
    plain_print(buffer_str(&decoded));
    buffer_clear(&decoded);
}

static int64_t number(struct json hook, const char *key)
{
    int64_t value = 0;
    json_int64(json_get(hook, str_from(key)), &value);
    return value;
}

static bool flag(struct json hook, const char *key)
{
    bool on = false;
    json_bool(json_get(hook, str_from(key)), &on);
    return on;
}

static void print_hook(struct json hook)
{
    const char *between = "";
    print_text(json_get(hook, STR("name")));
    printf(" (");
    print_text(json_get(hook, STR("kind")));
    printf(", priority %" PRId64 ", %s%s%s)\n    ", number(hook, "priority"),
           flag(hook, "gates") ? "gates" : "observes",
           flag(hook, "required") ? ", required" : "", flag(hook, "enabled") ? "" : ", disabled");
    struct json_iter it = json_iter(json_get(hook, STR("points")));
    while (json_next(&it)) {
        printf("%s", between);
        print_text(it.value);
        between = ", ";
    }
    printf("\n");
}

static void print_stats(struct json hook)
{
    print_text(json_get(hook, STR("name")));
    printf(": %" PRId64 " runs, %" PRId64 " errors, %" PRId64 " skipped, p50 %" PRId64
           " ns, p95 %" PRId64 " ns, p99 %" PRId64 " ns, breaker ",
           number(hook, "runs"), number(hook, "errors"), number(hook, "skipped"),
           number(hook, "p50Ns"), number(hook, "p95Ns"), number(hook, "p99Ns"));
    print_text(json_get(hook, STR("breaker")));
    printf("\n");
}

static int show(struct app *app, const struct invocation *inv, const char *name,
                void (*print)(struct json hook))
{
    const struct operation_run run = {.name = name};
    struct json_doc *answer;
    struct error err;
    if (operation_run(app, &run, &answer, &err))
        return report_error(&err);
    struct json hooks = json_get(json_root(answer), STR("hooks"));
    struct json_iter it = json_iter(hooks);
    if (invocation_option(inv, "json"))
        operation_print_json(answer);
    else if (json_count(hooks) == 0)
        printf("No hooks. The setting hooks.use has them, and plugins bring them.\n");
    else
        while (json_next(&it))
            print(it.value);
    json_free(answer);
    return EXIT_DONE;
}

static int list(struct app *app, const struct invocation *inv)
{
    return show(app, inv, "hook.list", print_hook);
}

static int stats(struct app *app, const struct invocation *inv)
{
    return show(app, inv, "hook.stats", print_stats);
}

static int run_list(struct invocation *inv)
{
    return app_run(inv, list);
}

static int run_stats(struct invocation *inv)
{
    return app_run(inv, stats);
}

static const struct option_spec options[] = {
    {"json", NULL, "print JSON"},
    {NULL, NULL, NULL},
};

const struct command command_hooks_list = {
    .name = "hooks list",
    .operands = "",
    .summary = "List the hooks that watch and change what happens.",
    .details = "In the order in which they run: those of the setting hooks.use and those of plugins.",
    .options = options,
    .lists = true,
    .run = run_list,
};

const struct command command_hooks_stats = {
    .name = "hooks stats",
    .operands = "",
    .summary = "Show how often hooks ran and how long it took.",
    .details = "In this process; a server that runs tells the same at /metrics.",
    .options = options,
    .run = run_stats,
};
