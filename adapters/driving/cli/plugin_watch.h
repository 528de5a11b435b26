/*
 * The setting plugins.watch: plugins whose files change are reloaded by themselves. What comes with
 * hexmcp is not watched. All [loop].
 */
#pragma once

#include "adapters/driving/cli/app.h"

struct plugin_watch;

/* *out is NULL if the setting is off. */
int plugin_watch_open(struct app *app, struct plugin_watch **out, struct error *err);

/* Its handles close with the next turns of the loop. NULL is allowed. */
void plugin_watch_close(struct plugin_watch *watch);
