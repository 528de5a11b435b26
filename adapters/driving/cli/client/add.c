#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/driving/cli/client/change.h"
#include "adapters/driving/cli/commands.h"
#include "core/json/utf8.h"

#define MAX_ARGS (2 * MAX_GIVEN + 2)

/* The arguments that the client starts the program with. */
struct arguments {
    struct str list[MAX_ARGS];
    size_t count;
    size_t fixed; /* so many at the front are not from options */
    bool shared;  /* one server for all sessions */
    char *owned[MAX_ARGS];
    size_t owned_count;
};

static void arguments_clear(struct arguments *args)
{
    for (size_t i = 0; i < args->owned_count; i++)
        free(args->owned[i]);
}

/* The program as people start it, so that an entry outlives an update that moves what a link leads
 * to; else the running file itself. */
static int own_path(const struct invocation *inv, char path[PATH_MAX], struct error *err)
{
    char self[PATH_MAX], target[PATH_MAX];
    if (!realpath("/proc/self/exe", self))
        return error_set(err, ST_UNAVAILABLE, "the running program cannot be found: %s",
                         strerror(errno));
    const char *base = strrchr(inv->program, '/');
    if (program_find(base ? base + 1 : inv->program, path) && realpath(path, target) &&
        strcmp(target, self) == 0)
        return ST_OK;
    memcpy(path, self, sizeof(self));
    return ST_OK;
}

/* A client starts the program in a folder of its own choice. */
static int add_path(struct arguments *args, const char *option, const char *path, bool folder,
                    struct error *err)
{
    struct stat st;
    char *whole = realpath(path, NULL);
    if (!whole)
        return error_set(err, ST_INVALID, "--%s %s: %s", option, path, strerror(errno));
    args->owned[args->owned_count++] = whole;
    if (folder && (stat(whole, &st) || !S_ISDIR(st.st_mode)))
        return error_set(err, ST_INVALID, "--%s %s: is no folder", option, path);
    args->list[args->count++] = str_from(whole);
    return ST_OK;
}

static int add_option(struct arguments *args, const struct given *given, struct error *err)
{
    static const struct {
        const char *name, *whole;
    } passed[] = {{"config", "--config"}, {"set", "--set"}, {"plugin", "--plugin"},
                  {"profile", "--profile"},
                  {"allow-read", "--allow-read"}, {"allow-write", "--allow-write"},
                  {"allow-host", "--allow-host"}, {"allow-program", "--allow-program"},
                  {"allow-env", "--allow-env"}};
    for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++) {
        if (strcmp(passed[i].name, given->name) != 0)
            continue;
        args->list[args->count++] = str_from(passed[i].whole);
        bool folder = strcmp(given->name, "allow-read") == 0 || strcmp(given->name, "allow-write") == 0;
        bool plugin = strcmp(given->name, "plugin") == 0 && strchr(given->value, '/');
        if (folder || plugin || strcmp(given->name, "config") == 0)
            return add_path(args, given->name, given->value, folder, err);
        args->list[args->count++] = str_from(given->value);
        return ST_OK;
    }
    return ST_OK;
}

/* The files hold Unicode, so a path of other bytes would become another path. */
static int check_text(struct str text, struct error *err)
{
    const char *at = text.ptr, *end = text.ptr + text.len;
    while (at < end) {
        size_t len = utf8_sequence(at, end);
        if (len == 0)
            return error_set(err, ST_INVALID, "%s: is not UTF-8, so it cannot be written into the file of "
                                              "a client",
                             text.ptr);
        at += len;
    }
    return ST_OK;
}

static int collect(const struct invocation *inv, struct arguments *args, struct error *err)
{
    int rc = ST_OK;
    args->list[args->count++] = args->shared ? STR("connect") : STR("serve");
    if (args->shared)
        args->list[args->count++] = STR("--start");
    args->fixed = args->count;
    for (int i = 0; i < inv->given_count && !rc; i++)
        rc = add_option(args, &inv->given[i], err);
    for (size_t i = 0; i < args->count && !rc; i++)
        rc = check_text(args->list[i], err);
    return rc;
}

/* What kind of change the new text is. */
static int fill(struct change *change, const struct client_entry *entry, struct error *err)
{
    const struct client_format *format = change->client->format;
    struct str section = str_from(change->client->section);
    struct str before = buffer_str(&change->file.text);
    struct client_found found;
    int rc = format->find(before, section, entry->name, &found, err);
    if (rc)
        return rc;
    buffer_clear(&found.command);
    rc = format->put(before, section, entry, &change->after, err);
    if (str_eq(before, buffer_str(&change->after)))
        change->kind = CHANGE_NONE;
    else
        change->kind = found.present ? CHANGE_UPDATE : CHANGE_ADD;
    return rc;
}

static int prepare(const struct invocation *inv, struct change *change, struct error *err)
{
    char program[PATH_MAX];
    struct arguments args = {.shared = invocation_option(inv, "shared") != NULL};
    int rc = own_path(inv, program, err);
    if (!rc)
        rc = collect(inv, &args, err);
    if (!rc) {
        const struct client_entry entry = {
            .name = str_from(change->name), .command = str_from(program), .args = args.list,
            .arg_count = args.count, .keep_args = args.count == args.fixed, .typed = change->client->typed};
        rc = fill(change, &entry, err);
        if (rc)
            change_name_file(change, err);
    }
    arguments_clear(&args);
    return rc;
}

static int run(struct invocation *inv)
{
    struct change change;
    struct error err;
    if (change_begin(inv, &change, &err))
        return report_error(&err);
    int code = prepare(inv, &change, &err) ? report_error(&err) : change_finish(inv, &change);
    change_clear(&change);
    return code;
}

static const struct option_spec options[] = {
    {"name", "NAME", "what the client shall call the server; hexmcp if not given"},
    {"project", NULL, "add it to the client's file in this folder, not to that of the user"},
    {"shared", NULL, "let all sessions of the client share one server (\"hexmcp connect --start\")"},
    {"print", NULL, "only show the change"},
    {"yes", NULL, "write without asking"},
    {"json", NULL, "print JSON; does not ask, so nothing is written without --yes"},
    {NULL, NULL, NULL},
};

const struct command command_client_add = {
    .name = "client add",
    .operands = "CLIENT",
    .summary = "Add hexmcp to the configuration of an MCP client.",
    .details = "CLIENT is claude-desktop, claude-code, cursor, vscode, windsurf, zed, gemini or codex.\n"
               "The client will start \"hexmcp serve\" with the given --profile, --allow-..., --plugin,\n"
               "--set and --config; with --shared, \"hexmcp connect --start\" with them. The change\n"
               "is shown, and written when you say yes.\n"
               "Comments, order and layout of the file stay; the file as it was is kept beside it as\n"
               "FILE.hexmcp-backup. A file that cannot be parsed is not touched. If hexmcp is there\n"
               "already, its path is brought up to date, and its arguments if some are given.\n"
               "Without a terminal nothing is written unless --yes is given, and the exit code is 2.",
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
