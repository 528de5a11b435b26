/*
 * Its manifest lists a tool that its code does not know.
 *
 * plugin.json: {"provides": ["hexmcp.tool/1", "hexmcp.prompt/1"], "prompts": [{"name": "ghost"}]}
 */
#include "exhibit.h"

BAD_IS_GOOD

EXHIBIT;
