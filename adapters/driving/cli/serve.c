#include <unistd.h>

#include "adapters/driven/loop/loop.h"
#include "adapters/driving/cli/app.h"
#include "adapters/driving/cli/commands.h"
#include "adapters/driving/cli/descriptors.h"
#include "adapters/driving/cli/network/network.h"
#include "adapters/driving/cli/plugin_watch.h"
#include "adapters/driving/stdio/stdio.h"

/* After the first answer, which nothing should hold up. */
#define DYNAMIC_DELAY_MS 10u

static void start_dynamic(void *arg)
{
    app_start_dynamic(arg);
}

static int serve_stdio(struct app *app, const struct stdio_wire_ends *ends, struct error *err)
{
    const struct config *config = app_config(app);
    struct stdio_options options = {
        .caller = app_caller(app),
        .ends = *ends,
        .max_message_bytes = (size_t)config_integer(config, "stdio.max_message_bytes"),
        .drain_ms = (uint64_t)config_integer(config, "stdio.drain_ms"),
        .watch_parent = config_bool(config, "stdio.watch_parent"),
    };
    const struct endpoint_factory *endpoints;
    int rc = app_endpoints(app, &endpoints, err);
    return rc ? rc : stdio_serve(app_loop(app), &options, endpoints, err);
}

/* `ends` is NULL without stdio. With both, the end of stdio is the end. */
static int serve(struct app *app, const struct invocation *inv,
                 const struct stdio_wire_ends *ends, struct error *err)
{
    const struct timer_port *timers = loop_timers(app_loop(app));
    struct timer *dynamic = timers->create(timers->ctx, start_dynamic, app);
    struct network *network = NULL;
    struct plugin_watch *watch = NULL;
    int rc = network_wanted(inv) ? network_open(app, inv, &network, err) : ST_OK;
    if (!rc && dynamic)
        timers->set(timers->ctx, dynamic, DYNAMIC_DELAY_MS);
    if (!rc)
        rc = plugin_watch_open(app, &watch, err);
    if (!rc)
        app_tell_startup(app);
    if (!rc)
        rc = ends ? serve_stdio(app, ends, err) : network_run(network, err);
    if (network)
        network_drain(network);
    network_close(network);
    plugin_watch_close(watch);
    timers->free(timers->ctx, dynamic);
    return rc;
}

/* The FOLDERs as if each had come with its own option. */
static int grant_folders(struct invocation *inv, struct error *err)
{
    const char *write = invocation_option(inv, "write");
    if (write && strcmp(write, "true") != 0 && strcmp(write, "false") != 0)
        return error_set(err, ST_INVALID, "--write %s: expected true or false", write);
    const char *option = write && strcmp(write, "true") == 0 ? "allow-write" : "allow-read";
    for (int i = 0; i < inv->operand_count; i++) {
        if (inv->given_count == MAX_GIVEN)
            return error_set(err, ST_INVALID, "more than %d options and folders", MAX_GIVEN);
        inv->given[inv->given_count++] = (struct given){option, inv->operands[i]};
    }
    return ST_OK;
}

static int open_and_serve(struct invocation *inv, const struct stdio_wire_ends *ends)
{
    struct app *app;
    struct error err;
    if (app_open(inv, &app, &err)) {
        if (ends)
            stdio_restore(ends);
        return report_error(&err);
    }
    app_warn_of_refused(app);
    int rc = serve(app, inv, ends, &err);
    int code = rc ? report_error(&err) : EXIT_DONE;
    app_close(app);
    return code;
}

static int run(struct invocation *inv)
{
    struct stdio_wire_ends ends;
    struct error err;
    if (grant_folders(inv, &err))
        return report_error(&err);
    if (network_wanted(inv) && !invocation_option(inv, "stdio")) {
        descriptors_fill();
        return open_and_serve(inv, NULL);
    }
    /* Before anything else can print. */
    if (stdio_claim(&ends, &err))
        return report_error(&err);
    return open_and_serve(inv, &ends);
}

static const struct option_spec options[] = {
    {"stdio", NULL, "speak over standard input and output (the default without --listen and --unix)"},
    {"listen", "HOST:PORT", "serve HTTP and WebSocket there; may be given more than once"},
    {"unix", "PATH", "serve on this Unix socket, for hexmcp connect and HTTP"},
    {"tls-cert", "FILE", "serve TLS with this certificate chain (setting listen.tls_cert)"},
    {"tls-key", "FILE", "its private key (setting listen.tls_key)"},
    {"idle-exit", "MS", "end after so many milliseconds without a connection"},
    {"ready-fd", "N", "write the addresses to descriptor N, once they can be used, and close it"},
    {"write", "true|false", "let tools change what is in the FOLDERs, too (default: false)"},
    {NULL, NULL, NULL},
};

const struct command command_serve = {
    .name = "serve",
    .operands = "[FOLDER...]",
    .summary = "Serve MCP over standard input and output, or on the network.",
    .details = "One JSON-RPC message a line. Protocol revisions 2024-11-05, 2025-03-26, 2025-06-18,\n"
               "2025-11-25 (after initialize) and 2026-07-28 (each request with its _meta) are served\n"
               "on the same connection. Logs go to stderr. The server ends with its input, by SIGTERM\n"
               "or when the process that started it ends.\n\n"
               "With --listen it serves HTTP (/mcp) and WebSocket (/ws), with --unix a Unix socket,\n"
               "until SIGTERM or SIGINT; then it lets open connections end for listen.drain_ms. Addresses\n"
               "that other machines can reach need credentials (setting auth.mode).\n\n"
               "Tools may read what is in the FOLDERs, as with --allow-read for each. This is for\n"
               "clients that can only add folders to the end of a command.",
    .options = options,
    .max_operands = MAX_OPERANDS,
    .run = run,
};
