/*
 * The composition root: makes every part and connects them. Nothing else knows all parts.
 */
#pragma once

#include "adapters/driven/config/config.h"
#include "adapters/driving/cli/command.h"
#include "ports/driven/metrics_source.h"
#include "ports/driven/traffic_tap.h"
#include "ports/driving/call_service.h"
#include "ports/driving/catalog_service.h"

struct app;
struct operation_service;
struct auth;
struct loop;
struct plugin_host;
struct plugin_judge;
struct tool_set;
struct left_out;
struct endpoint_factory;
struct log_port;
struct mcp;

/* Reads the configuration, finds the plugins, and makes core and adapters. Loads no plugin. */
int app_open(const struct invocation *inv, struct app **out, struct error *err);

/* Stops the plugins that were loaded and frees everything. NULL is allowed. */
void app_close(struct app *app);

/* What a command does with the app: returns the exit code. */
typedef int app_work_fn(struct app *app, const struct invocation *inv);

/* Opens the app, lets `work` use it and closes it. Returns the exit code. */
int app_run(const struct invocation *inv, app_work_fn *work);

/* Logs why plugins that somebody asked for are not used. */
void app_warn_of_refused(const struct app *app);

const struct config *app_config(const struct app *app);
const struct catalog_service *app_catalog(const struct app *app);
const struct call_service *app_calls(const struct app *app);
struct plugin_host *app_plugins(const struct app *app);

/* Which tools are listed. */
struct tool_set *app_tools(const struct app *app);

/* The tools that this build does not have. */
struct left_out *app_left_out(const struct app *app);

/* What the domains of the platform offer. */
const struct operation_service *app_operations(const struct app *app);

/* What was decided about plugins. */
struct plugin_judge *app_judge(const struct app *app);
struct loop *app_loop(const struct app *app);
const struct log_port *app_log(const struct app *app);

/* The folder of the program's own modules. */
const char *app_modules(const struct app *app);

/* Who sits at the command line, or on the other end of stdio. */
const struct caller *app_caller(const struct app *app);

/* The protocol on top of the tools; made when first asked for. */
int app_endpoints(struct app *app, const struct endpoint_factory **out, struct error *err);

/* Who hears of each request; before app_endpoints. NULL: nobody any more. */
void app_set_tap(struct app *app, const struct traffic_tap *tap);

/* Who may come over the network; made when first asked for. ST_CONFIG. */
int app_auth(struct app *app, struct auth **out, struct error *err);

/* Figures that plugins keep. */
struct metrics_source app_plugin_metrics(const struct app *app);

/* What app_endpoints has made; NULL before it. */
struct mcp *app_mcp(const struct app *app);

/* Tells hooks that the server begins; app_close will tell them that it ends. */
void app_tell_startup(struct app *app);

/* Tells hooks that a plugin was loaded anew. */
void app_tell_reloaded(struct app *app, struct str plugin);

/* Figures of hooks. */
struct metrics_source app_hook_metrics(const struct app *app);

/* Starts the plugins that publish items while they run. */
void app_start_dynamic(struct app *app);

/* The context of a request that comes from the command line. */
struct call_context app_context(const struct app *app);

/* While on, log lines are written over the line of the terminal on which the cursor stands. */
void app_log_over_line(struct app *app, bool on);

/* Runs the loop until *done is true. */
void app_run_until(struct app *app, const bool *done);
