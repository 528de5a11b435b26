#include "adapters/driving/cli/app.h"
#include "adapters/driving/cli/call/arguments.h"
#include "adapters/driving/cli/call/run.h"
#include "adapters/driving/cli/commands.h"

static int call_tool(struct app *app, const struct invocation *inv, struct error *err)
{
    const struct catalog_service *catalog = app_catalog(app);
    struct call_context context = app_context(app);
    struct str name = str_from(inv->operands[0]);
    const struct item *tool = catalog->find(catalog->ctx, &context, ITEM_TOOL, name);
    if (!tool)
        return report_error((unknown_tool(catalog, &context, name, err), err));
    struct run_request call = {.action = ACTION_CALL,
                               .target = name,
                               .as_json = invocation_option(inv, "json") != NULL};
    const char *operand = inv->operand_count > 1 ? inv->operands[1] : NULL;
    if (arguments_read(inv, tool, operand, &call.arguments, err))
        return report_error(err);
    return run_call(app, &call);
}

static int run(struct invocation *inv)
{
    struct app *app;
    struct error err;
    if (app_open(inv, &app, &err))
        return report_error(&err);
    app_warn_of_refused(app);
    int code = call_tool(app, inv, &err);
    app_close(app);
    return code;
}

static const struct option_spec options[] = {
    {"arg", "NAME=VALUE", "one argument, typed by the tool's schema; may be repeated"},
    {"json", NULL, "print the whole result as JSON"},
    {NULL, NULL, NULL},
};

const struct command command_call = {
    .name = "call",
    .operands = "TOOL [JSON | -]",
    .summary = "Run one tool and print its result.",
    .details = "The arguments are a JSON object, \"-\" to read it from standard input, or --arg for\n"
               "each.\n\n"
               "  hexmcp call calculator --arg input='2^10'\n"
               "  hexmcp call hash-calculator '{\"operation\":\"hash\",\"input\":\"hello\"}'",
    .options = options,
    .min_operands = 1,
    .max_operands = 2,
    .run = run,
};
