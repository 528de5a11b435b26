/* The table of its instance has no functions. */
#include "exhibit.h"

BAD_IS_GOOD

static int32_t make(const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err)
{
    hexmcp_plugin plugin = {sizeof(hexmcp_plugin), 0, NULL, NULL, NULL, NULL, NULL, exhibit_destroy};
    return exhibit_create(host, plugin, out, err);
}

HEXMCP_PLUGIN_DEFINE(EXHIBIT_ID, EXHIBIT_VERSION, make);
