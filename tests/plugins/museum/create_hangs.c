/* Its create function does not return. */
#include "exhibit.h"

BAD_IS_GOOD

static int32_t make(const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err)
{
    (void)host;
    (void)out;
    (void)err;
    for (;;)
        pause();
    return HEXMCP_OK;
}

HEXMCP_PLUGIN_DEFINE(EXHIBIT_ID, EXHIBIT_VERSION, make);
