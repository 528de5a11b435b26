#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "adapters/driving/cli/commands.h"
#include "adapters/driving/cli/settings.h"
#include "core/json/writer.h"

/* What was found, as JSON or as lines. */
struct findings {
    bool json;
    unsigned count;
    struct buffer out;
    struct json_writer writer;
};

static void tell(void *ctx, const struct config_fault *fault)
{
    struct findings *found = ctx;
    found->count += !fault->harmless;
    if (!found->json) {
        if (fault->line)
            printf("%s:%u:%u: ", fault->source, fault->line, fault->column);
        printf("%s%s\n", fault->harmless ? "note: " : "", fault->text);
        return;
    }
    struct json_writer *w = &found->writer;
    json_begin_object(w);
    json_put_string(w, STR("file"), str_from(fault->source));
    json_put_i64(w, STR("line"), fault->line);
    json_put_i64(w, STR("column"), fault->column);
    json_put_string(w, STR("message"), str_from(fault->text));
    json_put_string(w, STR("severity"), fault->harmless ? STR("note") : STR("error"));
    json_end_object(w);
}

/* A file with the name of the project file is judged as one: it may only narrow what comes before. */
static bool is_project_file(const char *path)
{
    const char *slash = strrchr(path, '/');
    return strcmp(slash ? slash + 1 : path, PROJECT_FILE) == 0;
}

static int choose_sources(struct invocation *inv, struct settings_paths *paths,
                          struct config_sources *sources, struct error *err)
{
    const char *file = inv->operand_count ? inv->operands[0] : NULL;
    settings_sources(inv, paths, sources);
    if (!file)
        return ST_OK;
    if (access(file, F_OK) != 0)
        return error_set(err, ST_CONFIG, "%s does not exist", file);
    sources->environment = NULL;
    sources->project_path = is_project_file(file) ? file : NULL;
    if (!sources->project_path) {
        sources->chosen_path = file;
        sources->system_path = NULL;
    }
    return ST_OK;
}

static int check(struct invocation *inv, struct findings *found, struct error *err)
{
    struct settings_paths paths;
    struct config_sources sources;
    int rc = choose_sources(inv, &paths, &sources, err);
    return rc ? rc : config_check(&sources, tell, found, err);
}

static int run(struct invocation *inv)
{
    struct findings found = {.json = invocation_option(inv, "json") != NULL};
    struct error err;
    found.writer = json_writer(&found.out);
    json_begin_array(&found.writer);
    int rc = check(inv, &found, &err);
    json_end_array(&found.writer);
    if (!rc && found.json)
        printf("%.*s\n", (int)found.out.len, found.out.data);
    else if (!rc && !found.count)
        printf("%s is good\n",
               inv->operand_count ? inv->operands[0] : "the configuration of this folder and user");
    buffer_clear(&found.out);
    if (rc)
        return report_error(&err);
    return found.count ? EXIT_CONFIGURATION : EXIT_DONE;
}

static const struct option_spec options[] = {
    {"json", NULL, "print JSON"},
    {NULL, NULL, NULL},
};

const struct command command_config_check = {
    .name = "config check",
    .operands = "[FILE]",
    .summary = "Tell every fault of a configuration file, with its line and column.",
    .details = "Without FILE: of all files that would be read here, and of the HEXMCP_* variables. A\n"
               "file with the name .hexmcp.json is judged as a project file, which can only narrow\n"
               "what comes before it. Nothing is started. The exit status is 3 if there is a fault; notes\n"
               "are none.",
    .options = options,
    .max_operands = 1,
    .run = run,
};
