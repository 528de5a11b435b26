/* hexmcp.schema/1 for the fake host, by the core's own check, with nothing for patterns. Not in the header
 * of plugin authors, because it links the core. */
#pragma once

#include "hexmcp/host/schema.h"

const hexmcp_schema_1 *fake_schema(void);
