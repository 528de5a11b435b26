/* The plugin that a word of the command line means. */
#pragma once

#include "adapters/driven/plugin_host/plugin_host.h"

/* The one with this id; of several the one that is used. ST_NOT_FOUND names the nearest. */
int plugin_find(const struct plugin_host *host, struct str id, size_t *index,
                struct plugin_facts *facts, struct error *err);

/* The one whose bundle is the folder at `path`. */
int plugin_find_folder(const struct plugin_host *host, const char *path,
                       struct plugin_facts *facts, struct error *err);
