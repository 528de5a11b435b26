/* "hexmcp plugin validate": a program of its own does it, so that this one does not grow. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "adapters/driving/cli/command.h"
#include "adapters/driving/cli/commands.h"

#define PROGRAM "hexmcp-plugin-validator"
#define MAX_ARGUMENTS (2 * MAX_GIVEN + 4)

static const struct option_spec options[] = {
    {"level", "N", "1 (nothing is run) to 10 (everything); 5 if not given"},
    {"only", "NAMES", "only these checks, by name or number, separated by commas"},
    {"skip", "NAMES", "all but these"},
    {"format", "FORMAT", "text, json or sarif"},
    {"json", NULL, "the same as --format json"},
    {"sarif", "FILE", "write a SARIF 2.1.0 log to FILE, too"},
    {"seed", "N", "seed of everything random; printed if not given"},
    {"reproduce", "N", "the same"},
    {"quick", NULL, "repeat what is repeated a hundredth as often"},
    {"strict", NULL, "a warning fails, too"},
    {"timeout", "SECONDS", "time limit of each check in place of its own"},
    {"in-process", NULL, "no child processes, for a debugger: the first crash ends it"},
    {NULL, NULL, NULL},
};

static bool is_own(const char *name)
{
    for (const struct option_spec *o = options; o->name; o++)
        if (strcmp(o->name, name) == 0)
            return true;
    return false;
}

/* Beside this program in the build folder, else in libexec. */
static int find_program(char out[PATH_MAX], struct error *err)
{
    static const char *const places[] = {"/" PROGRAM, "/../" HEXMCP_LIBEXECDIR "/hexmcp/" PROGRAM};
    char folder[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", folder, sizeof(folder) - 1);
    folder[len > 0 ? len : 0] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash)
        *slash = '\0';
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        int used = snprintf(out, PATH_MAX, "%s%s", folder, places[i]);
        if (used > 0 && used < PATH_MAX && access(out, X_OK) == 0)
            return ST_OK;
    }
    return error_set(err, ST_NOT_FOUND, PROGRAM " is neither beside hexmcp nor in libexec/hexmcp; "
                     "install hexmcp anew");
}

static int run(struct invocation *inv)
{
    char program[PATH_MAX];
    char words[MAX_GIVEN][32];
    char *arguments[MAX_ARGUMENTS];
    struct error err;
    int count = 0;
    if (find_program(program, &err))
        return report_error(&err);
    arguments[count++] = program;
    for (int i = 0; i < inv->given_count; i++) {
        const struct given *given = &inv->given[i];
        if (!is_own(given->name)) {
            error_set(&err, ST_INVALID, "\"plugin validate\" takes no option --%s", given->name);
            return report_error(&err);
        }
        snprintf(words[i], sizeof(words[i]), "--%s", given->name);
        arguments[count++] = words[i];
        if (given->value[0])
            arguments[count++] = (char *)given->value;
    }
    arguments[count++] = inv->operands[0];
    arguments[count] = NULL;
    execv(program, arguments);
    error_set(&err, ST_GENERIC, "%s cannot be started: %s", program, strerror(errno));
    return report_error(&err);
}

const struct command command_plugin_validate = {
    .name = "plugin validate",
    .operands = "FOLDER",
    .summary = "Find the mistakes of a plugin, from its manifest to hostile conditions.",
    .details = "FOLDER holds plugin.json and plugin.so. Code of the plugin runs in child processes with\n"
               "time limits. Exit status: 0 passed, 1 failed, 2 usage, 3 the plugin crashed or took too\n"
               "long. docs/plugins/validate.md lists the checks.",
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
