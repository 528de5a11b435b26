/*
 * Plugins that run in helper processes (hexmcp-plugin-host): the other backend. All [loop].
 *
 * A helper belongs to one plugin, its digest and its grants. It is started by the first call that needs
 * it and ends after a while without any.
 */
#pragma once

#include "adapters/driven/plugin_host/backend.h"

extern const struct plugin_backend isolated_backend;

/* Has the plugin run in helpers. ST_NOMEM. */
int isolated_begin(struct plugin *p, struct error *err);

/* After the host has stopped. */
void isolated_free(struct plugin *p);

/* Tells the helpers of a DRAINING plugin to end, and does not wait. */
void isolated_tell_stop(struct plugin *p, const struct timespec *until);
