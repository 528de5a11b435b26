#include <unistd.h>

#include "adapters/driving/cli/app.h"
#include "adapters/driving/cli/arguments.h"
#include "adapters/driving/cli/commands.h"
#include "core/json/writer.h"

struct running {
    bool done;
    bool as_json;
    int exit_code;
    bool progress_shown;
};

static void print_line(struct str text)
{
    fwrite(text.ptr, 1, text.len, stdout);
    if (text.len == 0 || text.ptr[text.len - 1] != '\n')
        putchar('\n');
}

/* A block that is not text is named by type and size, so that a terminal stays readable. */
static void print_block(struct json block)
{
    struct buffer scratch = BUFFER_INIT;
    struct str text = {"", 0};
    if (json_is(json_get(block, STR("type")), STR("text"))) {
        json_string(json_get(block, STR("text")), &scratch, &text);
        print_line(text);
    } else {
        struct str type = json_text(json_get(block, STR("type")));
        struct str mime = json_text(json_get(block, STR("mimeType")));
        printf("[%.*s %.*s, %zu bytes of JSON; --json shows it]\n", STR_ARG(type), STR_ARG(mime),
               json_text(block).len);
    }
    buffer_clear(&scratch);
}

static void print_result(struct json result, bool as_json)
{
    struct json content = json_get(result, STR("content"));
    if (as_json) {
        struct buffer line = BUFFER_INIT;
        json_copy_line(&line, json_text(result));
        print_line(buffer_str(&line));
        buffer_clear(&line);
    } else if (json_exists(content)) {
        struct json_iter it = json_iter(content);
        while (json_next(&it))
            print_block(it.value);
    } else {
        print_line(json_text(json_get(result, STR("structuredContent"))));
    }
}

static void on_progress(void *user, double progress, double total, struct str message)
{
    struct running *running = user;
    if (!isatty(STDERR_FILENO))
        return;
    running->progress_shown = true;
    if (total > 0)
        fprintf(stderr, "\r\033[K%3.0f%% %.*s", 100 * progress / total, STR_ARG(message));
    else
        fprintf(stderr, "\r\033[K%g %.*s", progress, STR_ARG(message));
}

static void on_log(void *user, enum log_level level, struct str logger, struct str text)
{
    (void)user;
    if (level >= LOG_LEVEL_NOTICE)
        fprintf(stderr, "%.*s: %.*s\n", STR_ARG(logger), STR_ARG(text));
}

/* A tool error of the server's own making says more than "the tool failed". */
static int exit_code_of_tool_error(const struct error *err)
{
    bool telling = err && (err->code == ST_DENIED || err->code == ST_TIMEOUT);
    return telling ? exit_code_of(err->code) : EXIT_TOOL_FAILED;
}

static void on_done(void *user, const struct call_outcome *outcome)
{
    struct running *running = user;
    running->done = true;
    if (running->progress_shown)
        fputs("\r\033[K", stderr);
    switch (outcome->end) {
    case CALL_RESULT:
    case CALL_TOOL_ERROR:
        print_result(outcome->result, running->as_json);
        running->exit_code = outcome->end == CALL_RESULT ? EXIT_DONE
                                                         : exit_code_of_tool_error(outcome->error);
        break;
    case CALL_INPUT_REQUIRED:
        fputs("hexmcp: the tool asks for input, which this command cannot give\n", stderr);
        running->exit_code = EXIT_TOOL_FAILED;
        break;
    case CALL_CANCELLED:
        fputs("hexmcp: the call was cancelled\n", stderr);
        running->exit_code = EXIT_TOOL_FAILED;
        break;
    default:
        running->exit_code = report_error(outcome->error);
    }
}

static int call_tool(struct app *app, const struct invocation *inv, struct error *err)
{
    static const struct call_observer observer = {on_progress, on_log, on_done};
    const struct catalog_service *catalog = app_catalog(app);
    const struct call_service *calls = app_calls(app);
    struct call_context context = app_context(app);
    struct str name = str_from(inv->operands[0]);
    const struct item *tool = catalog->find(catalog->ctx, &context, ITEM_TOOL, name);
    if (!tool)
        return report_error((unknown_tool(catalog, &context, name, err), err));
    struct json_doc *arguments;
    const char *operand = inv->operand_count > 1 ? inv->operands[1] : NULL;
    if (arguments_read(inv, tool, operand, &arguments, err))
        return report_error(err);
    struct running running = {.as_json = invocation_option(inv, "json") != NULL};
    struct call_request call = {.action = ACTION_CALL,
                                .target = name,
                             .arguments = json_root(arguments),
                             .context = context,
                             .observer = &observer,
                             .user = &running};
    uint64_t id;
    if (calls->call(calls->ctx, &call, &id, err)) {
        json_free(arguments);
        return report_error(err);
    }
    app_run_until(app, &running.done);
    json_free(arguments);
    return running.exit_code;
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
