/* Inside of the fake host: hexmcp.schema/1 by the core's own check, with nothing for patterns. */
#pragma once

#include "hexmcp/host/schema.h"

const hexmcp_schema_1 *fake_schema(void);
