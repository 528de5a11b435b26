/* Its create function succeeds and gives no instance. */
#include "exhibit.h"

BAD_IS_GOOD

static int32_t make(const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err)
{
    (void)host;
    (void)out;
    (void)err;
    return HEXMCP_OK;
}

HEXMCP_PLUGIN_DEFINE(EXHIBIT_ID, EXHIBIT_VERSION, make);
