/*
 * Hot swap: a new version of a plugin beside the one that runs.
 *
 *   verify -> save the old one's state -> load the new one with it -> self-test
 *          -> the new one takes the slot, its items replace those that differ -> the old one drains
 *
 * What fails before the new one has the slot leaves everything as it was. All [loop].
 */
#pragma once

#include "adapters/driven/plugin_host/host.h"

/* Who moved the plugin out of STARTING says so. */
void plugin_settled(struct plugin *p);

/* A run of the plugin has ended and is out of the table. */
void plugin_run_ended(struct plugin *p);

/* Nothing of a plugin that was replaced is used any more: frees it. */
void plugin_retired(struct plugin *p);

/* True while it runs beside the one whose place it will take. */
bool plugin_is_candidate(const struct plugin *p);

/* What waits goes; the plugins that were replaced and still drain are stopped at `until`. Returns
 * how many were left. */
size_t reloads_stop(struct plugin_host *host, const struct timespec *until);
void reloads_free(struct plugin_host *host);
