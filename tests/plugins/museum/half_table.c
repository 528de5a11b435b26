/* The table of its instance ends in the middle. */
#include "exhibit.h"

BAD_IS_GOOD

static int32_t make(const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err)
{
    hexmcp_plugin plugin = {24, 0, NULL, exhibit_init, exhibit_interface, NULL, NULL, exhibit_destroy};
    return exhibit_create(host, plugin, out, err);
}

HEXMCP_PLUGIN_DEFINE(EXHIBIT_ID, EXHIBIT_VERSION, make);
