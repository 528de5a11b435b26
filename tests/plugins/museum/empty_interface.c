/* Its get_interface gives a table of no bytes. */
#include "exhibit.h"

BAD_IS_GOOD

static const hexmcp_tool_1 nothing = {0, 0, NULL, NULL, NULL, NULL};

static const void *get_interface(void *self, const char *id)
{
    return strcmp(id, HEXMCP_TOOL_1) == 0 ? &nothing : exhibit_interface(self, id);
}

EXHIBIT_WITH(exhibit_init, get_interface, NULL, NULL, exhibit_destroy);
