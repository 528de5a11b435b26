#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "adapters/driving/cli/commands.h"
#include "adapters/driving/cli/places.h"
#include "adapters/driving/cli/settings.h"
#include "adapters/driving/connect/connect.h"

/* The command line of a server that is started: at most each option with its value. */
#define MAX_WORDS (2 * MAX_GIVEN + 8)

struct shim {
    char socket[PATH_MAX];
    char log[PATH_MAX];
    char idle_exit[24];
    char *words[MAX_WORDS];
    struct connect_options options;
};

/* Makes the folders that `path` stands in. What fails shows when the socket is made. */
static void make_folders(const char *path)
{
    char copy[PATH_MAX];
    snprintf(copy, sizeof(copy), "%s", path);
    for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(copy, 0700);
        *slash = '/';
    }
}

/* What the server is told beside the socket: what it was not given by files and environment. Folders
 * belong to the session, not to the server. */
static bool is_for_server(const char *option)
{
    return strcmp(option, "config") == 0 || strcmp(option, "set") == 0 ||
           strcmp(option, "plugin") == 0 || strcmp(option, "profile") == 0;
}

/* "--name" for an option; the texts live as long as the process. */
static char *dashed(const char *name)
{
    char *word = NULL;
    return asprintf(&word, "--%s", name) < 0 ? NULL : word;
}

static int prepare_start(const struct invocation *inv, const struct config *config,
                         struct shim *shim, struct error *err)
{
    int count = 0;
    snprintf(shim->idle_exit, sizeof(shim->idle_exit), "%lld",
             (long long)config_integer(config, "connect.idle_exit_ms"));
    char *fixed[] = {"hexmcp", "serve", "--unix", shim->socket, "--idle-exit", shim->idle_exit};
    bool ends = config_integer(config, "connect.idle_exit_ms") > 0;
    for (size_t i = 0; i < (ends ? 6 : 4); i++)
        shim->words[count++] = fixed[i];
    for (int i = 0; i < inv->given_count; i++)
        if (is_for_server(inv->given[i].name)) {
            shim->words[count] = dashed(inv->given[i].name);
            if (!shim->words[count++])
                return error_set(err, ST_NOMEM, "out of memory");
            shim->words[count++] = (char *)inv->given[i].value;
        }
    shim->words[count] = NULL;
    shim->options.start = shim->words;
    make_folders(shim->socket);
    if (places_state_file(shim->log, sizeof(shim->log), "server.log")) {
        make_folders(shim->log);
        shim->options.log = shim->log;
    }
    return ST_OK;
}

static struct str kept(struct str text)
{
    char *copy = strndup(text.ptr, text.len);
    return copy ? (struct str){copy, text.len} : STR("[]");
}

/* The configuration is read and let go of: it would be most of what a shim needs. */
static int prepare(const struct invocation *inv, struct shim *shim, struct error *err)
{
    struct config *config;
    int rc = places_server_socket(inv, shim->socket, sizeof(shim->socket), err);
    if (!rc)
        rc = settings_load(inv, &config, err);
    if (rc)
        return rc;
    struct connect_options *o = &shim->options;
    o->socket = shim->socket;
    o->version = HEXMCP_VERSION;
    o->read = kept(config_text(config, "grants.read"));
    o->write = kept(config_text(config, "grants.write"));
    o->max_message_bytes = (size_t)config_integer(config, "stdio.max_message_bytes");
    o->max_kept_bytes = (size_t)config_integer(config, "connect.max_kept_bytes");
    o->reconnect_ms = (uint64_t)config_integer(config, "connect.reconnect_ms");
    o->start_ms = (uint64_t)config_integer(config, "connect.start_ms");
    o->watch_parent = config_bool(config, "stdio.watch_parent");
    if (invocation_option(inv, "start"))
        rc = prepare_start(inv, config, shim, err);
    config_free(config);
    return rc;
}

static int run(struct invocation *inv)
{
    struct shim *shim = calloc(1, sizeof(*shim));
    struct stdio_wire_ends ends;
    struct error err;
    if (!shim) {
        error_set(&err, ST_NOMEM, "out of memory");
        return report_error(&err);
    }
    if (stdio_claim(&ends, &err))
        return report_error(&err);
    if (prepare(inv, shim, &err)) {
        stdio_restore(&ends);
        return report_error(&err);
    }
    shim->options.ends = ends;
    return exit_code_of(connect_run(&shim->options));
}

static const struct option_spec options[] = {
    {"unix", "PATH", "the socket of the server (default: $XDG_RUNTIME_DIR/hexmcp/hexmcp.sock)"},
    {"start", NULL, "start a server if none listens; it ends when it has had no client for a while"},
    {NULL, NULL, NULL},
};

const struct command command_connect = {
    .name = "connect",
    .operands = "",
    .summary = "Serve MCP over standard input and output by a hexmcp that runs already.",
    .details = "For clients that start a server for each of their sessions: they start this small\n"
               "program, and all sessions share one server (\"hexmcp serve --unix PATH\"). Each\n"
               "session has its own identity and the folders that it would have with \"hexmcp serve\".\n\n"
               "If the server is restarted, the session goes on. Requests that were being worked on\n"
               "are sent again, except calls of tools that are not marked as read-only or\n"
               "idempotent: those are answered with an error.\n\n"
               "--config, --set and --plugin also go to a server that --start starts. If one listens\n"
               "already, it has the settings and plugins that it was started with.",
    .options = options,
    .max_operands = 0,
    .run = run,
};
