/*
 * Where `x-mcp-header` may stand in a tool's input schema: a clients' HTTP layer mirrors the marked
 * arguments into headers, so the mark must be found without evaluating the schema. A token, unique
 * in the tool without regard to case, on a property of type string, integer or boolean that is
 * reached from the root through `properties` alone.
 */
#pragma once

#include "adapters/driven/plugin_host/reader.h"

/* `r` stands on `schema`. ST_OK, or ST_INVALID with the pointer of the offence. */
int header_rules_check(struct reader *r, struct json schema);
