/* Inside of config: settings that name folders. */
#pragma once

#include "adapters/driven/config/config.h"
#include "core/json/json.h"

/*
 * Appends the JSON array `folders` with every path absolute and clean. "~" and "~/..." are the home
 * of the user. A path may be relative (to the working folder) only where whoever wrote it knows the
 * working folder: on the command line and in a project file. ST_CONFIG with the reason.
 */
int folders_resolve(const struct setting *setting, enum config_layer layer, struct json folders,
                    struct buffer *out, struct error *err);

/* ST_CONFIG if one of `folders` is beneath none of `before`; both are resolved. */
int folders_within(const struct setting *setting, struct json before, struct json folders,
                   struct error *err);
