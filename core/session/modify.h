/* One value of a JSON document put in another's place. */
#pragma once

#include "core/json/json.h"

/* Appends `root` with what JSON Pointer `path` names replaced by `value`; a last member that is not
 * there is added. ST_NOT_FOUND: the path leads nowhere, at the part that the message names. */
int json_replace(struct json root, struct str path, struct json value, struct buffer *out,
                 struct error *err);
