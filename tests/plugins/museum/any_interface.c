/* It compares only the beginning of an interface id. */
#include "exhibit.h"

BAD_IS_GOOD

static const void *get_interface(void *self, const char *id)
{
    return strncmp(id, "hexmcp.tool", 11) == 0 ? exhibit_interface(self, HEXMCP_TOOL_1) : NULL;
}

EXHIBIT_WITH(exhibit_init, get_interface, NULL, NULL, exhibit_destroy);
